"""The members of a forecast along one axis: laws of one input that end at loss 1 at input 1.

A shape is written in numbers that mean the same at any scale and for any metric, so that what is
learned of them on some curves holds for others: the rate at which the falling part falls, and the
share of the loss at the largest run that no scale removes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, final

import numpy as np

from flopcast.laws.algebra import number, quantity, size
from flopcast.laws.features import FloatArray
from flopcast.laws.law import Law, Limit, Parameter, amplitude, exponent
from flopcast.laws.registry import get_law

_LOWEST_SHARE: Final = 1e-9
_LEAST_RISE: Final = 1e-4
_MOST_RISE: Final = 4.5
_BENDS: Final = (0.08, 12.0)


@cache
def envelope(axis: str = "data") -> Law:
    """ε = ε0·ε̃/√(ε̃² + η²) with ε̃ = x^−α + c∞: Rosenfeld's envelope along one axis."""
    top, turn, low = quantity("eps0"), quantity("eta"), quantity("c_inf")
    alpha, x = number("alpha"), size(axis)
    core = (x**-alpha + low) / turn
    loss = top * (1.0 + core**-2.0) ** -0.5
    return Law(
        name="envelope" if axis == "data" else f"envelope@{axis}",
        title="Rosenfeld's envelope along one axis",
        equation="ε = ε0·ε̃/√(ε̃² + η²), ε̃ = x^−α + c∞",
        loss=loss,
        parameters=(
            Parameter("eps0", "error of random guessing", "loss", True, 0.0, scale="ceiling"),
            exponent("alpha", "how fast error falls"),
            amplitude("c_inf", "irreducible part of ε̃", "x^−α"),
            Parameter("eta", "ε̃ at which error leaves random guessing", "x^−α", True, 0.0),
        ),
        inputs=(axis,),
        falls_with=(axis,),
        limits=(
            Limit({axis: float("inf")}, top * (1.0 + (low / turn) ** -2.0) ** -0.5),
            Limit({axis: 0.0}, top),
        ),
        source="Rosenfeld et al. 2020, arXiv:1909.12673, section 4, at one model size",
    )


@final
@dataclass(frozen=True, eq=False)
class Ends:
    """What is known of a curve's levels relative to the loss at its largest run.

    `rise` is the log of how far the smallest run lies above it; `span` is the log of the largest
    over the smallest input; `floor` and `baseline` are relative levels, None if unknown.
    """

    rise: float
    span: float
    floor: float | None = None
    baseline: float | None = None


Coordinates = Callable[[FloatArray, Ends], FloatArray]


@final
@dataclass(frozen=True, eq=False)
class Shape:
    """A law of one axis and how its coordinates follow from numbers of normal distribution.

    `coordinates` maps such numbers (k, d) and the curve's ends to the law's coordinates (k, p).
    """

    name: str
    numbers: tuple[str, ...]
    coordinates: Coordinates

    def law(self, axis: str) -> Law:
        """The law along an axis."""
        if self.name == "envelope":
            return envelope(axis)
        return get_law(self.name if axis == "data" else f"{self.name}@{axis}")


def _share(numbers: FloatArray, ends: Ends) -> FloatArray:
    """The share (k,) of the loss at the largest run that no scale removes."""
    if ends.floor is not None:
        return np.full(len(numbers), np.clip(ends.floor, _LOWEST_SHARE, 1.0 - 1e-6))
    share = 1.0 / (1.0 + np.exp(-numbers[:, 1]))
    return np.asarray(np.clip(share, _LOWEST_SHARE, 1.0 - _LOWEST_SHARE))


def _top(numbers: FloatArray, ends: Ends) -> FloatArray:
    """The level of guessing (k,) over the loss at the largest run: above every run."""
    if ends.baseline is not None:
        return np.full(len(numbers), max(ends.baseline, 1.0 + _LEAST_RISE))
    above = np.exp(np.minimum(numbers[:, 2], np.log(_MOST_RISE)))
    return np.asarray(np.exp(max(ends.rise, 0.0) + np.maximum(above, _LEAST_RISE)))


