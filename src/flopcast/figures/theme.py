"""What all charts share: colours, sizes, fonts and axes.

Every colour stands once, for a light page with its counterpart for a dark one, so that a page can
swap them. The colours of years run along viridis (CC0), newest strongest; those of curves are the
colour-blind safe ones of Okabe and Ito.
"""

import json
import math
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

import altair as alt

from flopcast.figures.words import superscript

FONT: Final = "DejaVu Sans, Verdana, Arial, sans-serif"
INK, MUTED, GRID, PAPER = "#1c2126", "#59636d", "#e4e7ea", "#fefefe"
BAND, ORANGE, BLUE, GREEN = "#c9ced4", "#d05f00", "#0072b3", "#00845f"
#: Colours of a light page and what takes their place on a dark one.
DARK: Final = {
    INK: "#e8eaed", MUTED: "#a5adb6", GRID: "#30363d", PAPER: "#14181d",
    BAND: "#4a525b", ORANGE: "#ff9a4d", BLUE: "#6cb8f5", GREEN: "#3cc79b",
}  # fmt: skip
_VIRIDIS: Final = (
    "#440154", "#482475", "#414487", "#355f8d", "#2a788e", "#21918c", "#22a884", "#44bf70",
    "#7ad151", "#bddf26", "#fde725",
)  # fmt: skip
NARROW: Final = 540
#: Steps of the colours by which charts tell sizes and budgets apart.
SHADES: Final = 101


@final
@dataclass(frozen=True)
class Layout:
    """The size of a chart: ``width`` of the whole picture and ``height`` of the plot, px."""

    width: int
    height: int

    @property
    def compact(self) -> bool:
        """Whether the picture is as narrow as a phone."""
        return self.width < NARROW

    @property
    def font(self) -> int:
        """Font size, px."""
        return 10 if self.compact else 11

    @property
    def left(self) -> int:
        """Room for the labels of the vertical axis, px."""
        return 36 if self.compact else 42

    @property
    def inner_width(self) -> int:
        """Width of the plot itself, px."""
        return self.width - self.left - 18

    @property
    def power_ticks(self) -> int:
        """Powers of ten that fit the horizontal axis."""
        return max(2, self.inner_width // 44)

    def wrap(self, text: str, room: int | None = None, character: float = 0.55) -> list[str]:
        """Text in lines that fit ``room`` px, by default the whole width."""
        width = (self.width - 10 if room is None else room) / (self.font * character)
        return textwrap.wrap(text, max(20, int(width)))


def year_colours(years: Iterable[int]) -> dict[int, str]:
    """A colour per year from the first to the last: light green to dark purple."""
    return _ramp(years, 0.8, 0.0)


def dark_year_colours(years: Iterable[int]) -> dict[int, str]:
    """The same for a dark page: blue to bright yellow."""
    return _ramp(years, 0.4, 1.0)


def _ramp(years: Iterable[int], first: float, last: float) -> dict[int, str]:
    found = sorted(set(years))
    span = range(found[0], found[-1] + 1)
    steps = max(len(span) - 1, 1)
    return {year: _viridis(first + (last - first) * i / steps) for i, year in enumerate(span)}


def _viridis(at: float) -> str:
    place = at * (len(_VIRIDIS) - 1)
    low = min(int(place), len(_VIRIDIS) - 2)
    ends = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in _VIRIDIS[low : low + 2]]
    mixed = (a + (b - a) * (place - low) for a, b in zip(*ends, strict=True))
    return "#" + "".join(f"{round(value):02x}" for value in mixed)


def values(rows: Sequence[dict[str, Any]]) -> alt.InlineData:
    """Rows as data inside the specification, as text: Altair copies and checks lists at length."""
    return alt.InlineData(values=json.dumps(list(rows)), format=alt.JsonDataFormat(type="json"))


