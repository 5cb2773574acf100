"""Closed forms for laws whose model and data terms add up: what a target takes, the best split.

Rosenfeld's envelope is a rising function of such a sum, so that the same forms hold for it
(Rosenfeld et al. 2020, arXiv:1909.12673, section 4).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from flopcast.laws.features import FloatArray

_FLOP: float = 6.0  # compute = 6 · params · data (Kaplan et al. 2020)


@final
@dataclass(frozen=True, eq=False)
class Additive:
    """floor + a·N^−alpha + b·D^−beta, each parameter (draws,)."""

    floor: FloatArray
    a: FloatArray
    alpha: FloatArray
    b: FloatArray
    beta: FloatArray

    def data(self, level: FloatArray, params: float) -> FloatArray:
        """Data (draws,) that a model of `params` needs to come down to `level`; inf if none."""
        left = level - self.floor - self.a * params**-self.alpha
        return _root(left / self.b, self.beta)

    def params(self, level: FloatArray, data: float) -> FloatArray:
        """Parameters (draws,) that `data` need to come down to `level`; inf if none do."""
        left = level - self.floor - self.b * data**-self.beta
        return _root(left / self.a, self.alpha)

    def split(self, compute: FloatArray | float) -> tuple[FloatArray, FloatArray]:
        """The parameters and data (draws,) that 6·N·D = `compute` FLOP are best spent on."""
        total = self.alpha + self.beta
        size = (self.a * self.alpha / (self.b * self.beta)) ** (1.0 / total)
        product = np.asarray(compute, dtype=np.float64) / _FLOP
        return size * product ** (self.beta / total), product ** (self.alpha / total) / size

    def compute(self, level: FloatArray) -> FloatArray:
        """FLOP (draws,), best spent, that come down to `level`; inf where none do.

        At the best split both terms fall as C^−αβ/(α+β).
        """
        params, data = self.split(_FLOP)
        at_one = self.a * params**-self.alpha + self.b * data**-self.beta
        rate = self.alpha * self.beta / (self.alpha + self.beta)
        return _FLOP * _root((level - self.floor) / at_one, rate)


def additive(
    law: str, params: Mapping[str, FloatArray], target: float
) -> tuple[Additive, FloatArray] | None:
    """The sum inside a law and the level (draws,) it must fall to for `target`, None for others.

    For Rosenfeld's envelope that level is η·e/√(ε0² − e²), infinite above random guessing.
    """
    if law == "chinchilla":
        form = Additive(*(params[name] for name in ("E", "A", "alpha", "B", "beta")))
        return form, np.full_like(form.floor, target)
    if law == "rosenfeld":
        ones = np.ones_like(params["b"])
        form = Additive(params["c_inf"], params["b"], params["beta"], ones, params["alpha"])
        room = params["eps0"] ** 2 - target**2
        level = params["eta"] * target / np.sqrt(np.where(room > 0.0, room, 1.0))
        return form, np.where(room > 0.0, level, np.inf)
    return None


def _root(left: FloatArray, rate: FloatArray) -> FloatArray:
    """left^(−1/rate) where there is anything left, else infinity."""
    with np.errstate(over="ignore", divide="ignore"):
        return np.asarray(
            np.where(left > 0.0, np.where(left > 0.0, left, 1.0) ** (-1.0 / rate), np.inf)
        )
