"""The curves that laws bend their terms with, each with exact derivatives, safe at both ends."""

from typing import Final

import numpy as np

from flopcast.laws.features import FloatArray
from flopcast.laws.nodes import Curve


def _sigmoid(x: FloatArray) -> FloatArray:
    from scipy.special import expit

    return np.asarray(expit(x))


def _softplus(x: FloatArray) -> FloatArray:
    return np.logaddexp(0.0, x)


def _softplus_inverse(y: FloatArray) -> FloatArray:
    positive = np.where(y > 0.0, y, np.nan)
    return np.asarray(positive + np.log(-np.expm1(-positive)))


def _log(x: FloatArray) -> FloatArray:
    return np.log(np.where(x > 0.0, x, np.nan))


def _saturation(x: FloatArray) -> FloatArray:
    return np.log(-np.expm1(-np.exp(x)))


def _saturation_slope(x: FloatArray) -> FloatArray:
    size = np.exp(np.minimum(x, 700.0))
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(size < 1e-12, 1.0, size / np.expm1(size))


def _saturation_bend(x: FloatArray, slope: FloatArray) -> FloatArray:
    size = np.exp(np.minimum(x, 700.0))
    # x (1 − x − s) cancels for small x, where it tends to −x/2.
    near = -size / 2.0
    return np.where(size < 1e-5, near, slope * (1.0 - size - slope))


def _saturation_inverse(y: FloatArray) -> FloatArray:
    return np.log(-np.log1p(-np.exp(np.where(y < 0.0, y, np.nan))))


EXP: Final = Curve("exp", np.exp, np.exp, lambda _, slope: slope, _log)
LOG: Final = Curve("log", _log, lambda x: 1.0 / x, lambda _, slope: -(slope**2), np.exp)

SOFTPLUS: Final = Curve(
    "log(1 + exp)",
    _softplus,
    _sigmoid,
    lambda x, slope: slope * _sigmoid(-x),
    _softplus_inverse,
)

SATURATION: Final = Curve(
    "log(1 - exp(-exp))",
    _saturation,
    _saturation_slope,
    _saturation_bend,
    _saturation_inverse,
)
"""The log of 1 − exp(−size), given log size: what saturates towards 1."""

DECAY: Final = Curve(
    "1 - exp(-x)",
    lambda x: -np.expm1(-x),
    lambda x: np.exp(-x),
    lambda _, slope: -slope,
    lambda y: -np.log1p(-np.where(y < 1.0, y, np.nan)),
)

EXCESS: Final = Curve(
    "max(x, 0)",
    lambda x: np.maximum(x, 0.0),
    lambda x: (x > 0.0).astype(np.float64),
    lambda x, _: np.zeros_like(x),
)
"""What exceeds 0; its kink is at a set of measure zero."""

_NO_EXCESS: Final = -600.0
_ROUNDING: Final = 1e-9  # equal inputs may differ by less


def _log_excess(x: FloatArray) -> FloatArray:
    there = np.maximum(x, _ROUNDING)
    return np.where(x > _ROUNDING, there + np.log(-np.expm1(-there)), _NO_EXCESS)


def _log_excess_slope(x: FloatArray) -> FloatArray:
    return np.where(x > _ROUNDING, -1.0 / np.expm1(-np.maximum(x, _ROUNDING)), 0.0)


def _log_excess_bend(_: FloatArray, slope: FloatArray) -> FloatArray:
    return slope * (1.0 - slope)


EXCESS_OVER_ONE: Final = Curve(
    "log(max(exp(x) - 1, 0))", _log_excess, _log_excess_slope, _log_excess_bend
)
"""The log of what exceeds 1, given a log; a finite number that stands for 0 where nothing does."""
