"""What the charts of a fit share: axes of inputs and of loss, colours by size, words."""

import math
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, Final

import altair as alt
import numpy as np

from flopcast.figures.labels import Box, Frame, Label, along, dots, place
from flopcast.figures.theme import (
    INK,
    MUTED,
    PAPER,
    SHADES,
    Layout,
    log_scale,
    powers_axis,
    values,
    year_colours,
)
from flopcast.figures.words import power
from flopcast.fitting.result import FitResult
from flopcast.laws.features import FloatArray
from flopcast.observations import Runs

_TITLES: Final = {
    "params": "Model size (parameters)",
    "data": "Training data (tokens or samples seen)",
    "compute": "Training compute (FLOP)",
    "unique_data": "Distinct training data (tokens or samples)",
    "steps": "Optimiser steps",
}
_NAMES: Final = {"params": "model size", "data": "data", "unique_data": "distinct data"}
#: Tick labels as :func:`amount` writes numbers: 0.35, 2k, 1.5B.
PLAIN: Final = (
    "abs(datum.value) >= 1e15 || (datum.value != 0 && abs(datum.value) < 1e-3)"
    " ? format(datum.value, '.2~e') : abs(datum.value) >= 1000"
    " ? replace(format(datum.value, '.3~s'), 'G', 'B') : format(datum.value, '.4~g')"
)
_LETTERS: Final = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
_DIGITS: Final = (1.0, 2.0, 5.0)


def title_of(name: str) -> str:
    """The title of an input's axis, with its unit."""
    return _TITLES.get(name, name.replace("_", " ").capitalize())


def name_of(name: str) -> str:
    """An input in words, in a sentence."""
    return _NAMES.get(name, name.replace("_", " "))


def metric_of(runs: Runs) -> str:
    """What is fitted: the metric, or what it lacks to the best score."""
    name = runs.metric.replace("_", " ")
    return name.capitalize() if runs.best is None else f"{runs.best:g} − {name}"


def amount(value: float) -> str:
    """A count in at most three digits: ``44M``, ``1.5B``, ``2 × 10¹⁶``."""
    if value == 0.0:
        return "0"
    if value >= 1e15 or value < 1e-3:
        return power(math.log10(value))
    for scale, letter in _LETTERS:
        if value >= 0.9995 * scale:
            return f"{value / scale:.3g}{letter}"
    return f"{value:.3g}"


def flop(value: float) -> str:
    """Compute, typeset: ``1.2 × 10²⁰ FLOP``."""
    return f"{power(math.log10(value))} FLOP"


def ends(column: FloatArray, share: float = 0.04, right: float = 0.0) -> tuple[float, float]:
    """Ends of a log10 axis around a column; `right` adds room for labels, as shares."""
    low, high = float(np.log10(column.min())), float(np.log10(column.max()))
    span = max(high - low, 0.1)
    return low - share * span, high + (share + right) * span


def across(field: str, span: tuple[float, float], layout: Layout, title: str) -> alt.X:
    """A horizontal log axis between two log10 values, in powers of ten where two fit."""
    whole = math.floor(span[1]) - math.ceil(span[0])
    axis = powers_axis(*span, layout, title) if whole >= 1 else _counts_axis(*span, layout, title)
    return alt.X(f"{field}:Q", scale=log_scale(*span), axis=axis)


def _counts_axis(low: float, high: float, layout: Layout, title: str) -> alt.Axis:
    return alt.Axis(
        values=log_ticks(low, high),
        labelExpr=PLAIN,
        title=layout.wrap(title, layout.inner_width),
        titlePadding=8,
    )


def upwards(
    field: str, span: tuple[float, float], layout: Layout, title: str, **encoding: Any
) -> alt.Y:
    """A vertical log axis of plain numbers between two log10 values, its title on top."""
    axis = alt.Axis(
        values=log_ticks(*span),
        labelExpr=PLAIN,
        **title_on_top(layout, title),
    )
    return alt.Y(f"{field}:Q", scale=log_scale(*span), axis=axis, **encoding)


def title_on_top(layout: Layout, title: str) -> dict[str, Any]:
    """Settings of a vertical axis whose title lies above it and whose labels have fixed room."""
    return {
        "title": title, "minExtent": layout.left, "maxExtent": layout.left, "titleAngle": 0,
        "titleAlign": "left", "titleAnchor": "start", "titleBaseline": "bottom",
        "titleX": -layout.left, "titleY": -9,
    }  # fmt: skip


def log_ticks(low: float, high: float) -> list[float]:
    """Round numbers on a log10 axis: 1, 2, 5 per decade, or evenly spaced over a short one."""
    decades = range(math.floor(low), math.ceil(high) + 1)
    ticks = [digit * 10.0**k for k in decades for digit in _DIGITS]
    inside = [tick for tick in ticks if low <= math.log10(tick) <= high]
    if len(inside) >= 4:
        return inside if len(inside) <= 10 else [t for t in inside if _is_power(t)]
    return even_ticks(10.0**low, 10.0**high)


