"""A forecast along one axis: error or loss against data, model size or compute alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, final

import numpy as np

from flopcast.fitting.finding import Finding
from flopcast.forecasting.one_axis_constants import OneAxisConstants
from flopcast.forecasting.one_axis_draws import Draws, draw, structural_sd
from flopcast.forecasting.one_axis_posterior import Curve, Posterior, over_kinds, whitener
from flopcast.forecasting.one_axis_shapes import SHAPES
from flopcast.laws.features import FloatArray
from flopcast.laws.law import Law
from flopcast.observations import Runs

_MOST_POINTS: Final = 100
_HALF: Final = float(np.log(2.0))
_FEWEST_BEFORE: Final = 5
_WORST: Final = 4.0  # a backtest counts up to so many standard deviations
_STEP: Final = 0.1
_ALIKE: Final = 1e-6
_DOUBT: Final = 4.0  # held-out runs at which a backtest counts half


def one_axis_laws(axis: str) -> tuple[Law, ...]:
    """The laws of a forecast along an axis."""
    return tuple(shape.law(axis) for shape in SHAPES.values())


def axis_of(
    runs: Runs, at: Mapping[str, FloatArray], members: Sequence[str | Law] | None
) -> str | None:
    """The one input along which runs and points differ, None if there is no such input.

    None also where members are named that are no laws of one axis.
    """
    if members is not None and any(isinstance(m, Law) or m not in SHAPES for m in members):
        return None
    inputs = {name: column for name, column in runs.inputs.items() if name in at}
    columns = {name: np.append(column, at[name]) for name, column in inputs.items()}
    varying = [name for name, column in columns.items() if np.ptp(np.log(column)) > _ALIKE]
    if len(varying) > 1 and "compute" in varying:
        varying.remove("compute")
    return varying[0] if len(varying) == 1 and np.ptp(runs[varying[0]]) > 0.0 else None


def curve_of(
    runs: Runs, axis: str, floor: float | None = None, baseline: float | None = None
) -> Curve:
    """Runs as a curve; more than a hundred are averaged in equal steps of log input."""
    x = runs[axis]
    order = np.argsort(x, kind="stable")
    u, y = np.round(np.log(x[order] / x.max()), 9), np.log(runs.loss[order])
    count = np.ones(len(u))
    if len(u) > _MOST_POINTS:
        steps = np.ceil(u / u.min() * (_MOST_POINTS - 1)) if u.min() < 0.0 else u
        _, place, counts = np.unique(-steps, return_inverse=True, return_counts=True)
        count = counts.astype(np.float64)
        u, y = (np.bincount(place, values) / count for values in (u, y))
    return Curve(axis, u, y, count, floor, baseline)


@final
@dataclass(frozen=True, eq=False)
class View:
    """What the laws, taken together, say of a curve."""

    curve: Curve
    posteriors: tuple[Posterior, ...]
    weights: FloatArray
    constants: OneAxisConstants

    def mean(self, u: FloatArray) -> FloatArray:
        """Mean log loss (points,) at log inputs over the largest."""
        return np.asarray(self.weights @ self.each(u))

    def each(self, u: FloatArray) -> FloatArray:
        """Each law's mean log loss (laws, points)."""
        return np.array([p.mean(self.curve.axis, u) for p in self.posteriors])

    @cached_property
    def steepness(self) -> float:
        """Fall of log loss per unit of log input at the largest run."""
        before, after = self.mean(np.array([-_STEP, _STEP]))
        return float(max(before - after, 0.0) / (2.0 * _STEP))

    @cached_property
    def noise(self) -> float:
        """Standard deviation of a run's log loss."""
        scales = [float(np.sum(p.weight * p.scale)) for p in self.posteriors]
        return float(np.sqrt(self.weights @ np.array(scales)))


def view(curve: Curve, names: Sequence[str], constants: OneAxisConstants) -> View:
    """The laws' posteriors, and their weights before any backtest."""
    white = whitener(curve, constants)
    found = tuple(over_kinds(SHAPES[name], curve, constants, white) for name in names)
    evidence = np.array([each.evidence for each in found])
    prior = prior_weights(names, constants)
    weights = prior * np.exp(constants.evidence * (evidence - evidence.max()))
    return View(curve, found, weights / weights.sum(), constants)


