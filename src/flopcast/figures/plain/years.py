"""Error against the year of publication, with the best result so far as a staircase."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from flopcast.figures.labels import Frame
from flopcast.figures.plain import axes
from flopcast.figures.plain.elements import element, path
from flopcast.figures.plain.marks import MOST_POINTS, Dot, density, dots, key_height, year_key
from flopcast.figures.plain.picture import Picture
from flopcast.figures.theme import MUTED, NARROW, Layout, year_colours
from flopcast.figures.words import error_title, percent, power
from flopcast.records.query import BenchmarkRuns, Run

#: How far points of one year stand apart, in years.
_SPREAD: Final = 0.32


def years_picture(
    source: BenchmarkRuns, flop: dict[str, float], years: tuple[int, int], width: int
) -> Picture:
    """Every result with a score, compute known or not.

    Args:
        source: the runs.
        flop: log10 FLOP by run id where it is known; those without are hollow.
        years: first and last that colours run between.
        width: of the picture, px; below 540 in the layout of a phone.
    """
    runs = [run for run in source.runs if run.error]
    layout = Layout(width, 400 if width < NARROW else 460)
    errors = np.log10([run.error or 1.0 for run in runs]) if runs else np.array([-1.0, 0.0])
    first, last = (min(r.year for r in runs), max(r.year for r in runs)) if runs else years
    frame = Frame(
        layout.inner_width, layout.height, (first - 0.5, last + 0.5),
        (float(errors.min()) - 0.05, min(float(errors.max()) + 0.06, 0.0)),
    )  # fmt: skip
    colours = year_colours(range(years[0], years[1] + 1))
    parts = [
        axes.error_axis(frame, layout, error_title(source.benchmark.error), *frame.y),
        axes.year_axis(frame, layout),
        _best_so_far(runs, frame),
    ]
    if len(runs) > MOST_POINTS:
        x = np.array([_place(run) for run in runs])
        parts.append(density(x, errors, frame))
        shown: list[int] = []
    else:
        parts.append(dots([_dot(run, flop.get(run.id)) for run in runs], frame, layout, colours))
        shown = sorted({run.year for run in runs})
    foot = axes.foot(layout, "Year")
    parts.append(year_key(shown, layout, colours, frame.height + foot + 10))
    body = element("g", *parts, transform=f"translate({layout.left},{axes.HEAD:g})")
    height = axes.HEAD + frame.height + foot + key_height(shown, layout) + 12
    return Picture(body, layout.width, height, layout)


def _place(run: Run) -> float:
    """The year, points of one year apart by a fixed hash of their name."""
    share = sum(ord(c) * (i + 7) for i, c in enumerate(run.id)) % 101 / 100
    return run.year + (2 * share - 1) * _SPREAD


def _dot(run: Run, log10_flop: float | None) -> Dot:
    known = "compute unknown" if log10_flop is None else f"{power(log10_flop)} FLOP"
    words = (f"{run.name} ({run.year})", f"{percent(run.error or 0.0)} error", known,
             run.source.title)  # fmt: skip
    height = math.log10(run.error or 1.0)
    return Dot(_place(run), height, "\n".join(words), run.source.url, run.year, log10_flop is None)


def _best_so_far(runs: Sequence[Run], frame: Frame) -> str:
    best: dict[int, float] = {}
    for run in runs:
        best[run.year] = min(best.get(run.year, math.inf), run.error or math.inf)
    places, lowest = [], math.inf
    for year in sorted(best):
        if lowest < math.inf:
            places.append((year - 0.5, lowest))
        lowest = min(lowest, best[year])
        places += [(year - 0.5, lowest), (year + 0.5, lowest)]
    d = path(frame.px(x, math.log10(error)) for x, error in places)
    if not d:
        return ""
    return element("path", d=d, fill="none", stroke=MUTED, stroke_width=1.5)
