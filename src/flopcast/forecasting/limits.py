"""Limits of the metric that are known beforehand: the best possible, and that of guessing."""

from typing import Final

import numpy as np

from flopcast.errors import InputError
from flopcast.forecasting.candidate import Belief, Candidate
from flopcast.forecasting.study import Study
from flopcast.observations import Runs

_SURE: Final = 1e-3


def with_limits(
    candidate: Candidate, study: Study, floor: float | None, baseline: float | None
) -> Candidate:
    """The candidate with known limits of the loss as near certain beliefs."""
    beliefs = dict(candidate.beliefs)
    for parameter in candidate.law.parameters:
        known = floor if parameter.is_floor else baseline if parameter.name == "L0" else None
        if known is not None and known > 0.0:
            mean = float(np.log(known / study.typical_loss))
            beliefs[parameter.name] = Belief(mean, _SURE)
    return Candidate(candidate.law, beliefs)


def as_losses(
    runs: Runs, floor: float | None, baseline: float | None
) -> tuple[float | None, float | None]:
    """Limits of the metric as limits of the loss. Raises InputError for those the runs pass."""
    limits = [
        None if value is None else float(runs.to_metric(np.array([value]))[0])
        for value in (floor, baseline)
    ]
    if floor is not None and limits[0] is not None and limits[0] > runs.loss.min():
        raise InputError(
            f"the floor is {floor:g}, but {runs.source} has a better {runs.metric}.",
            "Give the lowest possible metric (the highest, where higher is better), or leave it.",
        )
    if baseline is not None and limits[1] is not None and limits[1] < runs.loss.min():
        raise InputError(
            f"the baseline is {baseline:g}, but no run of {runs.source} is better.",
            "Give the metric of guessing, or leave it out.",
        )
    return limits[0], limits[1]
