"""The cells of a study: the settings that its grid and its rules ask for, cheapest first.

==========  ====================================================================================
factorial   every combination of the levels of all axes
isoflop     levels of compute; at each, every size with the data that spends it
ladder      one run per size, with a result at each level of data (decays branch off one run)
lattice     fractions of the target on every axis (Rosenfeld et al. 2020, arXiv:1909.12673)
pool        the cells listed
active      the combinations (or the cells listed), run in the order in which they inform most
==========  ====================================================================================
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

from flopcast.errors import InputError
from flopcast.sweeps.cell import Cell, Planned
from flopcast.sweeps.cost import cost_of, flop_of
from flopcast.sweeps.rule import with_rules
from flopcast.sweeps.study import Axis, Study

PILOT, HOLDOUT, TARGET = "pilot", "holdout", "target"
MOST_CELLS: Final = 100_000
_TOP_LEVEL: Final = 1.25
_MOST_HELD: Final = 1 / 3

Settings = dict[str, Any]


@final
@dataclass(frozen=True)
class Candidate:
    """A cell that a study may run.

    `settings` are its place on the axes (the largest data of a ladder), `points` what laws see of
    each result that it gives, `flop` and `cost` what it is stated to take, `role` whether it is a
    pilot, held out of the first fit, or the target.
    """

    cell: Cell
    settings: Mapping[str, Any]
    points: tuple[Mapping[str, float], ...]
    flop: float
    cost: float
    role: str

    @property
    def id(self) -> str:
        """The identity of the cell."""
        return self.cell.id

    def planned(self, correction: float = 1.0) -> Planned:
        """The cell for the store, its cost corrected."""
        group = self.id[:8] if len(self.points) > 1 else None
        return Planned(self.cell, self.cost * correction, self.role, group)


def candidates(study: Study, code: str = "") -> tuple[Candidate, ...]:
    """Every pilot of the study, cheapest first, the top level of compute marked as held out.

    Raises InputError for an axis without levels, a rule or formula without a value, and more than
    100,000 cells.
    """
    found: dict[str, Candidate] = {}
    for settings in _places(study):
        for seed in study.seeds:
            candidate = _candidate(study, settings, seed, code, PILOT)
            found.setdefault(candidate.id, candidate)
            if len(found) > MOST_CELLS:
                raise InputError(
                    f"the grid has more than {MOST_CELLS:,} cells.", "Take fewer levels or seeds."
                )
    ordered = sorted(found.values(), key=lambda one: (one.flop, one.id))
    return _with_holdout(ordered)


def target(study: Study, code: str = "") -> Candidate:
    """The target as a cell, with the study's first seed."""
    settings: Settings = dict(study.target)
    if study.grid.kind == "ladder":
        settings[_data_axis(study)] = [settings[_data_axis(study)]]
    return _candidate(study, settings, study.seeds[0], code, TARGET)


