"""Terms that vanish: starts that drop them, and starts that bring them back.

At a boundary such as E = 0 the full law only creeps along its log, so the law without the term is
a fit of its own; and a term that one start gave up may matter after all, for a few runs alone.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from flopcast.fitting.question import Question, unit_of
from flopcast.fitting.solver import BoolArray
from flopcast.laws.features import FloatArray
from flopcast.laws.law import LOG_OF_NOTHING

_SLIVER: Final = 1e-3
_SHARE: Final = 0.1
_STEEP: Final = 4.0
_NEGLIGIBLE: Final = 1e-5
_LEAST_PEAK: Final = 1e-300


def other_way(
    question: Question, theta: FloatArray, held: BoolArray
) -> tuple[FloatArray, BoolArray]:
    """Starts that drop what has all but vanished, and revive it, or what is at a bound."""
    names = question.problem.model.names
    starts: list[FloatArray] = []
    frozen: list[BoolArray] = []
    terms = list(_removable(question, theta))
    for name, peak, private in terms:
        place = names.index(name)
        others = np.array([names.index(other) for other in private], dtype=np.intp)
        if question.given[place]:
            continue
        bounds = question.problem.lower[others], question.problem.upper[others]
        at_bound = bool(np.any((theta[others] <= bounds[0]) | (theta[others] >= bounds[1])))
        gone = bool(theta[place] <= LOG_OF_NOTHING)
        negligible = bool(np.exp(theta[place]) * peak < _NEGLIGIBLE)
        if negligible or at_bound:
            hold = held.copy()
            hold[others] = question.given[others]
            hold[place] = False
            revived = theta.copy()
            revived[place] = np.log(_SLIVER / peak)
            steep = [_steepened(question, theta, place, others, way) for way in (_STEEP, -_STEEP)]
            starts += [revived, *steep]
            frozen += [hold] * 3
            for other, largest, gone_with in terms:
                if negligible and other != name and not question.given[names.index(other)]:
                    instead = revived.copy()
                    instead[place] = theta[names.index(other)] + np.log(largest / peak)
                    dropped = _dropped(names, instead, hold, other, gone_with)
                    starts.append(dropped[0])
                    frozen.append(dropped[1])
        if negligible and not gone:
            dropped = _dropped(names, theta, held, name, private)
            starts.append(dropped[0])
            frozen.append(dropped[1])
    return (
        np.array(starts, dtype=np.float64).reshape(-1, len(names)),
        np.array(frozen, dtype=np.bool_).reshape(-1, len(names)),
    )


def _dropped(
    names: Sequence[str], theta: FloatArray, held: BoolArray, name: str, private: Sequence[str]
) -> tuple[FloatArray, BoolArray]:
    """The same without a term, whose parameters are held."""
    theta, held = theta.copy(), held.copy()
    theta[names.index(name)] = LOG_OF_NOTHING
    held[[names.index(other) for other in (name, *private)]] = True
    return theta, held


def sharpened(
    question: Question, theta: FloatArray, held: BoolArray
) -> tuple[FloatArray, BoolArray]:
    """Starts of a law seeded from data with one parameter, the width of a break, at its least."""
    problem = question.problem
    least = [
        problem.model.names.index(parameter.name)
        for parameter in question.law.parameters
        if question.seeds and parameter.positive and parameter.lower > 0.0
    ]
    places = [k for k in least if not held[k] and theta[k] > problem.lower[k]]
    starts = np.repeat(theta[None], len(places), axis=0)
    starts[np.arange(len(places)), places] = problem.lower[places]
    return starts, np.repeat(held[None], len(places), axis=0)


def _steepened(
    question: Question,
    theta: FloatArray,
    place: int,
    private: npt.NDArray[np.intp],
    exponent: float,
) -> FloatArray:
    """The same with a term made steep, so that it matters for the few runs where it is largest."""
    names, steep = question.problem.model.names, theta.copy()
    for k in private:
        if not question.law.parameter(names[k]).positive and not question.given[k]:
            steep[k] = np.clip(exponent, question.problem.lower[k], question.problem.upper[k])
    peaks = {name: peak for name, peak, _ in _removable(question, steep)}
    steep[place] = np.log(_SHARE / peaks[names[place]])
    return steep


def _removable(
    question: Question, theta: FloatArray
) -> Iterator[tuple[str, float, tuple[str, ...]]]:
    """Parameters that may be 0: name, largest share of the loss per unit, what goes with it."""
    law, projection = question.law, question.projection
    linear: set[str] = set()
    if projection is not None:
        names = question.problem.model.names
        ones = theta.copy()
        ones[[names.index(column.parameter) for column in projection.columns]] = 0.0
        with np.errstate(all="ignore"):
            columns = projection.system(question.problem.model, ones[None], question.problem.y)[0]
        for column, peak in zip(projection.columns, columns[0].max(axis=1), strict=True):
            parameter = law.parameter(column.parameter)
            if parameter.positive and parameter.lower == 0.0:
                linear.add(column.parameter)
                # A column may underflow to nothing, and is divided by.
                yield column.parameter, max(float(peak), _LEAST_PEAK), column.private
    ungrouped = set(question.problem.model.names) - linear
    for parameter in law.parameters:
        if parameter.positive and 0.0 in parameter.starts and parameter.name in ungrouped:
            yield parameter.name, 1.0 / unit_of(parameter.scale, question.scales), ()
