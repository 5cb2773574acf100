"""Processors over time: peak rate by format, rate per watt, rate per dollar."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flopcast.figures.hardware_chart import KINDS, mark_of
from flopcast.figures.labels import Frame
from flopcast.figures.plain import axes, keyed
from flopcast.figures.plain.elements import element
from flopcast.figures.plain.picture import Picture
from flopcast.figures.theme import NARROW, Layout

_TITLE: Final = "Release date"


def processor_marks(rows: Sequence[Mapping[str, Any]], kind: str) -> list[keyed.Mark]:
    """One mark per processor and series; none for those without a release date or the figure.

    Args:
        rows: what :func:`flopcast.records.processors.processor_rows` returns.
        kind: a key of :data:`flopcast.figures.hardware_chart.KINDS`.
    """
    return [
        keyed.Mark(name, mark["year"], math.log10(mark["value"]), mark["spoken"])
        for name, columns in KINDS[kind][2].items()
        for row in rows
        if (mark := mark_of(row, name, columns)) is not None
    ]


def processors_picture(found: Sequence[keyed.Mark], kind: str, width: int) -> Picture:
    """Marks (one at least) by release date on a log scale, with the key of their series.

    Below a width of 540 px the layout is that of a phone.
    """
    _, title, series = KINDS[kind]
    layout = Layout(width, 260 if width < NARROW else 380)
    frame = _frame(found, layout)
    foot = axes.foot(layout, _TITLE)
    names, down = keyed.key(list(series), layout, frame.height + foot + 8)
    parts = [
        axes.power_heights(frame, layout, title),
        axes.below(frame, layout, _years(frame), _TITLE),
        keyed.marks(found, list(series), frame, 3.2 if layout.compact else 3.8),
        names,
    ]
    body = element("g", *parts, transform=f"translate({layout.left},{axes.HEAD:g})")
    return Picture(body, width, axes.HEAD + frame.height + foot + down + 8, layout)


def _frame(found: Sequence[keyed.Mark], layout: Layout) -> Frame:
    low = math.floor(min(mark.y for mark in found) * 2 - 0.2) / 2
    high = math.ceil(max(mark.y for mark in found) * 2 + 0.2) / 2
    first = math.floor(min(mark.x for mark in found))
    last = math.ceil(max(mark.x for mark in found) + 0.2)
    return Frame(layout.inner_width, layout.height, (first, last), (low, high))


def _years(frame: Frame) -> dict[float, str]:
    first, last = (round(end) for end in frame.x)
    step = next(s for s in (1, 2, 4, 5, 10, 20, 50) if (last - first) / s * 44 < frame.width)
    return {float(year): str(year) for year in range(first, last + 1) if year % step == 0}
