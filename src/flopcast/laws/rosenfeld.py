"""Rosenfeld's envelope: from random guessing through a power region to a floor."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Final

import numpy as np

from flopcast.laws.algebra import number, quantity, size
from flopcast.laws.features import FloatArray
from flopcast.laws.law import Law, Limit, Parameter, amplitude, exponent

_INF: Final = float("inf")
_eps0, _eta, _b, _c = quantity("eps0"), quantity("eta"), quantity("b"), quantity("c_inf")
_alpha, _beta = number("alpha"), number("beta")
_m, _n = size("params"), size("data")
_core = (_n**-_alpha + _b * _m**-_beta + _c) / _eta
_loss = _eps0 * (1.0 + _core**-2.0) ** -0.5

_RATES: Final = (0.2, 0.4, 0.7, 1.1)
_TURNS: Final = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_TOPS: Final = (1.02, 1.5, 3.0)
_STEEPNESS: Final = (2.0, 5.0, 1.0)  # of neighbours, a round each
_PLACES: Final = (0.02, 0.1, 0.3, 0.5, 0.7, 0.9)  # quantiles of runs
_LEFT: Final = (0.1, 0.3, 1.0, 3.0, 10.0)  # of the way from guessing to no error, as c∞/η
_MOST_GUESS: Final = 0.8


def _starts(scales: Mapping[str, float]) -> Sequence[Mapping[str, float]]:
    """Eta as multiples of the data term at the typical amount of data."""
    return [
        {
            "alpha": alpha,
            "beta": beta,
            "b": 1.0,
            "c_inf": 1.0,
            "eta": turn * scales["data"] ** -alpha,
            "eps0": top * scales["ceiling"],
        }
        for alpha, beta, turn, top in product(_RATES, _RATES, _TURNS, _TOPS)
    ]


def _neighbours(
    inputs: Mapping[str, FloatArray],
    loss: FloatArray,
    weights: FloatArray,
    fit: Mapping[str, float],
    turn: int,
) -> Sequence[Mapping[str, float]]:
    """Error that leaves guessing at all amounts of data and sizes of models, to several floors.

    Where nearly all runs guess, the few that do not may bend the envelope in many ways.
    """
    counted = weights > 0.0
    data, params = (
        np.quantile(np.log(inputs[name][counted]), _PLACES) for name in ("data", "params")
    )
    rate, top = _STEEPNESS[turn % len(_STEEPNESS)], float(np.quantile(loss[counted], _MOST_GUESS))
    return [
        {
            "alpha": rate,
            "beta": rate,
            "b": float(np.exp(rate * (m - n))),
            "c_inf": left * float(np.exp(-rate * n)),
            "eta": float(np.exp(-rate * n)),
            "eps0": guessing,
        }
        for n, m, left, guessing in product(data, params, _LEFT, (top, fit["eps0"]))
    ]


ROSENFELD: Final = Law(
    name="rosenfeld",
    title="Rosenfeld's envelope",
    equation="ε = ε0·|ε̃/(ε̃ − iη)|, ε̃ = n^−α + b·m^−β + c∞",
    loss=_loss,
    parameters=(
        exponent("alpha", "how fast error falls with data n"),
        exponent("beta", "how fast error falls with model size m"),
        amplitude("b", "model term beside the data term, at m = n = 1", "params^β·data^−α"),
        amplitude("c_inf", "irreducible part of ε̃", "data^−α"),
        Parameter("eta", "ε̃ at which error leaves random guessing", "data^−α", True, 0.0),
        Parameter("eps0", "error of random guessing", "loss", True, 0.0),
    ),
    inputs=("params", "data"),
    falls_with=("params", "data"),
    limits=(
        Limit({"params": 0.0}, _eps0),
        Limit({"data": 0.0}, _eps0),
        Limit({"params": _INF, "data": _INF}, _eps0 * (1.0 + (_c / _eta) ** -2.0) ** -0.5),
    ),
    starts=_starts,
    neighbours=_neighbours,
    source="Rosenfeld et al. 2020, arXiv:1909.12673, section 4; m and n in any unit, a = 1",
)
