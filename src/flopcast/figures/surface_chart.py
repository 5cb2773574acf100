"""Loss against compute, data and model size: the runs, and the law's curves among them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, final

import altair as alt
import numpy as np
import numpy.typing as npt

from flopcast.figures.fit_axes import (
    about,
    across,
    amount,
    ends,
    levels_of,
    metric_of,
    name_layers,
    name_of,
    one_group,
    path,
    pixels,
    rows_of,
    shades,
    title_of,
    upwards,
)
from flopcast.figures.labels import Frame, Label
from flopcast.figures.theme import (
    BAND,
    INK,
    MUTED,
    Layout,
    dressed,
    layered,
    values,
)
from flopcast.figures.words import percent
from flopcast.fitting.result import FitResult
from flopcast.laws.features import FloatArray
from flopcast.observations import Runs

_STEPS: Final = 60
_LEVEL: Final = 0.9
_LABEL_ROOM: Final = 0.09


@final
@dataclass(frozen=True)
class _Curve:
    """The law at one level of the colouring input: places (k,) on the axes."""

    level: float
    colour: str
    x: FloatArray
    y: FloatArray


def surface_chart(fit: FitResult, *, width: int = 720, caption: bool = True) -> Any:
    """Loss against each input on log scales, with the law's curves at a few levels of the other.

    Args:
        fit: the law held against its runs.
        width: of the whole picture, px; below 540 the layout is that of a phone.
        caption: whether to explain the marks under the title.

    Raises:
        Refused: where there is no fit.
    """
    runs, group = one_group(fit)
    if len(fit.law.inputs) == 1:
        layout = Layout(width, 340)
        picture: Any = _one_axis(fit, runs, group, layout)
        words = [_one_axis_words(fit)]
    else:
        first, second = _axes(fit)
        layout = Layout(width, 250)
        picture = _panels(fit, runs, group, layout, first, second)
        words = [_words(fit, first, second)]
    title = f"{metric_of(fit.runs)} and scale: {fit.law.title}"
    return dressed(picture, layout, title, [*words, about(fit, group)] if caption else [])


def _axes(fit: FitResult) -> tuple[str, str]:
    """The input that colours and the one along the axis: model size and data where there are."""
    names = sorted(fit.law.inputs, key=lambda name: ("params", "data").index(name)
                   if name in ("params", "data") else 2)  # fmt: skip
    return names[0], names[1]


def _panels(
    fit: FitResult, runs: Runs, group: str | None, layout: Layout, first: str, second: str
) -> Any:
    half = layout if layout.compact else Layout((layout.width - 14) // 2, 190)
    below: list[Any] = [
        _panel(fit, runs, group, half, second, by=first),
        _panel(fit, runs, group, half, first, by=second),
    ]
    if not layout.compact:
        below = [alt.hconcat(*below).resolve_scale(stroke="independent")]
    if {first, second} == {"params", "data"}:
        below.insert(0, _panel(fit, runs, group, layout, "compute", by="params"))
    return alt.vconcat(*below).resolve_scale(stroke="independent")


def _panel(
    fit: FitResult, runs: Runs, group: str | None, layout: Layout, name: str, *, by: str
) -> alt.LayerChart:
    """Runs and curves against one input or compute, coloured by another input."""
    x_values = _column(runs, name)
    span_x, span_y = ends(x_values, right=_LABEL_ROOM), ends(runs.loss)
    low, high = float(runs[by].min()), float(runs[by].max())
    x = across("x", span_x, layout, title_of(name))
    y = upwards("y", span_y, layout, metric_of(runs))
    fill = alt.Fill("colour:N", scale=None)
    rows = rows_of(
        {
            "x": x_values.tolist(),
            "y": runs.loss.tolist(),
            "colour": shades(runs[by], low, high),
            "label": _spoken(fit, runs),
        }
    )
    points = alt.Chart(values(rows)).mark_point(
        strokeWidth=0, size=22 if layout.compact else 30, opacity=0.8, clip=True
    )
    curves = _curves(fit, runs, group, name, by)
    lines = [
        {"x": a, "y": b, "level": amount(curve.level)}
        for curve in curves
        for a, b in zip(curve.x.tolist(), curve.y.tolist(), strict=True)
    ]
    crossing = name == "compute"
    stroke = alt.Stroke(
        "level:N",
        scale=alt.Scale(
            domain=[amount(curve.level) for curve in curves],
            range=[curve.colour for curve in curves],
        ),
        legend=_key(curves, layout) if crossing else None,
    )
    drawn = alt.Chart(values(lines)).mark_line(strokeWidth=1.8, clip=True)
    frame = Frame(layout.inner_width, layout.height, span_x, span_y)
    return layered(
        [
            points.encode(x=x, y=y, fill=fill, description="label:N", tooltip="label:N"),
            drawn.encode(x=x, y=y, stroke=stroke, order="x:Q"),
            *([] if crossing else _names(curves, frame, layout, x, y)),
        ],
        layout.inner_width,
        layout.height,
    )


def _column(runs: Runs, name: str) -> FloatArray:
    compute = runs.compute
    return compute if name == "compute" and compute is not None else runs[name]


def _curves(fit: FitResult, runs: Runs, group: str | None, name: str, by: str) -> list[_Curve]:
    """The law at levels of `by`, each where runs of about that level lie."""
    levels = levels_of(runs[by])
    logs = np.log(runs[by])
    nearest = np.argmin(np.abs(logs[:, None] - np.log(levels)[None]), axis=1)
    colours = shades(levels, float(runs[by].min()), float(runs[by].max()))
    curves = []
    for k, (level, colour) in enumerate(zip(levels, colours, strict=True)):
        x = _column(runs, name)[nearest == k]
        if x.size < 2 or x.max() <= x.min():
            continue
        along_x = np.geomspace(x.min(), x.max(), _STEPS)
        inputs = {
            other: np.full(_STEPS, np.exp(np.log(runs[other]).mean())) for other in fit.law.inputs
        }
        inputs[by] = np.full(_STEPS, level)
        if name == "compute":
            inputs["data"] = along_x / (6.0 * level)
        else:
            inputs[name] = along_x
        loss = _loss(runs, fit.predict(inputs, group=group))
        there = _drawable(loss)
        if there.any():
            curves.append(_Curve(float(level), colour, along_x[there], loss[there]))
    return curves


def _loss(runs: Runs, metric: FloatArray) -> FloatArray:
    """Values of the metric as losses; the other way round is the same."""
    return runs.to_metric(metric)


def _drawable(loss: FloatArray) -> npt.NDArray[np.bool_]:
    """Where a log axis can show a loss: some laws have none everywhere."""
    return np.isfinite(loss) & (loss > 0.0)


def _names(
    curves: Sequence[_Curve], frame: Frame, layout: Layout, x: alt.X, y: alt.Y
) -> list[alt.Chart]:
    """The level of each curve at its right end."""
    labels, covered = [], []
    for curve in curves:
        inside = pixels(frame, curve.x, curve.y)
        if inside:
            covered += path(inside)
            text = amount(curve.level)
            labels.append(Label(text, *inside[-1], layout.font, prefer=("e", "ne", "se")))
    return name_layers(labels, covered, frame, layout, x, y)


def _key(curves: Sequence[_Curve], layout: Layout) -> alt.Legend:
    """The levels in a row, for curves that cross and cannot be named at their ends."""
    return alt.Legend(
        title=None, orient="top", direction="horizontal", columns=len(curves), offset=2,
        symbolType="stroke", symbolStrokeWidth=3, columnPadding=10 if layout.compact else 18,
        titleFontSize=layout.font,
    )  # fmt: skip


def _one_axis(fit: FitResult, runs: Runs, group: str | None, layout: Layout) -> alt.LayerChart:
    """A curve with its band over the runs."""
    (name,) = fit.law.inputs
    span_x, span_y = ends(runs[name]), ends(runs.loss)
    grid = np.geomspace(10.0 ** span_x[0], 10.0 ** span_x[1], _STEPS)
    expected = _loss(runs, fit.predict({name: grid}, group=group))
    there = _drawable(expected)
    x = across("x", span_x, layout, title_of(name))
    y = upwards("y", span_y, layout, metric_of(runs))
    curve = rows_of({"x": grid[there].tolist(), "y": expected[there].tolist()})
    line = alt.Chart(values(curve)).mark_line(color=INK, strokeWidth=2, clip=True)
    layers = _band(fit, runs, group, grid, x, span_y, layout)
    points = rows_of(
        {"x": runs[name].tolist(), "y": runs.loss.tolist(), "label": _spoken(fit, runs)}
    )
    dots_ = alt.Chart(values(points)).mark_point(color=MUTED, size=34, strokeWidth=1.4, clip=True)
    layers += [
        dots_.encode(x=x, y=y, description="label:N", tooltip="label:N"),
        line.encode(x=x, y=y, order="x:Q"),
    ]
    return layered(layers, layout.inner_width, layout.height)


def _band(
    fit: FitResult,
    runs: Runs,
    group: str | None,
    grid: FloatArray,
    x: alt.X,
    span_y: tuple[float, float],
    layout: Layout,
) -> list[alt.Chart]:
    """The interval of the law's mean along its axis, where there are draws."""
    if fit.draws is None or not len(fit.draws.theta):
        return []
    (name,) = fit.law.inputs
    drawn = _loss(runs, fit.predict_draws({name: grid}, group=group))
    there = _drawable(drawn).all(axis=0)
    if not there.any():
        return []
    tail = 0.5 - _LEVEL / 2.0
    low, high = np.quantile(drawn[:, there], [tail, 1.0 - tail], axis=0)
    rows = rows_of({"x": grid[there].tolist(), "low": low.tolist(), "high": high.tolist()})
    area = alt.Chart(values(rows)).mark_area(color=BAND, opacity=0.6, clip=True)
    y = upwards("low", span_y, layout, metric_of(runs))
    return [area.encode(x=x, y=y, y2="high:Q")]


