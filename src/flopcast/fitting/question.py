"""What a global search is asked: one law on one problem."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from flopcast.fitting.solver import BoolArray, Problem
from flopcast.laws.law import Law
from flopcast.laws.projection import Projection, projection_of


@final
@dataclass(frozen=True, eq=False)
class Question:
    """What a search is for: a law, its fit to runs, typical values, and what is not fitted.

    `scales` gives the typical values that parameters' starts refer to, `fixed` the natural values
    of parameters that are not fitted, `seeds` starts read off the data. `neighbours` gives those
    to try next from a fit, in natural values, in the round of a number.
    """

    law: Law
    problem: Problem
    scales: Mapping[str, float]
    fixed: Mapping[str, float]
    seeds: Sequence[Mapping[str, float]] = ()
    neighbours: Callable[[Mapping[str, float], int], Sequence[Mapping[str, float]]] | None = None

    @cached_property
    def given(self) -> BoolArray:
        """Which coordinates (p,) are fixed."""
        return np.array([name in self.fixed for name in self.problem.model.names])

    @cached_property
    def projection(self) -> Projection | None:
        """Which parameters are linear given the others, and how to solve for them."""
        return projection_of(self.law, self.problem.model, self.fixed)


def unit_of(scale: str | None, scales: Mapping[str, float]) -> float:
    """The value that starts given relative to `scale` are multiples of."""
    if scale is None:
        return 1.0
    return 1.0 / scales[scale[2:]] if scale.startswith("1/") else scales[scale]
