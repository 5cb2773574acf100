"""Loss against model size at each budget of compute, and the best size as budgets grow."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, final

import altair as alt
import numpy as np

from flopcast.errors import Refused
from flopcast.figures.fit_axes import (
    about,
    across,
    amount,
    ends,
    flop,
    metric_of,
    name_layers,
    path,
    pixels,
    rows_of,
    shades,
    title_of,
    upwards,
)
from flopcast.figures.labels import Frame, Label
from flopcast.figures.theme import (
    INK,
    MUTED,
    ORANGE,
    PAPER,
    Layout,
    dressed,
    layered,
    values,
)
from flopcast.figures.words import power
from flopcast.fitting.isoflop import Profile, best_sizes, isoflop_profiles
from flopcast.fitting.result import FitResult
from flopcast.laws.features import FloatArray

_STEPS: Final = 50
_MOST_NAMES: Final = 9
_BEYOND: Final = 10.0


def isoflop_chart(fit: FitResult, *, width: int = 720, caption: bool = True) -> alt.VConcatChart:
    """Runs of equal compute with parabolas and the law, and the best sizes of both.

    Args:
        fit: the law held against its runs.
        width: of the whole picture, px; below 540 the layout is that of a phone.
        caption: whether to explain the marks under the title.

    Raises:
        InputError: for runs without params and compute.
        Refused: where no budget has runs of four sizes.
    """
    layout = Layout(width, 320)
    profiles = isoflop_profiles(fit.runs)
    if not profiles:
        raise Refused(
            "no_profiles",
            "no compute budget has runs of 4 or more model sizes.",
            "Train several sizes at the same compute, or look at the surface.",
        )
    budgets = np.array([profile.compute for profile in profiles])
    colours = shades(budgets, float(budgets.min()), float(budgets.max()))
    law = _law_minima(fit, budgets)
    picture = alt.vconcat(
        _profiles(fit, profiles, colours, law, layout),
        _sizes(profiles, law, Layout(width, 170)),
    )
    title = f"The best model size at a budget of compute: {fit.law.title}"
    words = [*_words(law is not None), about(fit)] if caption else []
    chart: alt.VConcatChart = dressed(picture, layout, title, words)
    return chart


@final
@dataclass(frozen=True)
class _Minima:
    """The law's best sizes (k,) at budgets (k,), FLOP."""

    budgets: FloatArray
    sizes: FloatArray


def _law_minima(fit: FitResult, budgets: FloatArray) -> _Minima | None:
    """The law's minima at sizes that the runs can speak of: within ten times of theirs."""
    if set(fit.law.inputs) != {"params", "data"} or fit.task.grouped:
        return None
    sizes = best_sizes(fit.law, fit.params, budgets)
    params = fit.runs["params"]
    near = (sizes > params.min() / _BEYOND) & (sizes < params.max() * _BEYOND)
    return _Minima(budgets[near], sizes[near]) if near.any() else None


def _profiles(
    fit: FitResult,
    profiles: Sequence[Profile],
    colours: Sequence[str],
    law: _Minima | None,
    layout: Layout,
) -> alt.LayerChart:
    size = np.concatenate([profile.params for profile in profiles])
    loss = np.concatenate([profile.loss for profile in profiles])
    frame = Frame(layout.inner_width, layout.height, ends(size, right=0.14), ends(loss))
    x = across("x", frame.x, layout, title_of("params"))
    y = upwards("y", frame.y, layout, metric_of(fit.runs))
    runs, curves, minima = [], [], []
    for profile, colour in zip(profiles, colours, strict=True):
        runs += _points(profile, colour)
        curves.append((profile, colour, *_parabola(profile)))
        if profile.best_params is not None:
            minima.append(_minimum(profile, colour))
    layers = [
        alt.Chart(values(runs))
        .mark_point(filled=True, size=26 if layout.compact else 34, opacity=0.75)
        .encode(x=x, y=y, color=_COLOUR, description="label:N", tooltip="label:N"),
        _lines(curves, x, y, dash=[4, 3]),
    ]
    if law is not None:
        drawn = [_law_curve(fit, profile, colour)
                 for profile, colour in zip(profiles, colours, strict=True)]  # fmt: skip
        layers.append(_lines(drawn, x, y))
        at = {"params": law.sizes, "data": law.budgets / (6.0 * law.sizes)}
        lowest = fit.runs.to_metric(fit.predict(at))
        best = rows_of(
            {
                "x": law.sizes.tolist(),
                "y": lowest.tolist(),
                "label": [f"law: best size {amount(n)}" for n in law.sizes.tolist()],
            }
        )
        layers.append(_marks(best, x, y, "circle", PAPER, frame))
    layers.append(_marks(minima, x, y, "diamond", ORANGE, frame))
    layers += _names(profiles, frame, layout, x, y)
    return layered(layers, layout.inner_width, layout.height)


_COLOUR: Final = alt.Color("colour:N", scale=None)
_Curve = tuple[Profile, str, FloatArray, FloatArray]


def _budgets(profiles: Sequence[Profile]) -> FloatArray:
    return np.array([profile.compute for profile in profiles])


def _points(profile: Profile, colour: str) -> list[dict[str, Any]]:
    spoken = [
        f"{flop(profile.compute)}: model size {amount(float(n))}, loss {loss:.4g}"
        for n, loss in zip(profile.params, profile.loss, strict=True)
    ]
    columns = {"x": profile.params.tolist(), "y": profile.loss.tolist(), "label": spoken}
    return [{**row, "colour": colour} for row in rows_of(columns)]


