"""Many robust nonlinear fits of one law at once: damped semismooth Newton in NumPy.

Each of m problems minimises Σ weight · ρ(y − log prediction) over its own parameters. The Hessian
is exact where ρ is twice differentiable (it is, but for a finite number of residuals) and includes
the curvature of the law. Damping adds a multiple of the Hessian of the parabola that majorises ρ
(iteratively reweighted least squares), so that steps do not depend on how the parameters are
scaled, and a rejected step falls back towards reweighted least squares, which always descends.
Bounds are kept by projection (Bertsekas 1982). Valleys in which an amplitude trades with its
exponent are straight in the amplitude's log, which is its coordinate; those in which terms of a
sum trade places are straight in the amplitude itself. A slow problem whose step is rejected
changes from one to the other, so that it is not held up by the bends of either.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, final

import numpy as np
import numpy.typing as npt

from flopcast.fitting.objective import Objective
from flopcast.laws.features import FloatArray
from flopcast.laws.model import Model, gram

BoolArray = npt.NDArray[np.bool_]

_CHUNK_VALUES: Final = 49_152  # values x problems at a time: what keeps the work in cache
_LARGEST_DAMPING: Final = 1e12
_PATIENCE: Final = 20  # iterations before other steps are tried in a valley
_MOST_LOST: Final = -0.9  # of an amplitude, in one step
_NOISE_FREE: Final = 1e-31  # a summed squared residual per run that is rounding alone
_WON: Final = 1e-24  # the same, when no other start need go on
_LAP: Final = 10  # iterations by whose gain a race is judged
_LAPS_LEFT: Final = 20
_GRACE: Final = 50  # iterations before the first judgement


@final
@dataclass(frozen=True, eq=False)
class Problem:
    """What is held fixed over a batch: the law on its runs, the data, weights and bounds.

    `y` are log losses and `weights` not negative; each has shape (n,), or (m, n) where problems
    differ. `lower` and `upper` (p,) bound the fitting coordinates. `amplitudes` are the places of
    coordinates that are logs of parameters in which some layer of the law is linear.
    """

    model: Model
    objective: Objective
    y: FloatArray
    weights: FloatArray
    lower: FloatArray
    upper: FloatArray
    amplitudes: tuple[int, ...] = ()

    def rows(self, which: npt.NDArray[np.intp] | slice) -> "Problem":
        """The same for some of the problems of the batch."""
        y = self.y[which] if self.y.ndim > 1 else self.y
        weights = self.weights[which] if self.weights.ndim > 1 else self.weights
        return self.on(y, weights)

    def on(self, y: FloatArray, weights: FloatArray) -> "Problem":
        """The same with other log losses and weights."""
        return replace(self, y=y, weights=weights)

    def score(self, theta: FloatArray) -> FloatArray:
        """The objective at `theta` (m, p): shape (m,), infinite where the law has no value."""
        scores = np.empty(len(theta))
        with np.errstate(all="ignore"):
            for part in _chunks(len(theta), self.model.width):
                rows = self.rows(part)
                residual = rows.y - self.model.value(theta[part])
                scores[part] = np.sum(rows.weights * self.objective.penalty(residual), axis=1)
        return np.where(np.isfinite(scores), scores, np.inf)


@final
@dataclass(frozen=True, eq=False)
class Solution:
    """Minimisers `theta` (m, p), their objectives `value` (m,), and whether each converged."""

    theta: FloatArray
    value: FloatArray
    converged: BoolArray
    iterations: npt.NDArray[np.intp]

    def and_more(self, more: "Solution") -> "Solution":
        """These minimisers followed by `more`."""
        return Solution(
            np.concatenate([self.theta, more.theta]),
            np.concatenate([self.value, more.value]),
            np.concatenate([self.converged, more.converged]),
            np.concatenate([self.iterations, more.iterations]),
        )


def minimise(
    problem: Problem,
    starts: FloatArray,
    *,
    frozen: BoolArray | None = None,
    max_iterations: int = 200,
    tolerance: float = 1e-10,
    race: float | None = None,
) -> Solution:
    """The local minimiser of each problem from its start, shape (m, p).

    Coordinates marked in `frozen` (p,) or (m, p) stay at their start. A problem has converged
    when neither the last step nor the next is worth `tolerance` of its objective. Where the
    objective has no value at the start, the start comes back with an infinite objective. In a
    `race`, all are the same problem and the lowest minimum is wanted: those stop that are too slow
    to get below the objective `race` or the lowest of the others in 200 more iterations, and all
    once one fits exactly.
    """
    m, p = starts.shape
    held = np.broadcast_to(np.zeros(p, dtype=np.bool_) if frozen is None else frozen, (m, p))
    solution = Solution(
        np.clip(
            starts, np.where(held, -np.inf, problem.lower), np.where(held, np.inf, problem.upper)
        ),
        np.full(m, np.inf),
        np.zeros(m, dtype=np.bool_),
        np.zeros(m, dtype=np.intp),
    )
    with np.errstate(all="ignore"):
        for part in _chunks(m, problem.model.width):
            if race is None or not _exact(problem, solution.value, _WON).any():
                which = np.arange(m)[part]
                _descend(problem, solution, held, which, max_iterations, tolerance, race)
    return solution


@final
@dataclass(eq=False)
class _Batch:
    """The problems still running, each at its current point.

    `pull` is minus the gradient, `newton` the exact Hessian and `majorant` that of the
    reweighted least squares. Those that are `linear` step in amplitudes rather than in their logs.
    `lap` is the objective when the race was last judged.
    """

    which: npt.NDArray[np.intp]
    problem: Problem
    theta: FloatArray
    frozen: BoolArray
    damping: FloatArray
    linear: BoolArray
    value: FloatArray
    pull: FloatArray
    newton: FloatArray
    majorant: FloatArray
    lap: FloatArray

    def keep(self, rows: BoolArray) -> None:
        """Drop the problems that have finished."""
        if rows.all():
            return
        self.problem = self.problem.rows(np.flatnonzero(rows))
        for name in ("which", "theta", "frozen", "damping", "linear"):
            setattr(self, name, getattr(self, name)[rows])
        for name in ("value", "pull", "newton", "majorant", "lap"):
            setattr(self, name, getattr(self, name)[rows])


Point = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def _evaluate(problem: Problem, theta: FloatArray) -> Point:
    """The objective at `theta` (m, p), its descent direction, Hessian and majorising Hessian."""
    objective, weights = problem.objective, problem.weights
    state = problem.model.evaluate(theta)
    residual = problem.y - state.value
    value = np.sum(weights * objective.penalty(residual), axis=1)
    influence = weights * objective.influence(residual)
    pull = np.matmul(state.jacobian, influence[:, :, None])[:, :, 0]
    newton = problem.model.second_order(state, -influence, weights * objective.curvature(residual))
    majorant = gram(state.jacobian, weights * objective.majoriser(residual))
    return value, pull, newton, majorant


def _descend(
    problem: Problem,
    solution: Solution,
    held: BoolArray,
    which: npt.NDArray[np.intp],
    max_iterations: int,
    tolerance: float,
    race: float | None,
) -> None:
    """Run the problems `which` to convergence and write them into `solution`."""
    theta = solution.theta[which]
    part = problem.rows(which)
    damping, linear = np.full(len(which), 0.3), np.zeros(len(which), dtype=np.bool_)
    point = _evaluate(part, theta)
    batch = _Batch(which, part, theta, held[which], damping, linear, *point, point[0])
    solution.value[which] = np.where(np.isfinite(batch.value), batch.value, np.inf)
    batch.keep(np.isfinite(batch.value) & np.isfinite(batch.pull).all(axis=1))
    for count in range(max_iterations):
        if not batch.which.size:
            break
        done = _step(batch, tolerance, count >= _PATIENCE)
        solution.iterations[batch.which] += 1
        solution.theta[batch.which] = batch.theta
        solution.value[batch.which] = batch.value
        solution.converged[batch.which] = done
        if race is not None:
            if _exact(problem, batch.value, _WON).any():
                break
            if count % _LAP == 0 and count:
                beaten = _beaten(batch, min(race, solution.value.min()))
                done |= beaten & (count >= _GRACE)
        batch.keep(~done)


def _beaten(batch: _Batch, lowest: float) -> BoolArray:
    """Which problems are too slow to get below `lowest`."""
    gained = batch.lap - batch.value
    batch.lap = batch.value
    return batch.value - _LAPS_LEFT * gained > lowest


def _step(batch: _Batch, tolerance: float, slow: bool) -> BoolArray:
    """One damped step of every problem of the batch; says which have converged."""
    problem = batch.problem
    trial, predicted = _trial(batch)
    value, pull, newton, majorant = _evaluate(problem, trial)
    accepted = (value <= batch.value) & (predicted >= 0.0)
    enough = tolerance * batch.value
    gained = batch.value - value
    settled = (predicted < enough) & (gained < enough) & (batch.damping < 1e-3)
    stuck = (np.abs(predicted) < 1e-3 * enough) | (batch.damping > _LARGEST_DAMPING)
    done = np.where(accepted, settled, stuck)
    batch.theta = np.where(accepted[:, None], trial, batch.theta)
    batch.value = np.where(accepted, value, batch.value)
    batch.pull = np.where(accepted[:, None], pull, batch.pull)
    batch.newton = np.where(accepted[:, None, None], newton, batch.newton)
    batch.majorant = np.where(accepted[:, None, None], majorant, batch.majorant)
    batch.damping = np.where(accepted, 0.15 * batch.damping, np.maximum(5.0 * batch.damping, 1e-4))
    batch.linear = batch.linear ^ (slow & ~accepted)
    return done | _exact(problem, batch.value, _NOISE_FREE)


def _exact(problem: Problem, value: FloatArray, share: float) -> BoolArray:
    """Which objectives are `share` per run or less."""
    return value <= share * problem.model.runs


def _trial(batch: _Batch) -> tuple[FloatArray, FloatArray]:
    """The damped Newton step of each problem, within bounds, and the descent it promises."""
    problem, theta = batch.problem, batch.theta
    blocked = batch.frozen | ((theta <= problem.lower) & (batch.pull < 0.0))
    blocked |= (theta >= problem.upper) & (batch.pull > 0.0)
    pull = np.where(blocked, 0.0, batch.pull)
    damping = batch.damping[:, None]
    size = np.einsum("mjj->mj", batch.majorant)
    scale = 1.0 / np.sqrt(np.maximum(size, 1e-30 * size.max(axis=1, keepdims=True) + 1e-300))
    hessian = batch.newton + damping[:, :, None] * batch.majorant
    places, linear = list(problem.amplitudes), batch.linear[:, None]
    hessian[:, places, places] += np.where(linear, pull[:, places], 0.0)
    hessian *= scale[:, :, None] * scale[:, None, :]
    free = (~blocked).astype(np.float64)
    hessian *= free[:, :, None] * free[:, None, :]
    diagonal = np.arange(theta.shape[1])
    hessian[:, diagonal, diagonal] += 1e-12 + 1e-4 * damping + blocked
    try:
        step = scale * np.linalg.solve(hessian, (scale * pull)[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:
        step = scale * scale * pull / (1.0 + damping)
    share = step[:, places]
    step[:, places] = np.where(linear, np.log1p(np.maximum(share, _MOST_LOST)), share)
    trial = np.where(blocked, theta, np.clip(theta + step, problem.lower, problem.upper))
    return trial, np.sum(pull * (trial - theta), axis=1)


def _chunks(m: int, width: int) -> Iterator[slice]:
    """Consecutive parts of m problems, each small enough to stay in cache."""
    length = max(1, _CHUNK_VALUES // max(width, 1))
    for start in range(0, m, length):
        yield slice(start, start + length)