def log_scale(low: float, high: float) -> alt.Scale:
    """A log scale between two log10 values."""
    return alt.Scale(type="log", domain=[10.0**low, 10.0**high], nice=False)


def power_ticks(low: float, high: float, room: int) -> list[int]:
    """Whole powers of ten between two log10 values, at most about ``room`` of them."""
    step = next((s for s in (1, 2, 3, 4, 5, 10, 20, 50) if (high - low) / s <= room), 100)
    return [k for k in range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1) if k % step == 0]


def powers_axis(low: float, high: float, layout: Layout, title: str | None) -> alt.Axis:
    """An axis of whole powers of ten between two log10 values."""
    ticks = power_ticks(low, high, layout.power_ticks)
    raised = ", ".join(f"'{k}': '10{superscript(k)}'" for k in ticks)
    return alt.Axis(
        values=[float(f"1e{k}") for k in ticks],
        labelExpr=f"{{{raised}}}[toString(round(log(datum.value) / LN10))]",
        title=None if title is None else layout.wrap(title, layout.inner_width),
        titlePadding=8,
        labelFlush=False,
    )


_ERROR_TICKS: Final = (1.0, 0.8, 0.6, 0.4, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01, 0.005, 0.003, 0.001)
_FINE_TICKS: Final = tuple(digit * 10.0**-k for k in (1, 2, 3, 4) for digit in range(10, 1, -1))


def error_ticks(low: float, high: float) -> tuple[float, ...]:
    """Errors worth a line between two log10 values; finer ones where there are few."""
    shown = [
        [tick for tick in ticks if low - 1e-9 <= math.log10(tick) <= high + 1e-9]
        for ticks in (_ERROR_TICKS, _FINE_TICKS)
    ]
    return tuple(shown[0] if len(shown[0]) > 4 else shown[1])


def error_axis(low: float, high: float, layout: Layout, title: str) -> alt.Axis:
    """An axis of errors in percent between two log10 values, its title lying on top."""
    ticks = error_ticks(low, high)
    return alt.Axis(
        values=list(ticks),
        labelExpr="format(datum.value * 100, '.3~g') + ' %'",
        minExtent=layout.left,
        maxExtent=layout.left,
        title=title,
        titleAngle=0,
        titleAlign="left",
        titleAnchor="start",
        titleBaseline="bottom",
        titleX=-layout.left,
        titleY=-9,
    )


def layered(layers: Sequence[alt.Chart], width: float, height: float) -> alt.LayerChart:
    """Layers one over the other on a plot of a size in px."""
    return alt.LayerChart(layer=list(layers), width=width, height=height)


def dressed(chart: Any, layout: Layout, title: str, caption: Sequence[str]) -> Any:
    """The chart with its title, caption lines under it, and the common style."""
    lines = [line for sentence in caption for line in layout.wrap(sentence)]
    heading = alt.TitleParams(
        text=layout.wrap(title, character=0.88),
        anchor="start",
        frame="bounds",
        fontSize=layout.font + 3,
        fontWeight="bold",
        color=INK,
        offset=14,
    )
    if lines:
        heading.subtitle = lines
        heading.subtitleFontSize = layout.font
        heading.subtitleColor = MUTED
        heading.subtitlePadding = 6
    # Set in place: every configure_... method would copy the chart with all its data.
    chart.title, chart.background, chart.padding = heading, PAPER, 8
    chart.config = alt.Config(
        font=FONT,
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelFontSize=layout.font,
            titleFontSize=layout.font,
            labelColor=INK,
            titleColor=MUTED,
            titleFontWeight="normal",
            gridColor=GRID,
            domainColor=MUTED,
            tickColor=MUTED,
        ),
        legend=alt.LegendConfig(
            labelFontSize=layout.font,
            titleFontSize=layout.font,
            labelColor=INK,
            titleColor=MUTED,
            titleFontWeight="normal",
            symbolSize=60,
        ),
        concat=alt.CompositionConfig(spacing=14),
    )
    return chart
