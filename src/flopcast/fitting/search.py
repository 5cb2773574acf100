"""The global minimum of one fit: start everywhere that variable projection finds promising.

A product grid over the nonlinear parameters; the linear ones in closed form at each node by
non-negative least squares; the nodes that are no worse than their neighbours, and the best of all,
polished together. Terms that vanish are fits of their own: at a boundary such as E = 0 the full
law only creeps along its log, so the law without the term is polished as well.
"""

from dataclasses import dataclass
from itertools import product
from typing import Final, final

import numpy as np
import numpy.typing as npt

from flopcast.fitting.nonnegative import nonnegative_least_squares
from flopcast.fitting.polish import polish
from flopcast.fitting.question import Question, unit_of
from flopcast.fitting.solver import BoolArray, Problem, Solution, minimise
from flopcast.fitting.vanishing import other_way, sharpened
from flopcast.laws.features import FloatArray
from flopcast.laws.law import LOG_OF_NOTHING

_BEST_NODES: Final = 6
_MOST_STARTS: Final = 600
_COARSE: Final = 3  # levels on every axis of a grid too coarse to show where its minima lie
_HEATS: Final = ((15, 96), (40, 24))  # iterations, and how many starts go on
_HEATS_OF_SEEDS: Final = ((15, 96), (40, 48))  # sharp breaks have many minima
_ALIKE: Final = 1e-3
_MOST_ALIKE: Final = 3
_SAME: Final = 1e-6
_EQUAL: Final = 1e-9
_MOST_KEPT: Final = 4
_RIVAL: Final = 1.05
_NODES_AT_ONCE: Final = 512
_LAST_ITERATIONS: Final = 1500
_POLISH: Final = 300
_HOPS: Final = 8
_HOP_HEAT: Final = 30
_HOP_FINALISTS: Final = 15
_AGREEMENT: Final = 0.5  # share of starts that makes the best minimum beyond doubt
_ENOUGH: Final = _BEST_NODES + 1  # starts for their agreement to count
_HOP_STARTS: Final = 48
_JUMPS: Final = (0.03, 0.1, 0.3)
_SMALLEST_JUMP: Final = 0.1
_FAR: Final = 10.0  # how much further the nonlinear parameters jump alone
_EXACT: Final = 1e-16  # a squared log residual per run that no real data reach
_NOTHING_LEFT: Final = 1e-29  # and one that is rounding alone


@final
@dataclass(frozen=True, eq=False)
class Found:
    """The best minimum: its coordinates (p,), which of them are held, its objective.

    Held are fixed parameters and those of terms that vanish. `minima` (k, p) are distinct local
    minima, the best first, with what each holds in `minima_held`. `agreeing` of `starts` ended
    within a relative 1e-6 of the best objective.
    """

    theta: FloatArray
    held: BoolArray
    value: float
    converged: bool
    starts: int
    agreeing: int
    minima: FloatArray
    minima_held: BoolArray


@final
@dataclass(frozen=True, eq=False)
class Seeds:
    """Starting points (m, p), what each holds at 0, and their objectives (m,)."""

    theta: FloatArray
    frozen: BoolArray
    score: FloatArray


def search(question: Question, sample: Problem | None = None) -> Found:
    """The best minimum of an ungrouped fit.

    `sample` is the same problem on fewer runs, to seed from where there are very many.
    """
    seeding = question.problem if sample is None else sample
    nodes, shape = _nodes(question)
    with np.errstate(all="ignore"):
        parts = [
            _project(question, seeding, nodes[first : first + _NODES_AT_ONCE])
            for first in range(0, len(nodes), _NODES_AT_ONCE)
        ]
    seeds = Seeds(
        np.concatenate([part.theta for part in parts]),
        np.concatenate([part.frozen for part in parts]),
        np.concatenate([part.score for part in parts]),
    )
    chosen = _choose(seeds, shape)
    starts, held = seeds.theta[chosen], seeds.frozen[chosen] | question.given
    heats = _HEATS_OF_SEEDS if question.seeds else _HEATS
    for iterations, most in heats:
        if len(starts) > heats[-1][1]:
            heat = minimise(seeding, starts, frozen=held, max_iterations=iterations, race=np.inf)
            finalists = _finalists(heat.value, most)
            starts, held = heat.theta[finalists], held[finalists]
    solution = _sharpened(
        question, minimise(question.problem, starts, frozen=held, race=np.inf), held
    )
    solution, held = _both_ways(question, solution, held)
    before = solution.value.min()
    solution, held = _hop(question, seeding, solution, held, _spread(seeds))
    if solution.value.min() < before:
        solution, held = _both_ways(question, solution, held)
    return _best(question, solution, held)


def _sharpened(question: Question, solution: Solution, held: BoolArray) -> Solution:
    """The solution with its best minimum polished, if that has not converged.

    Without noise only the last digits tell parameters apart, so those are always polished.
    """
    best = int(np.argmin(solution.value))
    value, runs = solution.value[best], question.problem.model.runs
    noisy = value > _EXACT * runs or value <= _NOTHING_LEFT * runs
    if (solution.converged[best] and noisy) or not np.isfinite(value):
        return solution
    theta, value, converged = polish(
        question.problem,
        solution.theta[best],
        held[best],
        iterations=_POLISH if noisy else 2 * _POLISH,
    )
    solution.theta[best], solution.value[best], solution.converged[best] = theta, value, converged
    return solution


