"""What a forecast says: joint draws of the metric, who voted, and what makes it wide."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal, final

import numpy as np
import numpy.typing as npt

from flopcast.errors import InputError
from flopcast.fitting.finding import Finding
from flopcast.laws.features import FloatArray
from flopcast.laws.law import Law
from flopcast.observations import Runs
from flopcast.tables import html_table, to_frame

SCHEMA: Final = "flopcast.forecast/1"
CAUSES: Final = ("noise", "parameters", "form", "distance")
Kind = Literal["mean", "new-run"]


@final
@dataclass(frozen=True, eq=False)
class Member:
    """One law of the ensemble.

    `weight` is its share of the draws and `prior` what it was before the study was seen.
    `backtest_error` is the root mean squared log error with which it predicted larger runs of the
    study from smaller ones, None where the study is too small to say. `prediction` (points,) is
    its own forecast in units of the metric. A ``dropped`` member has weight 0 and a `reason`.
    """

    name: str
    law: Law
    weight: float
    prior: float
    backtest_error: float | None
    status: Literal["used", "dropped"]
    reason: str
    prediction: FloatArray

    def to_dict(self) -> dict[str, Any]:
        """The member as JSON-ready data."""
        return {
            "name": self.name,
            "equation": self.law.equation,
            "weight": self.weight,
            "prior": self.prior,
            "backtest_error": self.backtest_error,
            "status": self.status,
            "reason": self.reason,
            "prediction": [_finite(value) for value in self.prediction.tolist()],
        }


@final
@dataclass(frozen=True, eq=False)
class Forecast:
    """A forecast of the metric at several points.

    `at` are the inputs (points,) by name. `samples` (draws, points) are in units of the metric
    and joint over points: a row is one draw of the law, its parameters and its error, the same
    at every point. `breakdown` maps each of `CAUSES` to its share (points,) of the variance of
    the log. `decades` (points,) is how far beyond the runs each point lies, in powers of ten of
    compute, 0 within them.
    """

    runs: Runs = field(repr=False)
    at: Mapping[str, FloatArray]
    kind: Kind
    level: float
    samples: FloatArray = field(repr=False)
    members: tuple[Member, ...] = field(repr=False)
    breakdown: Mapping[str, FloatArray] = field(repr=False)
    decades: FloatArray
    findings: tuple[Finding, ...]
    options: Mapping[str, Any]
    seed: int

    @cached_property
    def median(self) -> FloatArray:
        """The median (points,), in units of the metric."""
        return self.quantile(0.5)

    def quantile(self, q: npt.ArrayLike) -> FloatArray:
        """Quantiles of the metric: (points,) for one `q`, else (len(q), points).

        Raises InputError for a quantile that is not between 0 and 1.
        """
        asked = np.asarray(q, dtype=np.float64)
        if not np.all((asked >= 0.0) & (asked <= 1.0)):
            raise InputError(f"the quantile {q!r} was asked for; quantiles lie between 0 and 1.")
        return np.asarray(np.quantile(self.samples, asked, axis=0))

    def interval(self, level: float | None = None) -> tuple[FloatArray, FloatArray]:
        """Both ends (points,) of the central interval at `level`, that of the forecast if None.

        Raises InputError for a level that is not between 0 and 1.
        """
        chosen = self.level if level is None else level
        if not 0.0 < chosen < 1.0:
            raise InputError(f"level is {chosen}; an interval's level is between 0 and 1.")
        low, high = self.quantile([0.5 - chosen / 2.0, 0.5 + chosen / 2.0])
        return low, high

    def to_rows(self) -> list[dict[str, Any]]:
        """One record per point: inputs, median, interval, decades beyond the runs."""
        low, high = self.interval()
        return [
            {name: float(column[k]) for name, column in self.at.items()}
            | {
                self.runs.metric: float(self.median[k]),
                "low": float(low[k]),
                "high": float(high[k]),
                "decades": float(self.decades[k]),
            }
            for k in range(len(self.decades))
        ]

    def to_dict(self) -> dict[str, Any]:
        """The forecast as JSON-ready data: equal forecasts are equal."""
        from flopcast import __version__

        return {
            "schema": SCHEMA,
            "version": __version__,
            "runs": len(self.runs),
            "data_sha256": self.runs.digest,
            "metric": self.runs.metric,
            "kind": self.kind,
            "level": self.level,
            "options": dict(self.options),
            "seed": self.seed,
            "draws": len(self.samples),
            "points": [self._point(k) for k in range(len(self.decades))],
            "members": [member.to_dict() for member in self.members],
            "findings": [finding.to_dict() for finding in self.findings],
        }

    def to_json(self) -> str:
        """:meth:`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), indent=2, allow_nan=False)

    def to_frame(self) -> Any:
        """:meth:`to_rows` as a data frame of the library at hand (pandas, polars or pyarrow)."""
        return to_frame(self.to_rows())

    def _point(self, k: int) -> dict[str, Any]:
        low, high = self.interval()
        names = ("p05", "p25", "median", "p75", "p95")
        values = np.quantile(self.samples[:, k], [0.05, 0.25, 0.5, 0.75, 0.95]).tolist()
        return {
            "inputs": {name: float(column[k]) for name, column in self.at.items()},
            self.runs.metric: dict(zip(names, values, strict=True)),
            "interval": [float(low[k]), float(high[k])],
            "decades": float(self.decades[k]),
            "breakdown": {cause: float(share[k]) for cause, share in self.breakdown.items()},
        }

    def _repr_html_(self) -> str:
        rows = [
            {name: format(value, ".5g") for name, value in row.items()} for row in self.to_rows()
        ]
        notes = [
            {"finding": f.code, "severity": f.severity, "message": f.message}
            for f in self.findings
        ]
        return html_table(rows) + html_table(notes)


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