def prior_weights(names: Sequence[str], constants: OneAxisConstants) -> FloatArray:
    """What each law counts before a curve is seen, (laws,)."""
    raw = np.array([constants.weights.get(name, 0.0) for name in names])
    raw = raw if raw.sum() > 0.0 else np.ones(len(names))
    return np.asarray(raw / raw.sum())


@final
@dataclass(frozen=True, eq=False)
class Origin:
    """How the larger half of a curve was predicted from its smaller half.

    `errors` (laws, held out) are log predicted − log observed; `noise` is the standard deviation
    of log loss that the smaller half shows; `standardised` is the root mean square of the joint
    error in units of the structural standard deviation that was expected.
    """

    errors: FloatArray
    noise: float
    standardised: float

    @property
    def skill(self) -> FloatArray:
        """How well each law did, (laws,): minus the log of its error, which is at least the noise.

        The fewer runs were held out, the nearer to 0.
        """
        square = (self.errors**2).mean(axis=1) + self.noise**2
        held = self.errors.shape[1]
        return np.asarray(-0.5 * np.log(square) * held / (held + _DOUBT))


def backtest(curve: Curve, names: Sequence[str], constants: OneAxisConstants) -> Origin | None:
    """Predict runs beyond half the largest input from those up to it; None with too few."""
    held = curve.u > -_HALF
    if np.count_nonzero(~held) < _FEWEST_BEFORE or not held.any():
        return None
    start = float(curve.u[~held].max())
    past = view(curve.until(start), names, constants)
    ahead = curve.u[held] - start
    errors = past.each(ahead) - curve.y[held]
    expected = structural_sd(ahead, past.steepness, constants) ** 2 + past.noise**2
    joint = (past.weights @ errors) ** 2 / expected
    return Origin(errors, past.noise, float(np.sqrt(np.mean(np.minimum(joint, _WORST**2)))))


def weighted(found: View, origin: Origin | None) -> View:
    """The laws' weights times a power of how well each predicted the larger half of the curve."""
    if origin is None:
        return found
    skill = origin.skill
    weights = found.weights * np.exp(found.constants.skill * (skill - skill.max()))
    return replace(found, weights=weights / weights.sum())


@final
@dataclass(frozen=True, eq=False)
class Outcome:
    """A forecast along one axis, in log loss, before it takes the form of a `Forecast`."""

    names: tuple[str, ...]
    view: View
    origin: Origin | None
    prior: FloatArray
    predictions: FloatArray
    draws: Draws
    decades: FloatArray

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the reader should know."""
        if self.origin is not None:
            return ()
        return (
            Finding(
                "no_backtest",
                "warning",
                f"{len(self.view.curve.u)} points are too few or too alike in scale to test the "
                "laws on each other; the interval rests on past curves.",
                "Add cheaper runs of several scales.",
            ),
        )

    def backtest_error(self, k: int) -> float | None:
        """Root mean squared log error of a law in the backtest."""
        if self.origin is None:
            return None
        return float(np.sqrt(np.mean(self.origin.errors[k] ** 2)))


def look_ahead(
    curve: Curve,
    u: FloatArray,
    constants: OneAxisConstants,
    names: Sequence[str] | None,
    kind: str,
    draws: int,
    seed: int,
) -> Outcome:
    """Joint draws at log inputs u (points,) over the largest run of the curve."""
    chosen = tuple(names if names is not None else used_by_default(constants))
    origin = backtest(curve, chosen, constants)
    now = weighted(view(curve, chosen, constants), origin)
    structural = structural_sd(u, now.steepness, constants)
    if origin is not None:
        own = constants.distance_weight
        structural = structural * np.sqrt((own + origin.standardised**2) / (own + 1.0))
    rng = np.random.default_rng(seed)
    drawn = draw(
        now.posteriors, now.weights, curve.axis, u, structural, constants, kind, draws, rng
    )
    return Outcome(
        chosen,
        now,
        origin,
        prior_weights(chosen, constants),
        now.each(u),
        drawn,
        np.maximum(u, 0.0) / np.log(10.0),
    )


def used_by_default(constants: OneAxisConstants) -> tuple[str, ...]:
    """The laws that past curves give any weight."""
    return tuple(name for name in SHAPES if constants.weights.get(name, 0.0) > 0.0)
