"""A law bound to the inputs of n runs: log predictions with exact first and second derivatives.

Everything is batched over m parameter vectors. Parameters are in fitting coordinates: the natural
log for positive ones, the number itself for the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np
import numpy.typing as npt

from flopcast.laws.features import FloatArray
from flopcast.laws.nodes import Affine, LogSumOfParts, Node

IntArray = npt.NDArray[np.intp]
Places = slice | IntArray


@final
@dataclass(frozen=True, eq=False)
class Leaf:
    """An affine leaf over the runs: coordinates (k,), features (k, n or 1), offset (n or 1)."""

    coordinates: IntArray
    features: FloatArray
    offset: FloatArray | None
    squares: FloatArray


@final
@dataclass(frozen=True, eq=False)
class State:
    """A model evaluated at m parameter vectors: values, slopes and gradients of every node.

    A gradient (m or 1, k, n or 1) is by the k coordinates on which its node depends.
    """

    values: list[FloatArray]
    slopes: list[list[FloatArray]]
    gradients: list[FloatArray]
    jacobian: FloatArray

    @property
    def value(self) -> FloatArray:
        """Log predictions, shape (m, n)."""
        return self.values[-1]


@final
class Model:
    """A law's graph over n runs. `names` are the coordinates, in the order of `theta`'s columns.

    `grouped` maps a parameter to be fitted once per group to each run's group, as labels (n,);
    its coordinates are called ``name[group]``. The largest node has `width` values for each
    parameter vector.
    """

    def __init__(
        self,
        root: Node,
        parameters: Sequence[str],
        logs: Mapping[str, FloatArray],
        grouped: Mapping[str, npt.NDArray[np.str_]] | None = None,
    ) -> None:
        grouped = grouped or {}
        self.runs = max(len(column) for column in logs.values())
        self.names, self._members = _coordinates(parameters, grouped)
        self.nodes = _in_order(root)
        place = {id(node): k for k, node in enumerate(self.nodes)}
        self.children = [[place[id(child)] for child in node.children] for node in self.nodes]
        parts = _parts_above(self.nodes, self.children)
        self.width = self.runs * max(parts)
        self._leaves = [
            self._leaf(node, _stacked(logs, inside, self.runs), grouped, inside)
            if isinstance(node, Affine)
            else None
            for node, inside in zip(self.nodes, parts, strict=True)
        ]

    @cached_property
    def _on(self) -> list[IntArray]:
        """The coordinates that each node depends on, in order."""
        on: list[IntArray] = []
        for leaf, children in zip(self._leaves, self.children, strict=True):
            below = [on[child] for child in children]
            on.append(leaf.coordinates if leaf else np.unique(np.concatenate(below)))
        return on

    @cached_property
    def _slots(self) -> list[list[Places]]:
        """Where each child's coordinates are among its parent's."""
        return [
            [_places(np.searchsorted(self._on[k], self._on[child])) for child in children]
            for k, children in enumerate(self.children)
        ]

    @cached_property
    def _apart(self) -> list[bool]:
        """Whether the children of each node depend on no coordinate together."""
        return [
            sum(self._on[child].size for child in children) == self._on[k].size
            for k, children in enumerate(self.children)
        ]

    def value(self, theta: FloatArray) -> FloatArray:
        """Log predictions of shape (m, n) at `theta` (m, p)."""
        return np.broadcast_to(self.all_values(theta)[-1], (len(theta), self.runs))

    def all_values(self, theta: FloatArray) -> list[FloatArray]:
        """The value of every node of `nodes`, each broadcastable to (m, n)."""
        values: list[FloatArray] = []
        for k, node in enumerate(self.nodes):
            leaf = self._leaves[k]
            if leaf is None:
                values.append(node.value([values[child] for child in self.children[k]]))
            else:
                values.append(_affine(leaf, theta))
        return values

    def evaluate(self, theta: FloatArray) -> State:
        """Log predictions at `theta` (m, p) with their Jacobian, shape (m, p, n)."""
        values: list[FloatArray] = []
        slopes: list[list[FloatArray]] = []
        gradients: list[FloatArray] = []
        for k, node in enumerate(self.nodes):
            leaf = self._leaves[k]
            if leaf is not None:
                values.append(_affine(leaf, theta))
                slopes.append([])
                gradients.append(leaf.features[None])
                continue
            value, by_child = node.linearise([values[child] for child in self.children[k]])
            values.append(value)
            slopes.append(by_child)
            gradients.append(self._chain(k, by_child, gradients))
        shape = (len(theta), len(self.names), self.runs)
        values[-1] = np.broadcast_to(values[-1], (shape[0], shape[2]))
        jacobian = gradients[-1]
        if jacobian.shape != shape:
            jacobian = np.zeros(shape)
            jacobian[:, self._on[-1]] = gradients[-1]
        return State(values, slopes, gradients, jacobian)

    def second_order(self, state: State, adjoint: FloatArray, weight: FloatArray) -> FloatArray:
        """Σ over runs of weight · J Jᵀ + adjoint · ∇²(log prediction), shape (m, p, p).

        `adjoint` and `weight` have shape (m, n).
        """
        m, p = len(adjoint), len(self.names)
        total = np.zeros((m, p, p))
        adjoints: list[FloatArray | None] = [None] * len(self.nodes)
        weights: list[FloatArray | None] = [None] * len(self.nodes)
        adjoints[-1], weights[-1] = adjoint, weight
        for k in range(len(self.nodes) - 1, -1, -1):
            incoming = adjoints[k]
            if incoming is not None:
                self._spread(k, state, incoming, adjoints, weights, total)
            own = weights[k]
            if own is not None and self._on[k].size:
                self._add_gram(k, state, own, total)
        return total

    def _spread(
        self,
        k: int,
        state: State,
        incoming: FloatArray,
        adjoints: list[FloatArray | None],
        weights: list[FloatArray | None],
        total: FloatArray,
    ) -> None:
        """Hand node k's adjoint and curvature down to its children."""
        node, children = self.nodes[k], self.children[k]
        if node.outer:
            weights[k] = _plus(weights[k], node.outer * incoming)
        if isinstance(node, LogSumOfParts):
            incoming = np.tile(incoming, node.parts)
        for child, slope in zip(children, state.slopes[k], strict=True):
            if self._on[child].size and self._leaves[child] is None:
                part = _reduce(incoming * slope, state.values[child])
                adjoints[child] = _plus(adjoints[child], part)
        values = [state.values[child] for child in children]
        for i, j, bend in node.bends(values, state.slopes[k]):
            first, second = children[i], children[j]
            if not (self._on[first].size and self._on[second].size):
                continue
            curvature = incoming * bend
            if i == j:
                part = _reduce(curvature, state.values[first])
                weights[first] = _plus(weights[first], part)
            else:
                block = _cross(state.gradients[first], state.gradients[second], curvature)
                rows, columns = self._on[first], self._on[second]
                total[:, rows[:, None], columns] += block
                total[:, columns[:, None], rows] += block.swapaxes(1, 2)

    def _add_gram(self, k: int, state: State, weight: FloatArray, total: FloatArray) -> None:
        """Add J diag(weight) Jᵀ of node k to `total`."""
        leaf, on = self._leaves[k], self._on[k]
        if k == len(self.nodes) - 1:
            total += gram(state.jacobian, weight)
            return
        if leaf is None:
            block = _cross(state.gradients[k], state.gradients[k], weight)
        else:
            if leaf.squares.shape[1] == 1:
                weight = weight.sum(axis=1, keepdims=True)
            block = (weight @ leaf.squares.T).reshape(-1, on.size, on.size)
        total[:, on[:, None], on] += block

    def _chain(self, k: int, slopes: list[FloatArray], gradients: list[FloatArray]) -> FloatArray:
        """The gradient of node k from its children's."""
        node = self.nodes[k]
        if not self._on[k].size:
            return np.empty((1, 0, 1))
        pairs = [
            (slope[:, None], gradients[child], slot)
            for slope, child, slot in zip(slopes, self.children[k], self._slots[k], strict=True)
            if self._on[child].size
        ]
        if isinstance(node, LogSumOfParts):
            rows = pairs[0][0] * pairs[0][1]
            split = rows.reshape(*rows.shape[:2], node.parts, -1)
            return np.asarray(split.sum(axis=2))
        if len(pairs) == 1:
            return pairs[0][0] * pairs[0][1]
        m = max(max(len(slope), len(rows)) for slope, rows, _ in pairs)
        n = max(max(slope.shape[2], rows.shape[2]) for slope, rows, _ in pairs)
        shape = (m, self._on[k].size, n)
        chained = np.empty(shape) if self._apart[k] else np.zeros(shape)
        for slope, rows, slot in pairs:
            if self._apart[k] and isinstance(slot, slice):
                np.multiply(slope, rows, out=chained[:, slot])
            elif self._apart[k]:
                chained[:, slot] = slope * rows
            else:
                chained[:, slot] += slope * rows
        return chained

    def _leaf(
        self,
        node: Affine,
        logs: Mapping[str, FloatArray],
        grouped: Mapping[str, npt.NDArray[np.str_]],
        parts: int,
    ) -> Leaf:
        found: list[tuple[int, FloatArray]] = []
        for name, feature in node.terms:
            row = feature.evaluate(logs)
            for label, coordinate in self._members[name]:
                of_group = 1.0 if label is None else np.tile(grouped[name] == label, parts)
                found.append((coordinate, row * of_group))
        found.sort(key=lambda member: member[0])
        rows = [row for _, row in found]
        width = max([len(row) for row in rows], default=1)
        features = np.array([np.broadcast_to(row, width) for row in rows]).reshape(-1, width)
        squares = (features[:, None] * features[None]).reshape(-1, width)
        offset = node.offset.evaluate(logs)
        return Leaf(
            np.array([coordinate for coordinate, _ in found], dtype=np.intp),
            features,
            offset if offset.any() or not rows else None,
            squares,
        )