def _spoken(fit: FitResult, runs: Runs) -> list[str]:
    """Each run in words: its inputs, its loss, and what the law gives there."""
    inputs = {name: runs[name] for name in fit.law.inputs}
    groups = [None] * len(runs) if runs.group is None else runs.group.tolist()
    found = []
    for k, loss in enumerate(runs.loss):
        where = ", ".join(f"{name_of(name)} {amount(c[k])}" for name, c in inputs.items())
        group = "" if groups[k] is None else f"{groups[k]}: "
        found.append(f"{group}{where}; {metric_of(runs).lower()} {loss:.4g}")
    return found


def _words(fit: FitResult, first: str, second: str) -> str:
    others = [name_of(name) for name in fit.law.inputs if name not in (first, second)]
    rest = f"; {', '.join(others)} at the geometric mean of the runs" if others else ""
    return (
        f"Each point is a run. Points and curves are coloured by {name_of(first)}, in the last "
        f"panel by {name_of(second)}, strong where it is large; numbers name the curves. "
        f"A curve is the law at that level, as far as runs of about that level go{rest}."
    )


def _one_axis_words(fit: FitResult) -> str:
    band = f" Grey: {percent(_LEVEL)} interval of the law's mean, by the bootstrap."
    return f"Each point is a run.{'' if fit.draws is None else band}"
