"""The result of a backtest: every held-out run, and how well intervals covered them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, final

import numpy as np

from flopcast.forecasting import scores
from flopcast.observations import Runs
from flopcast.tables import html_table, to_frame

SCHEMA: Final = "flopcast.backtest/1"
LEVELS: Final = (0.5, 0.8, 0.9, 0.95)
"""Levels of the intervals that are scored."""

_BINS: Final = ((0.0, 0.0), (0.0, 0.5), (0.5, 1.0), (1.0, 2.0), (2.0, float("inf")))
_NOMINAL: Final = tuple(round(0.05 * k, 2) for k in range(1, 20))


@final
@dataclass(frozen=True)
class HeldOut:
    """One held-out run and its forecast, in the unit of the metric.

    `trained` runs of `fold` made the forecast of `row` (from 0); `scale` is its compute in FLOP,
    or its first input, and `decades` how far beyond the training runs it lies, in powers of ten.
    `intervals` are by level, `crps` in the unit of the metric, and `rank` is the share of draws
    below the outcome.
    """

    fold: str
    trained: int
    row: int
    scale: float
    decades: float
    observed: float
    predicted: float
    intervals: Mapping[float, tuple[float, float]]
    crps: float
    rank: float


@final
@dataclass(frozen=True, eq=False)
class Backtest:
    """Forecasts of held-out runs against their outcomes; `failed` says why a fold has none.

    Folds of a rolling origin share held-out runs, and runs of one study share the error of one
    forecast: shares of few folds are rough.
    """

    runs: Runs = field(repr=False)
    held_out: tuple[HeldOut, ...] = field(repr=False)
    failed: Mapping[str, str]
    options: Mapping[str, Any]
    seed: int

    def summary(self) -> dict[str, Any]:
        """Scores over all held-out forecasts, as :func:`summarise` has them."""
        return summarise(self.held_out)

    def by_decades(self) -> list[dict[str, Any]]:
        """Scores by decades of compute beyond the training runs, from ``above`` to ``up_to``."""
        return [
            {"above": low, "up_to": None if np.isinf(high) else high, **summarise(chosen)}
            for low, high in _BINS
            if (
                chosen := [
                    h for h in self.held_out if low < h.decades <= high or h.decades == high
                ]
            )
        ]

    def by_fold(self) -> list[dict[str, Any]]:
        """Scores of each fold, in the order in which they were made."""
        return [
            {"fold": name, "trained": chosen[0].trained, **summarise(chosen)}
            for name in dict.fromkeys(h.fold for h in self.held_out)
            if (chosen := [h for h in self.held_out if h.fold == name])
        ]

    def calibration(self) -> list[dict[str, float]]:
        """The share of outcomes inside central intervals at nominal levels from 5 to 95 %."""
        away = 2.0 * np.abs(np.array([h.rank for h in self.held_out]) - 0.5)
        return [{"level": p, "covered": float((away <= p).mean())} for p in _NOMINAL]

    def to_rows(self) -> list[dict[str, Any]]:
        """One record per held-out forecast: outcome, prediction, interval ends, scores."""
        return [
            {
                "fold": h.fold,
                "trained": h.trained,
                "row": h.row + 1,
                "scale": h.scale,
                "decades": h.decades,
                "observed": h.observed,
                "predicted": h.predicted,
                **{
                    f"{side}{100 * level:g}": end
                    for level, pair in h.intervals.items()
                    for side, end in zip(("low", "high"), pair, strict=True)
                },
                "crps": h.crps,
                "rank": h.rank,
            }
            for h in self.held_out
        ]

    def to_dict(self) -> dict[str, Any]:
        """The backtest as JSON-ready data, without times or machine names."""
        from flopcast import __version__

        return {
            "schema": SCHEMA,
            "version": __version__,
            "metric": self.runs.metric,
            "runs": len(self.runs),
            "data_sha256": self.runs.digest,
            "options": dict(self.options),
            "seed": self.seed,
            "summary": self.summary(),
            "by_decades": self.by_decades(),
            "by_fold": self.by_fold(),
            "calibration": self.calibration(),
            "failed": dict(self.failed),
            "held_out": self.to_rows(),
        }

    def to_json(self) -> str:
        """:meth:`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), indent=2, allow_nan=False)

    def to_frame(self) -> Any:
        """:meth:`to_rows` as a data frame of the library at hand (pandas, polars or pyarrow)."""
        return to_frame(self.to_rows())

    def _repr_html_(self) -> str:
        rows = [
            {
                "fold": row["fold"],
                "trained": row["trained"],
                "held out": row["forecasts"],
                "error": _percent(row["error"]),
                "bias": _percent(row["bias"]),
                **{f"in {c['level']:.0%}": f"{c['coverage']:.0%}" for c in row["intervals"]},
            }
            for row in self.by_fold()
        ]
        return html_table(rows)


def summarise(held: Sequence[HeldOut]) -> dict[str, Any]:
    """Scores of some held-out forecasts.

    `error`, `worst` and `bias` are relative (0.01 is 1 %) and None where an outcome is 0; `crps`
    and `interval_score` are means in the unit of the metric, `width` the mean width of an
    interval over the size of the outcome.
    """
    observed = np.array([h.observed for h in held])
    predicted = np.array([h.predicted for h in held])
    relative = scores.relative_errors(predicted, observed) if observed.all() else None
    return {
        "forecasts": len(held),
        "error": None if relative is None else float(np.abs(relative).mean()),
        "worst": None if relative is None else float(np.abs(relative).max()),
        "bias": None if relative is None else float(relative.mean()),
        "crps": float(np.mean([h.crps for h in held])),
        "intervals": [_level(held, observed, level) for level in LEVELS],
    }


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.2%}"


def _level(held: Sequence[HeldOut], observed: Any, level: float) -> dict[str, float | None]:
    low, high = np.array([h.intervals[level] for h in held]).T
    return {
        "level": level,
        "coverage": scores.coverage(low, high, observed),
        "interval_score": float(scores.interval_score(low, high, observed, level).mean()),
        "width": float(np.mean((high - low) / np.abs(observed))) if observed.all() else None,
    }
