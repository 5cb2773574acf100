"""Laws by name: those of this package and those that other packages register."""

from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from importlib.metadata import entry_points
from typing import Final

from flopcast.errors import InputError, nearest
from flopcast.laws.broken import broken
from flopcast.laws.law import Law
from flopcast.laws.m4 import m4
from flopcast.laws.power import power
from flopcast.laws.power_floor import power_floor
from flopcast.laws.shifted_power import shifted_power

ENTRY_POINT_GROUP: Final = "flopcast.laws"

_HOME: Final = {
    "chinchilla": "chinchilla:CHINCHILLA",
    "kaplan": "kaplan:KAPLAN",
    "kaplan-floor": "kaplan:KAPLAN_FLOOR",
    "coupled": "coupled:COUPLED",
    "bounded": "bounded:BOUNDED",
    "bounded-overfitting": "bounded:BOUNDED_OVERFITTING",
    "rosenfeld": "rosenfeld:ROSENFELD",
    "farseer": "farseer:FARSEER",
    "gadre": "gadre:GADRE",
    "muennighoff": "muennighoff:MUENNIGHOFF",
    "lovelace": "lovelace:LOVELACE",
    "clark": "experts:CLARK",
    "krajewski": "experts:KRAJEWSKI",
    "joint-moe": "experts:JOINT_MOE",
    "abnar": "experts:ABNAR",
    "frantar": "sparsity:FRANTAR",
    "pruning": "sparsity:PRUNING",
    "pruning-family": "sparsity:PRUNING_FAMILY",
    "precision": "precision:PRECISION",
    "quantisation": "precision:QUANTISATION",
    "tissue": "tissue:TISSUE",
    "multi-power": "multi_power:MULTI_POWER",
    "exponential": "accuracy:EXPONENTIAL",
    "sigmoid": "accuracy:SIGMOID",
}

_ON_AN_AXIS: Final[dict[str, Callable[[str], Law]]] = {
    "m1": power,
    "m2": power_floor,
    "m3": shifted_power,
    "m4": m4,
    "bnsl1": partial(broken, 1),
    "bnsl2": partial(broken, 2),
    "bnsl3": partial(broken, 3),
}


def law_names() -> tuple[str, ...]:
    """The names of every law that `get_law` knows, ours first, then others' in order.

    Laws of one axis are listed by their plain name, which means the axis ``data``.
    """
    ours = (*_ON_AN_AXIS, *_HOME)
    others = sorted({point.name for point in entry_points(group=ENTRY_POINT_GROUP)} - set(ours))
    return (*ours, *others)


@cache
def get_law(name: str) -> Law:
    """The law called `name`; laws of one axis take another as ``m2@params`` or ``m2@compute``.

    A package adds a law by an entry point in the group ``flopcast.laws`` whose name is the law's
    and whose object is a `Law`. Names of laws that come with flopcast cannot be taken.

    Raises InputError for an unknown name, or an entry point that is no law.
    """
    plain, _, axis = name.partition("@")
    if plain in _ON_AN_AXIS:
        return _ON_AN_AXIS[plain](axis or "data")
    if name in _HOME:
        module, _, attribute = _HOME[name].partition(":")
        law: Law = getattr(import_module(f"flopcast.laws.{module}"), attribute)
        return law
    for point in entry_points(group=ENTRY_POINT_GROUP, name=name):
        loaded = point.load()
        if not isinstance(loaded, Law):
            raise InputError(
                f"the entry point {point.value!r} for the law {name!r} is a "
                f"{type(loaded).__name__}, not a flopcast.laws.law.Law."
            )
        return loaded
    known = law_names()
    raise InputError(
        f"there is no law {name!r}.{nearest(name, known)}", f"Laws: {', '.join(known)}."
    )
