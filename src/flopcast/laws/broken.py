"""Broken power laws: smooth changes of slope along one axis."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Final

import numpy as np

from flopcast.errors import InputError
from flopcast.laws.algebra import Positive, as_real, number, quantity, size
from flopcast.laws.law import Law, Parameter, amplitude, floor
from flopcast.laws.relocation import relocated
from flopcast.laws.segments import broken_seeds

_MOST_BREAKS: Final = 3
_FLOORS: Final = (0.0, 0.8)
_RATES: Final = (0.05, 0.2, 0.5, 1.0)
_PLACES: Final = (0.02, 0.1, 0.5, 2.0, 10.0, 50.0)
_GAPS: Final = (5.0, 30.0)
_TURNS: Final = (-0.3, 0.2, 0.8)
_WIDTHS: Final = (0.1, 0.5)


def broken(breaks: int = 1, axis: str = "data") -> Law:
    """L = a + b·x^−c0·Π (1 + (x/d_i)^(1/f_i))^(−c_i·f_i) with 1 to 3 breaks.

    The first break is at d1, each later one r_i times further, so that breaks keep their order.
    Raises InputError for another number of breaks.
    """
    if not 1 <= breaks <= _MOST_BREAKS:
        raise InputError(f"{breaks} breaks were asked for; the law has 1 to {_MOST_BREAKS}.")
    x, place = size(axis), quantity("d1")
    term = quantity("b") * x ** -number("c0")
    for k in range(1, breaks + 1):
        place = place if k == 1 else place * quantity(f"r{k}")
        term = term * _turn(x / place, k)
    name = f"bnsl{breaks}"
    return Law(
        name=name if axis == "data" else f"{name}@{axis}",
        title=f"Broken power law, {breaks} break{'s' if breaks > 1 else ''}",
        equation="L = a + b·x^−c0·Π (1 + (x/d_i)^(1/f_i))^(−c_i·f_i), d_i = d1·r2·…·r_i",
        loss=quantity("a") + term,
        parameters=(
            floor("a", "loss at the end of the last segment, if that falls"),
            amplitude("b", "size of the first segment at x = 1", "loss·x^c0"),
            Parameter("c0", "slope of the first segment", lower=-5.0, upper=5.0),
            *(parameter for k in range(1, breaks + 1) for parameter in _parameters(k, axis)),
        ),
        inputs=(axis,),
        starts=_starts(breaks, axis),
        seeds=lambda inputs, loss, weights: broken_seeds(
            breaks, np.log(inputs[axis]), loss, weights
        ),
        neighbours=lambda inputs, loss, weights, fit, turn: relocated(
            breaks, np.log(inputs[axis]), loss, weights, fit, absolute=turn % 2 == 0
        ),
        source="Caballero et al. 2022, arXiv:2210.14891, equation 1",
    )


def _turn(along: Positive, k: int) -> Positive:
    """The factor that changes the slope by c_k where `along` passes 1."""
    width, turn = quantity(f"f{k}"), number(f"c{k}")
    return (1.0 + along ** as_real(1.0 / width)) ** -(turn * as_real(width))


def _parameters(k: int, axis: str) -> tuple[Parameter, ...]:
    where = (
        Parameter("d1", "where the first break is", axis, True, 0.0)
        if k == 1
        else Parameter(f"r{k}", f"break {k} over break {k - 1}", "1", True, 1.0, 1e12)
    )
    return (
        where,
        Parameter(f"c{k}", f"change of slope at break {k}", lower=-5.0, upper=5.0),
        Parameter(f"f{k}", f"width of break {k} in log x", "1", True, 0.01, 10.0),
    )


def _starts(
    breaks: int, axis: str
) -> Callable[[Mapping[str, float]], Sequence[Mapping[str, float]]]:
    """Where the breaks lie, which way each turns, and how sharply."""

    def starts(scales: Mapping[str, float]) -> Sequence[Mapping[str, float]]:
        rows = []
        rates, gaps = (_RATES, (1.0,)) if breaks == 1 else (_RATES[:3], _GAPS)
        for low, rate, first, gap, width, *turns in product(
            _FLOORS, rates, _PLACES, gaps, _WIDTHS, *[_TURNS] * breaks
        ):
            row = {"a": low * scales["loss"], "b": 1.0, "c0": rate, "d1": first * scales[axis]}
            row |= {f"r{k}": gap for k in range(2, breaks + 1)}
            row |= {f"c{k}": turn for k, turn in enumerate(turns, start=1)}
            row |= {f"f{k}": width for k in range(1, breaks + 1)}
            rows.append(row)
        return rows

    return starts
