"""Two runs side by side: score, compute on both accountings, and rate x count x time."""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, final

from flopcast.errors import InputError, Refused
from flopcast.progress.attribution import Attribution, attribute
from flopcast.progress.decomposition import Decomposition, decompose
from flopcast.records.claims import TRAINING_SCOPES
from flopcast.records.differences import BASES
from flopcast.records.listing import runs_named
from flopcast.records.query import BenchmarkRuns, Catalogue, Run
from flopcast.records.schema import Basis
from flopcast.tables import html_table, to_frame

_PUBLISHED: Final = (*TRAINING_SCOPES, "search")
_NAMES: Final = {"peak": "hardware burden", "operations": "counted operations"}


@final
@dataclass(frozen=True)
class Comparison:
    """The second run against the first, on one benchmark or on two.

    ``decompositions`` holds the compute ratio of each basis as a product of factors, None where a
    run lacks an ingredient. ``attributions`` splits the fall of error by the benchmark's own
    regression, or says why that is refused; it is empty where there is nothing to split.
    ``corrected`` tells whether the catalogue's corrections are made and search is left out;
    ``findings`` says what to know before quoting a ratio.
    """

    first_benchmark: BenchmarkRuns
    second_benchmark: BenchmarkRuns
    first: Run
    second: Run
    corrected: bool
    decompositions: Mapping[Basis, Decomposition | None]
    attributions: Mapping[Basis, Attribution | Refused]
    findings: tuple[str, ...]

    @property
    def same_benchmark(self) -> bool:
        """Whether both were measured on one benchmark, so that their errors compare."""
        return self.first_benchmark.id == self.second_benchmark.id

    @property
    def error_ratio(self) -> float | None:
        """First error over second: how many times lower it became; None where unknown."""
        if not self.same_benchmark or not self.first.error or not self.second.error:
            return None
        return self.first.error / self.second.error

    def degree(self, basis: Basis) -> float | None:
        """Exponent k in compute ratio = error ratio^k of this pair alone; None where unknown."""
        found = self.decompositions[basis]
        if found is None or self.error_ratio is None or self.error_ratio <= 1.0:
            return None
        return math.log(found.ratio) / math.log(self.error_ratio)

    def to_dict(self) -> dict[str, Any]:
        """Everything, JSON-ready."""
        from flopcast import __version__

        return {
            "schema": "flopcast.comparison/1",
            "first": _side(self.first_benchmark, self.first),
            "second": _side(self.second_benchmark, self.second),
            "corrected": self.corrected,
            "error_ratio": self.error_ratio,
            "compute": [self._compute(basis) for basis in BASES],
            "findings": list(self.findings),
            "release": self.first_benchmark.release,
            "version": __version__,
        }

    def _compute(self, basis: Basis) -> dict[str, Any]:
        found, split = self.decompositions[basis], self.attributions.get(basis)
        empty: dict[str, Any] = {
            "first_flop": None,
            "second_flop": None,
            "ratio": None,
            "factors": [],
        }
        answer = None if split is None else split.to_dict()
        return {
            "basis": basis,
            **(empty if found is None else found.to_dict()),
            "degree": self.degree(basis),
            "attribution": answer,
        }

    def to_json(self) -> str:
        """:meth:`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def to_rows(self) -> list[dict[str, Any]]:
        """One record per factor of each basis: values, ratio, share of the logarithm."""
        return [
            {"basis": basis, **factor.to_dict()}
            for basis, found in self.decompositions.items()
            if found is not None
            for factor in found.factors
        ]

    def to_frame(self) -> Any:
        """:meth:`to_rows` as a data frame of the library at hand (pandas, polars or pyarrow)."""
        return to_frame(self.to_rows())

    def _repr_html_(self) -> str:
        return html_table(self.to_rows())


def compare(
    catalogue: Catalogue,
    first: str,
    second: str,
    *,
    benchmark: str | None = None,
    corrected: bool = False,
    load: Callable[[str], BenchmarkRuns] | None = None,
) -> Comparison:
    """Compares two runs: how much more compute the second took, and what that was made of.

    Args:
        catalogue: the release.
        first: a run as ``benchmark/run``, or a model that has one run.
        second: the same.
        benchmark: the benchmark on which models are compared; None for the first that both share,
            or where they share none, the first of each.
        corrected: make the catalogue's corrections and leave architecture search out; otherwise
            compute keeps the published values and scope.
        load: gives a benchmark's runs by id, where they are held already.

    Raises:
        InputError: for an unknown name, a model with several runs on the benchmark, or a
            benchmark that one of them was not measured on.
    """
    left, right = runs_named(catalogue, first, load), runs_named(catalogue, second, load)
    chosen = _shared(left, right) if benchmark is None else catalogue.find(benchmark).id
    (b1, run1), (b2, run2) = _one(left, first, chosen), _one(right, second, chosen)
    parts = {basis: _decomposed(b1, run1, run2, basis, corrected) for basis in BASES}
    splits: dict[Basis, Attribution | Refused] = {}
    if b1.id == b2.id and run1.id != run2.id and run1.error and run2.error:
        for part in parts.values():
            if part is not None:
                splits[part.basis] = _attributed(b1, run1, run2, part)
    told = tuple(_findings(catalogue, [(b1, run1), (b2, run2)], parts, corrected))
    return Comparison(b1, b2, run1, run2, corrected, parts, splits, told)


def _decomposed(
    of: BenchmarkRuns, first: Run, second: Run, basis: Basis, corrected: bool
) -> Decomposition | None:
    if corrected:
        claims, scopes = (first.corrected_claims, second.corrected_claims), TRAINING_SCOPES
        return decompose(claims[0], claims[1], basis, of.cores, scopes)
    return decompose(first.claims, second.claims, basis, of.cores, _PUBLISHED)


def _shared(
    left: list[tuple[BenchmarkRuns, Run]], right: list[tuple[BenchmarkRuns, Run]]
) -> str | None:
    """The first benchmark of both, if possible one on which the compute of both is known."""
    of = [{benchmark.id: run for benchmark, run in found} for found in (left, right)]
    both = [id for id in of[0] if id in of[1]]
    known = [id for id in both if all(_has_ingredients(runs[id]) for runs in of)]
    return next(iter([*known, *both]), None)


def _has_ingredients(run: Run) -> bool:
    return any(claim.method in ("hardware_time", "operation_count") for claim in run.claims)


def _one(
    found: list[tuple[BenchmarkRuns, Run]], name: str, benchmark: str | None
) -> tuple[BenchmarkRuns, Run]:
    if benchmark is None:
        first = next((pair for pair in found if _has_ingredients(pair[1])), found[0])
        found = [pair for pair in found if pair[0].id == first[0].id]
    else:
        known = ", ".join(dict.fromkeys(pair[0].id for pair in found))
        found = [pair for pair in found if pair[0].id == benchmark]
        if not found:
            hint = f"It was measured on {known}."
            raise InputError(f"{name!r} has no result on {benchmark}.", hint)
    if len(found) > 1:
        listed = ", ".join(f"{of.id}/{run.id}" for of, run in found)
        raise InputError(f"{name!r} stands for several runs.", f"Choose one of {listed}.")
    return found[0]


def _attributed(
    source: BenchmarkRuns, first: Run, second: Run, found: Decomposition
) -> Attribution | Refused:
    try:
        return attribute(source, first, second, found.ratio, found.basis)
    except Refused as refused:
        return refused


def _findings(
    catalogue: Catalogue,
    sides: list[tuple[BenchmarkRuns, Run]],
    parts: Mapping[Basis, Decomposition | None],
    corrected: bool,
) -> Iterator[str]:
    (b1, run1), (b2, run2) = sides
    if b1.id != b2.id:
        yield (
            f"{run1.name} was measured on {b1.benchmark.name}, {run2.name} on "
            f"{b2.benchmark.name}: their errors do not compare."
        )
    for basis, found in parts.items():
        if found is None:
            lacking = [
                run.name
                for of, run in sides
                if _decomposed(of, run, run, basis, corrected) is None
            ]
            yield f"No factors of the {_NAMES[basis]}: not known for {' and '.join(lacking)}."
    for correction in catalogue.corrections():
        for of, run in sides:
            where = correction.where
            if (where.get("benchmark"), where.get("run")) == (of.id, run.id):
                made = "Corrected" if corrected else "Known defect"
                yield f"{made}, {run.name}, {correction.field}: {correction.reason}"


def _side(of: BenchmarkRuns, run: Run) -> dict[str, Any]:
    return {
        "benchmark": of.id,
        "run": run.id,
        "name": run.name,
        "year": run.year,
        "value": run.value,
        "error": run.error,
        "params": run.params,
        "source": {"id": run.source.id, "title": run.source.title, "url": run.source.url},
    }
