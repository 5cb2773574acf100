"""Some of a benchmark's runs: a span of years, or those that nothing beats."""

import dataclasses

import numpy as np

from flopcast.progress.measures import Points
from flopcast.records.query import BenchmarkRuns, Run


def in_years(source: BenchmarkRuns, first: int | None, last: int | None) -> BenchmarkRuns:
    """The runs published from ``first`` to ``last``, ends included; None leaves an end open."""
    year = source.columns.year
    within = (year >= (first or 0)) & (year <= (last or 9999))
    return source if within.all() else source.take(np.flatnonzero(within))


def with_runs(source: BenchmarkRuns, runs: tuple[Run, ...]) -> BenchmarkRuns:
    """The benchmark with some of its runs; lines between accountings keep all they rest on."""
    return dataclasses.replace(source, runs=runs)


def compute_frontier(points: Points) -> tuple[Run, ...]:
    """Runs with a lower error than every other of as much compute or less, by compute."""
    order = np.lexsort((points.error, points.log10_compute))
    lowest = np.minimum.accumulate(points.error[order])
    first = np.r_[True, lowest[1:] < lowest[:-1]]
    return tuple(points.runs[index] for index in order[first]) if points.n else ()


def year_frontier(source: BenchmarkRuns) -> tuple[Run, ...]:
    """Runs that were the best of their year and better than all before, by year."""
    year, error = source.columns.year, source.columns.error
    scored = np.flatnonzero((error != 0) & np.isfinite(error))
    order = scored[np.lexsort((error[scored], year[scored]))]
    best: list[int] = []
    for index in order[np.unique(year[order], return_index=True)[1]]:
        if not best or error[index] < error[best[-1]]:
            best.append(int(index))
    return tuple(source.runs[index] for index in best)
