"""What past curves teach about a new one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final, final

import numpy as np

from flopcast.laws.features import FloatArray

SCHEMA: Final = "flopcast.one_axis_constants/2"

Priors = Mapping[str, tuple[float, float]]


@final
@dataclass(frozen=True)
class OneAxisConstants:
    """Numbers of a forecast along one axis, learned from past curves.

    `priors` maps ``law/number`` to its mean and standard deviation (see `Shape`), and `kinds` the
    same for curves of one kind, where it differs; which kind a curve is of, it says itself.
    `weights` maps the laws to how much each counts before a curve is seen. `noise` is the
    standard deviation of log loss expected of a run and `noise_weight` how many runs that belief
    is worth. Noise grows backwards by `noise_growth` and drift by `drift_growth` per unit of log
    input (variances); `drift` is the grid of drift over noise variance. `evidence` is the power of
    each law's marginal likelihood in its weight, `skill` that of its accuracy when the larger half
    of the curve is predicted from the smaller. The structural error has the standard deviation
    `distance` · steepness^`steepness` · (ln of the input over the largest)^`power`, where
    steepness is the fall of log loss per unit of log input at the largest run, at least
    `least_steepness`; it is Student t with `distance_weight` degrees of freedom.
    `spread` multiplies what drift, level and noise of a new run contribute. The
    numbers named in `tails` have a prior of Student t with so many degrees of freedom, so that a
    curve that clearly differs from past ones is believed; the others a normal one.
    """

    priors: Priors = field(default_factory=dict)
    kinds: Mapping[str, Priors] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    noise: float = 0.005
    noise_weight: float = 2.0
    noise_growth: float = 0.5
    drift_growth: float = 1.5
    drift: tuple[float, ...] = (0.0, 0.1, 0.5, 2.0, 10.0)
    evidence: float = 0.0
    skill: float = 0.0
    distance: float = 0.3
    steepness: float = 1.0
    least_steepness: float = 0.01
    power: float = 1.0
    distance_weight: float = 6.0
    spread: float = 1.0
    tails: Mapping[str, float] = field(default_factory=dict)

    def prior(self, law: str, numbers: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        """Means and standard deviations (d,) of a law's numbers."""
        pairs = np.array([self.priors[f"{law}/{name}"] for name in numbers])
        return pairs[:, 0], pairs[:, 1]

    def by_kind(self) -> tuple["OneAxisConstants", ...]:
        """The constants of any curve, and of each kind."""
        each = (self.but(priors={**self.priors, **own}) for own in self.kinds.values())
        return (self, *each)

    def but(self, **changes: Any) -> "OneAxisConstants":
        """The same with some numbers changed."""
        return replace(self, **changes)


@cache
def learned_curves() -> OneAxisConstants:
    """The constants that ship with the package."""
    text = files("flopcast.forecasting").joinpath("one_axis_constants.json").read_text("utf-8")
    return read_constants(json.loads(text)["constants"])


def read_constants(fields: Mapping[str, Any]) -> OneAxisConstants:
    """Constants from JSON data."""
    made = dict(fields)
    priors, kinds = _pairs(made.pop("priors")), made.pop("kinds", {})
    of_kinds = {kind: _pairs(own) for kind, own in kinds.items()}
    return OneAxisConstants(priors, of_kinds, **{**made, "drift": tuple(made["drift"])})


def _pairs(table: Mapping[str, Sequence[float]]) -> Priors:
    return {name: (float(mean), float(deviation)) for name, (mean, deviation) in table.items()}
