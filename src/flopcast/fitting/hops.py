"""Hops: search on around the best minima for as long as few starts have found them.

Random steps of any law, and for laws with `neighbours` the fits of another kind that they name.
Hops are from the best minimum, then from the next best, until some rounds bring nothing lower.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from flopcast.fitting.heats import Heats, heated
from flopcast.fitting.polish import polish_best
from flopcast.fitting.question import Question
from flopcast.fitting.seeding import BEST_NODES, Seeds, project, rows_as_nodes
from flopcast.fitting.solver import BoolArray, Problem, Solution, minimise
from flopcast.laws.features import FloatArray

_ROUNDS: Final = 8
_PATIENCE: Final = 3  # rounds with neighbours in vain that end the hops; without, it is one
_HEATS: Final[Heats] = ((30, 15),)
_HEATS_OF_NEIGHBOURS: Final = ((10, 80), (30, 20))
_LONG_HEATS: Final = ((15, 80), (40, 60))
_ITERATIONS: Final = 200
_LONG_ITERATIONS: Final = 500
_HEAT_OF_SAMPLE: Final = (100, 5)  # few go on to the whole of very many runs
_SAME: Final = 1e-6
_AGREEMENT: Final = 0.5  # share of starts that makes the best minimum beyond doubt
_AGREEMENT_OF_ALIKE: Final = 0.9  # the same where starts of one kind may agree on a wrong one
_ENOUGH: Final = BEST_NODES + 1  # starts for their agreement to count
_EXACT: Final = 1e-22  # a squared log residual per run that leaves nothing to look for
_ALMOST_EXACT: Final = 1e-7  # one below which an exact minimum may lie near
_STARTS: Final = 48
_JUMPS: Final = (0.03, 0.1, 0.3)
_SMALLEST_JUMP: Final = 0.1
_MUCH_LOWER: Final = 0.5  # a share of the objective at which projection has gone astray
_FAR: Final = 10.0  # how much further the nonlinear parameters jump alone


def hop(
    question: Question, seeding: Problem, solution: Solution, held: BoolArray, spread: FloatArray
) -> tuple[Solution, BoolArray]:
    """The solution with what hops found; what each holds (m, p).

    Jumps are random, of a fixed seed, and a part of the `spread` (p,) of the first starts.
    Residuals so small that an exact minimum may lie near use all rounds, and longer ones.
    """
    rng = np.random.default_rng(0)
    runs = question.problem.model.runs
    from_here: list[float] = []
    in_vain = 0
    for turn in range(_ROUNDS):
        lowest = float(solution.value.min())
        almost = lowest <= _ALMOST_EXACT * runs
        base = _next(solution.value, from_here)
        if base is None or lowest <= _EXACT * runs or _agreed(question, solution):
            break
        from_here.append(float(solution.value[base]))
        near = _neighbours(question, solution.theta[base], turn)
        starts, hold = _jumps(question, solution.theta[base], held[base], spread, rng)
        starts, hold = np.concatenate([starts, near.theta]), np.concatenate([hold, near.frozen])
        more, hold = _descended(question, seeding, starts, hold, lowest, almost)
        held = np.concatenate([held, hold])
        solution = polish_best(question.problem, solution.and_more(more), held)
        lower = solution.value.min() < lowest * (1.0 - _SAME)
        in_vain = 0 if lower else in_vain + 1
        if in_vain >= (_PATIENCE if len(near.theta) else 1) and not almost:
            break
    return solution, held


def _descended(
    question: Question,
    seeding: Problem,
    starts: FloatArray,
    held: BoolArray,
    lowest: float,
    long: bool,
) -> tuple[Solution, BoolArray]:
    """The minima below the starts (m, p) that get through the heats, and what each holds."""
    alike = question.neighbours is not None
    heats: Heats = _HEATS_OF_NEIGHBOURS if alike else _HEATS
    most = _ITERATIONS
    if long:
        heats, most = _LONG_HEATS, _LONG_ITERATIONS
    if alike and seeding is not question.problem:
        heats = (*heats, _HEAT_OF_SAMPLE)
    starts, held = heated(seeding, starts, held, heats, full=alike)
    return (
        minimise(question.problem, starts, frozen=held, race=lowest, max_iterations=most),
        held,
    )


def _next(values: FloatArray, from_here: list[float]) -> int | None:
    """The lowest minimum from which there was no hop yet."""
    for k in np.argsort(values, kind="stable"):
        if not np.isfinite(values[k]):
            return None
        if not any(abs(values[k] - other) <= _SAME * other for other in from_here):
            return int(k)
    return None


def _agreed(question: Question, solution: Solution) -> bool:
    """Whether so many starts have found the best minimum that it is beyond doubt."""
    agreeing = np.mean(solution.value <= solution.value.min() * (1.0 + _SAME))
    share = _AGREEMENT if question.neighbours is None else _AGREEMENT_OF_ALIKE
    return bool(len(solution.value) >= _ENOUGH and agreeing >= share)


def _neighbours(question: Question, theta: FloatArray, turn: int) -> Seeds:
    """Fits of another kind than `theta` (p,), as the law has them, projected if not far off."""
    rows: Sequence[Mapping[str, float]] = ()
    with np.errstate(all="ignore"):
        if question.neighbours is not None:
            fit = {
                parameter.name: float(parameter.from_coordinate(value))
                for parameter, value in zip(question.law.parameters, theta, strict=True)
            }
            rows = question.neighbours(fit, turn)
        if not rows:
            none = np.empty((0, len(theta)))
            return Seeds(none, none.astype(np.bool_), none[:, 0])
        seeds = project(question, question.problem, rows_as_nodes(question, rows))
        named = rows_as_nodes(question, rows, named=True)
        score = question.problem.score(named)
    lower = score < _MUCH_LOWER * seeds.score
    return Seeds(
        np.where(lower[:, None], named, seeds.theta),
        (seeds.frozen & ~lower[:, None]) | question.given,
        np.where(lower, score, seeds.score),
    )


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
    shape = (_STARTS, len(theta))
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
        seeds = project(question, question.problem, far)
    return (
        np.concatenate([near[1::2], seeds.theta]),
        np.concatenate([hold[1::2], seeds.frozen | question.given]),
    )
