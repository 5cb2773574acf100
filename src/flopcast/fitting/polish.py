"""The last digits of one fit whose normal equations are too ill-conditioned to give them.

Newton steps solve with JᵀJ, whose condition is the square of the Jacobian's. Where parameters all
but trade places, that loses the digits that would tell them apart. Levenberg–Marquardt on the
Jacobian itself, by singular values, keeps them, and geodesic acceleration (Transtrum and Sethna
2012, arXiv:1201.5885) follows the bends of the narrow valleys in which such minima lie.
"""

from typing import Final

import numpy as np

from flopcast.fitting.solver import BoolArray, Problem, Solution
from flopcast.laws.features import FloatArray

_LEAST_DAMPING: Final = 1e-18
_MOST_DAMPING: Final = 1e6
_LITTLE_DAMPING: Final = 1e-16  # below the square of the smallest singular value of most fits
_NO_SLOPE: Final = 1e-100
_PROBE: Final = 0.1
_MOST_BEND: Final = 0.75
_POLISH: Final = 300
_EXACT: Final = 1e-16  # a squared log residual per run that no real data reach
_NOTHING_LEFT: Final = 1e-29  # and one that is rounding alone


def polish(
    problem: Problem, theta: FloatArray, held: BoolArray, *, iterations: int = 300
) -> tuple[FloatArray, float, bool]:
    """A point (p,) no worse than `theta` (p,), its objective, and whether it is a minimum.

    Coordinates in `held` (p,) stay. Each step is least squares with residuals reweighted as the
    objective's majorising parabola has them, so every accepted step descends.
    """
    value = float(problem.score(theta[None])[0])
    damping, converged = _LEAST_DAMPING, False
    with np.errstate(all="ignore"):
        for _ in range(iterations):
            step = _step(problem, theta, held, damping)
            if step is None:
                break
            trial = np.where(held, theta, np.clip(theta + step, problem.lower, problem.upper))
            new = float(problem.score(trial[None])[0])
            if not new < value:
                damping *= 8.0
                if damping > _MOST_DAMPING:
                    converged = True
                    break
                continue
            converged = value - new < 1e-10 * value and damping < _LITTLE_DAMPING
            theta, value = trial, new
            if converged:
                break
            damping = max(0.1 * damping, _LEAST_DAMPING)
    return theta, value, converged


def polish_best(problem: Problem, solution: Solution, held: BoolArray) -> Solution:
    """The solution with its best minimum polished, if that has not converged.

    Without noise only the last digits tell parameters apart, so those are always polished.
    """
    best = int(np.argmin(solution.value))
    value, runs = solution.value[best], problem.model.runs
    noisy = value > _EXACT * runs or value <= _NOTHING_LEFT * runs
    if (solution.converged[best] and noisy) or not np.isfinite(value):
        return solution
    theta, value, converged = polish(
        problem,
        solution.theta[best],
        held[best],
        iterations=_POLISH if noisy else 2 * _POLISH,
    )
    solution.theta[best], solution.value[best], solution.converged[best] = theta, value, converged
    return solution


def _step(
    problem: Problem, theta: FloatArray, held: BoolArray, damping: float
) -> FloatArray | None:
    """The damped, accelerated step (p,), or None where the law has no derivatives."""
    state = problem.model.evaluate(theta[None])
    residual = problem.y - state.value[0]
    root = np.sqrt(problem.weights * problem.objective.majoriser(residual))
    rows = state.jacobian[0] * root
    blocked = held | ((theta <= problem.lower) & (rows @ (root * residual) < 0.0))
    blocked |= (theta >= problem.upper) & (rows @ (root * residual) > 0.0)
    if not np.all(np.isfinite(rows)):
        return None
    # A coordinate that all but does nothing has no direction: its row would scale to 0/0.
    free = np.flatnonzero(~blocked & (np.abs(rows).max(axis=1) > _NO_SLOPE))
    if not free.size:
        return None
    lengths = np.linalg.norm(rows[free], axis=1)
    solve = _Inverse(rows[free] / lengths[:, None], damping)
    velocity = np.zeros_like(theta)
    velocity[free] = solve(root * residual) / lengths
    along = problem.model.value(theta[None] + _PROBE * velocity)[0]
    bend = 2.0 / _PROBE * ((along - state.value[0]) / _PROBE - velocity @ state.jacobian[0])
    acceleration = np.zeros_like(theta)
    acceleration[free] = -0.5 * solve(root * bend) / lengths
    bent, straight = (np.linalg.norm(part[free] * lengths) for part in (acceleration, velocity))
    return velocity + acceleration if bent <= _MOST_BEND * straight else velocity


class _Inverse:
    """Damped least squares with the rows (p, n) of a Jacobian's transpose."""

    def __init__(self, rows: FloatArray, damping: float) -> None:
        left, sizes, self.right = np.linalg.svd(rows.T, full_matrices=False)
        self.left = left.T * (sizes / (sizes**2 + damping))[:, None]

    def __call__(self, target: FloatArray) -> FloatArray:
        return np.asarray(self.right.T @ (self.left @ target))
