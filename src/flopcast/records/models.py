"""Models as rows, and where the sources disagree about the compute of one of their runs."""

from collections.abc import Iterator
from typing import Any

from flopcast.errors import InputError, nearest
from flopcast.records.claims import TRAINING_SCOPES, claimed_flop, recomputed
from flopcast.records.differences import BASES, TOLERANCE
from flopcast.records.query import BenchmarkRuns, Catalogue, Run
from flopcast.records.schema import Basis, Model

_ROWS = """
SELECT m.id AS id, m.name AS name, m.params AS params, min(r.year) AS year,
       count(r.run) AS results, group_concat(DISTINCT r.benchmark) AS benchmarks
FROM models m LEFT JOIN results r ON r.model = m.id GROUP BY m.id
"""
_STATED = """
SELECT r.model AS model, c.basis AS basis, max(c.flop) AS flop
FROM claims c JOIN results r ON r.benchmark = c.benchmark AND r.run = c.run
WHERE c.method IN ('reported', 'third_party') GROUP BY r.model, c.basis
"""


def model_rows(catalogue: Catalogue) -> list[dict[str, Any]]:
    """One flat record per model, in catalogue order; unknown is None.

    ``year`` is that of its first result, ``results`` their number, ``benchmarks`` their ids.
    ``hardware_burden_flop`` and ``network_operations_flop`` are the largest published of its runs.
    """
    stated: dict[tuple[str, str], float] = {
        (row["model"], row["basis"]): row["flop"] for row in catalogue._rows(_STATED)
    }
    order = {id: place for place, id in enumerate(catalogue)}
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "year": row["year"],
            "params": row["params"],
            "results": row["results"],
            "benchmarks": sorted(_split(row["benchmarks"]), key=order.__getitem__),
            "hardware_burden_flop": stated.get((row["id"], "peak")),
            "network_operations_flop": stated.get((row["id"], "operations")),
        }
        for row in catalogue._rows(_ROWS)
    ]


def _split(listed: str | None) -> list[str]:
    return listed.split(",") if listed else []


def model_named(catalogue: Catalogue, name: str) -> Model:
    """A model by id or by name, upper and lower case alike.

    Raises:
        InputError: for an unknown model, with the nearest one.
    """
    models = catalogue.table("models", Model)
    for model in models:
        if name.casefold() in (model.id, model.name.casefold()):
            return model
    known = nearest(name, (n for model in models for n in (model.id, model.name)))
    hint = "See: flopcast catalogue search TEXT"
    raise InputError(f"The catalogue has no model {name!r}.{known}", hint)


def runs_of(catalogue: Catalogue, model: str) -> list[tuple[str, str]]:
    """(benchmark id, run id) of every result of a model, by its id, in catalogue order."""
    rows = catalogue._rows("SELECT benchmark, run FROM results WHERE model = ?", (model,))
    return [(row["benchmark"], row["run"]) for row in rows]


def models_of(catalogue: Catalogue, benchmark: str) -> dict[str, str]:
    """Run id to model id for every result of a benchmark, by its id."""
    rows = catalogue._rows("SELECT run, model FROM results WHERE benchmark = ?", (benchmark,))
    return {row["run"]: row["model"] for row in rows}


def totals(catalogue: Catalogue, benchmark: BenchmarkRuns, run: Run) -> list[dict[str, Any]]:
    """Every figure for the whole compute of a run, by basis: who says so, and how much.

    Each record has ``basis``, ``flop``, ``says`` (the authors, a compilation, the ingredients, or
    the ingredients of training alone after corrections), and ``source`` where one states it;
    ``spread`` is the largest figure of that basis over the smallest, and ``agree`` whether they
    differ by no more than :data:`~flopcast.records.differences.TOLERANCE`.
    """
    found = []
    for basis in BASES:
        rows = list(_totals(catalogue, benchmark, run, basis))
        amounts = [row["flop"] for row in rows]
        spread = max(amounts) / min(amounts) if amounts else None
        agree = spread is None or spread <= 1 + TOLERANCE
        found += [{"basis": basis, **row, "spread": spread, "agree": agree} for row in rows]
    return found


def _totals(
    catalogue: Catalogue, benchmark: BenchmarkRuns, run: Run, basis: Basis
) -> Iterator[dict[str, Any]]:
    who = {"reported": "the authors", "third_party": "a compilation"}
    for claim in run.claims:
        flop = claimed_flop(claim, benchmark.cores)
        if claim.method in who and claim.basis == basis and flop is not None:
            source = catalogue.sources[claim.source]
            yield {
                "says": who[claim.method],
                "flop": flop,
                "source": {"id": source.id, "title": source.title, "url": source.url},
            }
    published = recomputed(run.claims, basis, benchmark.cores)
    if published is not None:
        yield {"says": "the ingredients", "flop": published, "source": None}
    corrected = recomputed(run.corrected_claims, basis, benchmark.cores, TRAINING_SCOPES)
    if corrected is not None and corrected != published:
        yield {"says": "training alone, corrected", "flop": corrected, "source": None}
