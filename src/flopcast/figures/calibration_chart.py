"""What share of outcomes fell into intervals, against the share that was promised."""

from typing import Any, Final

import altair as alt
import numpy as np

from flopcast.figures.fit_axes import title_on_top
from flopcast.figures.theme import BLUE, INK, MUTED, Layout, dressed, layered, values
from flopcast.forecasting.backtest_result import Backtest

_TICKS: Final = [0.0, 0.25, 0.5, 0.75, 0.9, 1.0]


def calibration_chart(
    backtest: Backtest, *, width: int = 720, caption: bool = True
) -> alt.LayerChart:
    """Observed against nominal coverage of central intervals, over all forecasts and by fold.

    Args:
        backtest: forecasts with their outcomes.
        width: of the whole picture, px; below 540 the layout is that of a phone.
        caption: whether to explain the marks under the title.
    """
    layout = Layout(width, min(360, max(240, width // 2)))
    scale = alt.Scale(domain=[0.0, 1.0], nice=False)
    percent = "format(datum.value, '.0%')"
    x = alt.X(
        "level:Q",
        scale=scale,
        axis=alt.Axis(values=_TICKS, labelExpr=percent, title="Promised: level of the interval"),
    )
    y = alt.Y(
        "covered:Q",
        scale=scale,
        axis=alt.Axis(
            values=_TICKS,
            labelExpr=percent,
            **title_on_top(layout, "Observed: share of outcomes inside"),
        ),
    )
    ideal = alt.Chart(values([{"level": 0.0, "covered": 0.0}, {"level": 1.0, "covered": 1.0}]))
    folds = list(dict.fromkeys(h.fold for h in backtest.held_out))
    layers = [ideal.mark_line(color=INK, strokeWidth=1, strokeDash=[4, 3]).encode(x=x, y=y)]
    if len(folds) > 1:
        layers += [_line(_fold_rows(backtest, fold), x, y, MUTED, 0.9, 0.5) for fold in folds]
    layers.append(_line(_rows(backtest.calibration(), "all"), x, y, BLUE, 2.5, 1.0))
    points = alt.Chart(values(_rows(backtest.calibration(), "all"))).mark_point(
        filled=True, color=BLUE, size=30, opacity=1
    )
    layers.append(points.encode(x=x, y=y, description="label:N", tooltip="label:N"))
    count = len(backtest.held_out)
    words = (
        f"Blue: {count} forecasts of held-out runs of {backtest.runs.source}; grey: each fold. "
        "Above the dashed line intervals are wider than they need be, below it they promise too "
        "much."
    )
    chart: alt.LayerChart = dressed(
        layered(layers, layout.inner_width, layout.height),
        layout,
        "How often outcomes fell into the intervals",
        [words] if caption else [],
    )
    return chart


def _rows(found: list[dict[str, float]], name: str) -> list[dict[str, Any]]:
    return [
        {**row, "label": f"{name}: {row['covered']:.0%} inside intervals of {row['level']:.0%}"}
        for row in found
    ]


def _fold_rows(backtest: Backtest, fold: str) -> list[dict[str, Any]]:
    ranks = np.array([h.rank for h in backtest.held_out if h.fold == fold])
    away = 2.0 * np.abs(ranks - 0.5)
    found = [
        {"level": row["level"], "covered": float((away <= row["level"]).mean())}
        for row in backtest.calibration()
    ]
    return _rows(found, fold)


def _line(
    rows: list[dict[str, Any]], x: alt.X, y: alt.Y, colour: str, size: float, opacity: float
) -> alt.Chart:
    line = alt.Chart(values(rows)).mark_line(color=colour, strokeWidth=size, opacity=opacity)
    drawn: alt.Chart = line.encode(x=x, y=y)
    return drawn
