"""How good forecasts were, once the outcomes are known.

Scores that are proper: honest quantiles have the best expected score. Everything takes arrays and
returns arrays or plain numbers, in the unit of the metric unless said.
"""

import numpy as np
import numpy.typing as npt

from flopcast.errors import InputError
from flopcast.laws.features import FloatArray


def crps(samples: npt.ArrayLike, observed: npt.ArrayLike) -> FloatArray:
    """Continuous ranked probability score (points,) of samples (draws, points); lower is better.

    E|X − y| − ½ E|X − X′| over the draws taken as the forecast (Gneiting & Raftery 2007,
    doi:10.1198/016214506000001437, equation 21), in the unit of the metric. A forecast of one
    draw scores its absolute error.

    Raises InputError when the shapes do not belong together.
    """
    drawn, truth = _drawn(samples, observed)
    n = len(drawn)
    ordered = np.sort(drawn, axis=0)
    # Σ_ij |x_i − x_j| = 2 Σ_k (2k − n + 1) x_(k), k from 0
    rank = 2.0 * np.arange(n) - n + 1.0
    spread = np.einsum("k,kp->p", rank, ordered) / n**2
    return np.asarray(np.abs(drawn - truth).mean(axis=0) - spread)


def pinball(predicted: npt.ArrayLike, observed: npt.ArrayLike, quantile: float) -> FloatArray:
    """Quantile loss (points,) of a predicted quantile; lower is better.

    q·(y − x) where the outcome y lies above the prediction x, else (1 − q)·(x − y) (Gneiting &
    Raftery 2007, equation 40). Raises InputError for a quantile that is not between 0 and 1.
    """
    if not 0.0 < quantile < 1.0:
        raise InputError(f"quantile is {quantile}; it lies between 0 and 1.")
    above = np.asarray(observed, dtype=np.float64) - np.asarray(predicted, dtype=np.float64)
    return np.asarray(np.where(above >= 0.0, quantile * above, (quantile - 1.0) * above))


def interval_score(
    low: npt.ArrayLike, high: npt.ArrayLike, observed: npt.ArrayLike, level: float
) -> FloatArray:
    """Score (points,) of central intervals at `level`; lower is better.

    The width, plus 2/(1 − level) times the distance by which the outcome falls outside (Gneiting
    & Raftery 2007, equation 43). Raises InputError for a level that is not between 0 and 1.
    """
    if not 0.0 < level < 1.0:
        raise InputError(f"level is {level}; an interval's level is between 0 and 1.")
    below, above = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    truth = np.asarray(observed, dtype=np.float64)
    outside = np.maximum(below - truth, 0.0) + np.maximum(truth - above, 0.0)
    return np.asarray(above - below + 2.0 / (1.0 - level) * outside)


def inside(
    low: npt.ArrayLike, high: npt.ArrayLike, observed: npt.ArrayLike
) -> npt.NDArray[np.bool_]:
    """Whether each outcome (points,) lies within its interval, ends included."""
    truth = np.asarray(observed, dtype=np.float64)
    return np.asarray((truth >= np.asarray(low)) & (truth <= np.asarray(high)))


def coverage(low: npt.ArrayLike, high: npt.ArrayLike, observed: npt.ArrayLike) -> float:
    """The share of outcomes within their intervals; honest intervals cover their level."""
    return float(inside(low, high, observed).mean())


def rank(samples: npt.ArrayLike, observed: npt.ArrayLike) -> FloatArray:
    """The share of draws (points,) below each outcome; uniform over honest forecasts.

    The probability integral transform (Dawid 1984), ties counted half.

    Raises InputError when the shapes do not belong together.
    """
    drawn, truth = _drawn(samples, observed)
    return np.asarray((drawn < truth).mean(axis=0) + 0.5 * (drawn == truth).mean(axis=0))


def relative_errors(predicted: npt.ArrayLike, observed: npt.ArrayLike) -> FloatArray:
    """(predicted − observed) / observed of each point (points,): 0.01 is 1 % too high."""
    truth = np.asarray(observed, dtype=np.float64)
    return np.asarray((np.asarray(predicted, dtype=np.float64) - truth) / truth)


def mean_absolute_relative_error(predicted: npt.ArrayLike, observed: npt.ArrayLike) -> float:
    """The mean size of the relative errors: 0.01 is 1 %."""
    return float(np.abs(relative_errors(predicted, observed)).mean())


def bias(predicted: npt.ArrayLike, observed: npt.ArrayLike) -> float:
    """The mean relative error, with its sign: above 0 where predictions are too high."""
    return float(relative_errors(predicted, observed).mean())


def _drawn(samples: npt.ArrayLike, observed: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    drawn = np.asarray(samples, dtype=np.float64)
    truth = np.asarray(observed, dtype=np.float64)
    if drawn.ndim != 2 or truth.shape != drawn.shape[1:] or not len(drawn):
        raise InputError(
            f"samples have shape {drawn.shape} and outcomes {truth.shape}; "
            "they must be (draws, points) and (points,)."
        )
    return drawn, truth