def _fitted(profile: Profile) -> np.polynomial.Polynomial:
    return np.polynomial.Polynomial.fit(np.log(profile.params), profile.loss, 2)


def _parabola(profile: Profile) -> tuple[FloatArray, FloatArray]:
    size = np.geomspace(profile.params.min(), profile.params.max(), _STEPS)
    return size, np.asarray(_fitted(profile)(np.log(size)))


def _minimum(profile: Profile, colour: str) -> dict[str, Any]:
    best = profile.best_params or 0.0
    label = f"parabola at {flop(profile.compute)}: best size {amount(best)}"
    lowest = float(_fitted(profile)(np.log(best)))
    return {"x": best, "y": lowest, "label": label, "colour": colour}


def _law_curve(fit: FitResult, profile: Profile, colour: str) -> _Curve:
    size = np.geomspace(profile.params.min(), profile.params.max(), _STEPS)
    inputs = {"params": size, "data": profile.compute / (6.0 * size)}
    return profile, colour, size, fit.runs.to_metric(fit.predict(inputs))


def _lines(
    curves: Sequence[_Curve], x: alt.X, y: alt.Y, dash: Sequence[int] | None = None
) -> alt.Chart:
    rows = [
        {"x": a, "y": b, "colour": colour, "budget": profile.compute}
        for profile, colour, size, loss in curves
        for a, b in zip(size.tolist(), loss.tolist(), strict=True)
    ]
    style: dict[str, Any] = {"strokeDash": list(dash)} if dash else {}
    line = alt.Chart(values(rows)).mark_line(strokeWidth=1.5, clip=True, **style)
    drawn: alt.Chart = line.encode(x=x, y=y, color=_COLOUR, detail="budget:N", order="x:Q")
    return drawn


def _marks(
    rows: list[dict[str, Any]], x: alt.X, y: alt.Y, shape: str, fill: str, frame: Frame
) -> alt.Chart:
    """Minima that lie within the plot."""
    low, high = 10.0 ** frame.x[0], 10.0 ** frame.x[1]
    shown = [row for row in rows if low <= row["x"] <= high]
    mark = alt.Chart(values(shown)).mark_point(
        shape=shape, size=70, fill=fill, stroke=INK, strokeWidth=1.4, opacity=1, clip=True
    )
    drawn: alt.Chart = mark.encode(x=x, y=y, description="label:N", tooltip="label:N")
    return drawn


def _names(
    profiles: Sequence[Profile], frame: Frame, layout: Layout, x: alt.X, y: alt.Y
) -> list[alt.Chart]:
    """The budget of each curve at its right end; unbracketed ones say so."""
    labels, covered = [], []
    step = max(1.0, (len(profiles) - 1) / (_MOST_NAMES - 1))
    named = {round(k * step) for k in range(_MOST_NAMES)}
    for k, profile in enumerate(profiles):
        inside = pixels(frame, *_parabola(profile))
        if inside:
            covered += path(inside)
        if inside and k in named:
            text = power(float(np.log10(profile.compute)))
            text += "" if profile.bracketed else ", no minimum"
            labels.append(Label(text, *inside[-1], layout.font, prefer=("e", "ne", "se")))
    return name_layers(labels, covered, frame, layout, x, y)


def _sizes(profiles: Sequence[Profile], law: _Minima | None, layout: Layout) -> alt.LayerChart:
    """Best size against compute: parabolas, cubics, and the law's line."""
    budgets = _budgets(profiles)
    found = [p for p in profiles if p.best_params is not None]
    sizes = [p.best_params or 0.0 for p in found] + ([] if law is None else law.sizes.tolist())
    every = np.array([*sizes, *(p.check_params for p in profiles if p.check_params)])
    span_x = ends(budgets)
    span_y = ends(every if every.size else np.array([p.params.mean() for p in profiles]), 0.08)
    x = across("x", span_x, layout, title_of("compute"))
    y = upwards("y", span_y, layout, "Best model size (parameters)")
    layers = []
    if law is not None:
        line = alt.Chart(values(rows_of({"x": law.budgets.tolist(), "y": law.sizes.tolist()})))
        layers.append(line.mark_line(color=INK, strokeWidth=2).encode(x=x, y=y))
    cubic = [(p.compute, p.check_params) for p in profiles if p.check_params is not None]
    layers += _sized(cubic, "cubic", x, y, shape="cross", size=40, fill=MUTED, stroke=MUTED)
    pairs = [(p.compute, p.best_params or 0.0) for p in found]
    layers += _sized(
        pairs, "parabola", x, y, shape="diamond", size=70, fill=ORANGE, stroke=INK, strokeWidth=1.4
    )
    return layered(layers, layout.inner_width, layout.height)


def _sized(
    pairs: Sequence[tuple[float, float]], name: str, x: alt.X, y: alt.Y, **style: Any
) -> list[alt.Chart]:
    rows = [
        {"x": budget, "y": size, "label": f"{name} at {flop(budget)}: {amount(size)} parameters"}
        for budget, size in pairs
    ]
    mark = alt.Chart(values(rows)).mark_point(opacity=1, **style)
    return [mark.encode(x=x, y=y, description="label:N", tooltip="label:N")] if rows else []


def _words(with_law: bool) -> list[str]:
    law = (
        "Solid curves and circles: the law and its lowest point at each budget; below, its line. "
        if with_law
        else "The law has no best size at these budgets near the sizes of the runs. "
    )
    return [
        "Each point is a run, coloured by its compute in FLOP, strong where it is large. Dashed "
        "curves and diamonds: a parabola through the runs of about one compute and its lowest "
        "point, where that lies between its runs. " + law + "Crosses: a cubic, which needs no "
        "symmetry."
    ]
