"""One law on one study: its most probable parameters, and draws around them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from flopcast.forecasting.candidate import Candidate, Penalty, penalty_of
from flopcast.forecasting.solver import Fitted, Target, fit_most_probable
from flopcast.forecasting.study import Study
from flopcast.laws.features import FloatArray
from flopcast.laws.model import Model, gram

DELTA: Final = 0.02  # log residuals beyond 2 % count less than their square
_STARTS: Final = 12
_SPREAD: Final = 0.8
_HEAT: Final = 7
_FINALISTS: Final = 2
_WARM_ITERATIONS: Final = 4
_MOST_LEVERAGE: Final = 0.9


@final
@dataclass(frozen=True, eq=False)
class Estimate:
    """The most probable parameters `theta` (p,) of a candidate on a study."""

    candidate: Candidate
    study: Study
    model: Model
    penalty: Penalty
    theta: FloatArray
    value: float
    noise: float

    def predict(self, at: Mapping[str, FloatArray], theta: FloatArray | None = None) -> FloatArray:
        """Log losses (m, points) at `theta` (m, p), or (1, points) at the estimate."""
        chosen = self.theta[None] if theta is None else theta
        with np.errstate(all="ignore"):
            model = self.candidate.law.bind(self.study.scaled(at))
            return np.asarray(model.value(chosen) + np.log(self.study.typical_loss))

    @property
    def residuals(self) -> FloatArray:
        """Log observed − log predicted of the runs (n,)."""
        return np.asarray(self.study.y - self.model.value(self.theta[None])[0])


def log_evidence(estimate: Estimate) -> float:
    """Log of the runs' marginal likelihood under the law, up to a constant (Laplace's method)."""
    theta, penalty = estimate.theta[None], estimate.penalty
    slope = penalty.slope(theta)[0]
    rows = estimate.model.evaluate(theta).jacobian
    precision = gram(rows, estimate.study.weights[None] / estimate.noise**2)[0] + np.diag(slope**2)
    volume = 0.5 * float(np.linalg.slogdet(precision)[1])
    return float(np.log(slope).sum()) - estimate.value - volume


def most_probable(candidate: Candidate, study: Study, noise: float) -> Estimate:
    """The best of a fixed set of starts drawn from the prior."""
    model = candidate.law.bind(study.scaled(study.runs.inputs))
    penalty = penalty_of(candidate)
    target = Target(study.y, study.weights, DELTA, noise)
    starts = penalty.draw(_STARTS, np.random.default_rng(0), _SPREAD)
    heat = fit_most_probable(model, penalty, target, starts, _HEAT)
    best = np.argsort(heat.value, kind="stable")[:_FINALISTS]
    last = fit_most_probable(model, penalty, target, heat.theta[best])
    k = int(np.argmin(last.value))
    return Estimate(
        candidate, study, model, penalty, last.theta[k], float(last.value[k]), float(last.noise[k])
    )


def draws(estimate: Estimate, noise: float, count: int, rng: np.random.Generator) -> FloatArray:
    """Parameters (count, p) refitted to perturbed losses and perturbed priors.

    Losses are the fit plus residuals of random sign, scaled for leverage; priors are moved by a
    draw from themselves. Both together draw from the posterior where the law is close to linear
    (randomise, then optimise: Bardsley et al. 2014).
    """
    study, model, penalty = estimate.study, estimate.model, estimate.penalty
    fitted = model.value(estimate.theta[None])[0]
    scale = _spread(estimate)
    y = fitted + scale * rng.choice([-1.0, 1.0], size=(count, len(fitted)))
    shift = rng.standard_normal((count, len(estimate.theta)))
    target = Target(y, np.broadcast_to(study.weights, y.shape), DELTA, noise, shift)
    starts = np.repeat(estimate.theta[None], count, axis=0)
    solved: Fitted = fit_most_probable(model, penalty, target, starts, _WARM_ITERATIONS)
    return solved.theta[np.isfinite(solved.value)]


def _spread(estimate: Estimate) -> FloatArray:
    """Standard deviation (n,) to give each run's loss: its weight says how much it counts."""
    jacobian = estimate.model.evaluate(estimate.theta[None]).jacobian
    weights = estimate.study.weights / estimate.noise**2
    slope = estimate.penalty.slope(estimate.theta[None])[0]
    normal = gram(jacobian, weights[None])[0] + np.diag(slope**2)
    rows = jacobian[0]
    leverage = weights * np.einsum("pn,pn->n", rows, np.linalg.solve(normal, rows))
    own = np.abs(estimate.residuals) / np.sqrt(1.0 - np.clip(leverage, 0.0, _MOST_LEVERAGE))
    # A run of weight w is as uncertain as one of variance noise²/w.
    typical = np.sqrt(0.5 * own**2 + 0.5 * estimate.noise**2)
    return np.asarray(typical / np.sqrt(np.maximum(estimate.study.weights, 1e-6)))
