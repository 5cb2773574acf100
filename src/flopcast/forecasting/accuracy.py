"""Forecasts of accuracies: directly and through the loss, within the range of the score."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from flopcast.errors import InputError, Refused
from flopcast.fitting.finding import Finding
from flopcast.forecasting.accuracy_routes import (
    LOSS,
    Question,
    Route,
    logit,
    routes,
    score,
)
from flopcast.forecasting.accuracy_weights import missed_per_decade, tested, weights_of
from flopcast.forecasting.points import as_points
from flopcast.forecasting.predictability import LEAST_SIGNAL, Signal, signal, verdict
from flopcast.forecasting.result import Forecast, Member
from flopcast.forecasting.study import decades_between
from flopcast.laws.features import FloatArray
from flopcast.observations import Runs

_FEWEST: Final = 5
_REFITS: Final = 60


def forecast_accuracy(
    runs: Runs,
    at: Mapping[str, npt.ArrayLike] | None = None,
    *,
    chance: float | None = None,
    checkpoints: Runs | None = None,
    level: float = 0.9,
    least_signal: float = LEAST_SIGNAL,
    draws: int = 2000,
    seed: int = 0,
    **columns: npt.ArrayLike,
) -> Forecast:
    """Forecast a score with a best value, such as an accuracy, of runs that have not been made.

    Two direct routes hold the score against scale: Rosenfeld's envelope between guessing and
    perfection, and a power law of the log of the score above guessing (Krajewski et al. 2025,
    arXiv:2512.08894). Where the runs have the column ``pretraining_loss``, two more go through
    it: the loss is forecast, and a sigmoid (Bhagia et al. 2024) or an exponential (Gadre et al.
    2024) leads from loss to score, learned from `checkpoints` (the same two columns, a group for
    each run) or else from the runs. Both ways count equally beforehand, the exponential for less
    than the sigmoid, and those that predicted this study's own larger runs well softly more; they
    are averaged as logits. Their disagreement, or what they missed on those runs, is part of the
    interval, as are the parameters and the noise.

    `chance` is the score of guessing, in the unit of the metric. A score whose range over the
    runs is less than `least_signal` times its noise gets the finding ``not_predictable``.

    Raises InputError for a metric of which lower values are better, for a chance that some run's
    range does not allow, and for points that do not fit the runs; Refused for fewer than 5 runs
    or where every route leaves the range.
    """
    points = _points(runs, {**(at or {}), **columns})
    share = _chance(runs, chance)
    if checkpoints is not None and LOSS not in checkpoints:
        raise InputError(
            f"the checkpoints have no column {LOSS!r}.",
            f"Read them with columns={{'{LOSS}': ...}}.",
        )
    if len(runs) < _FEWEST:
        raise Refused(
            "too_few_runs",
            f"{len(runs)} runs cannot carry a forecast of {runs.metric}; {_FEWEST} are needed.",
            "Add runs, the cheapest first.",
        )
    inputs = {name: column for name, column in runs.inputs.items() if name in points}
    count = len(next(iter(points.values())))
    both = {name: np.concatenate([points[name], inputs[name]]) for name in inputs}
    asked = Question(runs, checkpoints, both, count, share, draws, _REFITS, seed)
    found = routes(asked)
    used = [route for route in found if not route.reason]
    if not used:
        reasons = "; ".join(f"{route.name}: {route.reason}" for route in found)
        raise Refused("no_route", f"no way to {runs.metric} leads anywhere: {reasons}.")
    origins = tested(asked)
    prior, weights = weights_of(used, origins)
    account = weights @ np.array([route.centre[count:] for route in used])
    scatter = float(np.std(account - logit(score(runs))))
    beyond = decades_between(runs, points)
    missed = missed_per_decade(used, weights, origins)
    samples, breakdown = _samples(used, weights, missed, scatter, beyond, asked)
    best = runs.best or 1.0
    middle = float(np.median(score(runs)))
    seen = signal(runs, checkpoints, scatter * middle * (1.0 - middle) * best)
    return Forecast(
        runs,
        points,
        "new-run",
        level,
        best * samples,
        tuple(_member(route, used, (prior, weights), count, best) for route in found),
        breakdown,
        beyond,
        _findings(seen, least_signal, found),
        _options(asked, seen, missed),
        seed,
    )


def _samples(
    used: Sequence[Route],
    weights: FloatArray,
    missed: float | None,
    scatter: float,
    beyond: FloatArray,
    asked: Question,
) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Draws (draws, points) of the score as a share of the best, and what makes them vary."""
    rng = np.random.default_rng(asked.seed)
    centres = np.array([route.centre[: asked.asked] for route in used])
    centre = weights @ centres
    # Unbiased for equal weights; one route alone cannot disagree.
    free = 1.0 - float(weights @ weights)
    form = np.sqrt(weights @ (centres - centre) ** 2 / free) if free > 0.0 else 0.0 * centre
    learned = (missed or 0.0) * beyond
    distance = np.sqrt(np.maximum(learned**2 - form**2, 0.0))
    which = rng.choice(len(used), size=asked.draws, p=weights)
    every = np.array([route.spread[:, : asked.asked] for route in used])
    spread = every[which, np.arange(asked.draws)]
    # One normal for all points: a way that is too high at one is too high at the others.
    common = rng.standard_normal((asked.draws, 2))
    noise = scatter * rng.standard_normal((asked.draws, len(beyond)))
    logits = centre + spread + common[:, :1] * form + common[:, 1:] * distance + noise
    parts = {
        "noise": np.full(len(beyond), scatter**2),
        "parameters": spread.var(axis=0),
        "form": form**2,
        "distance": distance**2,
    }
    total = np.maximum(np.sum(list(parts.values()), axis=0), 1e-300)
    shares = {cause: np.asarray(part / total) for cause, part in parts.items()}
    return 1.0 / (1.0 + np.exp(-logits)), shares


