"""Where a broken power law may break, read off the data: starts for its fit.

Given the floor and the places and widths of the breaks, the log of what lies above the floor is
linear in everything else, and one matrix of inner products holds the normal equations of every
combination of breaks. So breaks are tried together at places spread over the runs, then each alone
in every gap between neighbouring runs: sharp breaks have a minimum of their own in each gap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Final, final

import numpy as np
import numpy.typing as npt

from flopcast.laws.features import FloatArray

_FLOORS: Final = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.78, 0.85, 0.9, 0.94, 0.97, 0.985, 0.993, 0.998)
_WIDTHS: Final = (0.02, 0.1, 0.3, 1.0)
_PLACES: Final = {1: 84, 2: 40, 3: 16}
_MOST_GAPS: Final = 80
_MOST_RUNS: Final = 600
_BEYOND: Final = (1.0, 2.5)  # natural logs past the first and last runs
_REFINED: Final = 24
_ROUNDS: Final = 2
_KEPT: Final = 200
_ALIKE: Final = 4
_STEEPEST: Final = 5.0
_LARGEST: Final = 600.0
_MOST_ENDS: Final = 24
_END_TURNS: Final = (2.0, 5.0)
_END_WIDTH: Final = 0.1
_RIDGE: Final = 1e-9

IntArray = npt.NDArray[np.intp]


def broken_seeds(
    breaks: int, log_x: FloatArray, loss: FloatArray, weights: FloatArray
) -> Sequence[Mapping[str, float]]:
    """Parameters of broken laws that are close to minima, the best first.

    `log_x`, `loss` and `weights` have shape (n,). Runs at fewer distinct places than there are
    breaks give no starts.
    """
    kept = thinned(log_x)
    log_x, loss, weights = log_x[kept], loss[kept], weights[kept]
    middle = float(np.mean(log_x))
    gaps = _gaps(log_x - middle)
    if len(gaps) < breaks + 2 * len(_BEYOND):
        return []
    rows = _features(log_x - middle, gaps)
    parts = []
    for share in _FLOORS:
        floor = share * float(loss.min())
        lines = _lines(rows, np.log(loss - floor), weights * (1.0 - floor / loss))
        bends = _best_bends(lines, breaks, len(gaps))
        errors, slopes = lines.solve(bends)
        parts.append((errors, bends, slopes, np.full(len(bends), floor)))
    errors, bends, slopes, floors = (np.concatenate(part) for part in zip(*parts, strict=True))
    order, widths = np.argsort(errors, kind="stable"), np.array(_WIDTHS)
    found = [
        broken_row(
            float(floors[k]), slopes[k], gaps[bends[k] // _W], widths[bends[k] % _W], middle
        )
        for k in order[_distinct(bends[order] // _W)]
    ]
    inside = gaps[len(_BEYOND) : -len(_BEYOND)] + middle
    return [*found, *_ends(found[0], breaks, inside)]


def _ends(
    row: Mapping[str, float], breaks: int, places: FloatArray
) -> Sequence[Mapping[str, float]]:
    """The same, but its last break is sharp and ends the term near the last runs.

    A floor above the lowest losses has no log above it, so lines do not show such breaks.
    """
    before = np.log([row[f"r{k}"] for k in range(2, breaks)]).sum()
    last = np.log(row["d1"]) + before
    rows = []
    for place, turn in product(places[-_MOST_ENDS:], _END_TURNS):
        moved = {f"c{breaks}": turn, f"f{breaks}": _END_WIDTH}
        if breaks == 1:
            rows.append({**row, **moved, "d1": float(np.exp(place))})
        elif place > last:
            rows.append({**row, **moved, f"r{breaks}": float(np.exp(place - last))})
    return rows


def _distinct(places: IntArray) -> list[int]:
    """The first of m places (m, k), each a few times at most."""
    chosen: list[int] = []
    for k, place in enumerate(places):
        if np.count_nonzero((places[chosen] == place).all(axis=1)) < _ALIKE:
            chosen.append(k)
        if len(chosen) == _KEPT:
            break
    return chosen


_W: Final = len(_WIDTHS)


@final
@dataclass(frozen=True, eq=False)
class _Lines:
    """Normal equations of a line with bends: features 0 and 1 are the line, 2 + b is bend b.

    Bend b has unit slope beyond gap b // _W and the width b % _W.
    """

    gram: FloatArray
    right: FloatArray
    total: float

    def solve(self, bends: IntArray) -> tuple[FloatArray, FloatArray]:
        """Squared errors (m,) and coefficients (m, 2 + k) of lines with the bends (m, k)."""
        right = self.right[_with_line(bends)]
        solved = self._solved(bends, right[:, :, None])[:, :, 0]
        return self.total - np.sum(solved * right, axis=1), solved

    def one_more(self, bends: IntArray, more: IntArray) -> FloatArray:
        """Squared errors (m, c) of lines with the bends (m, k) and one of the bends (c,)."""
        which = _with_line(bends)
        right, across = self.right[which], self.gram[which[:, :, None], 2 + more]
        solved = self._solved(bends, np.concatenate([right[:, :, None], across], axis=2))
        left = self.right[2 + more] - np.sum(across * solved[:, :, :1], axis=1)
        size = self.gram.diagonal()[2 + more]
        alone = (1.0 + _RIDGE) * size - np.sum(across * solved[:, :, 1:], axis=1)
        gained = left**2 / np.maximum(alone, _RIDGE * size + 1e-300)
        return np.asarray(self.total - np.sum(right * solved[:, :, 0], axis=1)[:, None] - gained)

    def _solved(self, bends: IntArray, right: FloatArray) -> FloatArray:
        """The normal equations of lines with the bends (m, k), for right sides (m, 2 + k, r)."""
        which = _with_line(bends)
        gram = self.gram[which[:, :, None], which[:, None, :]]
        scale = 1.0 / np.sqrt(np.einsum("mjj->mj", gram) + 1e-300)[:, :, None]
        gram = gram * scale * scale.swapaxes(1, 2) + _RIDGE * np.eye(which.shape[1])
        return np.asarray(scale * np.linalg.solve(gram, scale * right))


def _with_line(bends: IntArray) -> IntArray:
    """The features of lines with the bends (m, k)."""
    return np.concatenate([np.tile([0, 1], (len(bends), 1)), 2 + bends], axis=1)


def _features(u: FloatArray, gaps: FloatArray) -> FloatArray:
    """A line and every bend at the places `u` (n,): shape (2 + bends, n)."""
    widths = np.array(_WIDTHS)[:, None]
    bends = widths * np.logaddexp(0.0, (u - gaps[:, None, None]) / widths)
    return np.concatenate([np.ones((1, len(u))), -u[None], -bends.reshape(-1, len(u))])


def _lines(rows: FloatArray, target: FloatArray, weights: FloatArray) -> _Lines:
    weighted = rows * weights**2
    return _Lines(weighted @ rows.T, weighted @ target, float(weights**2 @ target**2))


def _gaps(u: FloatArray) -> FloatArray:
    """The middles of gaps between neighbouring runs, and places beyond all runs, in order (g,).

    Smooth breaks that lie beyond the runs still bend what is seen of the curve.
    """
    distinct = np.unique(u)
    middles = 0.5 * (distinct[1:] + distinct[:-1])
    beyond = np.array(_BEYOND)
    middles = middles[evenly(len(middles), _MOST_GAPS)]
    return np.concatenate([distinct[0] - beyond[::-1], middles, distinct[-1] + beyond])


def thinned(log_x: FloatArray) -> IntArray:
    """Which of n runs to look at: all, or some hundreds, in order of `log_x` (n,)."""
    return np.argsort(log_x, kind="stable")[evenly(len(log_x), _MOST_RUNS)]


def evenly(count: int, most: int) -> IntArray:
    """At most `most` of the first `count` whole numbers, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.intp))


