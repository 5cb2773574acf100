"""Ways from the first part of a run to its end: siblings' shape, the schedule, the trend."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from flopcast.errors import FlopcastError, Refused
from flopcast.fitting.fit import fit
from flopcast.forecasting.curve import Curve
from flopcast.forecasting.forecast import forecast
from flopcast.laws.features import FloatArray
from flopcast.laws.registry import get_law
from flopcast.laws.schedule import schedule_inputs
from flopcast.observations import Runs

#: What each law of schedules needs annealing to tell, and so borrows from finished siblings.
_OF_ANNEALING: Final = {"tissue": ("C",), "multi-power": ("B", "C", "beta", "gamma")}
LAWS: Final = tuple(_OF_ANNEALING)
"""The laws of learning-rate schedules that can lead to the end of a run."""

_ANNEALED: Final = 0.3  # of the peak rate: below it the run itself tells what annealing brings
_SHAPE: Final = 0.01  # siblings whose shape is off by more than this (log loss) count little
_UNLIKE: Final = 0.05
"""Error of what siblings say is still to come, as a share of it: 0.038 to 0.042 from a quarter,
half and three quarters of the runs of the OLMo ladder (Bhagia et al. 2024) by smaller ones."""

_BORROWED: Final = 0.3
"""Error of annealing's gain taken from a sibling, as a share of the gain still to come: what it
was for the 3B model of the OLMo ladder (Bhagia et al. 2024) from those of 190M and 370M."""

_TREND_POINTS: Final = 24
_LEAST_ERROR: Final = 5e-4
_AGO: Final = 0.6


@final
@dataclass(frozen=True)
class Method:
    """One way: the log of the loss that it predicts, and the relative error that it has made.

    `error` is what it missed where the truth is known: on siblings' ends, or on the end of what
    has been seen.
    """

    name: str
    log_loss: float
    error: float


def by_siblings(curve: Curve, end: float, siblings: Sequence[Curve]) -> Method:
    """The end by the shape of finished runs (collapse; Qiu et al. 2025, arXiv:2507.02119).

    Each sibling's loss at the same share of its own steps over its final loss is the factor still
    to come. Siblings count by how well their shape fits the part that has been seen.

    Raises Refused without siblings.
    """
    if not siblings:
        raise Refused("no_siblings", "there are no finished siblings.", "Give siblings=.")
    share = curve.last / end
    factor, spread = _still_to_come(curve, end, siblings)
    errors = [
        _still_to_come(one.until(share * one.last), one.last, others)[0] - _to_come(one, share)
        for k, one in enumerate(siblings)
        if (others := [*siblings[:k], *siblings[k + 1 :]])
    ]
    missed = float(np.sqrt(np.mean(np.square(errors)))) if errors else 0.25 * abs(factor)
    # Siblings resemble each other more than they resemble a larger run.
    error = float(np.hypot(max(missed, spread), _UNLIKE * factor))
    here = float(np.log(_near(curve, curve.last)))
    return Method("siblings", here - factor, max(error, _LEAST_ERROR))


def by_schedule(law: str, curve: Curve, end: float, siblings: Sequence[Curve]) -> Method:
    """The end by a law of schedules, ``tissue`` or ``multi-power``.

    What annealing brings is fitted where the run has annealed, and taken from finished siblings
    with a schedule otherwise. The error is that of predicting the end of the part that has been
    seen from its first three fifths.

    Raises Refused without a schedule up to `end`, or where nothing says what annealing brings.
    """
    if curve.rates is None or curve.rate_steps is None or curve.rate_steps[-1] < end * 0.999:
        raise Refused("no_schedule", "the learning rate is not known up to the end.")
    alone = _annealed(curve, curve.last) or _flat(curve, end)
    held = {} if alone else _borrowed(law, end, siblings)
    final = _fitted(law, curve, end, np.array([end]), held)[0]
    seen = curve.binned(end)
    late = seen.steps > _AGO * curve.last
    # Earlier the run had annealed less, so a law of all its parameters is asked for less.
    before = held or _borrowed_or_none(law, end, siblings)
    earlier = _fitted(law, curve.until(_AGO * curve.last), end, seen.steps[late], before)
    missed = np.abs(np.log(earlier) - np.log(seen.loss[late]))
    # What is missed grows with the way still to go, as a share of the way that was tested.
    way = np.log(end / curve.last) / np.log(1.0 / _AGO)
    error = float(missed[-max(len(missed) // 3, 1) :].mean()) * max(way, 0.3)
    if held:
        gains = _gain(law, held, _inputs(law, curve, np.array([curve.last, end]).round()))
        error = float(np.hypot(error, _BORROWED * (gains[1] - gains[0]) / final))
    return Method(law, float(np.log(final)), max(error, _LEAST_ERROR))


def by_trend(curve: Curve, end: float) -> Method:
    """The end by the ensemble for one axis, as if the learning rate stayed what it is."""
    seen = curve.binned(end)
    every = max(len(seen.steps) // _TREND_POINTS, 1)
    kept = np.arange(len(seen.steps))[::-1][::every][::-1]
    runs = Runs({"steps": seen.steps[kept]}, seen.loss[kept], source="the curve")
    found = forecast(runs, {"steps": np.array([end])}, kind="mean", draws=400)
    low, high = np.log(found.quantile([0.16, 0.84])[:, 0])
    return Method(
        "trend", float(np.log(found.median[0])), max(float(high - low) / 2, _LEAST_ERROR)
    )


def _still_to_come(curve: Curve, end: float, siblings: Sequence[Curve]) -> tuple[float, float]:
    """Log of the loss now over the final one, by the siblings, and its weighted spread."""
    share = curve.last / end
    shares = np.linspace(0.3, 1.0, 8) * share
    own = np.array([np.log(_near(curve, s * end)) for s in shares])
    factors = np.array([_to_come(one, share) for one in siblings])
    distances = np.empty(len(siblings))
    for k, one in enumerate(siblings):
        shape = np.array([np.log(_near(one, s * one.last)) for s in shares])
        difference = (own - own[-1]) - (shape - shape[-1])
        distances[k] = np.sqrt(np.mean(difference**2))
    scale = max(float(distances.min()), 0.1 * _SHAPE)
    weights = np.exp(-0.5 * (distances / scale) ** 2)
    weights /= weights.sum()
    centre = float(weights @ factors)
    return centre, float(np.sqrt(weights @ (factors - centre) ** 2))


def _to_come(finished: Curve, share: float) -> float:
    """Log of a finished run's loss at a share of its steps over its final loss."""
    last = finished.last
    return float(np.log(_near(finished, share * last)) - np.log(_near(finished, last)))


