"""Starts of a search: a grid, or rows of a law's own, with linear parameters in closed form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, final

import numpy as np
import numpy.typing as npt

from flopcast.fitting.nonnegative import nonnegative_least_squares
from flopcast.fitting.question import Question, unit_of
from flopcast.fitting.solver import BoolArray, Problem
from flopcast.laws.features import FloatArray
from flopcast.laws.law import LOG_OF_NOTHING

BEST_NODES: Final = 6
_MOST_STARTS: Final = 600
_COARSE: Final = 3  # levels on every axis of a grid too coarse to show where its minima lie
_NODES_AT_ONCE: Final = 512


Shape = tuple[int, ...] | None


@final
@dataclass(frozen=True, eq=False)
class Seeds:
    """Starting points (m, p), what each holds at 0, and their objectives (m,)."""

    theta: FloatArray
    frozen: BoolArray
    score: FloatArray


def first_seeds(question: Question, problem: Problem) -> tuple[Seeds, Shape]:
    """Seeds at every node, and the grid's shape if it is one."""
    nodes, shape = _nodes(question)
    with np.errstate(all="ignore"):
        parts = [
            project(question, problem, nodes[first : first + _NODES_AT_ONCE])
            for first in range(0, len(nodes), _NODES_AT_ONCE)
        ]
    seeds = Seeds(
        np.concatenate([part.theta for part in parts]),
        np.concatenate([part.frozen for part in parts]),
        np.concatenate([part.score for part in parts]),
    )
    return seeds, shape


def _nodes(question: Question) -> tuple[FloatArray, Shape]:
    """Settings of every parameter (m, p) in coordinates, and the grid's shape if it is one."""
    law, scales, fixed = question.law, question.scales, question.fixed
    projection = question.projection
    linear = {column.parameter for column in projection.columns} if projection else set()
    if law.starts is not None:
        return rows_as_nodes(question, question.seeds or law.starts(scales)), None
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


def rows_as_nodes(
    question: Question, rows: Sequence[Mapping[str, float]], *, named: bool = False
) -> FloatArray:
    """Coordinates (m, p) of rows of natural values, those of linear parameters as `named` or 0."""
    linear = (
        {column.parameter for column in question.projection.columns}
        if question.projection and not named
        else set()
    )
    return np.array([
        [
            0.0 if p.name in linear else float(p.to_coordinate(row[p.name]))
            for p in question.law.parameters
        ]
        for row in ({**row, **question.fixed} for row in rows)
    ])  # fmt: skip


def project(question: Question, problem: Problem, nodes: FloatArray) -> Seeds:
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


def choose(seeds: Seeds, shape: Shape) -> npt.NDArray[np.intp]:
    """The nodes to polish: local minima of a grid, the best, and the best of each kind."""
    order = np.argsort(seeds.score, kind="stable")
    chosen = list(order[:BEST_NODES])
    if shape is not None and set(shape) - {1} != {_COARSE}:
        local = np.flatnonzero(_local_minima(seeds.score.reshape(shape)).ravel())
        chosen += list(local[np.argsort(seeds.score[local], kind="stable")])
    else:
        chosen += list(order[:_MOST_STARTS])
    for coordinate in np.flatnonzero(seeds.frozen.any(axis=0)):
        chosen += list(order[seeds.frozen[order, coordinate]][:1])
    distinct = list(dict.fromkeys(int(k) for k in chosen if np.isfinite(seeds.score[k])))
    return np.array(distinct[:_MOST_STARTS] or [int(order[0])], dtype=np.intp)


def spread_of(seeds: Seeds) -> FloatArray:
    """The standard deviation (p,) of each coordinate over seeds in which it does not vanish."""
    there = np.maximum(np.count_nonzero(~seeds.frozen, axis=0), 1)
    theta = np.where(seeds.frozen, 0.0, seeds.theta)
    mean = theta.sum(axis=0) / there
    squares = np.where(seeds.frozen, 0.0, (theta - mean) ** 2)
    return np.asarray(np.sqrt(squares.sum(axis=0) / there))


def _local_minima(score: FloatArray) -> BoolArray:
    """Where a grid is no higher than its neighbours along every axis."""
    lowest = np.ones(score.shape, dtype=np.bool_)
    for axis in range(score.ndim):
        ahead = np.moveaxis(score, axis, 0)
        flag = np.moveaxis(lowest, axis, 0)
        flag[1:] &= ahead[1:] <= ahead[:-1]
        flag[:-1] &= ahead[:-1] <= ahead[1:]
    return lowest
