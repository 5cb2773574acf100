"""A law that may join an ensemble, with what is believed of its parameters beforehand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, final

import numpy as np

from flopcast.laws.features import FloatArray
from flopcast.laws.law import Law, Parameter


@final
@dataclass(frozen=True)
class Belief:
    """A normal prior of a parameter, or of its log where `log` is set.

    It speaks of the scaled study: inputs relative to their typical value, losses relative to
    the typical loss.
    """

    mean: float
    sd: float
    log: bool = True


WEAK_EXPONENT: Final = Belief(float(np.log(0.35)), 0.7)
WEAK_FLOOR: Final = Belief(float(np.log(0.6)), 0.6)
WEAK_POSITIVE: Final = Belief(float(np.log(0.3)), 1.5)
WEAK_REAL: Final = Belief(0.0, 1.0, log=False)


@final
@dataclass(frozen=True, eq=False)
class Candidate:
    """A law and beliefs about its parameters by name; others get a weak default of their kind."""

    law: Law
    beliefs: Mapping[str, Belief] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The law's name."""
        return self.law.name

    def belief(self, parameter: Parameter) -> Belief:
        """What is believed of a parameter."""
        if parameter.name in self.beliefs:
            return self.beliefs[parameter.name]
        if parameter.is_floor:
            return WEAK_FLOOR
        if parameter.positive:
            return WEAK_POSITIVE
        return WEAK_EXPONENT if parameter.lower >= 0.0 else WEAK_REAL


@final
@dataclass(frozen=True, eq=False)
class Penalty:
    """The priors of a candidate's p coordinates, ready for the solver, each array (p,).

    `of_log` marks coordinates that are natural numbers with a prior on their log; a coordinate
    that is a log already has a plain normal prior.
    """

    mean: FloatArray
    sd: FloatArray
    of_log: FloatArray
    lower: FloatArray
    upper: FloatArray

    def score(self, theta: FloatArray, shift: FloatArray | float = 0.0) -> FloatArray:
        """Standardised distance of `theta` (m, p) from the prior's mean plus `shift` sd."""
        value = np.where(self.of_log > 0.0, np.log(np.maximum(theta, 1e-12)), theta)
        return np.asarray((value - self.mean) / self.sd - shift)

    def slope(self, theta: FloatArray) -> FloatArray:
        """Derivative of `score` in theta (m, p)."""
        inner = np.where(self.of_log > 0.0, 1.0 / np.maximum(theta, 1e-12), 1.0)
        return np.asarray(inner / self.sd)

    def draw(self, count: int, rng: np.random.Generator, spread: float = 1.0) -> FloatArray:
        """`count` coordinates (count, p) from the prior, within bounds, the first its centre."""
        z = spread * rng.standard_normal((count, len(self.mean)))
        z[0] = 0.0
        value = self.mean + self.sd * np.clip(z, -2.0, 2.0)
        theta = np.where(self.of_log > 0.0, np.exp(np.where(self.of_log > 0.0, value, 0.0)), value)
        return np.asarray(np.clip(theta, self.lower, self.upper))


_LEAST_EXPONENT: Final = 0.005


def penalty_of(candidate: Candidate) -> Penalty:
    """The priors and bounds of a candidate in fitting coordinates."""
    rows = []
    for parameter in candidate.law.parameters:
        belief = candidate.belief(parameter)
        low, high = parameter.lower, parameter.upper
        if parameter.positive:
            low, high = (float(np.log(max(edge, 1e-12))) for edge in (low, high))
        elif belief.log:
            low = max(low, _LEAST_EXPONENT)
        of_log = float(belief.log and not parameter.positive)
        rows.append((belief.mean, belief.sd, of_log, low, high))
    return Penalty(*np.array(rows, dtype=np.float64).T)
