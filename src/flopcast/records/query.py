"""Reads a catalogue release: benchmarks with their runs, and the tables beside them.

The library, the command line and the portal see the facts through :class:`Catalogue` alone.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, final

from flopcast.errors import InputError, nearest
from flopcast.records import schema
from flopcast.records.build import SCHEMA_VERSION
from flopcast.records.claims import TRAINING_SCOPES, recomputed, stated
from flopcast.records.facts import folded

if TYPE_CHECKING:
    from flopcast.records.columns import Columns, IntArray

T = TypeVar("T")
_ClaimsByRun = defaultdict[str, tuple[schema.Claim, ...]]
_Pairs = tuple[tuple[float, float], ...]
_RESULTS = """
SELECT r.run, m.name, r.year, r.value, m.params, r.source
FROM results r JOIN models m ON m.id = r.model WHERE r.benchmark = ? ORDER BY r.rowid
"""
_CLAIMS = 'SELECT {1} FROM "{0}" WHERE benchmark = ? ORDER BY rowid'
#: All claims of the runs that have claims on both bases: few, and the only ones to compare.
_BOTH_BASES = """
SELECT c.* FROM "{0}" c JOIN (
  SELECT DISTINCT benchmark, run FROM "{0}" a WHERE basis = 'operations' AND EXISTS (
    SELECT 1 FROM "{0}" b WHERE b.benchmark = a.benchmark AND b.run = a.run AND b.basis = 'peak'
  )
) USING (benchmark, run) ORDER BY c.rowid
"""
_BASES: tuple[schema.Basis, schema.Basis] = ("operations", "peak")
BUNDLED = Path(__file__).resolve().parent.parent / "_release" / "catalogue.sqlite"


@final
@dataclass(frozen=True)
class Run:
    """One training run with its score, its source and every claim about its compute.

    ``value`` is the benchmark's own metric in percent (None where unknown), ``error`` is
    1 - value/100, ``scores`` holds further metrics in percent, ``params`` the parameter count.
    ``claims`` are as published, ``corrected_claims`` after the catalogue's corrections.
    """

    id: str
    name: str
    year: int
    value: float | None
    error: float | None
    scores: dict[str, float]
    params: float | None
    source: schema.Source
    claims: tuple[schema.Claim, ...]
    corrected_claims: tuple[schema.Claim, ...]


@final
@dataclass(frozen=True)
class BenchmarkRuns:
    """A benchmark with its runs, in catalogue order.

    ``cores`` gives processor cores per hardware id, which claims in core-days need. ``overlap``
    holds (counted operations, hardware burden) in FLOP of every run in the whole catalogue that
    has both as published, ``overlap_corrected`` the same after corrections. ``release`` names the
    catalogue release.
    """

    benchmark: schema.Benchmark
    runs: tuple[Run, ...]
    cores: dict[str, float]
    overlap: tuple[tuple[float, float], ...]
    overlap_corrected: tuple[tuple[float, float], ...]
    release: str

    @property
    def id(self) -> str:
        """The benchmark's id."""
        return self.benchmark.id

    @cached_property
    def columns(self) -> "Columns":
        """The facts of the runs as arrays."""
        from flopcast.records.columns import Columns

        return Columns(self.runs, self.cores)

    def take(self, index: "IntArray") -> "BenchmarkRuns":
        """The benchmark with the runs at some places; what the others tell (overlap) is kept."""
        found = replace(self, runs=tuple(map(self.runs.__getitem__, index.tolist())))
        # Filled in beforehand, so that the columns of 100,000 runs are not read a second time.
        vars(found)["columns"] = self.columns.take(found.runs, index)
        return found

    def run(self, id: str) -> Run:
        """One run by id.

        Raises:
            InputError: for an unknown id, with the nearest one.
        """
        for run in self.runs:
            if run.id == id:
                return run
        known = nearest(id, (run.id for run in self.runs))
        raise InputError(f"{self.id} has no run {id!r}.{known}")