def gram(rows: FloatArray, weight: FloatArray) -> FloatArray:
    """Rows diag(weight) rowsᵀ for a batch: (m, p, n) and (m, n) to (m, p, p)."""
    weighted = rows * weight[:, None, :]
    return weighted @ rows.swapaxes(1, 2)


def _cross(left: FloatArray, right: FloatArray, weight: FloatArray) -> FloatArray:
    """Left diag(weight) rightᵀ for a batch (m, j, n or 1) and (m, k, n or 1), (m, n)."""
    weighted = left * weight[:, None, :]
    if right.shape[2] < weighted.shape[2]:
        weighted = weighted.sum(axis=2, keepdims=True)
    return np.asarray(weighted @ right.swapaxes(1, 2))


def _affine(leaf: Leaf, theta: FloatArray) -> FloatArray:
    if not leaf.coordinates.size and leaf.offset is not None:
        return leaf.offset[None]
    linear = theta[:, leaf.coordinates] @ leaf.features
    return linear if leaf.offset is None else linear + leaf.offset


def _reduce(value: FloatArray, like: FloatArray) -> FloatArray:
    """Sum over runs for a node that does not depend on the run."""
    return value.sum(axis=1, keepdims=True) if like.shape[1] == 1 < value.shape[1] else value


def _plus(total: FloatArray | None, part: FloatArray) -> FloatArray:
    return part if total is None else total + part


