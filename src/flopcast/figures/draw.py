"""Draws a result: picks the chart that answers the question asked."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import altair as alt

from flopcast.errors import InputError, Refused, nearest
from flopcast.figures.burden_chart import burden_chart
from flopcast.figures.calibration_chart import calibration_chart
from flopcast.figures.captions import KINDS
from flopcast.figures.comparison_chart import comparison_chart
from flopcast.figures.fit_residuals_chart import fit_residuals_chart
from flopcast.figures.forecast_chart import forecast_chart
from flopcast.figures.forms_chart import forms_chart
from flopcast.figures.isoflop_chart import isoflop_chart
from flopcast.figures.parameter_chart import parameter_chart
from flopcast.figures.residuals_chart import residuals_chart
from flopcast.figures.surface_chart import surface_chart
from flopcast.figures.target_chart import target_chart
from flopcast.fitting.result import FitResult
from flopcast.forecasting.backtest_result import Backtest
from flopcast.forecasting.result import Forecast
from flopcast.progress.burden import Burden
from flopcast.progress.comparison import Comparison
from flopcast.progress.target import Target

Picture = alt.LayerChart | alt.VConcatChart | alt.HConcatChart

_FIT_CHARTS: Final[Mapping[str, Callable[..., Picture]]] = {
    "surface": surface_chart,
    "residuals": fit_residuals_chart,
    "isoflop": isoflop_chart,
    "parameters": parameter_chart,
}
_CHARTS: Final[Mapping[type, Mapping[str, Callable[..., Picture]]]] = {
    FitResult: _FIT_CHARTS,
    Forecast: {"forecast": forecast_chart},
    Backtest: {"calibration": calibration_chart},
    Comparison: {
        "factors": comparison_chart,
        "hardware": partial(comparison_chart, basis="peak"),
        "operations": partial(comparison_chart, basis="operations"),
    },
}


def chart(
    obj: Any,
    *,
    kind: str | None = None,
    targets: Sequence[Target] = (),
    width: int = 720,
    caption: bool = True,
) -> Picture:
    """An Altair chart of a result.

    Args:
        obj: a Burden, a Comparison, a FitResult, a Forecast or a Backtest; the first kind of
            each is the default.
        kind: of a burden ``burden`` (error against compute, the fitted line and the targets),
            ``residuals`` (what the line leaves over), ``forms`` (four shapes and how far they
            part) or ``targets`` (what each target takes, and why that is uncertain); of a
            comparison ``factors`` (of the compute ratio; ``hardware`` or ``operations`` asks for
            that accounting, otherwise it is the first that is known); of a fit
            ``surface`` (loss against every scale, with the law's curves), ``residuals``,
            ``isoflop`` (best model size by compute) or ``parameters`` (pairs of draws); of a
            forecast ``forecast`` (runs, medians and intervals against compute); of a backtest
            ``calibration`` (coverage observed against promised).
        targets: answers of ``obj.target``; needed for ``targets``, optional elsewhere.
        width: of the whole picture, px; below 540 the layout is that of a phone.
        caption: whether the picture explains its own marks.

    Raises:
        InputError: for an object that has no chart, an unknown kind, or kind ``targets`` without
            targets.
        Refused: for the kinds ``forms`` and ``targets`` of a burden without an exponent, a
            comparison without factors, a fit that was refused, ``isoflop`` without budgets, and
            ``parameters`` without draws.
    """
    charts = _CHARTS.get(type(obj))
    if charts is None and not isinstance(obj, Burden):
        hint = "Give a Burden, a Comparison, a FitResult, a Forecast or a Backtest."
        raise InputError(f"There is no chart of a {type(obj).__name__}.", hint)
    kinds = KINDS if charts is None else tuple(charts)
    kind = kinds[0] if kind is None else kind
    if kind not in kinds:
        hint = f"The kinds are {', '.join(kinds)}."
        raise InputError(f"Unknown kind of chart {kind!r}.{nearest(kind, kinds)}", hint)
    if width < 240:
        raise InputError(f"The width is {width}; a chart needs at least 240 px.")
    if charts is not None:
        if isinstance(obj, FitResult) and not obj.ok:
            raise Refused("no_fit", f"there is no fit to draw: {obj.message}")
        picture: Picture = charts[kind](obj, width=width, caption=caption)
        return picture
    if kind == "targets":
        return target_chart(obj, targets, width=width, caption=caption)
    if kind == "forms":
        return forms_chart(obj, targets, width=width, caption=caption)
    if kind == "residuals":
        return residuals_chart(obj, width=width, caption=caption)
    return burden_chart(obj, targets, width=width, caption=caption)
