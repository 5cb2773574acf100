"""Most probable parameters under priors: many small problems of one law at once.

Each problem minimises ½(ν + Σw)·log(ν s² + Σ w ρ(y − log prediction)) plus, for each parameter,
½(τ + 1)·log(1 + ((θ − μ)/sd)²/τ): a normal error whose variance is unknown, with a scaled inverse
χ² prior of ν degrees of freedom around s² integrated out (Gelman et al. 2013, section 3.2), and
Student t priors, which give way where a study is unlike the past ones. ρ is the smooth Huber
penalty 2δ²(√(1 + (r/δ)²) − 1), quadratic near 0 and linear beyond δ. Damped Gauss-Newton steps.
"""

from dataclasses import dataclass
from typing import Final, final

import numpy as np

from flopcast.forecasting.candidate import Penalty
from flopcast.laws.features import FloatArray
from flopcast.laws.model import Model, gram

NOISE_WEIGHT: Final = 2.0  # degrees of freedom of the prior on the noise
PRIOR_TAIL: Final = 4.0  # degrees of freedom of the priors on parameters
_CHUNK_VALUES: Final = 16_384
_TOLERANCE: Final = 1e-3  # of a log density: what differs by less is as probable


@final
@dataclass(frozen=True, eq=False)
class Fitted:
    """Parameters (m, p), their objective (m,), and the standard deviation of log loss (m,)."""

    theta: FloatArray
    value: FloatArray
    noise: FloatArray


@final
@dataclass(frozen=True, eq=False)
class Target:
    """What is fitted: log losses and weights, (n,) or (m, n), delta, and the expected noise.

    `shift` (m, p) or 0 displaces the prior's centre, in its standard deviations.
    """

    y: FloatArray
    weights: FloatArray
    delta: float
    noise: float
    shift: FloatArray | float = 0.0

    def rows(self, which: slice) -> "Target":
        """The same for some of the problems."""
        return Target(
            self.y[which] if self.y.ndim > 1 else self.y,
            self.weights[which] if self.weights.ndim > 1 else self.weights,
            self.delta,
            self.noise,
            self.shift[which] if isinstance(self.shift, np.ndarray) else self.shift,
        )


def fit_most_probable(
    model: Model, penalty: Penalty, target: Target, starts: FloatArray, iterations: int = 25
) -> Fitted:
    """The local optimum from each start (m, p)."""
    theta = starts.copy()
    value, noise = np.empty(len(starts)), np.empty(len(starts))
    length = max(1, _CHUNK_VALUES // model.runs)
    with np.errstate(all="ignore"):
        for first in range(0, len(starts), length):
            part = slice(first, first + length)
            theta[part], value[part], noise[part] = _descend(
                model, penalty, target.rows(part), theta[part], iterations
            )
    return Fitted(theta, value, noise)


def _descend(
    model: Model, penalty: Penalty, target: Target, theta: FloatArray, iterations: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    theta = np.clip(theta, penalty.lower, penalty.upper)
    value, variance, pull, hessian = _evaluate(model, penalty, target, theta)
    damping = np.full(len(theta), 0.1)
    for _ in range(iterations):
        trial = _trial(theta, pull, hessian, damping, penalty)
        new_value, new_variance, new_pull, new_hessian = _evaluate(model, penalty, target, trial)
        better = new_value < value
        gain = np.where(better, value - new_value, 0.0)
        theta = np.where(better[:, None], trial, theta)
        value = np.where(better, new_value, value)
        variance = np.where(better, new_variance, variance)
        pull = np.where(better[:, None], new_pull, pull)
        hessian = np.where(better[:, None, None], new_hessian, hessian)
        damping = np.clip(np.where(better, 0.2 * damping, 6.0 * damping), 1e-9, 1e9)
        if np.all((gain < _TOLERANCE) & (better | (damping > 1e6))):
            break
    return theta, value, np.sqrt(variance)


def _evaluate(
    model: Model, penalty: Penalty, target: Target, theta: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Objective (m,), noise variance (m,), descent direction (m, p), Gauss-Newton Hessian."""
    state = model.evaluate(theta)
    residual = target.y - state.value
    root = np.sqrt(1.0 + (residual / target.delta) ** 2)
    squares = np.sum(target.weights * 2.0 * target.delta**2 * (root - 1.0), axis=-1)
    dof = NOISE_WEIGHT + np.sum(target.weights, axis=-1)
    total = NOISE_WEIGHT * target.noise**2 + squares
    variance = total / dof
    score, slope = penalty.score(theta, target.shift), penalty.slope(theta)
    tail = 1.0 + score**2 / PRIOR_TAIL
    prior = 0.5 * (PRIOR_TAIL + 1.0) * np.sum(np.log(tail), axis=1)
    value = 0.5 * dof * np.log(total) + prior
    pulls = slope * slope * (PRIOR_TAIL + 1.0) / (PRIOR_TAIL * tail)
    weights = target.weights / root / variance[:, None]
    pull = np.matmul(state.jacobian, (weights * residual)[:, :, None])[:, :, 0]
    pull = pull - pulls * score / slope
    hessian = gram(state.jacobian, weights)
    diagonal = np.arange(theta.shape[1])
    hessian[:, diagonal, diagonal] += pulls
    fine = np.isfinite(value) & np.isfinite(pull).all(axis=1) & np.isfinite(hessian).all((1, 2))
    value = np.where(fine, value, np.inf)
    pull = np.where(fine[:, None], pull, 0.0)
    hessian = np.where(fine[:, None, None], hessian, np.eye(theta.shape[1]))
    return value, variance, pull, hessian


def _trial(
    theta: FloatArray,
    pull: FloatArray,
    hessian: FloatArray,
    damping: FloatArray,
    penalty: Penalty,
) -> FloatArray:
    blocked = ((theta <= penalty.lower) & (pull < 0.0)) | ((theta >= penalty.upper) & (pull > 0.0))
    free = (~blocked).astype(np.float64)
    pull = pull * free
    system = hessian * free[:, :, None] * free[:, None, :]
    diagonal = np.arange(theta.shape[1])
    size = np.einsum("mjj->mj", hessian)
    system[:, diagonal, diagonal] += damping[:, None] * size + blocked
    step = np.linalg.solve(system, pull[:, :, None])[:, :, 0]
    return np.asarray(np.clip(theta + step, penalty.lower, penalty.upper))
