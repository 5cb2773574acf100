"""Which laws make up the ensemble for the columns at hand."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from flopcast.errors import InputError, Refused, nearest
from flopcast.forecasting import forms
from flopcast.forecasting.candidate import Belief, Candidate
from flopcast.forecasting.constants import ANY, Constants
from flopcast.laws.law import Law
from flopcast.laws.registry import get_law, law_names
from flopcast.observations import Runs

SURFACE: Final[tuple[Law, ...]] = (
    forms.ADDITIVE,
    forms.COUPLED,
    forms.COUPLED_OVERFITTING,
    forms.BOUNDED_OVERFITTING,
    forms.COUPLED_BOUNDED,
    forms.KAPLAN_FLOOR,
    forms.FARSEER,
    forms.FLOORLESS,
)
REPEATS: Final[tuple[Law, ...]] = (
    *SURFACE,
    forms.REPEATED,
    forms.COUPLED_REPEATED,
    forms.LOVELACE,
)

FIRST_BELIEFS: Final[Mapping[str, tuple[float, float]]] = {
    "E": (float(np.log(0.6)), 0.5),
    "A": (float(np.log(0.15)), 1.0),
    "B": (float(np.log(0.15)), 1.0),
    "C": (float(np.log(0.02)), 1.5),
    "P": (float(np.log(0.01)), 1.5),
    "alpha": (float(np.log(0.35)), 0.4),
    "beta": (float(np.log(0.35)), 0.4),
    "gamma": (float(np.log(0.35)), 0.5),
    "delta": (float(np.log(0.5)), 0.5),
    "k": (float(np.log(0.7)), 0.5),
    "L0": (float(np.log(3.5)), 0.5),
    "R": (float(np.log(10.0)), 1.0),
    "shift": (0.05, 0.2),
    "turn": (0.0, 0.05),
}


def repeats(runs: Runs) -> bool:
    """Whether any run saw some of its data again."""
    return "unique_data" in runs and bool(np.any(runs["data"] > 1.01 * runs["unique_data"]))


def candidates_by_kind(
    runs: Runs, constants: Constants, chosen: Sequence[str | Law] | None = None
) -> dict[str, tuple[Candidate, ...]]:
    """The same laws with what studies of each kind, and of any, say of their parameters."""
    found = {ANY: candidates_for(runs, constants, chosen)}
    if any(candidate.beliefs for candidate in found[ANY]):
        found |= {k: candidates_for(runs, constants.of(k), chosen) for k in constants.kinds}
    return found


def candidates_for(
    runs: Runs, constants: Constants, chosen: Sequence[str | Law] | None = None
) -> tuple[Candidate, ...]:
    """The laws of the ensemble with what past studies say of their parameters.

    `chosen` limits or replaces them: by a member's name, any law's name, or as a `Law`.
    """
    own = {law.name: law for law in (REPEATS if repeats(runs) else SURFACE)}
    laws = [law for law in own.values() if all(name in _columns(runs) for name in law.inputs)]
    if chosen is None and not laws:
        raise Refused(
            "no_laws",
            f"{runs.source} has {', '.join(runs.inputs) or 'no inputs'}; the laws of a forecast "
            "need params and data, or one input that varies.",
            "Name the columns with columns={'params': ...}, or the laws with members=.",
        )
    if chosen is not None:
        laws = [_law(entry, own) for entry in chosen]
    return tuple(
        Candidate(law, _beliefs(law, constants) if own.get(law.name) is law else {})
        for law in laws
    )


def _columns(runs: Runs) -> set[str]:
    """The inputs that a study offers: unique data are those seen where nothing else is said."""
    return {*runs.inputs, *(("unique_data",) if "data" in runs else ())}


def _law(entry: str | Law, own: Mapping[str, Law]) -> Law:
    if isinstance(entry, Law):
        return entry
    if entry in own:
        return own[entry]
    others = [name for name in law_names() if name not in own]
    if entry.partition("@")[0] not in others:
        raise InputError(
            f"there is no law {entry!r}.{nearest(entry, [*own, *others])}",
            f"Members of forecasts: {', '.join(own)}. Other laws: {', '.join(others)}.",
        )
    return get_law(entry)


def _beliefs(law: Law, constants: Constants) -> dict[str, Belief]:
    found: dict[str, Belief] = {}
    for parameter in law.parameters:
        log = parameter.positive or parameter.lower >= 0.0
        known = constants.belief(law.name, parameter.name, log)
        if known is None and parameter.name in FIRST_BELIEFS:
            known = Belief(*FIRST_BELIEFS[parameter.name], log=log)
        if known is not None:
            found[parameter.name] = known
    return found
