"""Heats: many starts run a few iterations, and those that look best go on."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from flopcast.fitting.solver import BoolArray, Problem, minimise
from flopcast.laws.features import FloatArray

_ALIKE: Final = 1e-3
_MOST_ALIKE: Final = 3

Heats = Sequence[tuple[int, int]]
"""Iterations, and how many starts go on."""


def heated(
    problem: Problem, starts: FloatArray, held: BoolArray, heats: Heats, *, full: bool = False
) -> tuple[FloatArray, BoolArray]:
    """What is left of the starts (m, p), which hold coordinates (m, p), after `heats`.

    Of those that look alike few go on, unless in `full` heats there is room for more. Starts that
    the last heat would let go on anyway do not run.
    """
    for iterations, most in heats:
        if len(starts) > heats[-1][1]:
            heat = minimise(problem, starts, frozen=held, max_iterations=iterations, race=np.inf)
            kept = _finalists(heat.value, most, full)
            starts, held = heat.theta[kept], held[kept]
    return starts, held


def _finalists(values: FloatArray, most: int, full: bool) -> list[int]:
    """The lowest values, few that look like the same minimum; the others last or not at all."""
    chosen: list[int] = []
    others: list[int] = []
    alike, last = 0, -np.inf
    for k in np.argsort(values, kind="stable"):
        alike = alike + 1 if values[k] <= last * (1.0 + _ALIKE) else 1
        last = values[k]
        (chosen if alike <= _MOST_ALIKE else others).append(int(k))
    return (chosen + others if full else chosen)[:most]
