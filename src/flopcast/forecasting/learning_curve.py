"""The end of a training run from its first part."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, final

import numpy as np

from flopcast.errors import InputError, Refused
from flopcast.fitting.finding import Finding
from flopcast.forecasting.curve import Curve
from flopcast.forecasting.curve_methods import LAWS, Method, by_schedule, by_siblings, by_trend
from flopcast.laws.features import FloatArray
from flopcast.tables import html_table, to_frame

SCHEMA: Final = "flopcast.curve_forecast/1"
_FALLEN: Final = 0.1
_WIDE: Final = 5  # degrees of freedom of the t that stands for an error measured once or twice


@final
@dataclass(frozen=True, eq=False)
class CurveForecast:
    """What a run's loss will be at `end`.

    `samples` (draws,) mix the `methods` by `weights`; `dropped` says why others have no say.
    `read_off` is the loss where the curve stops, which is not a forecast.
    """

    end: float
    seen: float
    read_off: float
    samples: FloatArray = field(repr=False)
    methods: tuple[Method, ...]
    weights: tuple[float, ...]
    dropped: dict[str, str]
    findings: tuple[Finding, ...]
    level: float
    seed: int

    @property
    def median(self) -> float:
        """The median of the final loss."""
        return float(np.median(self.samples))

    def interval(self, level: float | None = None) -> tuple[float, float]:
        """The ends of the central interval at `level`."""
        p = self.level if level is None else level
        if not 0.0 < p < 1.0:
            raise InputError(f"level is {p}; an interval's level is between 0 and 1.")
        low, high = np.quantile(self.samples, [0.5 - p / 2.0, 0.5 + p / 2.0])
        return float(low), float(high)

    def to_dict(self) -> dict[str, Any]:
        """The forecast as JSON-ready data."""
        from flopcast import __version__

        low, high = self.interval()
        names = ("p05", "p25", "median", "p75", "p95")
        ends = np.quantile(self.samples, [0.05, 0.25, 0.5, 0.75, 0.95]).tolist()
        return {
            "schema": SCHEMA,
            "version": __version__,
            "seen_steps": self.seen,
            "end_steps": self.end,
            "loss_read_off": self.read_off,
            "loss": dict(zip(names, ends, strict=True)),
            "level": self.level,
            "interval": [low, high],
            "methods": [
                {"name": m.name, "loss": float(np.exp(m.log_loss)), "error": m.error, "weight": w}
                for m, w in zip(self.methods, self.weights, strict=True)
            ],
            "dropped": dict(self.dropped),
            "findings": [finding.to_dict() for finding in self.findings],
            "seed": self.seed,
            "draws": len(self.samples),
        }

    def to_json(self) -> str:
        """:meth:`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), indent=2, allow_nan=False)

    def to_frame(self) -> Any:
        """The end of the run, one row: steps, loss (median) and the interval's low and high."""
        return to_frame([self._row()])

    def _repr_html_(self) -> str:
        return html_table([self._row()])

    def _row(self) -> dict[str, float]:
        low, high = self.interval()
        return {"steps": self.end, "loss": self.median, "low": low, "high": high}


def forecast_curve(
    curve: Curve,
    end: float,
    *,
    siblings: Sequence[Curve] = (),
    laws: Sequence[str] = ("tissue", "multi-power"),
    level: float = 0.9,
    draws: int = 2000,
    seed: int = 0,
) -> CurveForecast:
    """The loss of a run at step `end`, from the part of its curve that has been seen.

    Up to four methods speak: the shape of finished `siblings`, two `laws` of learning-rate
    schedules (Tissue et al. 2024; Luo et al. 2025, slower) where the rates are known up to the
    end, and, only where the rate is known to stay what it is or nothing else can speak, the trend
    of the curve. Each counts by the inverse square of the error that it made where the truth is
    known.

    Raises InputError for an end that has been reached or an unknown law, and Refused where no
    method applies.
    """
    if not end > curve.last:
        raise InputError(f"the end is step {end:g}, but the curve has reached {curve.last:g}.")
    dropped: dict[str, str] = {}
    unknown = [law for law in laws if law not in LAWS]
    if unknown:
        raise InputError(f"{unknown[0]!r} is no law of schedules; they are {', '.join(LAWS)}.")
    ways: dict[str, Callable[[], Method]] = {
        "siblings": lambda: by_siblings(curve, end, siblings),
        **{law: partial(by_schedule, law, curve, end, siblings) for law in laws},
    }
    methods = _spoken(ways, dropped)
    now, then = curve.rate(curve.last), curve.rate(end)
    stays = now is not None and then is not None and abs(then / now - 1.0) < _FALLEN
    if stays or not methods:
        methods += _spoken({"trend": lambda: by_trend(curve, end)}, dropped)
    if not methods:
        reasons = "; ".join(f"{name}: {reason.rstrip('.')}" for name, reason in dropped.items())
        raise Refused("no_method", f"nothing leads from this curve to its end: {reasons}.")
    inverse = np.array([m.error**-2.0 for m in methods])
    weights = inverse / inverse.sum()
    return CurveForecast(
        float(end),
        curve.last,
        float(curve.loss[-1]),
        _mixed(methods, weights, draws, seed),
        tuple(methods),
        tuple(weights.tolist()),
        dropped,
        _findings(curve, now, then, methods),
        level,
        seed,
    )


def _spoken(ways: dict[str, Callable[[], Method]], dropped: dict[str, str]) -> list[Method]:
    found = []
    for name, way in ways.items():
        try:
            method = way()
        except Refused as refusal:
            dropped[name] = refusal.reason
            continue
        if np.isfinite(method.log_loss) and np.isfinite(method.error):
            found.append(method)
        else:
            dropped[name] = "the fitted law has no value at the end."
    return found


def _mixed(methods: Sequence[Method], weights: FloatArray, draws: int, seed: int) -> FloatArray:
    """Draws of the final loss: a method by its weight, missing by a t with its error."""
    rng = np.random.default_rng(seed)
    which = rng.choice(len(methods), size=draws, p=weights)
    centre = np.array([m.log_loss for m in methods])[which]
    error = np.array([m.error for m in methods])[which]
    return np.exp(centre + error * rng.standard_t(_WIDE, size=draws))


def _findings(
    curve: Curve, now: float | None, then: float | None, methods: Sequence[Method]
) -> tuple[Finding, ...]:
    if now is None or then is None or curve.rates is None:
        unknown = Finding(
            "schedule_unknown",
            "warning" if any(m.name == "siblings" for m in methods) else "serious",
            "the learning rates are not known, so nobody can tell how much of the loss is still "
            "to be annealed away.",
            "Give the schedule of the whole run, or finished siblings of the same schedule.",
        )
        return (unknown,)
    peak = float(curve.rates.max())
    if now > _FALLEN * peak and then < now * (1.0 - _FALLEN):
        return (
            Finding(
                "not_annealed",
                "warning",
                f"at step {curve.last:g} the learning rate is {now / peak:.0%} of its peak and "
                f"will fall to {then / peak:.0%}; the loss there, {curve.loss[-1]:.4g}, is not "
                "that of a finished run of this length.",
                "Use the forecast of the end; never enter the loss of an unfinished schedule "
                "into a fit of finished runs.",
            ),
        )
    return ()