def corner(study: Study, found: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The small corner that runs first: the lowest levels of every axis, at least four runs."""
    pilots = [one for one in found if one.role == PILOT]
    levels = {
        key: sorted({one.settings[key] for one in pilots})[: study.grid.corner]
        for key in study.roles.values()
    }
    small = [one for one in pilots if all(one.settings[k] in v for k, v in levels.items())]
    fewest = min(len(pilots), max(4, math.ceil(len(pilots) / 4)))
    return tuple(small if len(small) >= fewest else pilots[:fewest])


def _candidate(study: Study, settings: Settings, seed: int, code: str, role: str) -> Candidate:
    top = dict(settings)
    points = [study.amounts(settings)] if study.grid.kind != "ladder" else []
    if study.grid.kind == "ladder":
        key = _data_axis(study)
        levels = settings[key]
        points = [study.amounts({**settings, key: level}) for level in levels]
        top[key] = max(levels)
    config = {**with_rules(study, top), **settings}
    flop = flop_of(study, config | top)
    if len(points) > 1:
        below = sorted(settings[key])[:-1]
        flop += study.grid.decay * sum(flop_of(study, {**config, key: one}) for one in below)
    cell = Cell(config, study.data_id, code, seed)
    return Candidate(cell, top, tuple(points), flop, cost_of(study, config | top, flop), role)


def _with_holdout(ordered: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The most expensive cells held out, unless they are a third of all or more."""
    if not ordered:
        return ()
    top = ordered[-1].flop / _TOP_LEVEL
    held = [one for one in ordered if one.flop >= top]
    if len(held) >= _MOST_HELD * len(ordered):
        return tuple(ordered)
    ids = {one.id for one in held}
    return tuple(
        Candidate(one.cell, one.settings, one.points, one.flop, one.cost, HOLDOUT)
        if one.id in ids
        else one
        for one in ordered
    )


def _places(study: Study) -> Iterator[Settings]:
    grid = study.grid
    if grid.kind == "isoflop":
        yield from _isoflop(study)
    elif grid.kind == "ladder":
        data = _data_axis(study)
        levels = list(axis_levels(study, data))
        for one in _product(study, [key for key in study.axes if key != data]):
            yield {**one, data: levels}
    elif grid.cells:
        for cell in grid.cells:
            if missing := [key for key in study.axes if key not in cell]:
                raise InputError(
                    f"a cell of the pool has no {missing[0]!r}: {dict(cell)}.",
                    "Every cell needs a value of every axis.",
                )
            yield dict(cell)
    else:
        yield from _product(study, list(study.axes))


def _product(study: Study, keys: Sequence[str]) -> Iterator[Settings]:
    levels = [axis_levels(study, key) for key in keys]
    for values in itertools.product(*levels):
        yield dict(zip(keys, values, strict=True))


def axis_levels(study: Study, key: str) -> tuple[Any, ...]:
    """The levels of an axis. Raises InputError when it has none."""
    axis = study.axes[key]
    if axis.values:
        return axis.values
    if axis.fractions:
        whole = study.target[key]
        if isinstance(whole, str | bool):
            raise InputError(f"axes.{key} has fractions, but the target is {whole!r}, no number.")
        found = [_rounded(axis, whole * share) for share in sorted(axis.fractions)]
        return tuple(dict.fromkeys(found))
    if axis.low is None or axis.high is None or axis.levels is None:
        raise InputError(
            f"axes.{key} has no levels.", "Give values, or low, high and levels, or fractions."
        )
    step = math.log(axis.high / axis.low) / (axis.levels - 1)
    found = [_rounded(axis, axis.low * math.exp(step * k)) for k in range(axis.levels)]
    return tuple(dict.fromkeys(found))


def _isoflop(study: Study) -> Iterator[Settings]:
    """At each level of compute every size, with the data that spends it exactly."""
    data = _data_axis(study)
    sizes = [key for key in study.axes if key != data]
    for flop in study.grid.flop:
        for one in _product(study, sizes):
            value = _data_for(study, one, data, flop)
            axis = study.axes[data]
            if (axis.low or 0.0) <= value <= (axis.high or math.inf):
                yield {**one, data: value}


def _data_for(study: Study, size: Settings, data: str, flop: float) -> float:
    """The data at which a run takes `flop`, by bisection. Raises InputError when none does."""
    low, high = 1.0, 1e18
    for end, wrong in ((low, flop_of(study, {**size, data: low}) > flop),
                       (high, flop_of(study, {**size, data: high}) < flop)):  # fmt: skip
        if wrong:
            raise InputError(
                f"no amount of {data} between 1 and 1e18 makes a run of {flop:g} FLOP at {size}; "
                f"{end:g} is already off.",
                "Check cost.flop and grid.flop.",
            )
    while high / low > 1 + 1e-12:
        middle = math.sqrt(low * high)
        low, high = (
            (low, middle) if flop_of(study, {**size, data: middle}) > flop else (middle, high)
        )
    return _rounded(study.axes[data], high)


def _data_axis(study: Study) -> str:
    if "data" not in study.roles:
        raise InputError(
            f"a grid of kind {study.grid.kind} needs an axis with the role data.",
            'Write role = "data" under that axis.',
        )
    return study.roles["data"]


def _rounded(axis: Axis, value: float) -> float:
    return max(1, round(value)) if axis.whole else value
