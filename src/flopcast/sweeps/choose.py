"""Which cells run next: in the order of the grid, or those that inform most per cost."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from flopcast.sweeps.grid import Candidate
from flopcast.sweeps.study import Study

#: Costs count by this power, so that a few informative runs are not drowned by many cheap ones
#: (arXiv:2604.22753).
_COST_POWER: Final = 0.4


def next_cells(
    study: Study,
    waiting: Sequence[Candidate],
    done: Sequence[Candidate],
    gains: Mapping[str, float] | None,
) -> list[Candidate]:
    """The next batch of `waiting`, cheapest first for a grid.

    An active study takes the cells of greatest expected gain per cost^0.4; every so often
    (`grid.explore`) it takes the cell farthest from all runs instead. `gains` are None while
    there is no forecast.
    """
    count = study.grid.batch or max(1, math.ceil((len(waiting) + len(done)) / 5))
    if study.grid.kind != "active" or gains is None:
        return list(waiting[:count])
    left, taken = list(waiting), list(done)
    chosen: list[Candidate] = []
    for _ in range(min(count, len(left))):
        if _explores(study.grid.explore, len(taken)):
            best = max(left, key=lambda one: _distance(one, taken))
        else:
            best = max(left, key=lambda one: gains.get(one.id, 0.0) / one.cost**_COST_POWER)
        left.remove(best)
        left.sort(key=lambda one: _same_place(one, best))
        taken.append(best)
        chosen.append(best)
    return chosen


def worth(candidate: Candidate, gain: float, target_cost: float) -> float:
    """Share of the interval's width that a run takes off, per 1 % of the target's cost."""
    return gain / max(100.0 * candidate.cost / target_cost, 1e-300)


def _explores(share: float, taken: int) -> bool:
    """True for `share` of all turns, evenly spread."""
    return math.floor((taken + 1) * share) > math.floor(taken * share)


def _same_place(one: Candidate, other: Candidate) -> bool:
    return one.points == other.points


def _distance(one: Candidate, taken: Sequence[Candidate]) -> float:
    """Distance to the nearest run, in powers of e of what laws see."""
    return min((_apart(one.points[-1], other.points[-1]) for other in taken), default=0.0)


def _apart(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return math.hypot(*(math.log(one[role] / other[role]) for role in one))