def _places(places: IntArray) -> Places:
    """The same places as a slice, where they are evenly spaced."""
    if places.size < 2:
        return slice(places[0], places[0] + 1) if places.size else slice(0)
    step = int(places[1] - places[0])
    even = bool(np.all(np.diff(places) == step))
    return slice(int(places[0]), int(places[-1]) + 1, step) if even else places


def _parts_above(nodes: Sequence[Node], children: Sequence[Sequence[int]]) -> list[int]:
    """In how many parts each node sees every run: 1, but below a sum of parts."""
    parts = [1] * len(nodes)
    for k in range(len(nodes) - 1, -1, -1):
        node = nodes[k]
        for child in children[k]:
            inside = node.parts if isinstance(node, LogSumOfParts) else 1
            parts[child] = max(parts[child], parts[k] * inside)
    return parts


def _stacked(logs: Mapping[str, FloatArray], parts: int, runs: int) -> Mapping[str, FloatArray]:
    """The log inputs of every part, one after the other, under their common name."""
    if parts == 1:
        return logs
    common = {name.rpartition("_")[0] for name in logs if name.endswith(f"_{parts}")}
    stacks = {
        name: [np.broadcast_to(logs[f"{name}_{part}"], runs) for part in range(1, parts + 1)]
        for name in common
    }
    return {name: np.concatenate(stack) for name, stack in stacks.items()}


def _in_order(root: Node) -> list[Node]:
    """Every node once, children before parents."""
    seen: set[int] = set()
    order: list[Node] = []

    def visit(node: Node) -> None:
        if id(node) in seen:
            return
        seen.add(id(node))
        for child in node.children:
            visit(child)
        order.append(node)

    visit(root)
    return order


def _coordinates(
    parameters: Sequence[str], grouped: Mapping[str, npt.NDArray[np.str_]]
) -> tuple[tuple[str, ...], dict[str, list[tuple[str | None, int]]]]:
    names: list[str] = []
    members: dict[str, list[tuple[str | None, int]]] = {}
    for parameter in parameters:
        labels: list[str | None] = [None]
        if parameter in grouped:
            labels = list(dict.fromkeys(grouped[parameter].tolist()))
        members[parameter] = []
        for label in labels:
            members[parameter].append((label, len(names)))
            names.append(parameter if label is None else f"{parameter}[{label}]")
    return tuple(names), members