def warm_starts(question: Question, found: Found) -> tuple[FloatArray, BoolArray]:
    """Starts (k, p) for refits of data like these, and what each holds (k, p).

    The best minimum, the others that are nearly as good, and the best with its vanished terms
    revived.
    """
    values = question.problem.score(found.minima)
    close = values <= _RIVAL * max(values[0], 1e-300)
    again, frozen = other_way(question, found.theta, found.held)
    return (
        np.concatenate([found.minima[close], again]),
        np.concatenate([found.minima_held[close], frozen]),
    )


def _hop(
    question: Question, seeding: Problem, solution: Solution, held: BoolArray, spread: FloatArray
) -> tuple[Solution, BoolArray]:
    """Search around the best minimum for as long as few starts have found it.

    Jumps are random, of a fixed seed, and a part of the `spread` (p,) of the first starts.
    """
    rng = np.random.default_rng(0)
    for _ in range(_HOPS):
        best = int(np.argmin(solution.value))
        lowest = float(solution.value[best])
        agreeing = np.mean(solution.value <= lowest * (1.0 + _SAME))
        exact = lowest <= _EXACT * question.problem.model.runs
        if (agreeing >= _AGREEMENT and len(solution.value) >= _ENOUGH) or exact:
            break
        starts, hold = _jumps(question, solution.theta[best], held[best], spread, rng)
        heat = minimise(seeding, starts, frozen=hold, max_iterations=_HOP_HEAT, race=np.inf)
        kept = _finalists(heat.value, _HOP_FINALISTS)
        more = minimise(question.problem, heat.theta[kept], frozen=hold[kept], race=lowest)
        held = np.concatenate([held, hold[kept]])
        solution = _sharpened(question, solution.and_more(more), held)
        if not solution.value.min() < lowest * (1.0 - _SAME):
            break
    return solution, held


def _spread(seeds: Seeds) -> FloatArray:
    """The standard deviation (p,) of each coordinate over seeds in which it does not vanish."""
    there = np.maximum(np.count_nonzero(~seeds.frozen, axis=0), 1)
    theta = np.where(seeds.frozen, 0.0, seeds.theta)
    mean = theta.sum(axis=0) / there
    squares = np.where(seeds.frozen, 0.0, (theta - mean) ** 2)
    return np.asarray(np.sqrt(squares.sum(axis=0) / there))


def _jumps(
    question: Question,
    theta: FloatArray,
    held: BoolArray,
    spread: FloatArray,
    rng: np.random.Generator,
) -> tuple[FloatArray, BoolArray]:
    """Starts (m, p) a random step from `theta` (p,), and what each holds.

    Half of them are steps of the nonlinear parameters alone, from which the linear ones follow in
    closed form, also those of terms that had vanished.
    """
    shape = (_HOP_STARTS, len(theta))
    sizes = rng.choice(_JUMPS, size=(shape[0], 1)) * np.maximum(spread, _SMALLEST_JUMP)
    steps = sizes * rng.normal(size=shape)
    near = theta + np.where(held, 0.0, steps)
    hold = np.broadcast_to(held, shape)
    if question.projection is None:
        return near, hold
    names = question.problem.model.names
    far = np.clip(theta + _FAR * steps[::2], question.problem.lower, question.problem.upper)
    far = np.where(question.given, theta, far)
    far[:, [names.index(column.parameter) for column in question.projection.columns]] = 0.0
    with np.errstate(all="ignore"):
        seeds = _project(question, question.problem, far)
    return (
        np.concatenate([near[1::2], seeds.theta]),
        np.concatenate([hold[1::2], seeds.frozen | question.given]),
    )


def _nodes(question: Question) -> tuple[FloatArray, tuple[int, ...] | None]:
    """Settings of every parameter (m, p) in coordinates, and the grid's shape if it is one."""
    law, scales, fixed = question.law, question.scales, question.fixed
    projection = question.projection
    linear = {column.parameter for column in projection.columns} if projection else set()
    if law.starts is not None:
        rows = [{**row, **fixed} for row in (question.seeds or law.starts(scales))]
        table = [
            [
                0.0 if p.name in linear else float(p.to_coordinate(row[p.name]))
                for p in law.parameters
            ]
            for row in rows
        ]
        return np.array(table), None
    levels: list[list[float]] = []
    for parameter in law.parameters:
        if parameter.name in fixed:
            values = [float(parameter.to_coordinate(fixed[parameter.name]))]
        elif parameter.name in linear:
            values = [0.0]
        else:
            unit = unit_of(parameter.scale, scales)
            values = [float(parameter.to_coordinate(s * unit)) for s in parameter.starts]
        levels.append(values)
    grid = np.array(list(product(*levels)))
    return grid, tuple(len(values) for values in levels)