def _near(curve: Curve, step: float) -> float:
    """The loss around a step: the geometric mean of what lies within 2 % before it and after."""
    near = np.abs(curve.steps / step - 1.0) <= 0.02
    if np.count_nonzero(near) < 3:
        return float(np.exp(np.interp(step, curve.steps, np.log(curve.loss))))
    # A line, for at the end of a curve what lies near lies before.
    x, y = np.log(curve.steps[near] / step), np.log(curve.loss[near])
    return float(np.exp(np.polyfit(x, y, 1)[1]))


def _annealed(curve: Curve, step: float) -> bool:
    """Whether the rate has come down far enough to show what annealing brings."""
    rate = curve.rate(step)
    return rate is not None and curve.rates is not None and rate < _ANNEALED * curve.rates.max()


def _flat(curve: Curve, end: float) -> bool:
    """Whether the rate stays what it is until the end."""
    now, then = curve.rate(curve.last), curve.rate(end)
    return now is not None and then is not None and abs(then / now - 1.0) < 0.01


def _borrowed(law: str, end: float, siblings: Sequence[Curve]) -> dict[str, float]:
    """What the finished sibling nearest in length says of annealing."""
    usable = [one for one in siblings if one.rates is not None and _annealed(one, one.last)]
    if not usable:
        raise Refused(
            "annealing_unknown",
            "the run has not been annealed and no finished sibling with a schedule was, so "
            "nothing shows what annealing will bring.",
            "Give a finished sibling with its learning rates, or train until the rate falls.",
        )
    nearest = min(usable, key=lambda one: abs(np.log(one.last / end)))
    params = _fit(law, nearest, nearest.last)
    return {name: params[name] for name in _OF_ANNEALING[law]}


def _borrowed_or_none(law: str, end: float, siblings: Sequence[Curve]) -> dict[str, float]:
    try:
        return _borrowed(law, end, siblings)
    except Refused:
        return {}


def _fitted(
    law: str, curve: Curve, end: float, at: FloatArray, held: dict[str, float]
) -> FloatArray:
    """The losses that a law, fitted to a curve, expects at some steps of its schedule.

    With what annealing brings `held`, it is added back, and the rest is a power law with a floor.
    """
    inputs = _inputs(law, curve, np.round(at))
    if not held:
        return get_law(law).predict(_fit(law, curve, end), inputs)
    seen = curve.binned(end)
    known = _inputs(law, seen, seen.steps)
    runs = Runs({"lr_sum": known["lr_sum"]}, seen.loss + _gain(law, held, known))
    found = fit(runs, get_law("m2@lr_sum"), objective="squared", bootstrap=0, throw=True)
    return found.predict({"lr_sum": inputs["lr_sum"]}) - _gain(law, held, inputs)


def _gain(law: str, held: dict[str, float], inputs: dict[str, FloatArray]) -> FloatArray:
    """The loss that annealing has taken away: what the law lacks to a high floor alone."""
    high = 1e3
    alone = {"L0": high, "A": 0.0, "alpha": 1.0, **held}
    return np.asarray(high - get_law(law).predict(alone, inputs))


def _fit(law: str, curve: Curve, end: float) -> dict[str, float]:
    seen = curve.binned(end)
    runs = Runs(_inputs(law, seen, seen.steps), seen.loss, source="the curve")
    try:
        return fit(runs, law, objective="squared", bootstrap=0, throw=True).params
    except FlopcastError as error:
        raise Refused("no_fit", f"law {law!r} does not fit the curve: {error}") from None


def _inputs(law: str, curve: Curve, steps: FloatArray) -> dict[str, FloatArray]:
    """The law's inputs at some steps, from the whole schedule."""
    assert curve.rates is not None
    assert curve.rate_steps is not None
    last = max(float(steps[-1]), 2.0)
    every = np.unique(np.concatenate([np.linspace(1.0, last, 1000).round(), steps]))
    peak = int(np.argmax(curve.rates))
    # Warming up is no negative annealing: the rate counts as the peak until it is reached.
    whole = np.where(np.arange(len(curve.rates)) < peak, curve.rates[peak], curve.rates)
    rates = np.interp(every, curve.rate_steps, whole)
    found = schedule_inputs(rates, steps=every)
    rows = np.searchsorted(every, steps)
    return {name: found[name][rows] for name in get_law(law).inputs}
