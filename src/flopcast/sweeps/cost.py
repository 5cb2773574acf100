"""What a cell will cost: by the study's formula before anything ran, then as measured."""

import statistics
from collections.abc import Iterable, Mapping
from typing import Any, Final

from flopcast.errors import InputError
from flopcast.sweeps.expression import Expression
from flopcast.sweeps.study import Study

KAPLAN: Final = Expression("6 * params * data")
_MOST_CORRECTION: Final = 100.0


def flop_of(study: Study, settings: Mapping[str, Any]) -> float:
    """FLOP of one run: the study's formula, or 6 · params · data (Kaplan et al. 2020).

    Raises InputError when neither can be worked out.
    """
    formula = study.cost.flop or KAPLAN
    if study.cost.flop is None and not {"params", "data"} <= set(study.roles):
        raise InputError(
            "what a cell costs is not known: no axes with the roles params and data.",
            "Give cost.flop, an expression of the axes.",
        )
    found = formula({**study.amounts(settings), **settings})
    if found <= 0.0:
        raise InputError(f"cost.flop is {found:g} at {dict(settings)}; it is above 0.")
    return found


def cost_of(study: Study, settings: Mapping[str, Any], flop: float) -> float:
    """Cost of one run of `flop`, in the unit of the budget, by the formulas of the study.

    Raises InputError where the study does not say how long a run takes and the budget counts time.
    """
    if study.budget.unit == "flop":
        return flop
    if study.cost.seconds is not None:
        seconds = study.cost.seconds({**study.amounts(settings), **settings, "flop": flop})
    elif study.cost.flop_per_second is not None:
        seconds = flop / study.cost.flop_per_second
    else:
        raise InputError(
            f"the budget is in {study.budget.unit}, but how long a cell takes is not known.",
            "Give cost.seconds, an expression, or cost.flop_per_second.",
        )
    if seconds < 0.0:
        raise InputError(f"cost.seconds is {seconds:g} at {dict(settings)}; it is 0 or more.")
    return (
        seconds if study.budget.unit == "seconds" else seconds * (study.budget.per_second or 0.0)
    )


def correction(stated_and_charged: Iterable[tuple[float, float]]) -> float:
    """By what the stated costs are to be multiplied: the median ratio of charged to stated.

    1 before the first run is paid; never beyond a factor of 100 either way.
    """
    ratios = [charged / stated for stated, charged in stated_and_charged if stated and charged]
    if not ratios:
        return 1.0
    return min(max(statistics.median(ratios), 1.0 / _MOST_CORRECTION), _MOST_CORRECTION)