def _member(
    route: Route,
    used: Sequence[Route],
    shares: tuple[FloatArray, FloatArray],
    count: int,
    best: float,
) -> Member:
    """A route as a member of the ensemble."""
    if route.reason:
        nowhere = np.full(count, np.nan)
        return Member(route.name, route.law, 0.0, 0.0, None, "dropped", route.reason, nowhere)
    prediction = best / (1.0 + np.exp(-route.centre[:count]))
    place = [other.name for other in used].index(route.name)
    prior, weight = (float(share[place]) for share in shares)
    return Member(route.name, route.law, weight, prior, None, "used", "", prediction)


def _findings(seen: Signal, least: float, found: Sequence[Route]) -> tuple[Finding, ...]:
    noisy = verdict(seen, least)
    dropped = [
        Finding(
            "member_dropped",
            "note",
            f"{route.name} was left out: {route.reason}.",
            "Nothing needs to be done; the other routes stand.",
        )
        for route in found
        if route.reason
    ]
    return (*([] if noisy is None else [noisy]), *dropped)


def _options(asked: Question, seen: Signal, missed: float | None) -> dict[str, Any]:
    best = asked.runs.best or 1.0
    return {
        "chance": None if asked.chance is None else asked.chance * best,
        "checkpoints": 0 if asked.checkpoints is None else len(asked.checkpoints),
        "signal": seen.range,
        "noise": seen.noise,
        "noise_from": seen.source,
        "logit_error_per_decade": missed,
    }


def _chance(runs: Runs, chance: float | None) -> float | None:
    """The score of guessing as a share of the best."""
    if runs.best is None:
        raise InputError(
            f"{runs.metric!r} is better when lower; accuracies are better when higher.",
            "Read the runs with metric='accuracy', best=1.0, or use forecast.",
        )
    if chance is None:
        return None
    top = float(score(runs).max()) * runs.best
    if not 0.0 <= chance < top:
        raise InputError(
            f"chance is {chance:g}; it lies between 0 and the best run's {top:g}.",
            "Give the score of guessing in the unit of the metric: 0.25 or 25.",
        )
    return chance / runs.best


def _points(runs: Runs, given: Mapping[str, npt.ArrayLike]) -> dict[str, FloatArray]:
    """The points, without the loss that nobody knows yet."""
    if LOSS in given:
        raise InputError(f"{LOSS!r} is forecast; it cannot be given.", "Leave it out.")
    inputs = {name: column for name, column in runs.inputs.items() if name != LOSS}
    return as_points(Runs(inputs, runs.loss, source=runs.source), given, {})
