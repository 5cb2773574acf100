"""Places labels on a chart so that none covers another and few cover the data.

Greedy: labels come in order of importance, each takes the cheapest of a ring of places around its
anchor, and one that fits nowhere is left out.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

#: Width of a character relative to the font size; generous, for fonts differ.
CHARACTER: Final = 0.6
_RINGS: Final = (7.0, 12.0, 18.0, 26.0, 36.0, 50.0)
_DIRECTIONS: Final = {
    "e": (1, 0), "w": (-1, 0), "n": (0, -1), "s": (0, 1),
    "ne": (0.7, -0.7), "nw": (-0.7, -0.7), "se": (0.7, 0.7), "sw": (-0.7, 0.7),
}  # fmt: skip
_COVERS: Final = 40.0
_CROSSES: Final = 8.0
_UNLIKED: Final = 30.0
_NEAR: Final = 12.0


@final
@dataclass(frozen=True)
class Box:
    """A rectangle in px, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        """Whether the two share area."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def inside(self, other: "Box") -> bool:
        """Whether it lies within the other."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )


@final
@dataclass(frozen=True)
class Frame:
    """A plot's area in px and the ranges it shows, on the transformed (log10) scales."""

    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]

    def px(self, x: float, y: float) -> tuple[float, float]:
        """Pixel of a place on the scales."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return across * self.width, (1 - up) * self.height

    def at(self, left: float, top: float) -> tuple[float, float]:
        """Place on the scales of a pixel."""
        x = self.x[0] + left / self.width * (self.x[1] - self.x[0])
        return x, self.y[0] + (1 - top / self.height) * (self.y[1] - self.y[0])

    @property
    def box(self) -> Box:
        """The whole plot."""
        return Box(0.0, 0.0, self.width, self.height)


@final
@dataclass(frozen=True)
class Label:
    """Text to stand near a pixel; ``prefer`` names the sides to try first, by compass."""

    text: str
    x: float
    y: float
    font: float
    kind: str = ""
    prefer: tuple[str, ...] = ()

    @property
    def width(self) -> float:
        """Estimated width, px."""
        return len(self.text) * self.font * CHARACTER


@final
@dataclass(frozen=True)
class Placed:
    """A label in its box."""

    label: Label
    box: Box

    @property
    def align(self) -> str:
        """The side of the text that faces the anchor: left, right, or center."""
        if self.box.right < self.label.x:
            return "right"
        return "left" if self.box.left > self.label.x else "center"

    @property
    def hold(self) -> tuple[float, float]:
        """The pixel that the text hangs on, by its aligned side."""
        across = {"left": self.box.left, "right": self.box.right}
        middle = (self.box.left + self.box.right) / 2
        return across.get(self.align, middle), (self.box.top + self.box.bottom) / 2

    @property
    def leader(self) -> tuple[float, float] | None:
        """Where a line from the anchor should end; None where the label is close by."""
        x = min(max(self.label.x, self.box.left), self.box.right)
        y = min(max(self.label.y, self.box.top), self.box.bottom)
        return (x, y) if math.hypot(x - self.label.x, y - self.label.y) > _NEAR else None

    @property
    def leader_boxes(self) -> list[Box]:
        """What the line from the anchor to the label covers."""
        if self.leader is None:
            return []
        return dots(along((self.label.x, self.label.y), self.leader), 1.0)


def along(start: tuple[float, float], end: tuple[float, float]) -> list[tuple[float, float]]:
    """Pixels every few px on the straight way between two."""
    (x0, y0), (x1, y1) = start, end
    steps = max(int(math.hypot(x1 - x0, y1 - y0) / 5), 1)
    return [(x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps) for i in range(steps + 1)]


def dots(path: Iterable[tuple[float, float]], radius: float = 3.0) -> list[Box]:
    """Small boxes around pixels, for points and lines that labels should not cover."""
    return [Box(x - radius, y - radius, x + radius, y + radius) for x, y in path]


def place(
    labels: Sequence[Label],
    frame: Box,
    *,
    points: Sequence[Box] = (),
    lines: Sequence[Box] = (),
    taken: Sequence[Box] = (),
) -> list[Placed]:
    """Places labels.

    Args:
        labels: most important first.
        frame: every label stays within it.
        points: boxes around points; a label should not cover those of other anchors, but may.
        lines: boxes along lines that labels had better not cross.
        taken: boxes that labels must not cover.
    """
    placed: list[Placed] = []
    dotted, crossed = _edges(points), _edges(lines)
    for label in labels:
        boxes = _edges([*taken, *(other.box for other in placed)])
        leaders = _edges([box for other in placed for box in other.leader_boxes])
        here = Box(label.x, label.y, label.x, label.y)
        strangers = dotted[~_holding(here, dotted)]
        places = _places(label)
        edges = _edges([box for _, box in places])
        free = _within(edges, frame) & ~_overlaps(edges, boxes).any(axis=1)
        free &= ~_overlaps(edges, leaders).any(axis=1)
        cost = np.array([cost for cost, _ in places])
        cost += _COVERS * _overlaps(edges, strangers).sum(axis=1)
        cost += _CROSSES * _overlaps(edges, crossed).sum(axis=1)
        for index in np.argsort(np.where(free, cost, np.inf), kind="stable")[: free.sum()]:
            option = Placed(label, places[index][1])
            if not _overlaps(_edges(option.leader_boxes), boxes).any():
                placed.append(option)
                break
    return placed


def _edges(boxes: Sequence[Box]) -> FloatArray:
    """Left, top, right and bottom of each box, shape (n, 4)."""
    found = [(box.left, box.top, box.right, box.bottom) for box in boxes]
    return np.array(found, dtype=float).reshape(-1, 4)


def _holding(box: Box, edges: FloatArray) -> npt.NDArray[np.bool_]:
    """Which of the boxes hold the whole of one, shape (n,)."""
    return (
        (edges[:, 0] <= box.left)
        & (edges[:, 2] >= box.right)
        & (edges[:, 1] <= box.top)
        & (edges[:, 3] >= box.bottom)
    )


def _within(edges: FloatArray, frame: Box) -> npt.NDArray[np.bool_]:
    """Which of the boxes lie within a frame, shape (n,)."""
    low = (edges[:, 0] >= frame.left) & (edges[:, 1] >= frame.top)
    return np.asarray(low & (edges[:, 2] <= frame.right) & (edges[:, 3] <= frame.bottom))


def _overlaps(some: FloatArray, others: FloatArray) -> npt.NDArray[np.bool_]:
    """Which boxes of two sets share area, shape (n, m)."""
    left, top, right, bottom = (some[:, None, k] for k in range(4))
    return np.asarray(
        (left < others[:, 2])
        & (others[:, 0] < right)
        & (top < others[:, 3])
        & (others[:, 1] < bottom)
    )


def _places(label: Label) -> list[tuple[float, Box]]:
    height = label.font * 1.25
    found = []
    for ring in _RINGS:
        for name, (right, down) in _DIRECTIONS.items():
            x, y = label.x + right * ring, label.y + down * ring
            left = x if right > 0 else x - label.width if right < 0 else x - label.width / 2
            top = y if down > 0 else y - height if down < 0 else y - height / 2
            cost = ring + (_UNLIKED if label.prefer and name not in label.prefer else 0.0)
            found.append((cost, Box(left, top, left + label.width, top + height)))
    return found
