"""The elementary functions that laws are made of, each with its first and second derivatives.

A law is a graph of nodes. Leaves are affine in the parameters; every other node is a smooth
function of its children. A node knows only its own local calculus; `flopcast.laws.model` chains
it into exact Jacobians and Hessians of the whole law.

Values have shape (m, n) for m parameter vectors and n runs, or (m, 1) where a node does not
depend on the run.
"""

from abc import ABC, abstractmethod

# Overrides keep the signature of Node.
# ruff: noqa: ARG002
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from flopcast.laws.features import Feature, FloatArray

Weights = list[tuple[int, int, FloatArray]]


class Node(ABC):
    """A smooth function of its children's values.

    Its Hessian by the children is ``outer`` × slopes slopesᵀ plus what `bends` returns.
    """

    outer: ClassVar[float] = 0.0

    @property
    @abstractmethod
    def children(self) -> tuple["Node", ...]:
        """The nodes that this one is a function of."""

    @abstractmethod
    def value(self, values: Sequence[FloatArray]) -> FloatArray:
        """The node's value from its children's."""

    @abstractmethod
    def linearise(self, values: Sequence[FloatArray]) -> tuple[FloatArray, list[FloatArray]]:
        """The value with the first derivatives by each child."""

    def bends(self, values: Sequence[FloatArray], slopes: Sequence[FloatArray]) -> Weights:
        """Second derivatives by pairs of children, (i, j, ∂²/∂i∂j) with i ≤ j; absent is 0.

        What `outer` accounts for is left out.
        """
        return []

    def can_undo(self, child: int) -> bool:
        """Whether the node can be solved for `child`; by default it cannot."""
        return False

    def undo(
        self, target: FloatArray, child: int, values: Sequence[FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        """The value of `child` at which the node equals `target`, the other children as given.

        Returns it with the node's derivative by that child there; NaN where there is no such
        value. Only asked of nodes that `can_undo` that child.
        """
        raise NotImplementedError


@final
@dataclass(frozen=True, eq=False)
class Affine(Node):
    """Σ parameter × feature + offset: the leaves, linear in the parameters."""

    terms: tuple[tuple[str, Feature], ...]
    offset: Feature

    @property
    def children(self) -> tuple[Node, ...]:
        """None: a leaf reads parameters and inputs."""
        return ()

    def value(self, values: Sequence[FloatArray]) -> FloatArray:
        """Leaves are evaluated by the model, which holds the parameters and features."""
        raise NotImplementedError

    def linearise(self, values: Sequence[FloatArray]) -> tuple[FloatArray, list[FloatArray]]:
        """Leaves are evaluated by the model, which holds the parameters and features."""
        raise NotImplementedError


@final
@dataclass(frozen=True, eq=False)
class LogSum(Node):
    """log Σ exp(child): the log of a sum of positive quantities, each given by its log."""

    children_: tuple[Node, ...]
    outer: ClassVar[float] = -1.0

    @property
    def children(self) -> tuple[Node, ...]:
        """The logs of the summands."""
        return self.children_

    def value(self, values: Sequence[FloatArray]) -> FloatArray:
        """Log Σ exp(values)."""
        peak, parts = self._parts(values)
        return np.asarray(peak + np.log(_total(parts)))

    def linearise(self, values: Sequence[FloatArray]) -> tuple[FloatArray, list[FloatArray]]:
        """Log Σ exp(values) and each summand's share of the sum."""
        peak, parts = self._parts(values)
        total = _total(parts)
        return peak + np.log(total), [part / total for part in parts]

    def bends(self, values: Sequence[FloatArray], slopes: Sequence[FloatArray]) -> Weights:
        """Each share by its own summand; `outer` has the rest."""
        return [(k, k, share) for k, share in enumerate(slopes)]

    @staticmethod
    def _parts(values: Sequence[FloatArray]) -> tuple[FloatArray, list[FloatArray]]:
        peak = values[0]
        for other in values[1:]:
            peak = np.maximum(peak, other)
        return peak, [np.exp(child - peak) for child in values]

    def can_undo(self, child: int) -> bool:
        """For every child."""
        return True

    def undo(
        self, target: FloatArray, child: int, values: Sequence[FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        """The summand that completes the sum."""
        share = np.ones_like(target)
        for k, other in enumerate(values):
            if k != child:
                share = share - np.exp(other - target)
        share = np.where(share > 0.0, share, np.nan)
        return target + np.log(share), share


@final
@dataclass(frozen=True, eq=False)
class Add(Node):
    """The sum of the children: the log of a product of positive quantities."""

    children_: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        """The summands."""
        return self.children_

    def value(self, values: Sequence[FloatArray]) -> FloatArray:
        """Σ values."""
        return _total(values)

    def linearise(self, values: Sequence[FloatArray]) -> tuple[FloatArray, list[FloatArray]]:
        """Σ values, and one by each child."""
        return self.value(values), [np.ones((1, 1))] * len(values)

    def can_undo(self, child: int) -> bool:
        """For every child."""
        return True

    def undo(
        self, target: FloatArray, child: int, values: Sequence[FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        """What is left of the target without the other summands."""
        for k, other in enumerate(values):
            if k != child:
                target = target - other
        return target, np.ones((1, 1))


@final
@dataclass(frozen=True, eq=False)
class LogSumOfParts(Node):
    """The log of one positive expression summed over parts, given by its log.

    Below it an input called ``x`` stands for ``x_1`` … ``x_parts``, one after the other: values
    have shape (m, parts·n), or (m, 1).
    """

    term: Node
    parts: int
    outer: ClassVar[float] = -1.0

    @property
    def children(self) -> tuple[Node, ...]:
        """The log of the summand."""
        return (self.term,)

    def value(self, values: Sequence[FloatArray]) -> FloatArray:
        """Log Σ over parts of exp(term)."""
        peak, sizes = self._sizes(values[0])
        return np.asarray(peak + np.log(sizes.sum(axis=1)))

    def linearise(self, values: Sequence[FloatArray]) -> tuple[FloatArray, list[FloatArray]]:
        """Log Σ over parts of exp(term), and each part's share of the sum."""
        peak, sizes = self._sizes(values[0])
        total = sizes.sum(axis=1)
        shares = (sizes / total[:, None]).reshape(values[0].shape)
        return peak + np.log(total), [shares]

    def bends(self, values: Sequence[FloatArray], slopes: Sequence[FloatArray]) -> Weights:
        """Each share by its own part; `outer` has the rest."""
        return [(0, 0, slopes[0])]

    def names(self, name: str) -> list[str]:
        """The inputs that `name` stands for below this node."""
        return [f"{name}_{part}" for part in range(1, self.parts + 1)]

    def _sizes(self, term: FloatArray) -> tuple[FloatArray, FloatArray]:
        split = term.reshape(len(term), self.parts, -1)
        peak = split.max(axis=1)
        return peak, np.exp(split - peak[:, None])


@final
@dataclass(frozen=True, eq=False)
class Product(Node):
    """The product of two children, such as an exponent and the log of its base."""

    left: Node
    right: Node

    @property
    def children(self) -> tuple[Node, ...]:
        """The two factors."""
        return (self.left, self.right)

    def value(self, values: Sequence[FloatArray]) -> FloatArray:
        """Left × right."""
        return values[0] * values[1]

    def linearise(self, values: Sequence[FloatArray]) -> tuple[FloatArray, list[FloatArray]]:
        """Left × right, and by each factor the other."""
        return values[0] * values[1], [values[1], values[0]]

    def bends(self, values: Sequence[FloatArray], slopes: Sequence[FloatArray]) -> Weights:
        """One across the factors."""
        return [(0, 1, np.ones((1, 1)))]

    def can_undo(self, child: int) -> bool:
        """For every child."""
        return True

    def undo(
        self, target: FloatArray, child: int, values: Sequence[FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        """The target divided by the other factor."""
        other = values[1 - child]
        return target / np.where(other == 0.0, np.nan, other), other


@final
@dataclass(frozen=True, eq=False)
class Curve:
    """A smooth function of one number with its derivatives and, if it has one, its inverse.

    The second derivative is a function of the number and the first.
    """

    name: str
    value: Callable[[FloatArray], FloatArray]
    slope: Callable[[FloatArray], FloatArray]
    bend: Callable[[FloatArray, FloatArray], FloatArray]
    inverse: Callable[[FloatArray], FloatArray] | None = None


@final
@dataclass(frozen=True, eq=False)
class Apply(Node):
    """A curve of one child."""

    curve: Curve
    child: Node

    @property
    def children(self) -> tuple[Node, ...]:
        """The argument."""
        return (self.child,)

    def value(self, values: Sequence[FloatArray]) -> FloatArray:
        """curve(child)."""
        return self.curve.value(values[0])

    def linearise(self, values: Sequence[FloatArray]) -> tuple[FloatArray, list[FloatArray]]:
        """curve(child) and the curve's first derivative."""
        return self.curve.value(values[0]), [self.curve.slope(values[0])]

    def bends(self, values: Sequence[FloatArray], slopes: Sequence[FloatArray]) -> Weights:
        """The curve's second derivative."""
        return [(0, 0, self.curve.bend(values[0], slopes[0]))]

    def can_undo(self, child: int) -> bool:
        """Where the curve has an inverse."""
        return self.curve.inverse is not None

    def undo(
        self, target: FloatArray, child: int, values: Sequence[FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        """The curve's inverse."""
        if self.curve.inverse is None:
            return super().undo(target, child, values)
        argument = self.curve.inverse(target)
        return argument, self.curve.slope(argument)


def _total(parts: Sequence[FloatArray]) -> FloatArray:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total
