"""What the runs so far say of the target, and what each further run would add."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, final

from flopcast.sweeps.grid import Candidate
from flopcast.sweeps.study import Study

if TYPE_CHECKING:
    from flopcast.forecasting.result import Forecast
    from flopcast.observations import Runs

_DRAWS: Final = 1000


@final
@dataclass(frozen=True)
class Outlook:
    """A forecast of the target.

    `median`, `low` and `high` are in units of the metric, `decades` how far the target lies
    beyond the runs in powers of ten of compute. `gains` maps the id of a cell to the share of the
    interval's width that this one run is expected to take off.
    """

    runs: int
    level: float
    quantiles: Mapping[str, float]
    low: float
    high: float
    decades: float
    gains: Mapping[str, float]
    data_sha256: str

    @property
    def median(self) -> float:
        """The median of the forecast."""
        return self.quantiles["median"]

    @property
    def width(self) -> float:
        """Width of the interval relative to the median."""
        return (self.high - self.low) / abs(self.median)

    def to_dict(self) -> dict[str, Any]:
        """The outlook as JSON-ready data, without the gains."""
        return {
            "runs": self.runs,
            "level": self.level,
            "forecast": dict(self.quantiles),
            "interval": [self.low, self.high],
            "width": self.width,
            "decades": self.decades,
            "data_sha256": self.data_sha256,
        }


def look(
    study: Study, runs: "Runs", at: Mapping[str, float], further: Sequence[Candidate] = ()
) -> Outlook:
    """Forecast a new run at `at`, with the expected gain of every further cell.

    Raises Refused where the runs cannot carry a forecast.
    """
    points = [dict(at), *(dict(one.points[-1]) for one in further)]
    found = predict(study, runs, points)
    shares = expected_gains(found.samples, len(points) - 1)
    low, high = found.interval()
    return Outlook(
        len(runs),
        found.level,
        _quantiles(found),
        float(low[0]),
        float(high[0]),
        float(found.decades[0]),
        {one.id: share for one, share in zip(further, shares, strict=True)},
        runs.digest,
    )


def predict(study: Study, runs: "Runs", points: Sequence[Mapping[str, float]]) -> "Forecast":
    """One joint forecast of new runs at several points, by the limits that the study states."""
    from flopcast.forecasting.forecast import forecast

    at = {role: [point[role] for point in points] for role in study.roles}
    return forecast(
        runs,
        at,
        level=study.stop.level,
        floor=study.floor,
        baseline=study.baseline,
        draws=_DRAWS,
    )


def expected_gains(samples: Any, cells: int) -> list[float]:
    """The share that a run at each of the last `cells` columns takes off the first one's width.

    `samples` are joint draws (draws, 1 + cells). To a linear approximation a run whose outcome
    correlates by r with the target's leaves sqrt(1 - r²) of its spread.
    """
    import numpy as np

    logs = np.log(np.abs(np.asarray(samples)))
    centred = logs - np.median(logs, axis=0)
    spread = np.sqrt((centred**2).mean(axis=0))
    if cells == 0 or spread[0] == 0.0:
        return [0.0] * cells
    together = centred.T @ centred[:, 0] / len(centred)
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.nan_to_num(together / (spread * spread[0]))[1:]
    return [float(share) for share in 1.0 - np.sqrt(np.clip(1.0 - correlation**2, 0.0, 1.0))]


def score(study: Study, runs: "Runs", held: Iterable[tuple[Candidate, float]]) -> dict[str, Any]:
    """How well the smaller runs predicted the held-out ones: error and coverage.

    `held` are the cells held out with what they measured. Raises Refused as `look` does.
    """
    pairs = list(held)
    found = predict(study, runs, [one.points[-1] for one, _ in pairs])
    low, high = found.interval()
    rows = [
        {
            "cell": one.id,
            "config": dict(one.settings),
            "measured": measured,
            "predicted": float(found.median[k]),
            "interval": [float(low[k]), float(high[k])],
            "error": float(found.median[k]) / measured - 1.0,
            "inside": bool(low[k] <= measured <= high[k]),
        }
        for k, (one, measured) in enumerate(pairs)
    ]
    mean = sum(abs(row["error"]) for row in rows) / len(rows)  # type: ignore[arg-type]
    covered = sum(bool(row["inside"]) for row in rows)
    return {"runs": len(runs), "level": found.level, "mean_error": mean, "covered": covered,
            "held_out": rows}  # fmt: skip


def _quantiles(found: "Forecast") -> dict[str, float]:
    names = ("p05", "p25", "median", "p75", "p95")
    values = found.quantile([0.05, 0.25, 0.5, 0.75, 0.95])[:, 0]
    return {name: float(value) for name, value in zip(names, values, strict=True)}
