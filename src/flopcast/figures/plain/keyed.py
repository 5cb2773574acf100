"""Marks of several series, told apart by colour and shape, with their key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

from flopcast.figures.labels import CHARACTER, Frame
from flopcast.figures.plain.elements import element, label, number
from flopcast.figures.plain.marks import named
from flopcast.figures.theme import BLUE, GREEN, INK, ORANGE, Layout

_PAIRS: Final = ((BLUE, "circle"), (ORANGE, "diamond"), (GREEN, "triangle"))
_ALONE: Final = ((INK, "circle"),)


@final
@dataclass(frozen=True)
class Mark:
    """A mark of a series: its place on the scales, what it is in words, where it leads."""

    series: str
    x: float
    y: float
    words: str
    url: str | None = None


def styles(series: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Colour and shape of each of at most three series; one alone is in ink."""
    return dict(zip(series, _PAIRS if len(series) > 1 else _ALONE, strict=False))


def marks(found: Sequence[Mark], series: Sequence[str], frame: Frame, radius: float) -> str:
    """The marks, one group for each series."""
    drawn = []
    for name, (colour, shape) in styles(series).items():
        items = [
            named(mark.words, mark.url, outline(shape, *frame.px(mark.x, mark.y), radius))
            for mark in found
            if mark.series == name
        ]
        if items:
            drawn.append(element("g", *items, fill=colour, fill_opacity="0.85", stroke=colour))
    return element("g", *drawn, stroke_width=0.5, class_="dots", role="list") if drawn else ""


def outline(shape: str, x: float, y: float, radius: float) -> str:
    """A circle, a diamond or a triangle of about the same area around a pixel."""
    if shape == "circle":
        return element("circle", cx=x, cy=y, r=radius)
    reach = number(radius * 1.25)
    if shape == "diamond":
        turns = f"l{reach},{reach}l-{reach},{reach}l-{reach},-{reach}z"
        return element("path", d=f"M{number(x)},{number(y - radius * 1.25)}{turns}")
    side = number(radius * 2.5)
    turns = f"l{reach},{number(radius * 2.2)}h-{side}z"
    return element("path", d=f"M{number(x)},{number(y - radius * 1.4)}{turns}")


def key(series: Sequence[str], layout: Layout, top: float) -> tuple[str, float]:
    """The series with their marks in rows as wide as the plot, and the height they take, px."""
    if len(series) < 2:
        return "", 0.0
    leading, x, row = layout.font * 1.6, 0.0, 0
    drawn = []
    for name, (colour, shape) in styles(series).items():
        width = 16 + len(name) * layout.font * CHARACTER + 14
        if x and x + width > layout.inner_width:
            x, row = 0.0, row + 1
        y = top + row * leading
        drawn.append(element("g", outline(shape, x + 5, y, 4.0), fill=colour))
        drawn.append(label(name, x + 14, y, fill=INK))
        x += width
    return "".join(drawn), (row + 1) * leading
