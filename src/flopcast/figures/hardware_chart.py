"""Processors over time: peak rate by format, rate per watt, rate per dollar."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import altair as alt

from flopcast.errors import InputError, Refused, nearest
from flopcast.figures.theme import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    Layout,
    dressed,
    layered,
    log_scale,
    powers_axis,
    values,
)

#: Kind of chart to its title, its axis, and the series (label to the columns it takes in order).
KINDS: Final[Mapping[str, tuple[str, str, Mapping[str, tuple[str, ...]]]]] = {
    "peak": (
        "Peak rate of processors by numeric format",
        "Dense peak rate (FLOP/s)",
        {
            "32 bit (fp32)": ("fp32_flop_per_s",),
            "16 bit (bf16, fp16)": ("bf16_flop_per_s", "fp16_flop_per_s"),
            "8 bit (fp8, int8)": ("fp8_flop_per_s", "int8_flop_per_s"),
        },
    ),
    "power": (
        "Peak rate of processors per watt",
        "FLOP per joule: training peak over TDP",
        {"all": ("flop_per_joule",)},
    ),
    "price": (
        "Peak compute that a dollar rents",
        "FLOP per USD: an hour at the training peak over its price",
        {"all": ("flop_per_usd",)},
    ),
}
_SERIES: Final = ((BLUE, "circle"), (ORANGE, "diamond"), (GREEN, "triangle-up"))
_HEIGHT: Final = 330


def hardware_chart(
    rows: Sequence[Mapping[str, Any]],
    *,
    kind: str = "peak",
    width: int = 720,
    caption: bool = True,
) -> alt.LayerChart:
    """Processors by release date on a log scale, one mark per processor and series.

    Args:
        rows: what :func:`flopcast.records.processors.processor_rows` returns.
        kind: ``peak`` (rate by format), ``power`` (rate per watt) or ``price`` (per dollar).
        width: of the whole picture, px; below 540 the layout is that of a phone.
        caption: whether to explain the marks under the title.

    Raises:
        InputError: for an unknown kind.
        Refused: where no processor has both a date and a value.
    """
    if kind not in KINDS:
        hint = f"The kinds are {', '.join(KINDS)}."
        raise InputError(f"Unknown kind of chart {kind!r}.{nearest(kind, KINDS)}", hint)
    title, axis, series = KINDS[kind]
    layout = Layout(width, 240 if width < 540 else _HEIGHT)
    marks = [
        mark
        for label, columns in series.items()
        for row in rows
        if (mark := mark_of(row, label, columns)) is not None
    ]
    if not marks:
        raise Refused(
            "no_processors", "No processor here has both a release date and this figure."
        )
    chart: alt.LayerChart = dressed(
        layered(_layers(marks, list(series), axis, layout), layout.inner_width, layout.height),
        layout,
        title,
        [words(kind)] if caption else [],
    )
    return chart


def mark_of(row: Mapping[str, Any], label: str, columns: tuple[str, ...]) -> dict[str, Any] | None:
    """A processor's mark in a series: decimal year, value, words; None where one is unknown."""
    value = next((row[name] for name in columns if row[name] is not None), None)
    if value is None or row["released"] is None:
        return None
    return {
        "year": decimal_year(row["released"]),
        "value": value,
        "series": label,
        "spoken": f"{row['name']} ({row['released'][:4]}): {value:.3g}",
    }


def decimal_year(text: str) -> float:
    """A date, month or year as a number; a year or month alone stands for its middle."""
    if len(text) == 4:
        return int(text) + 0.5
    if len(text) == 7:
        return int(text[:4]) + (int(text[5:]) - 0.5) / 12
    day = date.fromisoformat(text)
    return day.year + (day - date(day.year, 1, 1)).days / 365.25


def words(kind: str) -> str:
    """What a kind of chart shows, in a few sentences."""
    start = "Each mark is a processor as it is sold, at its release date. "
    if kind == "peak":
        return f"{start}Rates are dense: those for structured sparsity are twice as high on paper."
    if kind == "power":
        return f"{start}Training peak: bf16, else fp16, else fp32, over the rated maximum power."
    return (
        f"{start}Price: median of the newest on-demand quotes, whose dates differ. A rented chip "
        "does a third of its peak in training."
    )


def _layers(
    marks: list[dict[str, Any]], series: list[str], title: str, layout: Layout
) -> list[alt.Chart]:
    low = math.floor(math.log10(min(mark["value"] for mark in marks)) * 2 - 0.2) / 2
    high = math.ceil(math.log10(max(mark["value"] for mark in marks)) * 2 + 0.2) / 2
    first = math.floor(min(mark["year"] for mark in marks))
    last = math.ceil(max(mark["year"] for mark in marks) + 0.2)
    step = 4 if layout.compact else 2
    y = powers_axis(low, high, layout, None)
    y.title, y.titleAngle, y.titleAlign, y.titleAnchor = title, 0, "left", "start"
    y.titleBaseline, y.titleX, y.titleY = "bottom", -layout.left, -9
    y.minExtent = y.maxExtent = layout.left
    x = alt.Axis(values=list(range(first + first % 2, last + 1, step)), format="d", title=None)
    styles = _SERIES[: len(series)] if len(series) > 1 else ((INK, "circle"),)
    legend = None
    if len(series) > 1:
        legend = alt.Legend(title=None, orient="bottom", direction="horizontal", columns=3)
        if layout.compact:
            legend.columns = 1
    points = (
        alt.Chart(values(marks))
        .mark_point(size=42, filled=True, opacity=0.85)
        .encode(
            x=alt.X("year:Q", scale=alt.Scale(domain=[first, last], nice=False), axis=x),
            y=alt.Y("value:Q", scale=log_scale(low, high), axis=y),
            color=alt.Color(
                "series:N", legend=legend,
                scale=alt.Scale(domain=series, range=[colour for colour, _ in styles]),
            ),
            shape=alt.Shape(
                "series:N", legend=legend,
                scale=alt.Scale(domain=series, range=[shape for _, shape in styles]),
            ),
            description="spoken:N",
            tooltip="spoken:N",
        )
    )  # fmt: skip
    return [points]
