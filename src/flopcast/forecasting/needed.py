"""Targets: the data, model or compute that a metric would take, and how a budget is best split."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, final

import numpy as np

from flopcast.errors import InputError
from flopcast.fitting.result import FitResult
from flopcast.forecasting.additive import additive
from flopcast.forecasting.forecast import forecast
from flopcast.laws.features import FloatArray
from flopcast.observations import Runs
from flopcast.tables import html_table

SCHEMA: Final = "flopcast.needed/1"
Axis = Literal["compute", "data", "params"]

_POINTS: Final = 41
_SIZES: Final = 17
_SPREAD: Final = 2.0  # decades of model size, either side of the runs' own at that compute


@final
@dataclass(frozen=True, eq=False)
class Needed:
    """How much of an input a target takes.

    `samples` (draws,) are counts, or FLOP for compute; infinite where the draw never gets there
    (or not within `within` times the largest run, where the ensemble was asked). `held` is what
    was kept fixed.
    """

    of: Axis
    target: float
    metric: str
    held: Mapping[str, float]
    samples: FloatArray = field(repr=False)
    within: float | None

    @property
    def probability(self) -> float:
        """The share of the draws that reach the target."""
        return float(np.isfinite(self.samples).mean())

    def quantile(self, q: float) -> float:
        """A quantile over all draws; infinite where too few draws reach the target."""
        return float(np.quantile(self.samples, q, method="inverted_cdf"))

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON-ready data; null is beyond reach."""
        names = {"p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}
        ends = {name: self.quantile(q) for name, q in names.items()}
        unit = "flop" if self.of == "compute" else self.of
        return {
            "schema": SCHEMA,
            "metric": self.metric,
            "target": self.target,
            "of": self.of,
            "held": dict(self.held),
            unit: {name: end if np.isfinite(end) else None for name, end in ends.items()},
            "probability": self.probability,
            "within_factor_of_largest_run": self.within,
        }

    def to_json(self) -> str:
        """:meth:`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), indent=2, allow_nan=False)

    def _repr_html_(self) -> str:
        found = self.to_dict()
        unit = "flop" if self.of == "compute" else self.of
        return html_table([{"probability": self.probability, **found[unit]}])


def needed(
    source: Runs | FitResult,
    target: float,
    of: Axis = "compute",
    *,
    params: float | None = None,
    data: float | None = None,
    within: float = 1e6,
    draws: int = 1000,
    seed: int = 0,
) -> Needed:
    """The `of` that brings the expected metric to `target`.

    ``data`` for a model of `params`, ``params`` for an amount of `data`, or ``compute`` (FLOP, as
    6·params·data where it can be split, best split). From runs, the ensemble of `forecast` is
    asked up to `within` times the largest run; from a fit, its bootstrap draws (or its estimate,
    without draws) are inverted: in closed form for Chinchilla's and Rosenfeld's laws, otherwise
    by interpolation on the same range.

    Raises InputError for a target or a held input that is not above 0, one that is missing, and
    an axis that the runs do not have; Refused as `forecast` and `fit` do.
    """
    runs = source if isinstance(source, Runs) else source.runs
    held = _held(runs, of, params, data)
    if not (np.isfinite(target) and target > 0.0):
        raise InputError(f"the target is {target}; it is a finite {runs.metric} above 0.")
    if not within > 1.0:
        raise InputError(f"within is {within:g}; it is a factor above 1.")
    loss = float(runs.to_metric(np.array([target]))[0])
    if isinstance(source, FitResult):
        exact = _closed(source, loss, of, held)
        if exact is not None:
            return Needed(of, target, runs.metric, held, exact, None)
    amounts = _range(runs, of, within)
    losses = _losses(source, runs, of, held, amounts, draws, seed)
    samples = _crossing(np.log(amounts), losses, loss)
    return Needed(of, target, runs.metric, held, samples, within)


@final
@dataclass(frozen=True, eq=False)
class Split:
    """How compute is best spent: `params` and `data` (draws,), and the `metric` it then brings."""

    flop: float
    params: FloatArray
    data: FloatArray
    metric: FloatArray


def best_split(
    source: Runs | FitResult, compute: float, *, draws: int = 1000, seed: int = 0
) -> Split:
    """The parameters and data on which `compute` = 6·params·data FLOP are best spent.

    From runs by the ensemble of `forecast`, from a fit by its draws, in closed form where there is
    one. Sizes up to 100 times either side of the runs' own are considered.

    Raises InputError for compute that is not above 0, and runs without params and data.
    """
    runs = source if isinstance(source, Runs) else source.runs
    if not (np.isfinite(compute) and compute > 0.0):
        raise InputError(f"compute is {compute}; it is a finite number of FLOP above 0.")
    if not {"params", "data"} <= set(runs.inputs):
        raise InputError(
            f"{runs.source} has no params and data, so compute cannot be split.",
            "Add both columns.",
        )
    sizes = _sizes(runs, compute)
    at = {"params": sizes, "data": compute / (6.0 * sizes)}
    losses = _at(source, runs, at, draws, seed)
    if isinstance(source, FitResult):
        form = additive(source.law.name, _parameters(source), float(runs.loss.min()))
        if form is not None:
            params, data = form[0].split(compute)
            best = np.array([np.interp(np.log(n), np.log(sizes), row)
                             for n, row in zip(params, losses, strict=True)])  # fmt: skip
            return Split(compute, params, data, runs.to_metric(best))
    params, best = _lowest(np.log(sizes), losses)
    return Split(compute, params, compute / (6.0 * params), runs.to_metric(best))


def _held(runs: Runs, of: str, params: float | None, data: float | None) -> dict[str, float]:
    """The other input, which stays as it is."""
    if of not in ("compute", "data", "params"):
        raise InputError(f"of is {of!r}; it is compute, data or params.")
    both = {"params", "data"} <= set(runs.inputs)
    if of not in runs.inputs and not (of == "compute" and both):
        raise InputError(f"{runs.source} has no column {of!r}; it has {', '.join(runs.inputs)}.")
    given = {"params": params, "data": data}
    other = {"data": "params", "params": "data"}.get(of) if both else None
    for name, value in given.items():
        if value is not None and name != other:
            raise InputError(
                f"{name} was given, but it is not held while {of} is sought.", f"Leave {name} out."
            )
    if other is None:
        return {}
    value = given[other]
    if value is None or not (np.isfinite(value) and value > 0.0):
        raise InputError(f"{of} depends on {other}, which is {value}.", f"Say {other}=1e9.")
    return {other: float(value)}


def _range(runs: Runs, of: str, within: float) -> FloatArray:
    scale = runs.compute if of == "compute" else runs.inputs[of]
    assert scale is not None
    return np.geomspace(scale.min(), scale.max() * within, _POINTS)


def _losses(
    source: Runs | FitResult,
    runs: Runs,
    of: str,
    held: Mapping[str, float],
    amounts: FloatArray,
    draws: int,
    seed: int,
) -> FloatArray:
    """Expected losses (draws, amounts)."""
    if of == "compute" and {"params", "data"} <= set(runs.inputs):
        sizes = np.array([_sizes(runs, float(c)) for c in amounts])
        at = {"params": sizes.ravel(), "data": (amounts[:, None] / (6.0 * sizes)).ravel()}
        losses = _at(source, runs, at, draws, seed)
        _, lowest = _lowest(np.log(sizes[0]), losses.reshape(-1, _SIZES))
        return lowest.reshape(len(losses), len(amounts))
    at = {of: amounts, **{name: np.full(len(amounts), value) for name, value in held.items()}}
    return _at(source, runs, at, draws, seed)


def _at(
    source: Runs | FitResult, runs: Runs, at: Mapping[str, FloatArray], draws: int, seed: int
) -> FloatArray:
    if isinstance(source, Runs):
        return runs.to_metric(forecast(runs, at, kind="mean", draws=draws, seed=seed).samples)
    if source.draws is None:
        return runs.to_metric(source.predict(at))[None]
    return runs.to_metric(source.predict_draws(at))


def _closed(
    source: FitResult, loss: float, of: str, held: Mapping[str, float]
) -> FloatArray | None:
    form = additive(source.law.name, _parameters(source), loss)
    if form is None:
        return None
    law, level = form
    if of == "data":
        return law.data(level, held["params"])
    return law.params(level, held["data"]) if of == "params" else law.compute(level)


def _parameters(source: FitResult) -> dict[str, FloatArray]:
    """Each parameter's draws (draws,), or its estimate where there are none."""
    if source.draws is None:
        return {name: np.array([value]) for name, value in source.params.items()}
    return dict(zip(source.names, source.samples.T, strict=True))


def _sizes(runs: Runs, compute: float) -> FloatArray:
    """Model sizes around the one that the runs' ratio of data to parameters would give."""
    ratio = float(np.exp(np.median(np.log(runs.inputs["data"] / runs.inputs["params"]))))
    middle = np.sqrt(compute / (6.0 * ratio))
    return np.asarray(middle * np.logspace(-_SPREAD, _SPREAD, _SIZES))


def _crossing(x: FloatArray, losses: FloatArray, target: float) -> FloatArray:
    """exp(x) at which each row of losses (draws, len(x)) first comes down to `target`."""
    falling = np.minimum.accumulate(np.where(np.isfinite(losses), losses, np.inf), axis=1)
    there = falling <= target
    first = np.argmax(there, axis=1)
    rows = np.arange(len(losses))
    before = np.maximum(first - 1, 0)
    high, low = falling[rows, before], falling[rows, first]
    drop = np.where(high > low, high - low, 1.0)
    share = np.clip(np.where(first > 0, (high - target) / drop, 0.0), 0.0, 1.0)
    found = np.exp(x[before] + share * (x[first] - x[before]))
    return np.where(there.any(axis=1), found, np.inf)


def _lowest(x: FloatArray, losses: FloatArray) -> tuple[FloatArray, FloatArray]:
    """exp(x) of each row's minimum and the minimum, by a parabola through its three lowest."""
    rows = np.arange(len(losses))
    middle = np.clip(losses.argmin(axis=1), 1, len(x) - 2)
    left, centre, right = (losses[rows, middle + k] for k in (-1, 0, 1))
    bend = left - 2.0 * centre + right
    shift = np.where(bend > 0.0, 0.5 * (left - right) / np.where(bend > 0.0, bend, 1.0), 0.0)
    shift = np.clip(shift, -1.0, 1.0)
    lowest = centre - 0.25 * (left - right) * shift
    return np.exp(x[middle] + shift * (x[1] - x[0])), np.minimum(lowest, losses.min(axis=1))
