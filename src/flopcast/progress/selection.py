"""Some of a benchmark's runs: a span of years, or those that nothing beats."""

import dataclasses

import numpy as np

from flopcast.progress.measures import Points
from flopcast.records.query import BenchmarkRuns, Run


def in_years(source: BenchmarkRuns, first: int | None, last: int | None) -> BenchmarkRuns:
    """The runs published from ``first`` to ``last``, ends included; None leaves an end open."""
    low, high = first or 0, last or 9999
    if all(low <= run.year <= high for run in source.runs):
        return source
    return with_runs(source, tuple(run for run in source.runs if low <= run.year <= high))


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
    best: list[Run] = []
    for run in sorted((r for r in source.runs if r.error), key=lambda r: (r.year, r.error)):
        if not best or (run.year > best[-1].year and (run.error or 1) < (best[-1].error or 1)):
            best.append(run)
    return tuple(best)
