"""How the forecast of a study's target narrowed as runs came in."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flopcast.figures.labels import Frame
from flopcast.figures.plain import axes, linear
from flopcast.figures.plain.elements import element, label, path, text_of
from flopcast.figures.plain.picture import Picture
from flopcast.figures.theme import BAND, BLUE, MUTED, NARROW, ORANGE, PAPER, Layout

_ROOM: Final = 0.06


def narrowing_picture(
    forecasts: Sequence[Mapping[str, Any]], metric: str, measured: float | None, width: int
) -> Picture:
    """Median and interval of each forecast over the number of runs behind it.

    Args:
        forecasts: oldest first, each with ``runs``, ``interval`` (low, high) and ``forecast``
            (``median``, ``p25``, ``p75``); refused ones are left out.
        metric: name of what is forecast.
        measured: what the target measured; None while it has not run.
        width: of the picture, px; below 540 in the layout of a phone.
    """
    found = [one for one in forecasts if "refused" not in one]
    layout = Layout(width, 240 if width < NARROW else 300)
    frame = _frame(found, measured, layout)
    parts = [
        linear.vertical(frame, layout, f"{metric} of the target"),
        linear.horizontal(frame, layout, "Finished runs behind the forecast", whole=True),
        _band(found, frame),
        *(_bar(one, metric, frame) for one in found),
        _outcome(measured, frame),
    ]
    body = element("g", *parts, transform=f"translate({layout.left},{axes.HEAD:g})")
    height = axes.HEAD + frame.height + axes.foot(layout, "Finished runs") + 8
    return Picture(body, layout.width, height, layout)


def _frame(found: Sequence[Mapping[str, Any]], measured: float | None, layout: Layout) -> Frame:
    runs = [float(one["runs"]) for one in found] or [0.0]
    seen = [end for one in found for end in one["interval"]]
    seen += [] if measured is None else [measured]
    low, high = (min(seen), max(seen)) if seen else (0.0, 1.0)
    room = (high - low) * _ROOM or abs(high) * _ROOM or 1.0
    aside = max((max(runs) - min(runs)) * _ROOM, 0.5)
    return Frame(
        layout.inner_width, layout.height,
        (min(runs) - aside, max(runs) + aside), (low - room, high + room),
    )  # fmt: skip


def _band(found: Sequence[Mapping[str, Any]], frame: Frame) -> str:
    """The interval between forecasts, and the line of medians."""
    upper = [frame.px(one["runs"], one["interval"][1]) for one in found]
    lower = [frame.px(one["runs"], one["interval"][0]) for one in found]
    middle = [frame.px(one["runs"], one["forecast"]["median"]) for one in found]
    return element(
        "path", d=path([*upper, *reversed(lower)], closed=True), fill=BAND, fill_opacity="0.55"
    ) + element("path", d=path(middle), fill="none", stroke=BLUE, stroke_width=1.5)


def _bar(one: Mapping[str, Any], metric: str, frame: Frame) -> str:
    """One forecast: its interval, its middle half, its median."""
    low, high = one["interval"]
    at, values = one["runs"], one["forecast"]
    x, y = frame.px(at, values["median"])
    words = (
        f"{at} runs: {metric} {values['median']:.4g}, "
        f"{one['level']:.0%} interval {low:.4g} to {high:.4g}"
    )
    ends = path([frame.px(at, low), frame.px(at, high)])
    middle = path([frame.px(at, values["p25"]), frame.px(at, values["p75"])])
    return element(
        "g",
        element("title", text_of(words)),
        element("path", d=ends, stroke=BLUE, stroke_width=1.2),
        element("path", d=middle, stroke=BLUE, stroke_width=4),
        element("circle", cx=x, cy=y, r=3.6, fill=PAPER, stroke=BLUE, stroke_width=1.6),
    )


def _outcome(measured: float | None, frame: Frame) -> str:
    if measured is None:
        return ""
    _, y = frame.px(frame.x[0], measured)
    line = element("path", d=f"M0,{y:.1f}H{frame.width:.0f}", stroke=ORANGE, stroke_width=1.6,
                   stroke_dasharray="6 4")  # fmt: skip
    words = f"measured {measured:.4g}"
    return line + label(words, frame.width - 2, y - 8, fill=MUTED, anchor="end", halo=PAPER)