def _best_bends(lines: _Lines, breaks: int, gaps: int) -> IntArray:
    """The best widths at each combination of places, and the best of all with breaks moved."""
    places = evenly(gaps, _PLACES[breaks])
    first = np.array(list(combinations(range(len(places)), breaks - 1)), dtype=np.intp)
    widths = np.array(list(product(range(_W), repeat=breaks - 1)), dtype=np.intp)
    before = (places[first][:, None] * _W + widths).swapaxes(0, 1)
    last = places[:, None] * _W + np.arange(_W)
    shape = (len(widths), len(first), *last.shape)
    error = lines.one_more(np.concatenate(before), last.ravel()).reshape(shape)
    lowest = error.min(axis=(0, 3))
    rows, ends = np.nonzero(np.arange(len(places)) > first.max(axis=1, initial=-1)[:, None])
    width = error[:, rows, ends].swapaxes(0, 1).reshape(len(rows), -1).argmin(axis=1)
    best = np.column_stack([before[width // _W, rows], last[ends, width % _W]])
    refined = best[np.argsort(lowest[rows, ends], kind="stable")[:_REFINED]]
    for k in [*range(breaks)] * _ROUNDS:
        others = np.delete(refined, k, axis=1)
        refined[:, k] = lines.one_more(others, np.arange(gaps * _W)).argmin(axis=1)
    return np.unique(np.sort(np.concatenate([refined, best]), axis=1), axis=0)


def broken_row(
    floor: float, slopes: FloatArray, places: FloatArray, widths: FloatArray, middle: float
) -> Mapping[str, float]:
    """Natural parameters of a broken law from a line and its bends, in order of their places.

    `slopes` (2 + k,) are the height and the fall of the line at `middle` and the turn of each
    bend, `places` (k,) are relative to `middle`, in natural logs like the `widths` (k,).
    """
    first, *turns = np.clip(slopes[1:], -_STEEPEST, _STEEPEST)
    size = np.clip(slopes[0] + first * middle, -_LARGEST, _LARGEST)
    row = {"a": floor, "b": float(np.exp(size)), "c0": float(first)}
    row["d1"] = float(np.exp(places[0] + middle))
    for k, gap in enumerate(np.diff(places), start=2):
        row[f"r{k}"] = float(np.exp(gap))
    row |= {f"c{k}": float(turn) for k, turn in enumerate(turns, start=1)}
    row |= {f"f{k}": float(width) for k, width in enumerate(widths, start=1)}
    return row
