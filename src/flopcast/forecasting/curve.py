"""A training run's loss against its steps, with the learning rate where it is known."""

from dataclasses import dataclass
from typing import Final, final

import numpy as np

from flopcast.errors import InputError
from flopcast.laws.features import FloatArray

_BINS: Final = 40
_EARLY: Final = 0.02  # the first steps, before any law of curves holds


@final
@dataclass(frozen=True, eq=False)
class Curve:
    """Losses (n,) at rising `steps` (n,), smoothed or not.

    `rates` (m,) are the learning rates at `rate_steps` (m,), for the whole planned run, not only
    for the part that is done; both are None where the schedule is not known.

    Raises InputError for unequal lengths, steps that do not rise, and values that are not
    positive and finite.
    """

    steps: FloatArray
    loss: FloatArray
    rate_steps: FloatArray | None = None
    rates: FloatArray | None = None

    def __post_init__(self) -> None:
        _check("steps", self.steps, "loss", self.loss)
        if (self.rates is None) != (self.rate_steps is None):
            raise InputError("rates and rate_steps belong together.", "Give both or neither.")
        if self.rates is not None and self.rate_steps is not None:
            _check("rate_steps", self.rate_steps, "rates", self.rates)

    @property
    def last(self) -> float:
        """The last step seen."""
        return float(self.steps[-1])

    def rate(self, step: float) -> float | None:
        """The learning rate at a step, None where the schedule is not known."""
        if self.rates is None or self.rate_steps is None:
            return None
        return float(np.interp(step, self.rate_steps, self.rates))

    def until(self, step: float) -> "Curve":
        """The curve up to a step, its schedule kept whole."""
        seen = self.steps <= step
        return Curve(self.steps[seen], self.loss[seen], self.rate_steps, self.rates)

    def binned(self, end: float) -> "Curve":
        """Means of log loss over at most 40 bins even in log steps, without the very first.

        The first 2 % of `end` are left out. Neighbouring losses share their noise; the means have
        less of it.
        """
        kept = self.steps > min(_EARLY * end, 0.2 * self.last)
        steps, logs = self.steps[kept], np.log(self.loss[kept])
        edges = np.geomspace(steps[0], steps[-1] * (1.0 + 1e-9), _BINS + 1)
        place = np.clip(np.searchsorted(edges, steps, side="right") - 1, 0, _BINS - 1)
        counts = np.bincount(place, minlength=_BINS)
        there = counts > 0
        mean = np.bincount(place, logs, _BINS)[there] / counts[there]
        at = np.bincount(place, steps, _BINS)[there] / counts[there]
        return Curve(np.round(at), np.exp(mean), self.rate_steps, self.rates)


def _check(first: str, steps: FloatArray, second: str, values: FloatArray) -> None:
    if steps.ndim != 1 or steps.shape != values.shape or len(steps) < 2:
        raise InputError(
            f"{first} have shape {steps.shape} and {second} {values.shape}; "
            "a curve has two or more of both, as many of one as of the other."
        )
    if not np.all(np.diff(steps) > 0.0):
        raise InputError(f"{first} do not rise; give one curve at a time, in order.")
    for name, column in ((first, steps), (second, values)):
        bad = np.flatnonzero(~(np.isfinite(column) & (column > 0.0)))
        if bad.size:
            raise InputError(
                f"{name} is {column[bad[0]]:g} at row {bad[0] + 1}; it must be above 0."
            )
