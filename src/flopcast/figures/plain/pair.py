"""Two benchmarks on one plot: error against compute, points and fitted lines."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from flopcast.figures.labels import Frame
from flopcast.figures.plain import axes, keyed
from flopcast.figures.plain.burden import dot
from flopcast.figures.plain.elements import element, path
from flopcast.figures.plain.marks import MOST_POINTS, density
from flopcast.figures.plain.picture import Picture
from flopcast.figures.theme import NARROW, Layout
from flopcast.figures.words import AXIS_TITLES
from flopcast.progress.burden import Burden

_ERROR: Final = "Error, percent"


def pair_picture(burdens: Sequence[Burden], width: int) -> Picture:
    """Error against compute of two benchmarks under one measure.

    A line is drawn over the compute of its own points, and only where there is an exponent. The
    points of a benchmark with more than fit are drawn as densities.
    """
    layout = Layout(width, 280 if width < NARROW else 400)
    frame = _frame(burdens, layout)
    title = AXIS_TITLES[burdens[0].points.measure]
    series = [each.source.benchmark.name for each in burdens]
    foot = axes.foot(layout, title)
    names, down = keyed.key(series, layout, frame.height + foot + 8)
    parts = [
        axes.error_axis(frame, layout, _ERROR, *frame.y),
        axes.power_axis(frame, layout, title),
    ]
    for each, (colour, _) in zip(burdens, keyed.styles(series).values(), strict=True):
        if each.n > MOST_POINTS:
            x, y = each.points.log10_compute, np.log10(each.points.error)
            parts.append(density(x, y, frame, colour))
        parts.append(_line(each, frame, colour))
    few = [each for each in burdens if each.n <= MOST_POINTS]
    found = [mark for each in few for mark in _marks(each)]
    parts += [keyed.marks(found, series, frame, 3.0 if layout.compact else 3.6), names]
    body = element("g", *parts, transform=f"translate({layout.left},{axes.HEAD:g})")
    return Picture(body, width, axes.HEAD + frame.height + foot + down + 8, layout)


def _frame(burdens: Sequence[Burden], layout: Layout) -> Frame:
    x = np.concatenate([each.points.log10_compute for each in burdens])
    y = np.log10(np.concatenate([each.points.error for each in burdens]))
    across = (float(x.min()) - 0.2, float(x.max()) + 0.2)
    up = (float(y.min()) - 0.05, min(0.0, float(y.max()) + 0.05))
    return Frame(layout.inner_width, layout.height, across, up)


def _marks(burden: Burden) -> list[keyed.Mark]:
    found = [dot(burden, index) for index in range(burden.n)]
    name = burden.source.benchmark.name
    return [keyed.Mark(name, each.x, each.y, each.words, each.url) for each in found]


def _line(burden: Burden, frame: Frame, colour: str) -> str:
    if burden.refusal is not None or burden.with_year:
        return ""
    x = burden.points.log10_compute
    fixed = burden.regression.param("intercept")
    ends = [(at, -(fixed + burden.slope * at)) for at in (float(x.min()), float(x.max()))]
    d = path(frame.px(*end) for end in ends)
    return element("path", d=d, stroke=colour, stroke_width=2, fill="none")
