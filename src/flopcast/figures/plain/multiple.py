"""A benchmark at a glance: points and fitted line on a small plot, two marks on each scale."""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from flopcast.figures.labels import Frame
from flopcast.figures.plain.elements import element, label, path
from flopcast.figures.plain.marks import MOST_POINTS, density
from flopcast.figures.plain.picture import Picture
from flopcast.figures.theme import BAND, BLUE, GRID, INK, MUTED, Layout
from flopcast.figures.words import percent, superscript
from flopcast.progress.burden import Burden
from flopcast.progress.measures import Points

FloatArray = npt.NDArray[np.float64]
_WIDTH, _HEIGHT, _LEFT, _FOOT, _TOP = 260, 120, 34, 18, 6
_LAYOUT: Final = Layout(_WIDTH, _HEIGHT)


def multiple_picture(points: Points, burden: Burden | None) -> Picture:
    """The points of a measure, and the fitted line where there is one."""
    x, y = points.log10_compute, np.log10(points.error)
    if points.n == 0:
        return Picture("", _WIDTH, _HEIGHT + _TOP + _FOOT, _LAYOUT)
    frame = Frame(
        _WIDTH - _LEFT - 8, _HEIGHT, (float(x.min()) - 0.6, float(x.max()) + 0.6),
        (float(y.min()) - 0.08, min(float(y.max()) + 0.08, 0.02)),
    )  # fmt: skip
    parts = [_scales(frame, y)]
    if burden is not None and burden.refusal is None:
        d = path(frame.px(*place) for place in _ends(burden, frame))
        parts.append(element("path", d=d, stroke=INK, stroke_width=1.6, fill="none"))
    if points.n > MOST_POINTS:
        parts.append(density(x, y, frame))
    else:
        circles = [
            element("circle", cx=px, cy=py, r=2.2)
            for px, py in (frame.px(float(a), float(b)) for a, b in zip(x, y, strict=True))
        ]
        parts.append(element("g", *circles, fill=BLUE, fill_opacity="0.75"))
    body = element("g", *parts, transform=f"translate({_LEFT},{_TOP})")
    return Picture(body, _WIDTH, _HEIGHT + _TOP + _FOOT, _LAYOUT)


def _ends(burden: Burden, frame: Frame) -> list[tuple[float, float]]:
    """Where the fitted line enters and leaves the plot."""
    at = sorted(burden.at_error(10.0**level) for level in frame.y)
    across = (max(at[0], frame.x[0]), min(at[1], frame.x[1]))
    return [(x, -burden.slope * (x - burden.at_error(1.0))) for x in across]


def _scales(frame: Frame, y: FloatArray) -> str:
    """Lines at the highest and the lowest error and at two powers of ten."""
    parts = [
        element("path", d=f"M0,0V{frame.height}H{frame.width}", stroke=BAND, fill="none"),
    ]
    ends = (float(y.max()), float(y.min()))
    for error in ends if ends[0] - ends[1] > 0.05 else ends[1:]:
        _, height = frame.px(frame.x[0], error)
        words = percent(float(f"{10.0**error:.2g}")).replace(" ", "\u00a0")
        parts.append(element("path", d=f"M0,{height:.1f}H{frame.width:.0f}", stroke=GRID))
        parts.append(label(words, -4.0, height, fill=MUTED, anchor="end", size=9))
    low, high = math.ceil(frame.x[0]), math.floor(frame.x[1])
    for power in sorted({low, high}):
        place, _ = frame.px(float(power), frame.y[0])
        parts.append(label(f"10{superscript(power)}", place, frame.height + 10, fill=MUTED,
                           anchor="middle", size=9))  # fmt: skip
    return "".join(parts)
