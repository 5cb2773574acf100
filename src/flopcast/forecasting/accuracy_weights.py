"""How much each route to a score counts: what past studies taught, and this study's backtests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, final

import numpy as np

from flopcast.forecasting.accuracy_routes import (
    EXPONENTIAL_ROUTE,
    LOSS,
    Question,
    Route,
    logit,
    routes,
    score,
)
from flopcast.forecasting.splits import BoolArray, scale_of
from flopcast.forecasting.study import decades_between
from flopcast.laws.features import FloatArray
from flopcast.observations import Runs

#: Routes that did worse on the tasks of Gadre et al. 2024; the others count as 1.
_BEFOREHAND: Final = {EXPONENTIAL_ROUTE: 0.3}
_ORIGINS: Final = (0.4, 0.6, 0.75)
_FEWEST: Final = 5
_NEAR: Final = 0.3  # decades below which an error is not scaled up further
_DRAWS: Final = 100
_SOFTNESS: Final = 0.5
_BLUR: Final = 0.02  # logits per decade that are too few to tell routes apart
_WORST: Final = 1.0  # logits per decade of a route that had no answer


@final
@dataclass(frozen=True, eq=False)
class RouteErrors:
    """One backtest: logit errors per decade (held out,) of routes, by name, on larger runs.

    `weight` grows with the number of runs that were known.
    """

    errors: Mapping[str, FloatArray]
    weight: float


def tested(question: Question) -> tuple[RouteErrors, ...]:
    """Every route learned from smaller runs alone and held against the larger ones."""
    _, scale = scale_of(question.runs)
    found = []
    for number, share in enumerate(_ORIGINS, start=1):
        train = scale <= np.quantile(scale, share)
        if np.count_nonzero(train) < _FEWEST or train.all():
            continue
        errors = _errors(question, train)
        if errors:
            found.append(RouteErrors(errors, float(number)))
    return tuple(found)


def _errors(question: Question, train: BoolArray) -> dict[str, FloatArray]:
    runs = question.runs
    smaller = runs.where(train)
    at = {name: runs[name][~train] for name in question.at}
    beyond = decades_between(smaller, at)
    ahead = beyond > 0.0
    if not ahead.any():
        return {}
    earlier = replace(
        question,
        runs=smaller,
        checkpoints=_up_to(question, smaller),
        at=at,
        asked=len(beyond),
        draws=_DRAWS,
        refits=0,
    )
    truth = logit(score(runs)[~train])
    return {
        route.name: (route.centre - truth)[ahead] / np.maximum(beyond[ahead], _NEAR)
        for route in routes(earlier)
        if not route.reason
    }


def _up_to(question: Question, smaller: Runs) -> Runs | None:
    """The checkpoints that had been seen by then: those whose loss is no lower than the runs'."""
    pairs = question.checkpoints
    if pairs is None or LOSS not in smaller:
        return pairs
    return pairs.where(pairs[LOSS] >= smaller[LOSS].min())


def weights_of(
    used: Sequence[Route], origins: Sequence[RouteErrors]
) -> tuple[FloatArray, FloatArray]:
    """Prior and weight of each route (k,): both ways alike; what did well softly more."""
    prior = np.array([_BEFOREHAND.get(route.name, 1.0) for route in used])
    ways = [route.way for route in used]
    for way in dict.fromkeys(ways):
        own = np.array([w == way for w in ways])
        prior[own] /= prior[own].sum() * len(set(ways))
    if not origins:
        return prior, prior
    squares = np.average(
        [[_square(origin, route.name) for route in used] for origin in origins],
        axis=0,
        weights=[origin.weight for origin in origins],
    )
    weight = prior * (_BLUR**2 + squares) ** -_SOFTNESS
    return prior, weight / weight.sum()


def _square(origin: RouteErrors, name: str) -> float:
    errors = origin.errors.get(name)
    return _WORST**2 if errors is None else float(np.mean(errors**2))


def missed_per_decade(
    used: Sequence[Route], weights: FloatArray, origins: Sequence[RouteErrors]
) -> float | None:
    """Root mean squared logit error per decade of the routes together; None where untested."""
    squares, shares = [], []
    for origin in origins:
        known = [k for k, route in enumerate(used) if route.name in origin.errors]
        if known:
            together = np.average(
                [origin.errors[used[k].name] for k in known], axis=0, weights=weights[known]
            )
            squares.append(float(np.mean(together**2)))
            shares.append(origin.weight)
    return float(np.sqrt(np.average(squares, weights=shares))) if squares else None
