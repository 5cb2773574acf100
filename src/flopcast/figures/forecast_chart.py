"""A forecast against compute: the runs, the points with their bands, and each law's own word."""

from typing import Any, Final

import altair as alt
import numpy as np

from flopcast.figures.fit_axes import across, amount, ends, metric_of, rows_of, title_of, upwards
from flopcast.figures.theme import BAND, BLUE, MUTED, ORANGE, Layout, dressed, layered, values
from flopcast.forecasting.result import Forecast
from flopcast.forecasting.splits import scale_of
from flopcast.forecasting.study import log_scale
from flopcast.laws.features import FloatArray

_LEVELS: Final = ((0.95, 2), (0.8, 5), (0.5, 9))


def forecast_chart(
    forecast: Forecast, *, width: int = 720, caption: bool = True
) -> alt.LayerChart:
    """The metric of runs and forecast points against compute (or the first input).

    Args:
        forecast: what is drawn.
        width: of the whole picture, px; below 540 the layout is that of a phone.
        caption: whether to explain the marks under the title.
    """
    layout = Layout(width, 300)
    runs = forecast.runs
    name, scale = scale_of(runs)
    seen = runs.to_metric(runs.loss)
    at = 10.0 ** log_scale(forecast.at, None)
    bands = {level: forecast.interval(level) for level, _ in _LEVELS}
    x = across("x", ends(np.concatenate([scale, at])), layout, title_of(name))
    everything = np.concatenate([seen, *bands[_LEVELS[0][0]], forecast.median])
    title = metric_of(runs) if runs.best is None else runs.metric.replace("_", " ").capitalize()
    y = upwards("y", ends(np.maximum(everything, 1e-6)), layout, title)
    layers = [_runs(scale, seen, x, y)]
    layers += [_band(forecast, at, bands[level], level, size, x, y) for level, size in _LEVELS]
    layers += [_members(forecast, at, x, y), _medians(forecast, at, x, y)]
    words = (
        "Blue: runs. Orange: median of the forecast, with intervals of 50, 80 and 95 % in bars "
        f"of falling weight. Grey ticks: the laws' own forecasts. {len(runs)} runs, kind "
        f"{forecast.kind}."
    )
    heading = f"Forecast of {runs.metric.replace('_', ' ')}"
    chart: alt.LayerChart = dressed(
        layered(layers, layout.inner_width, layout.height),
        layout,
        heading,
        [words] if caption else [],
    )
    return chart


def _runs(scale: FloatArray, seen: FloatArray, x: alt.X, y: alt.Y) -> alt.Chart:
    spoken = [f"row {k + 1}: {value:.4g}" for k, value in enumerate(seen)]
    rows = rows_of({"x": scale.tolist(), "y": seen.tolist(), "label": spoken})
    points = alt.Chart(values(rows)).mark_point(color=BLUE, size=30, strokeWidth=1.2, opacity=0.65)
    drawn: alt.Chart = points.encode(x=x, y=y, description="label:N", tooltip="label:N")
    return drawn


def _band(
    forecast: Forecast,
    at: FloatArray,
    band: tuple[FloatArray, FloatArray],
    level: float,
    size: int,
    x: alt.X,
    y: alt.Y,
) -> alt.Chart:
    rows = [
        {"x": float(at[k]), "y": max(float(low), 1e-6), "y2": float(high),
         "label": f"{_where(forecast, k)}: {level:.0%} interval {low:.4g} to {high:.4g}"}
        for k, (low, high) in enumerate(zip(*band, strict=True))
    ]  # fmt: skip
    bars = alt.Chart(values(rows)).mark_rule(color=BAND, strokeWidth=size)
    drawn: alt.Chart = bars.encode(x=x, y=y, y2="y2:Q", description="label:N", tooltip="label:N")
    return drawn


def _members(forecast: Forecast, at: FloatArray, x: alt.X, y: alt.Y) -> alt.Chart:
    rows: list[dict[str, Any]] = [
        {"x": float(at[k]), "y": float(value),
         "label": f"{member.name}, weight {member.weight:.0%}: {value:.4g}"}
        for member in forecast.members
        if member.status == "used"
        for k, value in enumerate(member.prediction)
        if np.isfinite(value) and value > 0.0
    ]  # fmt: skip
    ticks = alt.Chart(values(rows)).mark_point(
        shape="stroke", color=MUTED, size=60, strokeWidth=1, opacity=0.8
    )
    drawn: alt.Chart = ticks.encode(x=x, y=y, description="label:N", tooltip="label:N")
    return drawn


def _medians(forecast: Forecast, at: FloatArray, x: alt.X, y: alt.Y) -> alt.Chart:
    spoken = [f"{_where(forecast, k)}: {value:.4g}" for k, value in enumerate(forecast.median)]
    rows = rows_of({"x": at.tolist(), "y": forecast.median.tolist(), "label": spoken})
    points = alt.Chart(values(rows)).mark_point(
        shape="diamond", filled=True, color=ORANGE, size=70, opacity=1
    )
    drawn: alt.Chart = points.encode(x=x, y=y, description="label:N", tooltip="label:N")
    return drawn


def _where(forecast: Forecast, k: int) -> str:
    return ", ".join(f"{name} {amount(float(column[k]))}" for name, column in forecast.at.items())
