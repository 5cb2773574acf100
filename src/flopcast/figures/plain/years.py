"""Error against the year of publication, with the best result so far as a staircase."""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from flopcast.figures.labels import Frame
from flopcast.figures.plain import axes
from flopcast.figures.plain.elements import element, path
from flopcast.figures.plain.marks import MOST_POINTS, Dot, density, dots, key_height, year_key
from flopcast.figures.plain.picture import Picture
from flopcast.figures.theme import MUTED, NARROW, Layout, year_colours
from flopcast.figures.words import error_title, percent, power
from flopcast.progress.measures import Points
from flopcast.records.query import BenchmarkRuns, Run

FloatArray = npt.NDArray[np.float64]
#: How far points of one year stand apart, in years.
_SPREAD: Final = 0.32


def years_picture(
    source: BenchmarkRuns, known: Points, x: FloatArray, years: tuple[int, int], width: int
) -> Picture:
    """Every result with a score, compute known or not.

    Args:
        source: the runs.
        known: those with compute; the others are hollow.
        x: where each scored run stands, from :func:`places_of`.
        years: first and last that colours run between.
        width: of the picture, px; below 540 in the layout of a phone.
    """
    layout = Layout(width, 400 if width < NARROW else 460)
    scored = np.flatnonzero(source.columns.error > 0)
    runs = list(map(source.runs.__getitem__, scored.tolist()))
    year = source.columns.year[scored]
    errors = np.log10(source.columns.error[scored]) if runs else np.array([-1.0, 0.0])
    first, last = (int(year.min()), int(year.max())) if runs else years
    frame = Frame(
        layout.inner_width, layout.height, (first - 0.5, last + 0.5),
        (float(errors.min()) - 0.05, min(float(errors.max()) + 0.06, 0.0)),
    )  # fmt: skip
    colours = year_colours(range(years[0], years[1] + 1))
    parts = [
        axes.error_axis(frame, layout, error_title(source.benchmark.error), *frame.y),
        axes.year_axis(frame, layout),
        _best_so_far(year, errors, frame) if runs else "",
    ]
    if len(runs) > MOST_POINTS:
        parts.append(density(x, errors, frame))
        shown: list[int] = []
    else:
        flop = {run.id: float(at) for run, at in zip(known.runs, known.log10_compute, strict=True)}
        found = [_dot(run, at, flop.get(run.id)) for run, at in zip(runs, x.tolist(), strict=True)]
        parts.append(dots(found, frame, layout, colours))
        shown = np.unique(year).astype(int).tolist()
    foot = axes.foot(layout, "Year")
    parts.append(year_key(shown, layout, colours, frame.height + foot + 10))
    body = element("g", *parts, transform=f"translate({layout.left},{axes.HEAD:g})")
    height = axes.HEAD + frame.height + foot + key_height(shown, layout) + 12
    return Picture(body, layout.width, height, layout)


def places_of(source: BenchmarkRuns) -> FloatArray:
    """The year of each scored run, those of one year apart by a fixed hash of their names."""
    scored = np.flatnonzero(source.columns.error > 0)
    runs, year = [source.runs[place] for place in scored.tolist()], source.columns.year[scored]
    ids = np.array([run.id for run in runs], dtype=str)
    total = np.zeros(len(runs), dtype=np.int64)
    for place, letters in enumerate(ids.view(np.uint32).reshape(len(runs), -1).T if runs else ()):
        total += letters.astype(np.int64) * (place + 7)
    share = total % 101 / 100
    return np.asarray(year + (2 * share - 1) * _SPREAD)


def _dot(run: Run, x: float, log10_flop: float | None) -> Dot:
    known = "compute unknown" if log10_flop is None else f"{power(log10_flop)} FLOP"
    words = (f"{run.name} ({run.year})", f"{percent(run.error or 0.0)} error", known,
             run.source.title)  # fmt: skip
    height = math.log10(run.error or 1.0)
    return Dot(x, height, "\n".join(words), run.source.url, run.year, log10_flop is None)


def _best_so_far(year: FloatArray, errors: FloatArray, frame: Frame) -> str:
    """A staircase over the years (n,) through the lowest log10 errors (n,) until then."""
    known, which = np.unique(year, return_inverse=True)
    best = np.full(len(known), np.inf)
    np.minimum.at(best, which, errors)
    lowest = np.minimum.accumulate(best).tolist()
    places: list[tuple[float, float]] = []
    for at, height in zip(known.tolist(), lowest, strict=True):
        if places:
            places.append((at - 0.5, places[-1][1]))
        places += [(at - 0.5, height), (at + 0.5, height)]
    d = path(frame.px(*place) for place in places)
    return element("path", d=d, fill="none", stroke=MUTED, stroke_width=1.5)
