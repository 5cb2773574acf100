"""Where else a broken power law may break: starts that differ from a fit in one or two breaks.

Given the floor and the places and widths of the breaks, the log of what lies above the floor is
linear in everything else; small shifts of the floor and of the breaks that stay are linear too.
So one orthonormal basis tells, for every place and width, and every pair of them, what is left of
the residuals with breaks there instead. Where a fit is stuck this is where it goes next.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, final

import numpy as np

from flopcast.laws.features import FloatArray
from flopcast.laws.segments import IntArray, broken_row, evenly, thinned

_WIDTHS: Final = (0.01, 0.1, 0.3, 1.0)
_BEYOND: Final = (0.5, 1.0, 1.75, 3.0)  # natural logs past the first and last runs
_MOST_PLACES: Final = {1: 100, 2: 40}  # for one break that moves, and for two
_FLOORS: Final = (0.0, 0.4, 0.6, 0.75, 0.85, 0.92, 0.96, 0.985, 0.995, 1.0)
_ORDERS: Final = (2, 5, 10)  # floors among the lowest losses, by rank
_NEARER: Final = (0.5, 1.0, 2.0)  # distances of floors from the lowest loss, as multiples
_KEPT: Final = {1: 8, 2: 30}
_KEPT_OF_FLOOR: Final = {1: 2, 2: 4}
_SINGULAR: Final = 1e-10
_NOT_NEW: Final = 1e-6  # of a bend that the rows that stay do not explain
_ALIKE: Final = 1e-9
_MOST_SHIFTED: Final = 0.5  # of the way from the floor to the lowest loss
_LEAST_ROOM: Final = 0.02
_NOTHING: Final = 1e-300
_ALL: Final = 1e300


@final
@dataclass(frozen=True, eq=False)
class _Fit:
    """A fit to relocate: runs at `u` (n,), their losses, weights (n,), and breaks, (k,) each."""

    u: FloatArray
    loss: FloatArray
    weights: FloatArray
    floor: float
    places: FloatArray
    widths: FloatArray
    turns: FloatArray

    def system(self, rows: FloatArray, floor: float) -> tuple[FloatArray, FloatArray]:
        """Rows (k, n) and log losses above `floor` (n,), weighted as errors of log losses."""
        above = self.loss > floor * (1.0 + 1e-9)
        share = np.where(above, 1.0 - floor / self.loss, 0.0) * np.sqrt(self.weights)
        return rows * share, np.log(np.where(above, self.loss - floor, 1.0)) * share

    def solved(self, rows: FloatArray, floor: float) -> FloatArray:
        """The multiples of rows (k, n) that come closest to the losses: shape (k,)."""
        weighted, target = self.system(rows, floor)
        return np.asarray(np.linalg.lstsq(weighted.T, target, rcond=1e-12)[0])

    def lift(self, floor: float) -> FloatArray:
        """What lowering the floor adds to the logs above it, (1, n)."""
        return 1.0 / np.where(self.loss > floor * (1.0 + 1e-9), self.loss - floor, 1.0)[None]

    def staying(self, kept: IntArray) -> FloatArray:
        """The line and the bends that stay (2 + k, n)."""
        bends = _bends(self.u, self.places[kept], self.widths[kept])
        return np.concatenate([np.ones((1, len(self.u))), -self.u[None], bends])

    def shifts(self, kept: IntArray) -> FloatArray:
        """What small changes of the places and widths of breaks that stay do (2k, n)."""
        widths, turns = self.widths[kept, None], self.turns[kept, None]
        along = (self.u - self.places[kept, None]) / widths
        passed, soft = np.exp(-np.logaddexp(0.0, -along)), np.logaddexp(0.0, along)
        return np.concatenate([turns * passed, turns * (soft - along * passed)])


@final
@dataclass(frozen=True, eq=False)
class _Move:
    """Breaks that are `kept`, by their numbers, new ones at places and of widths, and a floor."""

    kept: IntArray
    places: FloatArray
    widths: FloatArray
    floor: float


def relocated(
    breaks: int,
    log_x: FloatArray,
    loss: FloatArray,
    weights: FloatArray,
    fit: Mapping[str, float],
    *,
    absolute: bool,
) -> Sequence[Mapping[str, float]]:
    """Parameters of broken laws that differ from `fit` in one or two breaks.

    `log_x`, `loss` and `weights` have shape (n,). Errors are squared, or where `absolute`, about
    absolute: weighted by the residuals of `fit`.
    """
    runs = thinned(log_x)
    log_x, loss, weights = log_x[runs], loss[runs], weights[runs]
    middle = float(np.mean(log_x))
    gaps = [fit["d1"], *(fit[f"r{k}"] for k in range(2, breaks + 1))]
    places = np.cumsum(np.log(np.clip(gaps, _NOTHING, _ALL))) - middle
    widths, turns = (np.array([fit[f"{of}{k}"] for k in range(1, breaks + 1)]) for of in "fc")
    if absolute:
        log_term = np.log(np.clip(fit["b"], _NOTHING, _ALL)) - fit["c0"] * log_x
        log_term += turns @ _bends(log_x - middle, places, widths)
        size = np.abs(np.log(loss / (fit["a"] + np.exp(log_term))))
        size = np.nan_to_num(size, nan=_ALL, posinf=_ALL)
        usual = max(float(np.median(size)), _NOTHING)
        weights = weights * usual / np.maximum(size, usual)
    stuck = _Fit(log_x - middle, loss, weights, fit["a"], places, widths, turns)
    rows = []
    for moved in range(1, min(breaks, 2) + 1):
        for kept in combinations(range(breaks), breaks - moved):
            moves = _moves(stuck, np.array(kept, dtype=np.intp), moved)
            rows += [_row(stuck, move, middle) for move in moves]
    return rows


def _moves(fit: _Fit, kept: IntArray, moved: int) -> Iterator[_Move]:
    """The best of all floors, and the best few of each: one for each place."""
    places, widths, floors = _places(fit.u, moved), np.array(_WIDTHS), _floors(fit)
    grid = _bends(fit.u, np.repeat(places, len(widths)), np.tile(widths, len(places)))
    base = np.concatenate([fit.staying(kept), fit.shifts(kept)])
    found = [_errors(fit, base, grid, floor, moved) for floor in floors]
    errors = np.array([error for error, _ in found])
    most, of_floor = _KEPT[moved], _KEPT_OF_FLOOR[moved]
    best = [(int(errors[:, k].argmin()), k) for k in _lowest(errors.min(axis=0), most)]
    best += [(f, k) for f, error in enumerate(errors) for k in _lowest(error, of_floor)]
    for f, k in dict.fromkeys(best):
        where = np.unravel_index(k, (len(places),) * moved)
        which = np.unravel_index(found[f][1][k], (len(widths),) * moved)
        yield _Move(kept, places[np.array(where)], widths[np.array(which)], floors[f])


def _errors(
    fit: _Fit, base: FloatArray, grid: FloatArray, floor: float, moved: int
) -> tuple[FloatArray, IntArray]:
    """Squared errors with bends of the grid at each place or pair of places, flat; their widths.

    Infinite where a neighbouring place has less.
    """
    rows, target = fit.system(np.concatenate([base, fit.lift(floor), grid]), floor)
    known, bends = _directions(rows[: len(base) + 1]), rows[len(base) + 1 :]
    for _ in range(2):  # once more for the last digits
        target = target - known @ (known.T @ target)
    new = bends - (bends @ known) @ known.T
    before, after = np.linalg.norm(bends, axis=1), np.linalg.norm(new, axis=1)
    there = after > _NOT_NEW * before
    new = np.where(there[:, None], new / np.maximum(after, _NOTHING)[:, None], 0.0)
    along = new @ target
    if moved == 1:
        gained = (along**2).reshape(-1, len(_WIDTHS))
    else:
        gained = _gained_together(new @ new.T, along)
    error = float(target @ target) - gained.max(axis=-1)
    return _where_least(error).ravel(), gained.argmax(axis=-1).ravel()


def _directions(rows: FloatArray) -> FloatArray:
    """An orthonormal basis (n, r) of what the rows (k, n) span."""
    lengths = np.linalg.norm(rows, axis=1)
    scaled = rows[lengths > 0.0] / lengths[lengths > 0.0, None]
    left, sizes, _ = np.linalg.svd(scaled.T, full_matrices=False)
    return np.asarray(left[:, sizes > _SINGULAR * sizes[0]])


def _gained_together(across: FloatArray, along: FloatArray) -> FloatArray:
    """What pairs of g·w unit rows explain of a target: (g, g, w·w) for g places, w widths.

    `across` are the products of the rows, `along` those with the target. The first of two places
    is not after the second.
    """
    width = len(_WIDTHS)
    count, apart = len(along) // width, 1.0 - across**2
    both = (along**2)[:, None] + along**2 - 2.0 * across * along[:, None] * along
    both = np.where(apart > _ALIKE, both / np.maximum(apart, _ALIKE), (along**2)[:, None])
    gained = both.reshape(count, width, count, width).swapaxes(1, 2).reshape(count, count, -1)
    gained[np.tril_indices(count, -1)] = -np.inf
    return np.asarray(gained)


def _where_least(error: FloatArray) -> FloatArray:
    """Errors at places (g,) or pairs (g, g) that no neighbour undercuts, infinity elsewhere."""
    around = np.pad(error, 1, constant_values=np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(around, (3,) * error.ndim)
    lowest = windows.min(axis=tuple(range(error.ndim, 2 * error.ndim)))
    return np.where(error <= lowest, error, np.inf)


def _lowest(error: FloatArray, most: int) -> list[int]:
    return [int(k) for k in np.argsort(error, kind="stable")[:most] if np.isfinite(error[k])]


def _floors(fit: _Fit) -> list[float]:
    """Floors over all that they may be, among the lowest losses, and near the fit's own."""
    lowest = np.sort(fit.loss)
    room = float(lowest[0]) - fit.floor
    floors = [share * float(lowest[0]) for share in _FLOORS]
    floors += [float(lowest[rank]) for rank in _ORDERS if rank < len(lowest) // 2]
    return floors + [max(float(lowest[0]) - far * room, 0.0) for far in _NEARER]


def _places(u: FloatArray, moved: int) -> FloatArray:
    """The middles of gaps between runs, at most so many, and places beyond all runs."""
    distinct, beyond = np.unique(u), np.array(_BEYOND)
    middles = 0.5 * (distinct[1:] + distinct[:-1])
    places = np.concatenate([distinct[0] - beyond[::-1], middles, distinct[-1] + beyond])
    return np.asarray(places[evenly(len(places), _MOST_PLACES[moved])])


def _bends(u: FloatArray, places: FloatArray, widths: FloatArray) -> FloatArray:
    """What turns of 1 at `places` (k,) add to log losses at `u` (n,): shape (k, n)."""
    return np.asarray(
        -widths[:, None] * np.logaddexp(0.0, (u - places[:, None]) / widths[:, None])
    )


def _row(fit: _Fit, move: _Move, middle: float) -> Mapping[str, float]:
    """The law's parameters after a move, slopes solved for once the floor has shifted."""
    bends = np.concatenate([fit.staying(move.kept), _bends(fit.u, move.places, move.widths)])
    lowest = float(fit.loss.min())
    most = _MOST_SHIFTED * max(abs(lowest - fit.floor), _LEAST_ROOM * lowest)
    shift = fit.solved(np.concatenate([bends, fit.lift(move.floor)]), move.floor)[-1]
    floor = max(move.floor + float(np.clip(shift, -most, most)), 0.0)
    floor = floor if floor < lowest else move.floor
    slopes = fit.solved(bends, floor)
    places = np.concatenate([fit.places[move.kept], move.places])
    widths = np.concatenate([fit.widths[move.kept], move.widths])
    order = np.argsort(places, kind="stable")
    slopes[2:] = slopes[2:][order]
    return broken_row(floor, slopes, places[order], widths[order], middle)
