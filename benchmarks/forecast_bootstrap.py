"""What others do: one law, refitted to resampled runs, with a resampled residual on top."""

import numpy as np

from flopcast.errors import Refused
from flopcast.fitting.fit import fit
from flopcast.laws.features import FloatArray
from flopcast.observations import Runs

LAWS = (
    "chinchilla",
    "kaplan-floor",
    "bounded",
    "coupled",
    "m1@compute",
    "m2@compute",
    "m3@compute",
    "m4@compute",
    "bnsl1@compute",
)


def bootstrapped(law: str, train: Runs, test: Runs, draws: int = 100) -> FloatArray | None:
    """Draws (draws, points) of new runs' losses, as OLMo-core and others make them.

    Case bootstrap of a Huber fit (Hoffmann et al. 2022; Besiroglu et al. 2024) times the
    exponential of residuals drawn with replacement. None where the law cannot be fitted.
    """
    result = fit(train, law, bootstrap=draws)
    if not result.ok:
        return None
    try:
        mean = result.predict_draws({name: test[name] for name in result.law.inputs})
    except Refused:
        return None
    noise = np.random.default_rng(0).choice(result.residuals, mean.shape)
    samples = mean * np.exp(noise)
    return np.asarray(samples[np.isfinite(samples).all(axis=1)])
