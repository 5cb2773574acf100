"""A task whose scaling law is known: a student learns a linear teacher of many directions.

The teacher has no end of features; its weight on feature k is ±k^-(1 + a)/2, and the features
are independent and normal. A student of `params` weights sees the first `params` features alone:
what it misses falls as params^-a. It estimates them from `data` noisy labels, knowing how fast the
weights fall but not their signs (ridge regression by that prior): the error of estimation falls as
data^-a/(1 + a), the rate of the Gaussian sequence model (Tsybakov 2009, Introduction to
Nonparametric Estimation, chapter 3; there 1 + a = 2β + 1). The noise on the labels is the floor,
which nothing gets below.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import zeta

#: Variance of the noise on every label: the floor of the squared error.
FLOOR: Final = 1.0
#: The exponent a of params.
PARAMS_EXPONENT: Final = 0.8
#: The exponent of data.
DATA_EXPONENT: Final = PARAMS_EXPONENT / (1 + PARAMS_EXPONENT)
_BLOCK: Final = 4096

FloatArray = npt.NDArray[np.float64]


def train(config: Mapping[str, Any], ctx: Any) -> dict[str, float]:
    """Fit one student; its squared error on a new sample, noise included, expected over teachers.

    `config` has ``params`` (weights of the student) and ``data`` (samples). The samples are drawn
    by the seed; over the teacher's signs and the noise the mean is exact. The FLOP are those of
    the normal equations: data · params² for the products and params³ / 3 for solving them.
    """
    params, data = int(config["params"]), int(config["data"])
    rng = np.random.default_rng([ctx.seed, params, data])
    prior = np.arange(1.0, params + 1) ** -(1.0 + PARAMS_EXPONENT)
    missed = float(zeta(1.0 + PARAMS_EXPONENT, params + 1.0))
    loss = FLOOR + missed + _unlearned(prior, FLOOR + missed, data, rng)
    flop = float(data * params**2 + params**3 / 3)
    ctx.report(1, data, loss, flop=flop)
    return {"loss": loss, "flop": flop}


def _unlearned(prior: FloatArray, noise: float, data: int, rng: np.random.Generator) -> float:
    """Squared error that is left in the weights after `data` samples, a block of them at a time.

    The trace of their covariance given the samples; to the student, what it misses is noise.
    """
    gram = np.diag(noise / prior)
    for start in range(0, data, _BLOCK):
        features = rng.standard_normal((min(_BLOCK, data - start), len(prior)))
        gram += features.T @ features
    return noise * float(np.trace(np.linalg.inv(gram)))
