"""Laws together: their fits and backtests, how much each counts, and which cannot be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from flopcast.forecasting.candidate import Candidate
from flopcast.forecasting.constants import ANY, Constants
from flopcast.forecasting.estimate import Estimate, log_evidence, most_probable
from flopcast.forecasting.rolling import Origin, Slope, roll, slope_of
from flopcast.forecasting.structure import reach_of
from flopcast.forecasting.study import Study
from flopcast.laws.features import FloatArray

_GENEROUS: Final = 3.0
_ODDS: Final = float(np.log(4.0))  # of a study like any over one of a kind, beforehand
_WORST: Final = 10.0  # a backtest error counts up to so many standard deviations


@final
@dataclass(frozen=True, eq=False)
class Evidence:
    """Fits of every candidate to the whole study and its backtests.

    `kind` is the kind of study whose beliefs make the runs most probable, over all laws: ``any``,
    or one that past studies have shown, if the runs are several times as probable. `support` is
    the log of the runs' marginal likelihood under each fit, up to a constant.
    """

    study: Study
    kind: str
    fits: tuple[Estimate, ...]
    support: FloatArray
    origins: tuple[Origin, ...]
    slope: Slope

    @property
    def noise(self) -> float:
        """Standard deviation of log loss around the better half of the fits."""
        return float(np.quantile([fit.noise for fit in self.fits], 0.25))


def gather(
    study: Study, kinds: Mapping[str, Sequence[Candidate]], constants: Constants
) -> Evidence:
    """Fit everything once for each kind of study, and for the likeliest up to each origin."""
    fits = {
        kind: tuple(most_probable(candidate, study, constants.noise) for candidate in candidates)
        for kind, candidates in kinds.items()
    }
    support = {
        kind: np.array([log_evidence(fit) for fit in of_kind]) for kind, of_kind in fits.items()
    }
    evidence = {kind: float(np.logaddexp.reduce(of_kind)) for kind, of_kind in support.items()}
    kind = max(fits, key=lambda name: evidence[name] + (_ODDS if name == ANY else 0.0))
    origins = roll(study, kinds[kind], constants.noise)
    return Evidence(study, kind, fits[kind], support[kind], tuple(origins), slope_of(fits[kind]))


def standardised(origin: Origin, constants: Constants) -> FloatArray:
    """Backtest errors (members, held out) in units of what past studies lead one to expect."""
    expected = constants.distance * reach_of(origin, origin.slope.steepest, constants)
    z = origin.errors / np.sqrt(expected**2 + origin.noise**2)
    return np.clip(np.nan_to_num(z, nan=_WORST), -_WORST, _WORST)


def member_weights(
    names: Sequence[str],
    support: FloatArray,
    origins: Sequence[Origin],
    constants: Constants,
    alive: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Prior and weight of each member (k,); those not `alive` get none.

    Weights are priors, times the likelihood of the runs to the `temper` (what a law misses its
    errors share, so runs count for fewer than they are), times what backtests say.
    """
    prior = np.array([constants.priors.get(name, 1.0 / len(names)) for name in names]) * alive
    prior = prior / prior.sum()
    relative = np.nan_to_num(support - np.nanmax(support), nan=-np.inf)
    weight = prior * np.exp(constants.temper * relative)
    if origins:
        squares = np.average(
            [(standardised(origin, constants) ** 2).mean(axis=1) for origin in origins],
            axis=0,
            weights=_recency(origins),
        )
        weight = weight * (constants.blur**2 + squares) ** -constants.softness
    return prior, weight / weight.sum()


def _recency(origins: Sequence[Origin]) -> FloatArray:
    """Shares that grow from the first origin to the last, which gets 1."""
    return np.arange(1.0, len(origins) + 1.0) / max(len(origins), 1)


def ceiling(study: Study, baseline: float | None) -> float:
    """The loss of guessing where it is known, else a generous bound on it."""
    return float(_GENEROUS * study.runs.loss.max() if baseline is None else baseline)


def within_bounds(
    evidence: Evidence,
    at: Mapping[str, FloatArray],
    floor: float | None,
    baseline: float | None,
) -> list[str]:
    """Why each member's forecast cannot be, or an empty text."""
    study = evidence.study
    lowest = 0.0 if floor is None else floor
    highest = ceiling(study, baseline)
    reasons = []
    for fit in evidence.fits:
        loss = np.exp(fit.predict(at)[0])
        if not np.all(np.isfinite(loss)):
            reasons.append("it has no value there")
        elif np.any(loss < lowest * (1.0 - 1e-9)):
            reasons.append(f"it falls to {loss.min():.4g}, below the floor {lowest:.4g}")
        elif np.any(loss > highest * (1.0 + 1e-9)):
            reasons.append(f"it rises to {loss.max():.4g}, above {highest:.4g}")
        elif rises(fit, at):
            reasons.append("it rises with more data or a larger model beyond the runs")
        else:
            reasons.append("")
    return reasons


def rises(fit: Estimate, at: Mapping[str, FloatArray]) -> bool:
    """Whether a law that should fall with an input rises with it at some point."""
    names = [name for name in fit.candidate.law.falls_with if name in at]
    columns = {
        key: np.concatenate([column, *(column * (1.1 if key == name else 1.0) for name in names)])
        for key, column in at.items()
    }
    here, *more = np.split(fit.predict(columns)[0], 1 + len(names))
    return any(bool(np.any(there > here + 1e-6)) for there in more)
