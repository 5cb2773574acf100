"""Everything a curve says of one law: its parameters, level, noise and drift, as weighted nodes.

The log loss at log input u, 0 at the largest run, is

    level + law(u) + drift(u) + noise,

where noise is independent with variance s²·e^(−k·u) and drift is Brownian from 0 at the largest
run backwards, of variance rate ρ·s²·e^(−q·u): a law is asked to hold near the largest runs, less
and less the further away. Level and s are integrated out in closed form, ρ over a grid, and the
law's numbers by importance sampling around the modes.
"""

from dataclasses import dataclass
from typing import Final, final

import numpy as np

from flopcast.forecasting.one_axis_constants import OneAxisConstants
from flopcast.forecasting.one_axis_modes import modes
from flopcast.forecasting.one_axis_nodes import NORMAL, around, log_prior, prior_nodes
from flopcast.forecasting.one_axis_shapes import Ends, Shape
from flopcast.laws.features import FloatArray

_STARTS: Final = 6
_DIGITS: Final = 9
_IMPOSSIBLE: Final = -1e9


@final
@dataclass(frozen=True, eq=False)
class Curve:
    """Runs along one axis: u (n,) = log input over the largest, ascending; y (n,) log loss.

    `count` (n,) is how many runs each point stands for, `floor` and `baseline` limits of the
    loss if known.
    """

    axis: str
    u: FloatArray
    y: FloatArray
    count: FloatArray
    floor: float | None = None
    baseline: float | None = None

    @property
    def ends(self) -> Ends:
        """Levels relative to the loss at the largest runs."""
        last = float(self.y[-3:].mean())
        relative = [
            None if level is None or level <= 0.0 else float(level / np.exp(last))
            for level in (self.floor, self.baseline)
        ]
        return Ends(round(float(self.y.max()) - last, _DIGITS), -float(self.u.min()), *relative)

    def until(self, u: float) -> "Curve":
        """The part up to a log input, with its own largest run at 0."""
        kept = self.u <= u
        part = self.u[kept]
        return Curve(
            self.axis,
            part - part.max(),
            self.y[kept],
            self.count[kept],
            self.floor,
            self.baseline,
        )


@final
@dataclass(frozen=True, eq=False)
class Whitener:
    """Turns residuals into independent ones for every drift rate ρ of the grid at once.

    `turn` (n, n), `gain` (n, j) and `half_log_det` (j,) over the grid of j rates.
    """

    turn: FloatArray
    gain: FloatArray
    half_log_det: FloatArray


def whitener(curve: Curve, constants: OneAxisConstants) -> Whitener:
    """One eigendecomposition serves every ratio of drift to noise."""
    back = np.minimum.outer(-curve.u, -curve.u)
    drift = np.expm1(constants.drift_growth * back) / constants.drift_growth
    root = np.sqrt(curve.count * np.exp(constants.noise_growth * curve.u))
    values, vectors = np.linalg.eigh(root[:, None] * drift * root)
    rates = np.array(constants.drift)
    gain = 1.0 / (1.0 + np.outer(np.maximum(values, 0.0), rates))
    return Whitener(root[:, None] * vectors, gain, 0.5 * np.log(gain).sum(axis=0))


@final
@dataclass(frozen=True, eq=False)
class Posterior:
    """Nodes of one law on one curve.

    `numbers` (k, d) and law `coordinates` (k, p); over nodes and drift rates (k, j): `weight`,
    `level`, `scale` s² and the `precision` (j,) of the level in units of 1/s². `evidence` is the
    log of the marginal likelihood, `freedom` the degrees of freedom of s².
    """

    shape: Shape
    numbers: FloatArray
    coordinates: FloatArray
    weight: FloatArray
    level: FloatArray
    scale: FloatArray
    precision: FloatArray
    evidence: float
    freedom: float

    def relative(self, axis: str, u: FloatArray) -> FloatArray:
        """Log loss (k, points) over that at the largest run."""
        model = self.shape.law(axis).bind({axis: np.exp(u)})
        return model.value(self.coordinates)

    def mean(self, axis: str, u: FloatArray) -> FloatArray:
        """Mean log loss (points,)."""
        each = self.weight.sum(axis=1) @ self.relative(axis, u)
        return np.asarray(each + np.sum(self.weight * self.level))


