"""The contract of a law: an equation, its parameters and inputs, and what it promises."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, final

import numpy as np
import numpy.typing as npt

from flopcast.errors import InputError, nearest
from flopcast.laws.algebra import Positive
from flopcast.laws.features import FloatArray
from flopcast.laws.model import Model
from flopcast.laws.nodes import Affine, LogSumOfParts, Node

LOG_OF_NOTHING: Final = -600.0
"""The log that stands for a positive parameter of exactly 0: its exponential underflows beside 1.

A finite number, because minus infinity times a feature of 0 would not be a number.
"""


@final
@dataclass(frozen=True)
class Parameter:
    """A fitted parameter: its meaning, unit, bounds and where to start looking for it.

    A `positive` parameter is fitted by its log and may vanish when `lower` is 0. `starts` are
    values tried where the data do not give the parameter in closed form; with `scale` they are
    multiples of a typical value: ``"loss"`` is the smallest observed loss, ``"ceiling"`` the
    largest, an input's name its geometric mean, ``"name_min"`` and ``"name_max"`` its extremes,
    and ``"1/…"`` the inverse of one of them. No loss of the law lies below a parameter that
    `is_floor`.
    """

    name: str
    meaning: str
    unit: str = "1"
    positive: bool = False
    lower: float = -np.inf
    upper: float = np.inf
    starts: tuple[float, ...] = ()
    scale: str | None = None
    is_floor: bool = False

    def __post_init__(self) -> None:
        if self.positive and self.lower < 0.0:
            raise InputError(
                f"parameter {self.name!r} is positive but its lower bound is {self.lower}.",
                "Give a lower bound of 0 or more.",
            )
        if not self.lower < self.upper:
            raise InputError(
                f"parameter {self.name!r} has bounds {self.lower} to {self.upper}; "
                "the lower one must be below the upper one."
            )

    def to_coordinate(self, value: FloatArray | float) -> FloatArray:
        """Natural values as fitting coordinates."""
        values = np.asarray(value, dtype=np.float64)
        if not self.positive:
            return values
        return np.where(values > 0.0, np.log(np.maximum(values, 1e-300)), LOG_OF_NOTHING)

    def from_coordinate(self, coordinate: FloatArray | float) -> FloatArray:
        """Fitting coordinates as natural values."""
        values = np.asarray(coordinate, dtype=np.float64)
        if not self.positive:
            return values
        with np.errstate(over="ignore"):
            return np.where(values > LOG_OF_NOTHING, np.exp(values), 0.0)


def floor(name: str = "E", meaning: str = "irreducible loss") -> Parameter:
    """A loss that no scale removes."""
    starts = (0.0, 0.4, 0.7, 0.85, 0.93, 0.97)
    return Parameter(name, meaning, "loss", True, 0.0, np.inf, starts, "loss", is_floor=True)


def amplitude(name: str, meaning: str, unit: str = "loss") -> Parameter:
    """The size of a term, given in closed form by the data once the exponents are."""
    return Parameter(name, meaning, unit, True, 0.0)


def exponent(
    name: str,
    meaning: str,
    *,
    lower: float = 0.0,
    upper: float = 5.0,
    starts: tuple[float, ...] = (0.08, 0.2, 0.35, 0.5, 0.8, 1.3),
) -> Parameter:
    """The rate at which a term falls."""
    return Parameter(name, meaning, "1", False, lower, upper, starts)


@final
@dataclass(frozen=True)
class Limit:
    """What the loss tends to when inputs go to 0 or infinity.

    `toward` maps inputs to 0.0 or infinity; `value` is the limiting loss as an expression in the
    same parameters and the other inputs, or None when the loss grows without bound.
    """

    toward: Mapping[str, float]
    value: Positive | None


Starts = Callable[[Mapping[str, float]], Sequence[Mapping[str, float]]]
Seeds = Callable[[Mapping[str, FloatArray], FloatArray, FloatArray], Sequence[Mapping[str, float]]]
Neighbours = Callable[
    [Mapping[str, FloatArray], FloatArray, FloatArray, Mapping[str, float], int],
    Sequence[Mapping[str, float]],
]


@final
@dataclass(frozen=True, eq=False)
class Law:
    """A shape of loss against scale.

    `loss` is the equation, written with `flopcast.laws.algebra`; its derivatives, and which
    parameters are linear given the others, follow from it. `ranges` are where inputs other than
    counts usually lie. `falls_with` names inputs in which the
    loss never rises, `rises_with` those in which it never falls. `starts` replaces the product of
    the parameters' own starts where they depend on each other: it takes the typical values
    (``"loss"``, ``"ceiling"`` and each input's) and returns parameter values. `seeds` adds starts
    read off the data: it takes the inputs, losses and weights, each (n,). `neighbours` are where a
    search that is stuck goes next: it takes the same, the parameters of the fit and a round's
    number, and returns parameters of fits of another kind. `source` cites the equation.
    """

    name: str
    title: str
    equation: str
    loss: Positive
    parameters: tuple[Parameter, ...]
    inputs: tuple[str, ...]
    source: str
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    falls_with: tuple[str, ...] = ()
    rises_with: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    starts: Starts | None = field(default=None, repr=False)
    seeds: Seeds | None = field(default=None, repr=False)
    neighbours: Neighbours | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        declared = [parameter.name for parameter in self.parameters]
        if len(set(declared)) < len(declared):
            raise InputError(f"law {self.name!r} declares a parameter twice: {declared}.")
        used = _used(self.loss.log.node)
        _same_names(self.name, "parameter", set(declared), used[0])
        _same_names(self.name, "input", set(self.inputs), used[1])

    @cached_property
    def parameter_names(self) -> tuple[str, ...]:
        """The parameters' names, in the order in which fits report them."""
        return tuple(parameter.name for parameter in self.parameters)

    def parameter(self, name: str) -> Parameter:
        """The parameter called `name`. Raises InputError when there is none."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise InputError(
            f"law {self.name!r} has no parameter {name!r}; it has "
            f"{', '.join(self.parameter_names)}.{nearest(name, self.parameter_names)}"
        )

    def bind(
        self,
        inputs: Mapping[str, npt.ArrayLike],
        grouped: Mapping[str, npt.NDArray[np.str_]] | None = None,
    ) -> Model:
        """The law over runs with these positive inputs (n,), ready to evaluate and differentiate.

        Raises InputError for a missing input or one that is not positive and finite.
        """
        logs: dict[str, FloatArray] = {}
        for name in self.inputs:
            if name not in inputs:
                raise InputError(
                    f"law {self.name!r} needs the input {name!r}; "
                    f"{', '.join(sorted(inputs)) or 'nothing'} was given.",
                    f"Its inputs are {', '.join(self.inputs)}.",
                )
            column = np.atleast_1d(np.asarray(inputs[name], dtype=np.float64))
            bad = np.flatnonzero(~(np.isfinite(column) & (column > 0.0)))
            if bad.size:
                raise InputError(
                    f"input {name!r} is {column[bad[0]]} at row {bad[0]}; "
                    "inputs of a law are positive and finite."
                )
            logs[name] = np.log(column)
        return Model(self.loss.log.node, self.parameter_names, logs, grouped)

    def predict(
        self, params: Mapping[str, float], inputs: Mapping[str, npt.ArrayLike]
    ) -> FloatArray:
        """The loss (n,), in the unit of the fitted loss, at natural parameter values.

        Raises InputError for missing or unknown parameters and inputs.
        """
        for name in params:
            self.parameter(name)
        missing = [name for name in self.parameter_names if name not in params]
        if missing:
            raise InputError(f"law {self.name!r} needs a value of {', '.join(missing)}.")
        theta = np.array([[float(p.to_coordinate(params[p.name])) for p in self.parameters]])
        with np.errstate(over="ignore", under="ignore"):
            return np.asarray(np.exp(self.bind(inputs).value(theta)[0]), dtype=np.float64)


def _used(node: Node) -> tuple[set[str], set[str]]:
    """The parameters and the inputs that an equation names."""
    parameters: set[str] = set()
    inputs: set[str] = set()
    for child in node.children:
        used = _used(child)
        parameters |= used[0]
        inputs |= used[1]
    if isinstance(node, Affine):
        inputs |= node.offset.inputs
        for name, feature in node.terms:
            parameters.add(name)
            inputs |= feature.inputs
    if isinstance(node, LogSumOfParts):
        inputs = {part for name in inputs for part in node.names(name)}
    return parameters, inputs


def _same_names(law: str, kind: str, declared: set[str], used: set[str]) -> None:
    if declared != used:
        raise InputError(
            f"law {law!r}: its equation has the {kind}s {sorted(used)} "
            f"but {sorted(declared)} are declared.",
            f"Declare exactly the {kind}s that the equation uses.",
        )
