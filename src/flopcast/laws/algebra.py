"""Write a law as its equation: positive quantities and real numbers with the usual operators.

::

    E, A, B = quantity("E"), quantity("A"), quantity("B")
    alpha, beta = number("alpha"), number("beta")
    N, D = size("params"), size("data")
    loss = E + A * N**-alpha + B * D**-beta

A `Positive` is kept by its natural log, so that powers are products, products are sums and sums
are log-sum-exps: exact over the hundreds of decades that scaling laws span.
"""

import math
from dataclasses import dataclass
from typing import final

from flopcast.laws import curves
from flopcast.laws.features import ONE, ZERO, Feature
from flopcast.laws.nodes import (
    Add,
    Affine,
    Apply,
    Curve,
    LogSum,
    LogSumOfParts,
    Node,
    Product,
)


@final
@dataclass(frozen=True, eq=False)
class Real:
    """A real number: an exponent, or the log of a positive quantity."""

    node: Node

    def __add__(self, other: "Real | float") -> "Real":
        return Real(_add(self.node, _node(other)))

    def __mul__(self, other: "Real | float") -> "Real":
        return Real(_multiply(self.node, _node(other)))

    def __neg__(self) -> "Real":
        return self * -1.0

    def __sub__(self, other: "Real | float") -> "Real":
        return self + (-other)

    def __rsub__(self, other: float) -> "Real":
        return -self + other

    __radd__ = __add__
    __rmul__ = __mul__


@final
@dataclass(frozen=True, eq=False)
class Positive:
    """A positive quantity: a loss, a size, an amplitude. Kept by its natural log."""

    log: Real

    def __add__(self, other: "Positive | float") -> "Positive":
        if other == 1.0:
            return Positive(apply(curves.SOFTPLUS, self.log))
        theirs = _positive(other).log.node
        left = self.log.node.children if isinstance(self.log.node, LogSum) else (self.log.node,)
        right = theirs.children if isinstance(theirs, LogSum) else (theirs,)
        return Positive(Real(LogSum((*left, *right))))

    def __mul__(self, other: "Positive | float") -> "Positive":
        return Positive(self.log + _positive(other).log)

    def __truediv__(self, other: "Positive | float") -> "Positive":
        return Positive(self.log - _positive(other).log)

    def __rtruediv__(self, other: float) -> "Positive":
        return _positive(other) / self

    def __pow__(self, exponent: Real | float) -> "Positive":
        return Positive(self.log * exponent)

    def __sub__(self, other: "Positive | float") -> "Positive":
        return Positive(log(_real(self) - _real(_positive(other))))

    def __rsub__(self, other: float) -> "Positive":
        return _positive(other) - self

    __radd__ = __add__
    __rmul__ = __mul__


def quantity(name: str) -> Positive:
    """A parameter that is positive, fitted by its log: an amplitude, a floor, a scale."""
    return Positive(number(name))


def number(name: str) -> Real:
    """A parameter that is fitted as it is: an exponent."""
    return Real(Affine(((name, ONE),), ZERO))


def size(name: str) -> Positive:
    """A positive input of the law, such as ``params`` or ``data``."""
    return Positive(Real(Affine((), Feature.log_input(name))))


def exp(value: Real) -> Positive:
    """E to the power of a real number."""
    return Positive(value)


def log(value: Real) -> Real:
    """The natural log of a real number that must come out positive."""
    return apply(curves.LOG, value)


def log_excess(value: Positive) -> Real:
    """The log of value − 1: of repeats, from passes. Where nothing exceeds 1, e to it is 0."""
    return apply(curves.EXCESS_OVER_ONE, value.log)


def saturating(value: Positive) -> Positive:
    """1 − exp(−value): proportional to a small value, 1 for a large one."""
    return Positive(apply(curves.SATURATION, value.log))


def sum_of_parts(term: Positive, parts: int) -> Positive:
    """Σ of `term` over parts: in it an input ``x`` stands for ``x_1`` to ``x_parts``.

    Every input in `term` is one of parts, and none of its leaves occurs elsewhere in the law.
    """
    return Positive(Real(LogSumOfParts(term.log.node, parts)))


def as_real(value: Positive) -> Real:
    """A positive quantity as a real number, to use as an exponent or to subtract from."""
    return _real(value)


def apply(curve: Curve, value: Real) -> Real:
    """A smooth curve of a real number."""
    return Real(Apply(curve, value.node))


def _real(value: Positive) -> Real:
    return apply(curves.EXP, value.log)


def _positive(value: "Positive | float") -> Positive:
    if isinstance(value, Positive):
        return value
    return Positive(Real(Affine((), Feature.constant(math.log(value)))))


def _node(value: Real | float) -> Node:
    return value.node if isinstance(value, Real) else Affine((), Feature.constant(value))


def _add(left: Node, right: Node) -> Node:
    """Left + right, with every affine part gathered into one leaf."""
    parts = [*_summands(left), *_summands(right)]
    leaves = [part for part in parts if isinstance(part, Affine)]
    others = [part for part in parts if not isinstance(part, Affine)]
    terms: dict[str, Feature] = {}
    offset = ZERO
    for leaf in leaves:
        offset = offset + leaf.offset
        for name, feature in leaf.terms:
            terms[name] = terms.get(name, ZERO) + feature
    gathered = Affine(tuple(terms.items()), offset)
    if not others:
        return gathered
    if not gathered.terms and not gathered.offset.terms:
        return others[0] if len(others) == 1 else Add(tuple(others))
    return Add((gathered, *others))


def _summands(node: Node) -> tuple[Node, ...]:
    return node.children if isinstance(node, Add) else (node,)


def _multiply(left: Node, right: Node) -> Node:
    """Left × right; a parameter-free factor is folded into an affine leaf."""
    for leaf, factor in ((left, right), (right, left)):
        if isinstance(leaf, Affine) and isinstance(factor, Affine) and not factor.terms:
            terms = tuple((name, feature * factor.offset) for name, feature in leaf.terms)
            return Affine(terms, leaf.offset * factor.offset)
    return Product(left, right)
