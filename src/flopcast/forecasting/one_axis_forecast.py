"""A `Forecast` along one axis."""

from collections.abc import Mapping, Sequence

import numpy as np

from flopcast.forecasting.one_axis import Outcome, curve_of, look_ahead
from flopcast.forecasting.one_axis_constants import OneAxisConstants, learned_curves
from flopcast.forecasting.one_axis_shapes import SHAPES
from flopcast.forecasting.result import Forecast, Kind, Member
from flopcast.laws.features import FloatArray
from flopcast.observations import Runs


def forecast_one_axis(
    runs: Runs,
    axis: str,
    at: Mapping[str, FloatArray],
    *,
    kind: Kind,
    level: float,
    limits: tuple[float | None, float | None],
    members: Sequence[str] | None,
    draws: int,
    seed: int,
    options: Mapping[str, float | None],
    constants: OneAxisConstants | None = None,
) -> Forecast:
    """The forecast of runs that differ along `axis` alone, at points (points,) of it.

    `limits` are the lowest and highest possible loss, None if unknown. See `forecast`.
    """
    used = learned_curves() if constants is None else constants
    floor, baseline = limits
    curve = curve_of(runs, axis, floor, baseline)
    u = np.log(at[axis] / runs[axis].max())
    outcome = look_ahead(curve, u, used, members, kind, draws, seed)
    low, high = floor or 0.0, np.inf if baseline is None else baseline
    samples = np.clip(np.exp(outcome.draws.logs), low, high)
    return Forecast(
        runs,
        at,
        kind,
        level,
        runs.to_metric(samples),
        _members(outcome, runs, axis, low),
        outcome.draws.breakdown,
        outcome.decades,
        outcome.findings,
        {**options, "members": list(outcome.names)},
        seed,
    )


def _members(outcome: Outcome, runs: Runs, axis: str, floor: float) -> tuple[Member, ...]:
    return tuple(
        Member(
            name,
            SHAPES[name].law(axis),
            float(outcome.view.weights[k]),
            float(outcome.prior[k]),
            outcome.backtest_error(k),
            "used",
            "",
            runs.to_metric(np.maximum(np.exp(outcome.predictions[k]), floor)),
        )
        for k, name in enumerate(outcome.names)
    )