def even_ticks(low: float, high: float) -> list[float]:
    """About six round numbers, evenly spaced."""
    raw = (high - low) / 6.0
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next(unit * k for k in (1.0, 2.0, 2.5, 5.0, 10.0) if unit * k >= raw * (1.0 - 1e-9))
    first, last = math.ceil(low / step), math.floor(high / step)
    return [float(f"{step * k:.10g}") for k in range(first, last + 1)]


def _is_power(tick: float) -> bool:
    return abs(math.log10(tick) - round(math.log10(tick))) < 1e-9


def shades(column: Iterable[float], low: float, high: float) -> list[str]:
    """A colour per value by its log between `low` and `high`: light green to dark purple."""
    palette = _palette()
    span = max(math.log(high / low), 1e-9)
    places = (min(max(math.log(value / low) / span, 0.0), 1.0) for value in column)
    return [palette[round(place * (SHADES - 1))] for place in places]


@cache
def _palette() -> list[str]:
    return list(year_colours(range(SHADES)).values())


def levels_of(column: FloatArray, most: int = 6) -> FloatArray:
    """The levels of a column where there are few, else `most` round numbers across it."""
    found = np.unique(np.round(np.log(column), 2))
    if len(found) <= most + 1:
        logs = np.round(np.log(column), 2)
        return np.array([np.median(column[logs == level]) for level in found])
    spaced = np.geomspace(column.min(), column.max(), most)
    return np.array([float(f"{value:.2g}") for value in spaced])


def one_group(fit: FitResult) -> tuple[Runs, str | None]:
    """The runs to draw the law with: all, or where parameters differ by group the largest one."""
    labels = fit.runs.group
    if not fit.task.grouped or labels is None:
        return fit.runs, None
    found, counts = np.unique(labels, return_counts=True)
    group = str(found[np.argmax(counts)])
    return fit.runs.where(labels == group), group


def about(fit: FitResult, group: str | None = None) -> str:
    """The sentence under every chart: the law, the runs, and the group that is drawn."""
    only = "" if group is None else f" Drawn is the group {group} alone."
    return f"{fit.law.title}: {fit.law.equation}. {len(fit.runs)} runs.{only}"


def name_layers(
    labels: Sequence[Label],
    covered: Sequence[Box],
    frame: Frame,
    layout: Layout,
    x: alt.X,
    y: alt.Y,
) -> list[alt.Chart]:
    """Labels on a halo where there is room, and lines to those that stand apart."""
    rows, leaders = [], []
    for item in place(labels, frame.box, lines=covered):
        at = _place(frame, *item.hold)
        rows.append({**at, "text": item.label.text, "align": item.align})
        if item.leader is not None:
            end = _place(frame, *item.leader)
            start = _place(frame, item.label.x, item.label.y)
            leaders.append({**start, "x2": end["x"], "y2": end["y"]})
    if not rows:
        return []
    style: dict[str, Any] = {
        "align": alt.ExprRef(expr="datum.align"), "baseline": "middle", "fontSize": layout.font,
    }  # fmt: skip
    base = alt.Chart(values(rows)).encode(x=x, y=y, text="text:N")
    halo = base.mark_text(**style, stroke=PAPER, strokeWidth=3, strokeJoin="round", opacity=0.85)
    layers = [halo, base.mark_text(**style, color=INK)]
    if not leaders:
        return layers
    lines = alt.Chart(values(leaders)).mark_rule(color=MUTED, strokeWidth=0.7)
    return [lines.encode(x=x, y=y, x2="x2:Q", y2="y2:Q"), *layers]


def _place(frame: Frame, left: float, top: float) -> dict[str, float]:
    x, y = frame.at(left, top)
    return {"x": 10.0**x, "y": 10.0**y}


def pixels(frame: Frame, x: FloatArray, y: FloatArray) -> list[tuple[float, float]]:
    """The pixels of a curve (k,) that lie within the plot."""
    every = [frame.px(float(a), float(b)) for a, b in zip(np.log10(x), np.log10(y), strict=True)]
    return [(a, b) for a, b in every if 0.0 <= a <= frame.width and 0.0 <= b <= frame.height]


def path(places: Sequence[tuple[float, float]]) -> list[Box]:
    """What a curve through pixels covers."""
    return [box for start, end in pairwise(places) for box in dots(along(start, end), 1.0)]


def zero_line(y: alt.Y, field: str) -> alt.Chart:
    """A horizontal line at 0."""
    rule = alt.Chart(values([{field: 0.0}])).mark_rule(color=MUTED, strokeWidth=1.5)
    drawn: alt.Chart = rule.encode(y=y)
    return drawn


def rows_of(columns: dict[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Columns of equal length as rows."""
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
