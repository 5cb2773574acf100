"""What one fit is asked: the law, the runs, and every choice that changes the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from types import MappingProxyType
from typing import Any, Final, final

import numpy as np
import numpy.typing as npt

from flopcast.errors import InputError, nearest
from flopcast.fitting.objective import Objective
from flopcast.fitting.question import Question
from flopcast.fitting.solver import BoolArray, Problem
from flopcast.laws.features import FloatArray
from flopcast.laws.law import LOG_OF_NOTHING, Law
from flopcast.laws.projection import find_projection
from flopcast.observations import Runs

_SAMPLE: Final = 300
_NO_MAP: Final[Mapping[str, Any]] = MappingProxyType({})


@final
@dataclass(frozen=True, eq=False)
class Task:
    """A law, runs, an objective and weights (n,); parameters that are fixed, bounded or grouped.

    `fixed` and `bounds` are in natural units. `grouped` parameters are fitted once per group.

    Raises InputError for names the law does not have, impossible bounds, inputs the runs do not
    have, and weights that are negative, all zero or of another length.
    """

    law: Law
    runs: Runs
    objective: Objective
    weights: FloatArray
    fixed: Mapping[str, float] = field(default_factory=lambda: _NO_MAP)
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=lambda: _NO_MAP)
    grouped: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in (*self.fixed, *self.bounds, *self.grouped):
            self.law.parameter(name)
        for name, (low, high) in self.bounds.items():
            if not low < high:
                raise InputError(f"the bounds of {name!r} are {low} to {high}; low must be below.")
        for name, value in self.fixed.items():
            parameter = self.law.parameter(name)
            if not parameter.lower <= value <= parameter.upper:
                raise InputError(
                    f"{name!r} is fixed at {value:g}; law {self.law.name!r} allows "
                    f"{parameter.lower:g} to {parameter.upper:g}."
                )
        for name in self.law.inputs:
            if name not in self.runs:
                raise InputError(
                    f"law {self.law.name!r} needs the column {name!r}; {self.runs.source} has "
                    f"{', '.join(self.runs.inputs) or 'no inputs'}."
                    f"{nearest(name, self.runs.inputs)}",
                    f"Name it with columns={{{name!r}: ...}}, or choose another law.",
                )
        if self.grouped and self.runs.group is None:
            raise InputError(
                f"parameters {', '.join(self.grouped)} are to differ by group, but "
                f"{self.runs.source} has no column 'group'."
            )
        _check_weights(self.weights, len(self.runs))

    @cached_property
    def inputs(self) -> dict[str, FloatArray]:
        """The law's inputs, (n,) each."""
        return {name: self.runs[name] for name in self.law.inputs}

    @cached_property
    def scales(self) -> dict[str, float]:
        """The typical values that parameters' starts refer to."""
        scales = {name: float(np.exp(np.log(c).mean())) for name, c in self.inputs.items()}
        for name, column in self.inputs.items():
            scales |= {f"{name}_min": float(column.min()), f"{name}_max": float(column.max())}
        loss = self.runs.loss
        return {**scales, "loss": float(loss.min()), "ceiling": float(loss.max())}

    @cached_property
    def problem(self) -> Problem:
        """The whole fit, ready for the solver."""
        labels = self.runs.group
        grouped = {} if labels is None else dict.fromkeys(self.grouped, labels)
        model = self.law.bind(self.inputs, grouped)
        bases = [name.partition("[")[0] for name in model.names]
        limits = np.array([self._limits(base) for base in bases])
        projection = find_projection(model)
        linear = [column.parameter for column in projection.columns] if projection else []
        return Problem(
            model,
            self.objective,
            np.log(self.runs.loss),
            self.weights,
            limits[:, 0],
            limits[:, 1],
            tuple(model.names.index(name) for name in linear),
        )

    @cached_property
    def question(self) -> Question:
        """What to search for, when nothing is grouped."""
        runs = self.inputs, self.runs.loss, self.weights
        seeds = self.law.seeds(*runs) if self.law.seeds else ()
        near = partial(self.law.neighbours, *runs) if self.law.neighbours else None
        return Question(self.law, self.problem, self.scales, self.fixed, seeds, near)

    @cached_property
    def given(self) -> BoolArray:
        """Which coordinates (p,) are fixed."""
        names = self.problem.model.names
        return np.array([name.partition("[")[0] in self.fixed for name in names])

    def sample(self) -> "Task | None":
        """The same fit on a fixed few hundred runs, or None when there are no more than that."""
        if len(self.runs) <= _SAMPLE:
            return None
        positive = np.flatnonzero(self.weights > 0.0)
        rng = np.random.default_rng(0)
        rows = np.sort(rng.choice(positive, min(_SAMPLE, positive.size), replace=False))
        return self.on(rows)

    def on(self, rows: npt.NDArray[np.intp], fixed: Mapping[str, float] | None = None) -> "Task":
        """The same fit on some of the runs, without groups, perhaps with more fixed."""
        return Task(
            self.law,
            self.runs.where(rows),
            self.objective,
            self.weights[rows],
            {**self.fixed, **(fixed or {})},
            self.bounds,
        )

    def natural(self, theta: FloatArray) -> FloatArray:
        """Coordinates (m, p) as natural values."""
        columns = []
        for k, name in enumerate(self.problem.model.names):
            parameter = self.law.parameter(name.partition("[")[0])
            columns.append(parameter.from_coordinate(theta[:, k]))
        return np.stack(columns, axis=1)

    def _limits(self, name: str) -> tuple[float, float]:
        parameter = self.law.parameter(name)
        low, high = self.bounds.get(name, (parameter.lower, parameter.upper))
        if not parameter.positive:
            return low, high
        return (
            float(np.log(low)) if low > 0.0 else LOG_OF_NOTHING,
            float(np.log(high)) if high > 0.0 else LOG_OF_NOTHING,
        )


def tail_weights(runs: Runs, power: float) -> FloatArray:
    """Weights (compute / largest compute)^power, (n,): above 0 they favour the largest runs.

    Where the runs have no compute, their first input stands in for it. On real curves such
    weights matter more than the form of the law.
    """
    scale = runs.compute if runs.compute is not None else next(iter(runs.inputs.values()))
    return np.asarray((scale / scale.max()) ** power)


def _check_weights(weights: FloatArray, n: int) -> None:
    if weights.shape != (n,):
        raise InputError(f"weights have shape {weights.shape}; there are {n} runs.")
    bad = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0.0)))
    if bad.size:
        raise InputError(
            f"the weight of row {bad[0] + 1} is {weights[bad[0]]}; weights are 0 or more."
        )
    if not weights.any():
        raise InputError("every weight is 0, so no run counts.", "Give a run a positive weight.")


def as_weights(weights: npt.ArrayLike | None, runs: Runs, tail: float) -> FloatArray:
    """The weights (n,) of a fit: those given, or 1, times `tail_weights`."""
    base = np.ones(len(runs)) if weights is None else np.asarray(weights, dtype=np.float64)
    return base if tail == 0.0 else base * tail_weights(runs, tail)


def names_of(values: Sequence[str] | None) -> tuple[str, ...]:
    """A tuple of names; a single string counts as one name."""
    if values is None:
        return ()
    return (values,) if isinstance(values, str) else tuple(values)