def over_kinds(
    shape: Shape, curve: Curve, constants: OneAxisConstants, whitened: Whitener
) -> Posterior:
    """The posterior under the priors of any curve and of each kind, as likely as they make it."""
    each = [posterior(shape, curve, kind, whitened) for kind in constants.by_kind()]
    if len(each) == 1:
        return each[0]
    evidence = np.array([one.evidence for one in each])
    share = np.exp(evidence - evidence.max())
    return Posterior(
        shape,
        np.concatenate([one.numbers for one in each]),
        np.concatenate([one.coordinates for one in each]),
        np.concatenate([p * one.weight for p, one in zip(share / share.sum(), each, strict=True)]),
        np.concatenate([one.level for one in each]),
        np.concatenate([one.scale for one in each]),
        each[0].precision,
        float(evidence.max() + np.log(share.mean())),
        each[0].freedom,
    )


def posterior(
    shape: Shape, curve: Curve, constants: OneAxisConstants, whitened: Whitener
) -> Posterior:
    """Nodes and weights of a law, from its prior and the curve."""
    mean, deviation = constants.prior(shape.name, shape.numbers)
    tails = tuple(constants.tails.get(name, NORMAL) for name in shape.numbers)
    model = shape.law(curve.axis).bind({curve.axis: np.exp(curve.u)})

    # Rounded, so that the unit of the loss leaves no trace in where the search ends.
    y = np.round(curve.y - curve.y[-1], _DIGITS)

    def look(z: FloatArray) -> tuple[FloatArray, ...]:
        with np.errstate(all="ignore"):
            coordinates = shape.coordinates(mean + deviation * z, curve.ends)
            residuals = y - model.value(coordinates)
            return coordinates, *_integrate(residuals, whitened, constants)

    def log_density(z: FloatArray) -> FloatArray:
        return np.asarray(np.logaddexp.reduce(look(z)[1], axis=1) + log_prior(z, tails))

    first = prior_nodes(tails)
    starts = first[np.argsort(-log_density(first), kind="stable")[:_STARTS]]
    z, log_proposal = around(*modes(log_density, starts), tails)
    coordinates, log_weight, level, scale, precision = look(z)
    log_weight = log_weight + (log_prior(z, tails) - log_proposal)[:, None]
    top = float(log_weight.max())
    weight = np.exp(log_weight - top)
    total = float(weight.sum())
    return Posterior(
        shape,
        mean + deviation * z,
        coordinates,
        weight / total,
        level + curve.y[-1],
        scale,
        precision,
        top + float(np.log(total / len(z))),
        constants.noise_weight + len(curve.y) - 1.0,
    )


def _integrate(
    residuals: FloatArray, white: Whitener, constants: OneAxisConstants
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Log weight, level and s² (k, j), and the level's precision (j,), for residuals (k, n)."""
    turned = residuals @ white.turn
    ones = white.turn.sum(axis=0)
    precision = ones**2 @ white.gain
    level = (turned * ones) @ white.gain / precision
    squares = turned**2 @ white.gain - level**2 * precision
    prior = constants.noise_weight * constants.noise**2
    freedom = constants.noise_weight + residuals.shape[1] - 1.0
    total = prior + np.maximum(squares, 0.0)
    log_weight = -0.5 * freedom * np.log(total) + white.half_log_det - 0.5 * np.log(precision)
    possible = np.isfinite(log_weight)
    return (
        np.where(possible, log_weight, _IMPOSSIBLE),
        np.where(possible, level, 0.0),
        np.where(possible, total / freedom, 1.0),
        precision,
    )
