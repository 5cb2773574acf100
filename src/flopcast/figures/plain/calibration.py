"""What share of outcomes fell into intervals, against the share that was promised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

from flopcast.figures.labels import Frame
from flopcast.figures.plain import axes, linear
from flopcast.figures.plain.elements import element, label, path, text_of
from flopcast.figures.plain.picture import Picture
from flopcast.figures.theme import BLUE, INK, MUTED, NARROW, ORANGE, Layout

_STRONG: Final = (BLUE, ORANGE)
_KEY: Final = 18.0


@final
@dataclass(frozen=True)
class Group:
    """Observed shares at each level, and what they are over."""

    name: str
    coverage: Sequence[float]


def calibration_picture(
    levels: Sequence[float], strong: Sequence[Group], faint: Sequence[Group], width: int
) -> Picture:
    """Observed against promised coverage.

    Args:
        levels: of the intervals, in (0, 1), rising.
        strong: at most two lines that stand out, named under the plot.
        faint: further lines, named by tooltips.
        width: of the picture, px; below 540 in the layout of a phone.
    """
    layout = Layout(width, 260 if width < NARROW else 340)
    frame = Frame(layout.inner_width, layout.height, (0.0, 1.0), (0.0, 1.0))
    colours = dict(zip((group.name for group in strong), _STRONG, strict=False))
    parts = [
        linear.vertical(frame, layout, "Observed: share of outcomes inside", percent=True),
        linear.horizontal(frame, layout, "Promised: level of the interval", percent=True),
        element("path", d=path([frame.px(0, 0), frame.px(1, 1)]), stroke=INK,
                stroke_dasharray="4 3", fill="none"),
        *(_line(levels, group, frame, MUTED, 0.9) for group in faint),
        *(_line(levels, group, frame, colours[group.name], 2.5) for group in strong),
        _key(colours, frame, layout),
    ]  # fmt: skip
    body = element("g", *parts, transform=f"translate({layout.left},{axes.HEAD:g})")
    height = axes.HEAD + frame.height + axes.foot(layout, "Promised") + _KEY + 8
    return Picture(body, layout.width, height, layout)


def _line(levels: Sequence[float], group: Group, frame: Frame, colour: str, size: float) -> str:
    """A line from the origin through the levels to (1, 1), a point at each level."""
    known = list(zip(levels, group.coverage, strict=True))
    places = [frame.px(x, y) for x, y in [(0.0, 0.0), *known, (1.0, 1.0)]]
    said = ", ".join(f"{y:.0%} inside intervals of {x:.0%}" for x, y in known)
    opacity = None if size > 1 else "0.6"
    dots = [
        element("circle", cx=x, cy=y, r=size + 0.8, fill=colour, fill_opacity=opacity)
        for x, y in places[1:-1]
    ]
    return element(
        "g",
        element("title", text_of(f"{group.name}: {said}")),
        element("path", d=path(places), fill="none", stroke=colour, stroke_width=size,
                stroke_opacity=opacity),
        *dots,
    )  # fmt: skip


def _key(colours: Mapping[str, str], frame: Frame, layout: Layout) -> str:
    """The colours of the lines that stand out."""
    drawn, x = [], 0.0
    top = frame.height + axes.foot(layout, "Promised") + 6
    for name, colour in colours.items():
        drawn.append(
            element("path", d=f"M{x:g},{top:g}h18", stroke=colour, stroke_width=2.5, fill="none")
        )
        drawn.append(label(name, x + 23, top, fill=INK))
        x += 23 + len(name) * layout.font * 0.6 + 16
    return "".join(drawn)
