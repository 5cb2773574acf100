"""The five measures of compute, and the points that each gives for one benchmark.

==============  ===========  ===================================================================
hardware        peak         published hardware burden: processors x peak rate x time
network         operations   published network operations: operations per pass x 3 x epochs x set
forward         operations   operations of one forward pass (not training compute)
consolidated    peak         hardware burden, else imputed from network operations
preferred       operations   corrected claims: counted operations, else burden x utilisation
==============  ===========  ===================================================================

``hardware``, ``network``, ``forward`` and ``consolidated`` keep the scope and the values of the
2022 release of Thompson et al. (arXiv:2007.05558), so that its fits reproduce. ``preferred`` uses
the catalogue's corrections and tells search and pre-training apart from training.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, final, get_args

import numpy as np
import numpy.typing as npt

from flopcast.errors import InputError, nearest
from flopcast.progress.imputation import Line, conversion_line, imputation_line
from flopcast.records.claims import TRAINING_SCOPES
from flopcast.records.columns import Columns
from flopcast.records.query import BenchmarkRuns, Run
from flopcast.records.schema import Basis

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]
Measure = Literal["hardware", "network", "forward", "consolidated", "preferred"]
MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)

#: One standard deviation, in orders of magnitude, of how a way of measuring compute may be off
#: as a whole: counted operations x1.3, processors x time x1.6 (which peak rate, which time).
METHOD_SD: Final[Mapping[str, float]] = {
    "operation_count": float(np.log10(1.3)),
    "hardware_time": float(np.log10(1.6)),
}


@final
@dataclass(frozen=True, eq=False)
class Points:
    """What a regression of performance on compute sees: n runs with compute and error.

    ``log10_compute`` and ``error`` have shape (n,); ``imputed`` marks compute that was inferred
    from the other accounting through ``line``, for which ``other`` holds log10 of what was known
    (NaN elsewhere). ``method`` names the accounting each value comes from, ``place`` the place
    of each run among those of the benchmark. ``include_search`` and ``include_pretraining`` state
    the scope (preferred only).
    """

    measure: Measure
    basis: Basis
    runs: tuple[Run, ...]
    log10_compute: FloatArray
    error: FloatArray
    imputed: BoolArray
    other: FloatArray
    method: tuple[str, ...]
    place: IntArray
    line: Line | None
    include_search: bool = False
    include_pretraining: bool = True

    @property
    def n(self) -> int:
        """Number of points."""
        return len(self.runs)

    @cached_property
    def year(self) -> FloatArray:
        """Publication years, shape (n,)."""
        return np.array([run.year for run in self.runs], dtype=float)

    @property
    def papers(self) -> tuple[str, ...]:
        """The source id of each point: the clusters of resampling."""
        return tuple(run.source.id for run in self.runs)

    @property
    def sd(self) -> FloatArray:
        """Standard deviation of log10 compute by method, imputation included, shape (n,)."""
        method = np.array([METHOD_SD[name] for name in self.method])
        extra = 0.0 if self.line is None else self.line.residual_sd
        return np.asarray(np.sqrt(method**2 + np.where(self.imputed, extra**2, 0.0)))


@dataclass(frozen=True)
class _Values:
    """Per run of a benchmark: log10 compute (NaN unknown), whether inferred, and from what."""

    log10_compute: FloatArray
    method: npt.NDArray[np.str_]
    other: FloatArray


def points(
    benchmark: BenchmarkRuns,
    measure: str,
    *,
    include_search: bool = False,
    include_pretraining: bool = True,
) -> Points:
    """The points of one benchmark under one measure; runs without score or compute left out.

    Args:
        benchmark: the runs.
        measure: one of :data:`MEASURES`.
        include_search: count architecture search (preferred only; the others keep the published
            scope, which counts it for some models).
        include_pretraining: count pre-training (preferred only).

    Raises:
        InputError: for an unknown measure, or a scope option with a published measure.
    """
    if measure not in MEASURES:
        hint = f"The measures are {', '.join(MEASURES)}."
        raise InputError(f"Unknown measure {measure!r}.{nearest(measure, MEASURES)}", hint)
    if measure != "preferred" and (include_search or not include_pretraining):
        hint = "Use --measure preferred to choose the scope."
        raise InputError(f"The measure {measure!r} keeps the published scope.", hint)
    line = _line(benchmark, measure)
    scopes = tuple(s for s in TRAINING_SCOPES if include_pretraining or s != "pretraining")
    if include_search:
        scopes += ("search",)
    found = _values(measure, benchmark.columns, line, scopes)
    error = benchmark.columns.error
    kept = np.flatnonzero((error != 0) & np.isfinite(error) & np.isfinite(found.log10_compute))
    return Points(
        measure=measure,
        basis="peak" if measure in ("hardware", "consolidated") else "operations",
        runs=tuple(map(benchmark.runs.__getitem__, kept.tolist())),
        log10_compute=found.log10_compute[kept],
        error=error[kept],
        imputed=np.isfinite(found.other[kept]),
        other=found.other[kept],
        method=tuple(found.method[kept].tolist()),
        place=kept,
        line=line,
        include_search=include_search,
        include_pretraining=include_pretraining,
    )


def _line(benchmark: BenchmarkRuns, measure: Measure) -> Line | None:
    if measure == "consolidated":
        return imputation_line(benchmark)
    return conversion_line(benchmark) if measure == "preferred" else None


def _values(
    measure: Measure, columns: Columns, line: Line | None, scopes: tuple[str, ...]
) -> _Values:
    if measure == "forward":
        return _known(columns.forward, "operation_count")
    if measure == "network":
        return _known(columns.stated("operations"), "operation_count")
    if measure == "preferred":
        return _preferred(columns, line, scopes)
    return _burden(columns, line)


def _known(flop: FloatArray, method: str) -> _Values:
    unknown = np.full(len(flop), np.nan)
    return _Values(np.log10(flop), np.full(len(flop), method), unknown)


def _burden(columns: Columns, line: Line | None) -> _Values:
    """Published hardware burden, else imputed from the published network operations."""
    peak = columns.stated("peak")
    if line is None:
        return _known(peak, "hardware_time")
    operations = np.log10(columns.stated("operations"))
    other = np.where(np.isnan(peak), operations, np.nan)
    return _Values(
        log10_compute=np.where(np.isnan(other), np.log10(peak), line.at(other)),
        method=np.where(np.isnan(other), "hardware_time", "operation_count"),
        other=other,
    )


def _preferred(columns: Columns, line: Line | None, scopes: tuple[str, ...]) -> _Values:
    """Counted operations of the chosen phases, else burden converted; search always converted.

    Unknown where burden would have to be converted and there is no line to do so.
    """
    training = tuple(scope for scope in scopes if scope != "search")
    operations = columns.recomputed("operations", training)
    stated = np.where(columns.counted, np.nan, columns.stated_corrected("operations"))
    operations = np.where(np.isnan(operations), stated, operations)
    counted = ~np.isnan(operations)
    search = tuple(scope for scope in scopes if scope == "search")
    peak = columns.recomputed("peak", scopes)
    if counted.any():
        peak = np.where(counted, columns.recomputed("peak", search), peak)
    burden = np.log10(peak)
    converted = np.full(len(peak), np.nan) if line is None else line.at(burden)
    for place in np.flatnonzero(counted & ~np.isnan(peak)):
        operations[place] += 10.0 ** float(converted[place])
    return _Values(
        log10_compute=np.where(counted, np.log10(operations), converted),
        method=np.where(counted, "operation_count", "hardware_time"),
        other=np.where(counted, np.nan, burden),
    )
