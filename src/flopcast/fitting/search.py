"""The global minimum of one fit: start everywhere that variable projection finds promising.

A product grid over the nonlinear parameters; the linear ones in closed form at each node by
non-negative least squares; the nodes that are no worse than their neighbours, and the best of all,
polished together. Terms that vanish are fits of their own: at a boundary such as E = 0 the full
law only creeps along its log, so the law without the term is polished as well.
"""

from dataclasses import dataclass
from typing import Final, final

import numpy as np

from flopcast.fitting.heats import Heats, heated
from flopcast.fitting.hops import hop
from flopcast.fitting.polish import polish_best
from flopcast.fitting.question import Question
from flopcast.fitting.seeding import choose, first_seeds, spread_of
from flopcast.fitting.solver import BoolArray, Problem, Solution, minimise
from flopcast.fitting.vanishing import other_way, sharpened
from flopcast.laws.features import FloatArray

_HEATS: Final[Heats] = ((15, 96), (40, 24))  # iterations, and how many starts go on
_HEATS_OF_SEEDS: Final[Heats] = ((15, 96), (40, 48))  # sharp breaks have many minima
_SAME: Final = 1e-6
_EQUAL: Final = 1e-9
_MOST_KEPT: Final = 4
_RIVAL: Final = 1.05
_LAST_ITERATIONS: Final = 1500


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


def search(question: Question, sample: Problem | None = None) -> Found:
    """The best minimum of an ungrouped fit.

    `sample` is the same problem on fewer runs, to seed from where there are very many.
    """
    seeding = question.problem if sample is None else sample
    seeds, shape = first_seeds(question, seeding)
    chosen = choose(seeds, shape)
    starts, held = seeds.theta[chosen], seeds.frozen[chosen] | question.given
    heats = _HEATS_OF_SEEDS if question.seeds else _HEATS
    starts, held = heated(seeding, starts, held, heats)
    solution = minimise(question.problem, starts, frozen=held, race=np.inf)
    solution = polish_best(question.problem, solution, held)
    solution, held = _both_ways(question, solution, held)
    before = solution.value.min()
    solution, held = hop(question, seeding, solution, held, spread_of(seeds))
    if solution.value.min() < before:
        solution, held = _both_ways(question, solution, held)
    return _best(question, solution, held)


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
        last = polish_best(problem, last, held[[best]])
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
