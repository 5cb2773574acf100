"""One split scored: errors, intervals and scores of a forecast, and what they come to together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from forecast_study import Trial

from flopcast.forecasting.constants import Constants
from flopcast.forecasting.mixture import mix
from flopcast.forecasting.scores import crps, interval_score
from flopcast.laws.features import FloatArray

LEVELS: Final = (0.5, 0.8, 0.9, 0.95)
DRAWS: Final = 2000
TARGETS: Final = {
    "farseer official": 0.005,
    "farseer C≤1e20 → ≥1e21": 0.012,
    "chinchilla C≤1e20 → ≥1e21": 0.010,
    "gadre, three sets": 0.013,
    "olmo → 3B": 0.0055,
    "data-constrained official": 0.025,
}
BANDS: Final = ((0.0, 0.5), (0.5, 1.0), (1.0, 2.0), (2.0, 9.0))


@dataclass(frozen=True, eq=False)
class Scored:
    """One split: relative error, log bias, and per point whether intervals held, with scores.

    `ranks` are the shares of draws below the outcome. Scores are relative to the outcome, `width`
    is the log of the ratio of the ends at 90 %. `drawn` as in `Split`.
    `members` are the errors of single laws, fitted as the ensemble fits them.
    """

    name: str
    grid: str
    domain: str
    listed: bool
    drawn: int
    error: float
    bias: float
    inside: FloatArray
    ranks: FloatArray
    decades: FloatArray
    interval: float
    width: float
    crps: float
    members: dict[str, float]

    @property
    def coverage(self) -> FloatArray:
        """Share of points inside at each of `LEVELS`."""
        return np.asarray(self.inside.mean(axis=1))


def score(trial: Trial, constants: Constants) -> Scored:
    """The default forecast of a new run against what came."""
    rng = np.random.default_rng(0)
    mixed = mix(trial.outlook, constants, "new-run", DRAWS, rng)
    logs = np.minimum(mixed.logs, trial.highest)
    relative = np.exp(logs - trial.y)
    ends = [np.quantile(relative, [0.5 - q / 2, 0.5 + q / 2], axis=0) for q in LEVELS]
    one = np.ones(len(trial.y))
    low, high = ends[LEVELS.index(0.9)]
    singles = np.abs(np.exp(trial.outlook.centres - trial.y) - 1.0).mean(axis=1)
    return Scored(
        trial.name,
        trial.grid,
        trial.domain,
        trial.listed,
        trial.drawn,
        float(np.mean(np.abs(np.median(relative, axis=0) - 1.0))),
        float(np.mean(np.median(logs, axis=0) - trial.y)),
        np.array([(low <= 1.0) & (high >= 1.0) for low, high in ends], dtype=np.float64),
        np.asarray((relative < 1.0).mean(axis=0)),
        trial.outlook.decades,
        float(np.mean(interval_score(low, high, one, 0.9))),
        float(np.mean(np.log(high / low))),
        float(np.mean(crps(relative, one))),
        dict(zip(trial.outlook.names, singles.tolist(), strict=True)),
    )


@dataclass(frozen=True)
class Rival:
    """A rival over the listed splits: means of error, coverage at 90 % and interval scores."""

    law: str
    error: float
    coverage: float
    interval: float
    ours: float


def headline(scored: Sequence[Scored]) -> dict[str, float]:
    """Error of each row of the headline table; the three Gadre sets are one."""
    rows = {s.name: s.error for s in scored if s.listed and s.grid != "gadre"}
    gadre = [s.error for s in scored if s.listed and s.grid == "gadre"]
    if gadre:
        rows["gadre, three sets"] = float(np.mean(gadre))
    return rows


def pooled(scored: Sequence[Scored], by_grid: bool) -> FloatArray:
    """Coverage at each level over all points of all splits, or with every grid counting once."""
    if not by_grid:
        return np.asarray(np.mean(np.concatenate([s.inside for s in scored], axis=1), axis=1))
    grids = dict.fromkeys(s.grid for s in scored)
    means = [np.mean([s.coverage for s in scored if s.grid == g], axis=0) for g in grids]
    return np.asarray(np.mean(means, axis=0))


@dataclass(frozen=True)
class FewRow:
    """Forecasts of one grid from `fewest` to `most` runs drawn at random.

    `decades`, `error` and `width` (the upper end at 90 % over the lower one) are medians over the
    forecasts, `coverage` means at each of `LEVELS`.
    """

    fewest: int
    most: int
    grid: str
    forecasts: int
    decades: float
    error: float
    coverage: tuple[float, ...]
    width: float


def few_rows(scored: Sequence[Scored]) -> list[FewRow]:
    """A row for each grid, for the fewest runs and for those that allow a backtest."""
    found = []
    counts = sorted({s.drawn for s in scored})
    for part in (counts[:1], counts[1:]):
        own = [s for s in scored if s.drawn in part]
        for grid in dict.fromkeys(s.grid for s in own):
            rows = [s for s in own if s.grid == grid]
            decades, error, width = (
                float(np.median(values))
                for values in zip(
                    *((s.decades.max(), s.error, s.width) for s in rows), strict=True
                )
            )
            coverage = np.mean([s.coverage for s in rows], axis=0)
            found.append(
                FewRow(part[0], part[-1], grid, len(rows), decades, error,
                       tuple(coverage.tolist()), float(np.exp(width)))
            )  # fmt: skip
    return found
