"""How well each law predicted larger runs of the study from smaller ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from flopcast.forecasting.candidate import Candidate
from flopcast.forecasting.estimate import Estimate, most_probable
from flopcast.forecasting.study import Study, decades_beyond
from flopcast.laws.features import FloatArray

_SHARES: Final = (0.35, 0.5, 0.65, 0.8)
_FEWEST_BELOW: Final = 4
_LEAST_FALL: Final = 0.005
_MOST_FALL: Final = 3.0
_APART: Final = 0.05  # decades that a held-out run must lie beyond the origin


@final
@dataclass(frozen=True)
class Slope:
    """How much log loss falls per decade of compute.

    `ahead` is what the laws expect of a typical run in the next decade, their median; `steepest`
    the larger of that and of what the runs show (a weighted regression).
    """

    ahead: float
    steepest: float


@final
@dataclass(frozen=True, eq=False)
class Origin:
    """One rolling origin: log errors (members, held out), observed − predicted, and distances."""

    errors: FloatArray
    decades: FloatArray
    slope: Slope
    noise: float


def origins(study: Study) -> list[FloatArray]:
    """Masks (n,) of the runs up to each origin: evenly spaced over scale and number."""
    scale = study.log_scale
    levels = np.unique(scale)
    found: list[FloatArray] = []
    for share in _SHARES:
        middle = 0.5 * (
            np.quantile(scale, share) + scale.min() + share * (scale.max() - scale.min())
        )
        cut = levels[np.argmin(np.abs(levels - middle))]
        below = scale <= cut
        beyond = scale > cut + _APART
        if below.sum() < _FEWEST_BELOW or not beyond.any() or np.unique(scale[below]).size < 2:
            continue
        if not found or (found[-1] != below).any():
            found.append(below)
    return found


def roll(study: Study, candidates: Sequence[Candidate], noise: float) -> list[Origin]:
    """Every candidate refitted up to each origin and held against what lies beyond."""
    results = []
    for below in origins(study):
        part = study.where(below)
        beyond = study.log_scale > study.log_scale[below.astype(bool)].max() + _APART
        held = study.runs.where(beyond)
        fits = [most_probable(candidate, part, noise) for candidate in candidates]
        predicted = np.array([fit.predict(held.inputs)[0] for fit in fits])
        results.append(
            Origin(
                np.log(held.loss) - predicted,
                decades_beyond(part, held.inputs),
                slope_of(fits),
                float(np.median([fit.noise for fit in fits])),
            )
        )
    return results


def slope_of(fits: Sequence[Estimate]) -> Slope:
    """How steep the study is, as its laws and its runs say."""
    study = fits[0].study
    moving = [name for name in ("params", "data") if name in study.units] or list(study.units)[:1]
    step = 10.0 ** (1.0 / len(moving))
    moved = {*moving, "unique_data"}
    steps = {name: np.array([1.0, step if name in moved else 1.0]) for name in study.units}
    both = {name: unit * steps[name] for name, unit in study.units.items()}
    falls = [float(-np.diff(fit.predict(both)[0])[0]) for fit in fits]
    ahead = float(np.clip(np.nanmedian(falls), _LEAST_FALL, _MOST_FALL))
    x = study.log_scale - np.average(study.log_scale, weights=study.weights)
    seen = -float(np.sum(study.weights * x * study.y) / np.sum(study.weights * x**2))
    return Slope(ahead, float(np.clip(seen, ahead, _MOST_FALL)))
