"""Grids and scales of a plot: powers of ten of compute, years, errors in percent."""

import math
from collections.abc import Iterable
from typing import Final

from flopcast.figures.labels import Frame
from flopcast.figures.plain.elements import element, label
from flopcast.figures.theme import GRID, INK, MUTED, Layout, error_ticks, power_ticks
from flopcast.figures.words import superscript

#: Room above the plot for the title of the vertical axis, and below for the scale, px.
HEAD: Final = 26.0
FOOT: Final = 34.0


def error_axis(frame: Frame, layout: Layout, title: str, low: float, high: float) -> str:
    """Horizontal lines with errors in percent, the title on top."""
    found = [label(title, -layout.left, -14.0, fill=MUTED)]
    heights = []
    for tick in error_ticks(low, high):
        _, y = frame.px(frame.x[0], math.log10(tick))
        heights.append(y)
        found.append(label(f"{tick * 100:.3g}\u00a0%", -6.0, y, fill=INK, anchor="end"))
    return _across(heights, frame) + "".join(found)


def power_axis(frame: Frame, layout: Layout, title: str) -> str:
    """Vertical lines at whole powers of ten, the title below."""
    ticks = power_ticks(*frame.x, layout.power_ticks)
    words = {float(k): f"10{superscript(k)}" for k in ticks}
    return below(frame, layout, words, title)


def power_heights(frame: Frame, layout: Layout, title: str) -> str:
    """Horizontal lines at whole powers of ten, the title on top."""
    found = [label(title, -layout.left, -14.0, fill=MUTED)]
    heights = []
    for tick in power_ticks(*frame.y, max(2, int(frame.height / 36))):
        _, y = frame.px(frame.x[0], float(tick))
        heights.append(y)
        found.append(label(f"10{superscript(tick)}", -6.0, y, fill=INK, anchor="end"))
    return _across(heights, frame) + "".join(found)


def year_axis(frame: Frame, layout: Layout, title: str = "Year of publication") -> str:
    """Vertical lines at years, the title below."""
    first, last = round(frame.x[0] + 0.5), round(frame.x[1] - 0.5)
    room = max(2, layout.inner_width // 44)
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100) if (last - first) / s <= room)
    words = {float(y): str(y) for y in range(first, last + 1) if (y - first) % step == 0}
    return below(frame, layout, words, title)


def below(frame: Frame, layout: Layout, words: dict[float, str], title: str) -> str:
    """Vertical lines at places on the scale, each with its words, and the title below."""
    found, places = [], []
    for at, text in words.items():
        x, _ = frame.px(at, frame.y[0])
        places.append(x)
        found.append(label(text, x, frame.height + 12.0, fill=INK, anchor="middle"))
    heading = layout.wrap(title, layout.inner_width)
    for row, line in enumerate(heading):
        y = frame.height + 29.0 + row * layout.font * 1.3
        found.append(label(line, frame.width / 2, y, fill=MUTED, anchor="middle"))
    d = "".join(f"M{x:.1f},0V{frame.height:.0f}" for x in places)
    return _lines(d) + "".join(found)


def foot(layout: Layout, title: str) -> float:
    """Room that the horizontal axis takes below the plot, px."""
    return FOOT + (len(layout.wrap(title, layout.inner_width)) - 1) * layout.font * 1.3 + 4.0


def _across(heights: Iterable[float], frame: Frame) -> str:
    return _lines("".join(f"M0,{y:.1f}H{frame.width:.0f}" for y in heights))


def _lines(d: str) -> str:
    return element("path", d=d, stroke=GRID, fill="none") if d else ""