def _project(question: Question, problem: Problem, nodes: FloatArray) -> Seeds:
    """Fill in the linear parameters at each node."""
    law, projection, names = question.law, question.projection, problem.model.names
    theta = nodes.copy()
    frozen = np.zeros(nodes.shape, dtype=np.bool_)
    if projection is not None:
        columns, right, sensitivity = projection.system(problem.model, nodes, problem.y)
        weights = problem.weights * sensitivity**2
        solved = nonnegative_least_squares(columns, right, weights)
        for k, column in enumerate(projection.columns):
            place = names.index(column.parameter)
            parameter = law.parameter(column.parameter)
            vanishes = solved[:, k] <= 0.0
            logs = np.log(np.where(vanishes, 1.0, solved[:, k]))
            theta[:, place] = np.where(vanishes, LOG_OF_NOTHING, logs)
            if parameter.positive:
                theta[:, place] = np.maximum(theta[:, place], problem.lower[place])
            for private in column.private:
                if private not in question.fixed:
                    frozen[vanishes, names.index(private)] = True
            frozen[vanishes, place] = True
    return Seeds(theta, frozen, problem.score(theta))


def _choose(seeds: Seeds, shape: tuple[int, ...] | None) -> npt.NDArray[np.intp]:
    """The nodes to polish: local minima of a grid, the best, and the best of each kind."""
    order = np.argsort(seeds.score, kind="stable")
    chosen = list(order[:_BEST_NODES])
    if shape is not None and set(shape) - {1} != {_COARSE}:
        local = np.flatnonzero(_local_minima(seeds.score.reshape(shape)).ravel())
        chosen += list(local[np.argsort(seeds.score[local], kind="stable")])
    else:
        chosen += list(order[:_MOST_STARTS])
    for coordinate in np.flatnonzero(seeds.frozen.any(axis=0)):
        chosen += list(order[seeds.frozen[order, coordinate]][:1])
    distinct = list(dict.fromkeys(int(k) for k in chosen if np.isfinite(seeds.score[k])))
    return np.array(distinct[:_MOST_STARTS] or [int(order[0])], dtype=np.intp)


def _finalists(values: FloatArray, most: int) -> list[int]:
    """The lowest values, but few that look like the same minimum."""
    chosen: list[int] = []
    alike, last = 0, -np.inf
    for k in np.argsort(values, kind="stable"):
        alike = alike + 1 if values[k] <= last * (1.0 + _ALIKE) else 1
        last = values[k]
        if alike <= _MOST_ALIKE:
            chosen.append(int(k))
    return chosen[:most]


def _local_minima(score: FloatArray) -> BoolArray:
    """Where a grid is no higher than its neighbours along every axis."""
    lowest = np.ones(score.shape, dtype=np.bool_)
    for axis in range(score.ndim):
        ahead = np.moveaxis(score, axis, 0)
        flag = np.moveaxis(lowest, axis, 0)
        flag[1:] &= ahead[1:] <= ahead[:-1]
        flag[:-1] &= ahead[:-1] <= ahead[1:]
    return lowest


def _both_ways(
    question: Question, solution: Solution, held: BoolArray
) -> tuple[Solution, BoolArray]:
    """Add what the best minimum becomes with vanished terms back or gone, or breaks sharp."""
    best = int(np.argmin(solution.value))
    ways = [way(question, solution.theta[best], held[best]) for way in (other_way, sharpened)]
    again, frozen = (np.concatenate(part) for part in zip(*ways, strict=True))
    if not len(again):
        return solution, held
    lowest = float(solution.value[best])
    more = minimise(question.problem, again, frozen=frozen, race=lowest)
    return solution.and_more(more), np.concatenate([held, frozen])


def _best(question: Question, solution: Solution, held: BoolArray) -> Found:
    """The lowest minimum, with those that rival it."""
    problem = question.problem
    theta, value, converged = solution.theta, solution.value, solution.converged
    order = np.argsort(value, kind="stable")
    best = int(order[0])
    # Of equal minima take the one with fewer parameters: a term that is not needed is 0.
    equal = np.flatnonzero(value <= value[best] * (1.0 + _EQUAL))
    if equal.size:
        best = int(max(equal, key=lambda k: (int(held[k].sum()), -value[k])))
    if not converged[best] and np.isfinite(value[best]):
        last = minimise(problem, theta[[best]], frozen=held[best], max_iterations=_LAST_ITERATIONS)
        last = _sharpened(question, last, held[[best]])
        theta[best], value[best], converged[best] = last.theta[0], last.value[0], last.converged[0]
    distinct = [best]
    for k in order:
        if np.isfinite(value[k]) and value[k] > value[distinct[-1]] * (1.0 + _SAME):
            distinct.append(int(k))
    distinct = distinct[:_MOST_KEPT]
    agreeing = np.count_nonzero(value <= value[best] * (1.0 + _SAME))
    return Found(
        theta[best],
        held[best],
        float(value[best]),
        bool(converged[best]),
        len(value),
        int(agreeing),
        theta[distinct],
        held[distinct],
    )
