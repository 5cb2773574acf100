"""Registered forecasts settled by their outcomes, and the running sheet of how they did."""

import datetime
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final, final

import numpy as np

from flopcast.errors import InputError, Refused
from flopcast.forecasting import scores
from flopcast.forecasting.register import QUANTILES, Registration, day_of
from flopcast.tables import html_table, to_frame

SCHEMA: Final = "flopcast.score/1"
LEVELS: Final = (0.5, 0.8, 0.9, 0.95)


@final
@dataclass(frozen=True)
class Settled:
    """One forecast and its outcome: a line of the score sheet.

    `sha256` and `point` (from 0) name the forecast. `error` is relative (0.01 is 1 % too high);
    `crps` and `interval_score` (at 90 %) are in the unit of the metric; `rank` is the share of
    the forecast below the outcome; `inside_…` say which intervals held it.
    """

    sha256: str
    point: int
    registered: str | None
    settled: str | None
    metric: str
    at: str
    decades: float
    outcome: float
    median: float
    error: float
    low90: float
    high90: float
    inside_50: bool
    inside_80: bool
    inside_90: bool
    inside_95: bool
    interval_score: float
    crps: float
    rank: float
    note: str | None = None


@final
@dataclass(frozen=True)
class ScoreSheet:
    """Every settled forecast, oldest first."""

    rows: tuple[Settled, ...] = field(default=())

    def settle(
        self,
        registration: Registration,
        outcome: float,
        *,
        point: int = 0,
        date: datetime.date | str | None = None,
    ) -> "ScoreSheet":
        """The sheet with one more forecast settled; `point` counts from 0.

        Raises InputError for an outcome that is no finite number above 0 or a point that the
        record does not have, and Refused for a forecast that is settled already.
        """
        new = settle(registration, outcome, point=point, date=date)
        for row in self.rows:
            if (row.sha256, row.point) == (new.sha256, new.point):
                raise Refused(
                    "settled",
                    f"point {point + 1} of the forecast {new.sha256[:12]}… was settled with the "
                    f"outcome {row.outcome:g}.",
                    "An outcome stands; start another sheet to score it differently.",
                )
        return ScoreSheet((*self.rows, new))

    def summary(self) -> dict[str, Any]:
        """How many were settled, how many outcomes each interval held, and mean scores."""
        rows = self.rows
        if not rows:
            return {"forecasts": 0, "error": None, "bias": None, "crps": None,
                    "interval_score": None, "intervals": []}  # fmt: skip
        errors = np.array([row.error for row in rows])
        return {
            "forecasts": len(rows),
            "error": float(np.abs(errors).mean()),
            "bias": float(errors.mean()),
            "crps": float(np.mean([row.crps for row in rows])),
            "interval_score": float(np.mean([row.interval_score for row in rows])),
            "intervals": [
                {
                    "level": level,
                    "held": sum(getattr(row, f"inside_{100 * level:.0f}") for row in rows),
                    "coverage": float(
                        np.mean([getattr(row, f"inside_{100 * level:.0f}") for row in rows])
                    ),
                }
                for level in LEVELS
            ],
        }

    def to_rows(self) -> list[dict[str, Any]]:
        """One record per settled forecast."""
        return [asdict(row) for row in self.rows]

    def to_dict(self) -> dict[str, Any]:
        """The sheet as JSON-ready data."""
        from flopcast import __version__

        return {
            "schema": SCHEMA,
            "version": __version__,
            "summary": self.summary(),
            "settled": self.to_rows(),
        }

    def to_json(self) -> str:
        """:meth:`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), indent=2, allow_nan=False)

    def to_lines(self) -> str:
        """The sheet as JSON lines, one per settled forecast, as :func:`read_sheet` reads them."""
        return "".join(json.dumps(row, allow_nan=False) + "\n" for row in self.to_rows())

    def to_frame(self) -> Any:
        """:meth:`to_rows` as a data frame of the library at hand (pandas, polars or pyarrow)."""
        return to_frame(self.to_rows())

    def _repr_html_(self) -> str:
        return html_table(self.to_rows())


def settle(
    registration: Registration,
    outcome: float,
    *,
    point: int = 0,
    date: datetime.date | str | None = None,
) -> Settled:
    """One registered forecast against its outcome, in the unit of the metric.

    The CRPS is twice the mean quantile loss over the registered quantiles.

    Raises InputError for an outcome that is not finite or not above 0, or an unknown point.
    """
    if not (math.isfinite(outcome) and outcome > 0.0):
        raise InputError(
            f"the outcome is {outcome}; it is a finite number above 0 in the unit of "
            f"{registration.metric!r}."
        )
    count = len(registration.points)
    if not 0 <= point < count:
        raise InputError(
            f"point {point + 1} does not exist; the forecast has {count}.",
            "Count the points from 1." if count > 1 else "It has a single point.",
        )
    record, values = registration.points[point], registration.quantiles(point)
    levels = np.array(QUANTILES)
    ends = {p: np.interp([0.5 - p / 2, 0.5 + p / 2], levels, values).tolist() for p in LEVELS}
    held = {p: bool(scores.inside(low, high, outcome)) for p, (low, high) in ends.items()}
    losses = [scores.pinball(x, outcome, q) for x, q in zip(values, levels, strict=True)]
    low, high = ends[0.9]
    return Settled(
        registration.sha256,
        point,
        registration.content["date"],
        None if date is None else day_of(date),
        registration.metric,
        ",".join(f"{name}={value:g}" for name, value in record["at"].items()),
        record["decades"],
        outcome,
        record["median"],
        float(scores.relative_errors(record["median"], outcome)),
        low,
        high,
        held[0.5],
        held[0.8],
        held[0.9],
        held[0.95],
        interval_score=float(scores.interval_score(low, high, outcome, 0.9)),
        crps=float(2.0 * np.mean(losses)),
        rank=float(np.interp(outcome, values, levels, left=0.0, right=1.0)),
        note=registration.content["note"],
    )


def read_sheet(text: str, source: str = "the score sheet") -> ScoreSheet:
    """The sheet in JSON lines. Raises InputError for a line that no settled forecast has made."""
    known = {f.name for f in fields(Settled)}
    rows: list[Settled] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found: Mapping[str, Any] = json.loads(line)
            rows.append(Settled(**found))
        except (json.JSONDecodeError, TypeError):
            raise InputError(
                f"{source} line {number} is no settled forecast: {line.strip()[:40]}",
                f"A line has the fields {', '.join(sorted(known))}.",
            ) from None
    return ScoreSheet(tuple(rows))


def settle_all(
    sheet: ScoreSheet,
    registration: Registration,
    outcomes: Sequence[float],
    *,
    date: datetime.date | str | None = None,
) -> ScoreSheet:
    """The sheet with every point of a registration settled, in order.

    Raises InputError when the outcomes are not as many as the points; otherwise as `settle`.
    """
    if len(outcomes) != len(registration.points):
        raise InputError(
            f"{len(outcomes)} outcomes were given for {len(registration.points)} points.",
            "Give one outcome for each point, in order.",
        )
    for point, outcome in enumerate(outcomes):
        sheet = sheet.settle(registration, outcome, point=point, date=date)
    return sheet