def _power(numbers: FloatArray, _: Ends) -> FloatArray:
    """A pure power law has no floor: where one is known, forecasts stop there."""
    return np.stack([np.zeros(len(numbers)), np.exp(numbers[:, 0])], axis=1)


def _power_floor(numbers: FloatArray, ends: Ends) -> FloatArray:
    share = _share(numbers, ends)
    return np.stack([np.log(share), np.log1p(-share), np.exp(numbers[:, 0])], axis=1)


def _shifted(numbers: FloatArray, ends: Ends) -> FloatArray:
    """Here the share is that of 1/x + g that is g; a floor fixes it through g^c."""
    rate = np.exp(numbers[:, 0])
    share = _share(numbers, Ends(ends.rise, ends.span))
    if ends.floor is not None:
        share = np.clip(ends.floor, _LOWEST_SHARE, 1.0 - 1e-6) ** (1.0 / rate)
        share = np.clip(share, _LOWEST_SHARE, 1.0 - _LOWEST_SHARE)
    away = np.log1p(-share)
    return np.stack([rate * away, np.log(share) - away, rate], axis=1)


def _saturating(numbers: FloatArray, ends: Ends) -> FloatArray:
    share, top = _share(numbers, ends), _top(numbers, ends)
    alpha = np.exp(np.clip(numbers[:, 3], *np.log(_BENDS)))
    at_end = (1.0 - share) / (top - share)
    level = np.log(at_end) - alpha * np.log1p(-at_end)
    amplitude_ = level + (1.0 - alpha) * np.log(top - share)
    return np.stack([np.log(share), np.log(top), alpha, amplitude_, np.exp(numbers[:, 0])], axis=1)


def _envelope(numbers: FloatArray, ends: Ends) -> FloatArray:
    share = _share(numbers, Ends(ends.rise, ends.span))
    turn = np.exp(numbers[:, 2])
    if ends.baseline is not None:
        turn = np.full(len(numbers), np.sqrt(max(ends.baseline, 1.0 + _LEAST_RISE) ** 2 - 1.0))
    if ends.floor is not None:
        # ε(∞)/ε(1) = floor, solved for c∞ relative to 1 + c∞.
        low = min(ends.floor, 1.0 - 1e-6) ** 2
        share = np.sqrt(low * turn**2 / (turn**2 + 1.0 - low))
        share = np.clip(share, _LOWEST_SHARE, 1.0 - 1e-6)
    away = np.log1p(-share)
    return np.stack(
        [
            0.5 * np.log1p(turn**2),
            np.exp(numbers[:, 0]),
            np.log(share) - away,
            np.log(turn) - away,
        ],
        axis=1,
    )


def _broken(numbers: FloatArray, ends: Ends) -> FloatArray:
    share, late = _share(numbers, ends), np.exp(numbers[:, 0])
    early = late * np.exp(numbers[:, 2])
    place = -ends.span * _normal(numbers[:, 3])
    width = np.exp(np.clip(numbers[:, 4], -4.0, 2.0))
    at_end = -(late - early) * width * np.logaddexp(0.0, -place / width)
    return np.stack(
        [np.log(share), np.log1p(-share) - at_end, early, place, late - early, np.log(width)],
        axis=1,
    )


def _normal(z: FloatArray) -> FloatArray:
    """The standard normal distribution function, in its logistic approximation."""
    return np.asarray(1.0 / (1.0 + np.exp(-1.702 * z)))


SHAPES: Final[Mapping[str, Shape]] = {
    shape.name: shape
    for shape in (
        Shape("m1", ("rate",), _power),
        Shape("m2", ("rate", "share"), _power_floor),
        Shape("m3", ("rate", "share"), _shifted),
        Shape("m4", ("rate", "share", "rise", "bend"), _saturating),
        Shape("envelope", ("rate", "share", "turn"), _envelope),
        Shape("bnsl1", ("rate", "share", "early", "place", "width"), _broken),
    )
}
