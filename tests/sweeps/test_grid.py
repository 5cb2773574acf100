"""Grids, rules and costs: which cells a study asks for, in which order."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sweeps.studies import BASE

from flopcast.errors import InputError
from flopcast.sweeps.cost import correction, flop_of
from flopcast.sweeps.grid import HOLDOUT, PILOT, Candidate, candidates, corner, target
from flopcast.sweeps.study import Study, parse_study


def study(**changes: Any) -> Study:
    """The base study with changes."""
    return parse_study({**BASE, **changes})


def where(found: tuple[Candidate, ...]) -> list[tuple[Any, ...]]:
    """The settings of cells as tuples."""
    return [tuple(one.settings.values()) for one in found]


def test_a_factorial_grid_runs_cheapest_first() -> None:
    """Every combination and seed once; the top level of compute is held out."""
    found = candidates(study(seeds=[0, 1]))
    assert len(found) == len({one.id for one in found}) == 32
    assert [one.flop for one in found] == sorted(one.flop for one in found)
    assert found[0].flop == 6 * 10 * 100
    held = [one for one in found if one.role == HOLDOUT]
    assert [tuple(one.settings.values()) for one in held] == [(80, 800)] * 2


def test_the_corner_is_the_lowest_levels() -> None:
    """Three levels of each axis by default, at least four runs."""
    whole = study()
    small = corner(whole, candidates(whole))
    assert {one.settings["n"] for one in small} == {10, 20, 40}
    assert len(small) == 9
    narrow = study(grid={"kind": "factorial", "corner": 1})
    assert len(corner(narrow, candidates(narrow))) == 4


@settings(max_examples=20)
@given(st.lists(st.floats(1e6, 1e12), min_size=1, max_size=4, unique=True))
def test_isoflop_cells_spend_their_level(levels: list[float]) -> None:
    """At each level of compute, 6 · params · data is that level, as far as data is whole."""
    axes = {"n": {"role": "params", "values": [10, 100]}, "d": {"role": "data"}}
    found = candidates(study(axes=axes, grid={"kind": "isoflop", "flop": levels}))
    assert len(found) == 2 * len(levels)
    for one in found:
        step = 6 * one.settings["n"]
        assert min(abs(one.flop - level) for level in levels) <= step


def test_a_ladder_is_one_run_per_size() -> None:
    """The data is a list; every decay below the top costs its share on top of the run."""
    found = candidates(study(grid={"kind": "ladder", "decay": 0.25}))
    assert len(found) == 4
    first = found[0]
    assert first.cell.config["d"] == [100, 200, 400, 800]
    assert [point["data"] for point in first.points] == [100, 200, 400, 800]
    assert first.flop == pytest.approx(6 * 10 * (800 + 0.25 * 700))
    assert first.planned().group


def test_a_lattice_takes_fractions_of_the_target() -> None:
    """Rosenfeld's corner: all cells together cost a small share of the target."""
    axes = {
        "n": {"role": "params", "fractions": [1 / 16, 1 / 64]},
        "d": {"role": "data", "fractions": [1 / 8, 1 / 16]},
    }
    whole = study(axes=axes, grid={"kind": "lattice"})
    found = candidates(whole)
    assert sorted(where(found)) == [(10, 400), (10, 800), (40, 400), (40, 800)]
    assert sum(one.flop for one in found) < target(whole).flop / 50


def test_a_pool_is_taken_as_it_is() -> None:
    """Cells listed; one without a value of every axis is an error."""
    cells: list[dict[str, Any]] = [{"n": 10, "d": 100}, {"n": 20, "d": 400}]
    assert where(candidates(study(grid={"kind": "pool", "cells": cells}))) == [
        (10, 100),
        (20, 400),
    ]
    with pytest.raises(InputError, match="has no 'd'"):
        candidates(study(grid={"kind": "pool", "cells": [{"n": 10}]}))


def test_levels_in_equal_ratios() -> None:
    """low, high and levels; no levels at all is an error where they are needed."""
    axes = {**BASE["axes"], "d": {"role": "data", "low": 100, "high": 10000, "levels": 3}}
    assert {one.settings["d"] for one in candidates(study(axes=axes))} == {100, 1000, 10000}
    with pytest.raises(InputError, match=r"axes\.d has no levels"):
        candidates(study(axes={**BASE["axes"], "d": {"role": "data"}}))


def test_rules_are_part_of_the_cell() -> None:
    """Fixed, law and table; another rule is another cell."""
    rules = {
        "batch": {"fixed": 32},
        "rate": {"law": "0.01 * (n / 10) ** -1"},
        "steps": {"law": "d / batch", "whole": True},
        "dropout": {"by": "n", "table": {"10": 0.0, "20": 0.1, "40": 0.1, "80": 0.1}},
    }
    found = candidates(study(rules=rules))
    config = next(one for one in found if one.settings == {"n": 80, "d": 800}).cell.config
    assert config["rate"] == pytest.approx(0.00125)
    assert (config["batch"], config["steps"], config["dropout"]) == (32, 25, 0.1)
    assert not {one.id for one in found} & {one.id for one in candidates(study())}
    with pytest.raises(InputError, match=r"rules\.dropout.*no entry for n 640"):
        target(study(rules=rules))


def test_costs_by_formula_and_as_measured() -> None:
    """In FLOP, seconds or money; corrected by the median of what runs were charged."""
    assert flop_of(study(cost={"flop": "n * d"}), {"n": 3, "d": 5}) == 15.0
    timed = study(cost={"flop_per_second": 600.0}, budget={"unit": "usd", "per_second": 0.5})
    assert candidates(timed)[0].cost == pytest.approx(6000 / 600 * 0.5)
    with pytest.raises(InputError, match="how long a cell takes is not known"):
        candidates(study(budget={"unit": "seconds"}))
    assert correction([]) == 1.0
    assert correction([(1.0, 2.0), (1.0, 3.0), (2.0, 200.0)]) == 3.0
    assert candidates(study())[0].planned(2.0).cost == 2 * 6000
    assert candidates(study())[0].role == PILOT
