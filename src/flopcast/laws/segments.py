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
_PLACES: Final = {1: 80, 2: 20, 3: 12}
_MOST_GAPS: Final = 80
_MOST_RUNS: Final = 600
_REFINED: Final = 12
_ROUNDS: Final = 2
_KEPT: Final = 200
_ALIKE: Final = 4
_STEEPEST: Final = 5.0
_RIDGE: Final = 1e-9

IntArray = npt.NDArray[np.intp]


def broken_seeds(
    breaks: int, log_x: FloatArray, loss: FloatArray, weights: FloatArray
) -> Sequence[Mapping[str, float]]:
    """Parameters of broken laws that are close to minima, the best first.

    `log_x`, `loss` and `weights` have shape (n,). Runs at fewer distinct places than there are
    breaks give no starts.
    """
    rows = np.argsort(log_x, kind="stable")[_spread(len(log_x), _MOST_RUNS)]
    log_x, loss, weights = log_x[rows], loss[rows], weights[rows]
    middle = float(np.mean(log_x))
    gaps = _gaps(log_x - middle)
    if len(gaps) < breaks:
        return []
    found: list[tuple[float, IntArray, Mapping[str, float]]] = []
    for share in _FLOORS:
        floor = share * float(loss.min())
        lines = _lines(log_x - middle, gaps, np.log(loss - floor), weights * (1.0 - floor / loss))
        bends = _best_bends(lines, breaks, len(gaps))
        errors, slopes = lines.solve(bends)
        for error, bend, slope in zip(errors, bends, slopes, strict=True):
            row = _row(floor, slope, gaps[bend // _W], bend % _W, middle)
            found.append((float(error), bend // _W, row))
    found.sort(key=lambda seed: seed[0])
    return [found[k][2] for k in _distinct(np.array([places for _, places, _ in found]))]


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
        which = np.concatenate([np.tile([0, 1], (len(bends), 1)), 2 + bends], axis=1)
        gram = self.gram[which[:, :, None], which[:, None, :]]
        scale = 1.0 / np.sqrt(np.einsum("mjj->mj", gram) + 1e-300)
        gram = gram * scale[:, :, None] * scale[:, None, :] + _RIDGE * np.eye(which.shape[1])
        right = self.right[which]
        solved = scale * np.linalg.solve(gram, (scale * right)[:, :, None])[:, :, 0]
        return self.total - np.sum(solved * right, axis=1), solved


def _lines(u: FloatArray, gaps: FloatArray, target: FloatArray, weights: FloatArray) -> _Lines:
    widths = np.array(_WIDTHS)[:, None]
    bends = widths * np.logaddexp(0.0, (u - gaps[:, None, None]) / widths)
    rows = np.concatenate([np.ones((1, len(u))), -u[None], -bends.reshape(-1, len(u))])
    weighted = rows * weights**2
    return _Lines(weighted @ rows.T, weighted @ target, float(weights**2 @ target**2))


def _gaps(u: FloatArray) -> FloatArray:
    """The middles (g,) of gaps between neighbouring runs."""
    distinct = np.unique(u)
    middles = 0.5 * (distinct[1:] + distinct[:-1])
    return np.asarray(middles[_spread(len(middles), _MOST_GAPS)])


def _spread(count: int, most: int) -> IntArray:
    """At most `most` of the first `count` whole numbers, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.intp))


def _best_bends(lines: _Lines, breaks: int, gaps: int) -> IntArray:
    """The best widths at each combination of places, and the best of all with breaks moved."""
    places = np.array(list(combinations(_spread(gaps, _PLACES[breaks]), breaks)), dtype=np.intp)
    widths = np.array(list(product(range(_W), repeat=breaks)), dtype=np.intp)
    tried = (places[:, None] * _W + widths).reshape(-1, breaks)
    error = lines.solve(tried)[0].reshape(len(places), -1)
    best = tried.reshape(len(places), -1, breaks)[np.arange(len(places)), error.argmin(axis=1)]
    refined = best[np.argsort(error.min(axis=1), kind="stable")[:_REFINED]]
    for k in [*range(breaks)] * _ROUNDS:
        moved = np.repeat(refined[:, None], gaps * _W, axis=1)
        moved[:, :, k] = np.arange(gaps * _W)
        error = lines.solve(moved.reshape(-1, breaks))[0].reshape(len(refined), -1)
        refined = moved[np.arange(len(refined)), error.argmin(axis=1)]
    return np.unique(np.sort(np.concatenate([refined, best]), axis=1), axis=0)


def _row(
    floor: float, slopes: FloatArray, places: FloatArray, widths: IntArray, middle: float
) -> Mapping[str, float]:
    """Natural parameters: `slopes` are of the line (2,) and of each bend (k,)."""
    first, *turns = np.clip(slopes[1:], -_STEEPEST, _STEEPEST)
    row = {"a": floor, "b": float(np.exp(slopes[0] + first * middle)), "c0": float(first)}
    row["d1"] = float(np.exp(places[0] + middle))
    row |= {
        f"r{k}": float(np.exp(places[k - 1] - places[k - 2])) for k in range(2, len(places) + 1)
    }
    row |= {f"c{k}": float(turn) for k, turn in enumerate(turns, start=1)}
    row |= {f"f{k}": _WIDTHS[width] for k, width in enumerate(widths, start=1)}
    return row
