"""What made one run's compute larger than another's: factors as steps on a log axis."""

from typing import Any, Final

from flopcast.figures.comparison_chart import KIND_COLOURS, ROW, chosen, span, steps
from flopcast.figures.labels import Frame
from flopcast.figures.plain import axes
from flopcast.figures.plain.elements import element, label
from flopcast.figures.plain.marks import named
from flopcast.figures.plain.picture import Picture
from flopcast.figures.theme import INK, MUTED, Layout
from flopcast.progress.comparison import Comparison

_BAR: Final = 13.0
_TOP: Final = 6.0


def steps_picture(found: Comparison, width: int) -> Picture:
    """The factors from 1 to the whole compute ratio, with the fall of error below.

    Raises:
        Refused: where no accounting of both runs is known.
    """
    rows = steps(found, chosen(found, None))
    layout = Layout(width, ROW * len(rows))
    left = 150 if layout.compact else 190
    frame = Frame(width - left - 24, layout.height, span(rows), (0.0, float(len(rows))))
    title = "times as much (log scale)"
    one, _ = frame.px(0.0, 0.0)
    parts = [
        axes.power_axis(frame, layout, title),
        element("path", d=f"M{one:.1f},0V{frame.height:.0f}", stroke=MUTED, fill="none"),
        element("g", *(_step(row, i, frame) for i, row in enumerate(rows)), role="list"),
    ]
    body = element("g", *parts, transform=f"translate({left},{_TOP:g})")
    return Picture(body, width, _TOP + frame.height + axes.foot(layout, title) + 4, layout)


def _step(row: dict[str, Any], index: int, frame: Frame) -> str:
    middle = (index + 0.5) * ROW
    low, high = (
        frame.px(at, 0.0)[0] for at in (min(row["from"], row["to"]), max(row["from"], row["to"]))
    )
    bar = element("rect", x=low, y=middle - _BAR / 2, width=max(high - low, 1.0), height=_BAR,
                  fill=KIND_COLOURS[row["kind"]])  # fmt: skip
    return (
        label(row["name"], -8.0, middle, fill=INK, anchor="end")
        + named(row["spoken"], None, bar)
        + label(row["text"], high + 5, middle, fill=INK)
    )
