"""Scales of plain numbers: round ticks, horizontal and vertical axes."""

import math
from typing import Final

from flopcast.figures.labels import Frame
from flopcast.figures.plain.elements import element, label
from flopcast.figures.theme import GRID, INK, MUTED, Layout

_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)


def round_ticks(low: float, high: float, room: int, *, whole: bool = False) -> list[float]:
    """Round numbers from ``low`` to ``high``, at most about ``room`` of them."""
    span = high - low
    if not (math.isfinite(span) and span > 0.0):
        return [low]
    rough = span / max(room, 1)
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(s * size for s in _STEPS if s * size >= rough * (1 - 1e-9))
    if whole:
        step = max(1.0, float(math.ceil(step)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1)]


def vertical(frame: Frame, layout: Layout, title: str, *, percent: bool = False) -> str:
    """Horizontal lines at round numbers, the title on top."""
    found = [label(title, -layout.left, -14.0, fill=MUTED)]
    d = ""
    for tick in round_ticks(*frame.y, 6):
        _, y = frame.px(frame.x[0], tick)
        d += f"M0,{y:.1f}H{frame.width:.0f}"
        found.append(label(_written(tick, percent), -6.0, y, fill=INK, anchor="end"))
    return element("path", d=d, stroke=GRID, fill="none") + "".join(found)


def horizontal(
    frame: Frame, layout: Layout, title: str, *, percent: bool = False, whole: bool = False
) -> str:
    """Vertical lines at round numbers, the title below."""
    found = []
    d = ""
    for tick in round_ticks(*frame.x, max(2, layout.inner_width // 60), whole=whole):
        x, _ = frame.px(tick, frame.y[0])
        d += f"M{x:.1f},0V{frame.height:.0f}"
        text = _written(tick, percent)
        found.append(label(text, x, frame.height + 12.0, fill=INK, anchor="middle"))
    found.append(label(title, frame.width / 2, frame.height + 29.0, fill=MUTED, anchor="middle"))
    return element("path", d=d, stroke=GRID, fill="none") + "".join(found)


def _written(value: float, percent: bool) -> str:
    text = f"{value * 100:.4g}\u00a0%" if percent else f"{value:.5g}"
    return text.replace("-", "−")
