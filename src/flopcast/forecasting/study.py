"""Runs made ready for an ensemble: scaled, ordered by compute, weighted towards the large end."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, final

import numpy as np

from flopcast.laws.features import FloatArray
from flopcast.observations import Runs

_SHARED_SCALE: Final = {"unique_data": "data"}
_TAILS: Final = (0.1, 1.5)  # powers of compute in the weights
_HALVINGS: Final = 40


@final
@dataclass(frozen=True, eq=False)
class Study:
    """Runs with the weight of each, (n,), the largest scale having weight 1.

    Larger runs count more, by a small power of compute; of many runs by the power that makes them
    worth `most` together: what a law misses, the residuals of many runs share, and the largest
    runs are nearest to what is asked. Where `like` is given, inputs and losses are scaled as in
    that study.
    """

    runs: Runs
    most: float
    like: "Study | None" = None

    @cached_property
    def log_scale(self) -> FloatArray:
        """Base-10 log of compute (n,), or of the first input where there is none."""
        return log_scale(self.runs.inputs, self.runs.compute)

    @cached_property
    def weights(self) -> FloatArray:
        """Weights (n,) of the runs in a fit."""
        below = self.log_scale - self.log_scale.max()
        raw = 10.0 ** (_tail(below, self.most) * below)
        return np.asarray(raw * min(1.0, self.most / float(raw.sum())))

    @cached_property
    def units(self) -> dict[str, float]:
        """Typical value of each input: its weighted geometric mean."""
        if self.like is not None:
            return self.like.units
        share = self.weights / self.weights.sum()
        units = {
            name: float(np.exp(share @ np.log(column)))
            for name, column in self.runs.inputs.items()
        }
        for name, other in _SHARED_SCALE.items():
            if name in units and other in units:
                units[name] = units[other]
        return units

    @cached_property
    def typical_loss(self) -> float:
        """Weighted geometric mean of the losses."""
        if self.like is not None:
            return self.like.typical_loss
        return float(np.exp(self.weights @ np.log(self.runs.loss) / self.weights.sum()))

    @cached_property
    def y(self) -> FloatArray:
        """Log losses (n,) relative to the typical loss."""
        return np.log(self.runs.loss / self.typical_loss)

    def scaled(self, inputs: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        """Inputs relative to their typical values; unique data, if missing, are those seen."""
        columns = {name: inputs[name] / unit for name, unit in self.units.items()}
        if "data" in columns:
            unique = columns.get("unique_data", columns["data"])
            columns["unique_data"] = np.minimum(unique, columns["data"])
        return columns

    def where(self, rows: FloatArray) -> "Study":
        """The study of some of the runs."""
        return Study(self.runs.where(rows.astype(np.bool_)), self.most, self.like)


def _tail(below: FloatArray, most: float) -> float:
    """The least of the powers in `_TAILS` under which runs are worth `most` together."""
    low, high = _TAILS
    if (10.0 ** (low * below)).sum() <= most:
        return low
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        much = (10.0 ** (middle * below)).sum() > most
        low, high = (middle, high) if much else (low, middle)
    return high


def log_scale(inputs: Mapping[str, FloatArray], compute: FloatArray | None) -> FloatArray:
    """Base-10 log of compute, of 6·params·data, or of the first input."""
    if compute is None and "compute" in inputs:
        compute = inputs["compute"]
    if compute is None and "params" in inputs and "data" in inputs:
        compute = 6.0 * inputs["params"] * inputs["data"]
    scale = next(iter(inputs.values())) if compute is None else compute
    return np.asarray(np.log10(scale))


def decades_beyond(study: Study, at: Mapping[str, FloatArray]) -> FloatArray:
    """How far points lie beyond the largest run, in decades of compute; 0 within."""
    return np.asarray(np.maximum(log_scale(at, None) - study.log_scale.max(), 0.0))


def decades_between(runs: Runs, at: Mapping[str, FloatArray]) -> FloatArray:
    """How far points lie beyond plain runs, in decades of compute by the points' own inputs."""
    inputs = {name: runs[name] for name in at}
    return np.asarray(np.maximum(log_scale(at, None) - log_scale(inputs, None).max(), 0.0))