@final
class Catalogue:
    """A catalogue release, opened read-only. ``catalogue["imagenet-top1"]`` gives its runs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            hint = "Build it with: flopcast catalogue build"
            raise InputError(f"There is no catalogue release at {path}.", hint)
        self.release: dict[str, str] = {
            row["key"]: row["value"] for row in self._rows("SELECT * FROM release")
        }
        if self.release.get("schema_version") != str(SCHEMA_VERSION):
            found = self.release.get("schema_version")
            rule = f"this version reads schema {SCHEMA_VERSION}"
            raise InputError(f"The release {path} has schema {found!r}; {rule}.")

    def __repr__(self) -> str:
        counts = ", ".join(f"{id} ({n})" for id, n in self.counts().items())
        return f"<Catalogue {self.release['id']}: {counts}>"

    def __iter__(self) -> Iterator[str]:
        return iter(benchmark.id for benchmark in self.benchmarks)

    def __len__(self) -> int:
        return len(self.benchmarks)

    def __getitem__(self, name: str) -> BenchmarkRuns:
        return self._runs(self.find(name))

    @cached_property
    def benchmarks(self) -> tuple[schema.Benchmark, ...]:
        """Every benchmark, in catalogue order."""
        return self.table("benchmarks", schema.Benchmark)

    @cached_property
    def sources(self) -> dict[str, schema.Source]:
        """Every source by id."""
        return {source.id: source for source in self.table("sources", schema.Source)}

    @cached_property
    def hardware(self) -> dict[str, schema.Hardware]:
        """Every processor by id."""
        return {item.id: item for item in self.table("hardware", schema.Hardware)}

    def processor(self, name: str) -> schema.Hardware:
        """A processor by id or alias, spelt with or without case, spaces and hyphens.

        Raises:
            InputError: for an unknown processor, with the nearest one.
        """
        for item in self.hardware.values():
            if folded(name) in {folded(known) for known in (item.id, item.name, *item.aliases)}:
                return item
        options = {n: None for h in self.hardware.values() for n in (h.id, *h.aliases)}
        close = [id for id in self.hardware if folded(name) and folded(name) in folded(id)]
        known = f" Did you mean one of {', '.join(close)}?" if close else nearest(name, options)
        hint = "See: flopcast catalogue search TEXT"
        raise InputError(f"Unknown hardware {name!r}.{known}", hint)

    def peaks(self, hardware: str) -> dict[str, schema.Peak]:
        """Dense peak rates (FLOP/s) of a processor by numeric format.

        Raises:
            InputError: for an unknown processor, with the nearest one.
        """
        id = self.processor(hardware).id
        found = self.table("hardware_peaks", schema.Peak, "hardware", id)
        return {peak.format: peak for peak in found}

    def counts(self) -> dict[str, int]:
        """Number of results per benchmark."""
        found = self._rows("SELECT benchmark, count(*) AS n FROM results GROUP BY benchmark")
        counts = {row["benchmark"]: row["n"] for row in found}
        return {benchmark.id: counts.get(benchmark.id, 0) for benchmark in self.benchmarks}

    @cached_property
    def years(self) -> tuple[int, int] | None:
        """First and last year of any result; None where there are no results."""
        row = self._rows("SELECT min(year) AS first, max(year) AS last FROM results")[0]
        return None if row["first"] is None else (row["first"], row["last"])

    def find(self, name: str) -> schema.Benchmark:
        """A benchmark by id or alias, upper and lower case alike.

        Raises:
            InputError: for an unknown name, with the nearest ones.
        """
        folded = name.casefold()
        for benchmark in self.benchmarks:
            names = (benchmark.id, benchmark.name, *benchmark.aliases)
            if folded in (known.casefold() for known in names):
                return benchmark
        options = [n for b in self.benchmarks for n in (b.id, *b.aliases)]
        hint = f"Known benchmarks: {', '.join(self)}."
        raise InputError(f"Unknown benchmark {name!r}.{nearest(name, options)}", hint)

    def families(self, *, corrected: bool = True) -> tuple[schema.FamilyPoint, ...]:
        """Sizes of model families on ImageNet, as corrected or as published."""
        return self.table("families_corrected" if corrected else "families", schema.FamilyPoint)

    def efficiency(self, *, corrected: bool = True) -> tuple[schema.EfficiencyPoint, ...]:
        """Compute to reach fixed levels by date, as corrected or as published."""
        name = "efficiency_corrected" if corrected else "efficiency"
        return self.table(name, schema.EfficiencyPoint)

    def corrections(self) -> tuple[schema.Correction, ...]:
        """Every known defect with its reason and what replaces it."""
        return self.table("corrections", schema.Correction)

    def table(
        self, name: str, kind: type[T], column: str | None = None, value: str | None = None
    ) -> tuple[T, ...]:
        """The records of a table, in its order; all, or those with ``value`` in ``column``."""
        where = f' WHERE "{column}" = ?' if column else ""
        query = f'SELECT * FROM "{name}"{where} ORDER BY rowid'
        rows = self._rows(query, (value,) if column else ())
        return _records(kind, rows)

    def _runs(self, benchmark: schema.Benchmark) -> BenchmarkRuns:
        published, corrected = self._claims(benchmark.id)
        scores: dict[str, dict[str, float]] = defaultdict(dict)
        for row in self._rows(
            "SELECT * FROM scores WHERE benchmark = ? ORDER BY rowid", (benchmark.id,)
        ):
            scores[row["run"]][row["metric"]] = row["value"]
        runs = tuple(
            Run(
                id=id,
                name=name,
                year=year,
                value=value,
                error=None if value is None else 1 - value / 100,
                scores=scores.get(id, {}),
                params=params,
                source=self.sources[source],
                claims=published[id],
                corrected_claims=corrected[id],
            )
            for id, name, year, value, params, source in self._tuples(_RESULTS, (benchmark.id,))
        )
        return BenchmarkRuns(
            benchmark=benchmark,
            runs=runs,
            cores=self._cores,
            overlap=self._overlaps[0],
            overlap_corrected=self._overlaps[1],
            release=self.release["id"],
        )

    @cached_property
    def _cores(self) -> dict[str, float]:
        return {item.id: item.cores for item in self.hardware.values() if item.cores}

    def _claims(self, benchmark: str) -> tuple[_ClaimsByRun, _ClaimsByRun]:
        """The claims of one benchmark by run, as published and after corrections.

        Most are the same in both; each of those is one object.
        """
        names = [item.name for item in fields(schema.Claim)]
        listed = ", ".join(f'"{name}"' for name in names)
        made: dict[tuple[Any, ...], schema.Claim] = {}
        found = []
        for table in ("claims", "claims_corrected"):
            grouped: _ClaimsByRun = defaultdict(tuple)
            for values in self._tuples(_CLAIMS.format(table, listed), (benchmark,)):
                claim = made.get(values)
                if claim is None:
                    claim = made[values] = schema.Claim(**dict(zip(names, values, strict=True)))
                grouped[claim.run] += (claim,)
            found.append(grouped)
        return found[0], found[1]

    @cached_property
    def _overlaps(self) -> tuple[_Pairs, _Pairs]:
        """Runs with both accountings, as published and after corrections."""
        found = []
        for table in ("claims", "claims_corrected"):
            grouped: dict[str, _ClaimsByRun] = {b.id: defaultdict(tuple) for b in self.benchmarks}
            rows = self._rows(_BOTH_BASES.format(table))
            for row, claim in zip(rows, _records(schema.Claim, rows), strict=True):
                grouped[row["benchmark"]][claim.run] += (claim,)
            runs = [claims for by_run in grouped.values() for claims in by_run.values()]
            found.append(tuple(self._pairs(runs, corrected=table != "claims")))
        return found[0], found[1]

    def _pairs(
        self, runs: list[tuple[schema.Claim, ...]], *, corrected: bool
    ) -> Iterator[tuple[float, float]]:
        for claims in runs:
            if corrected:
                both = [recomputed(claims, b, self._cores, TRAINING_SCOPES) for b in _BASES]
            else:
                both = [stated(claims, basis) for basis in _BASES]
            if both[0] is not None and both[1] is not None:
                yield both[0], both[1]

    def _rows(self, query: str, values: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        return self._fetched(query, values, sqlite3.Row)

    def _tuples(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        return self._fetched(query, values, None)

    def _fetched(self, query: str, values: tuple[Any, ...], factory: Any) -> list[Any]:
        try:
            connection = sqlite3.connect(f"{self.path.as_uri()}?mode=ro&immutable=1", uri=True)
            connection.row_factory = factory
            try:
                return connection.execute(query, values).fetchall()
            finally:
                connection.close()
        except sqlite3.DatabaseError as error:
            raise InputError(f"{self.path} is not a catalogue release: {error}.") from None


def catalogue(path: str | Path | None = None) -> Catalogue:
    """Opens a catalogue release.

    Args:
        path: the release's SQLite file; None for the one bundled with the package.

    Raises:
        InputError: where the file is missing or is not a release.
    """
    return Catalogue(BUNDLED if path is None else Path(path).resolve())


_JSON_FIELDS = ("aliases", "other_metrics", "where")


def _records(kind: type[T], rows: list[sqlite3.Row]) -> tuple[T, ...]:
    """Rows as records; columns that the record does not have are left out."""
    if not rows:
        return ()
    held = set(rows[0].keys())
    names = [item.name for item in fields(kind) if item.name in held]  # type: ignore[arg-type]
    texts = [name for name in names if name in _JSON_FIELDS]
    found = []
    for row in rows:
        values = {name: row[name] for name in names}
        for name in texts:
            values[name] = json.loads(values[name])
        found.append(kind(**values))
    return tuple(found)
