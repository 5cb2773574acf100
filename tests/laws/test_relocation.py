"""Broken laws that differ from a fit in one or two breaks."""

from itertools import combinations

import numpy as np
import pytest

from flopcast.laws import relocation
from flopcast.laws.features import FloatArray
from flopcast.laws.registry import get_law
from flopcast.laws.relocation import relocated

TWO = {
    "a": 1.2, "b": 30.0, "c0": 0.1, "d1": 2e7, "c1": 0.3, "f1": 0.1,
    "r2": 50.0, "c2": -0.2, "f2": 0.3,
}  # fmt: skip


def _runs(params: dict[str, float], name: str) -> tuple[FloatArray, FloatArray]:
    data = np.geomspace(1e6, 1e10, 60)
    return np.log(data), get_law(name).predict(params, {"data": data})


@pytest.mark.parametrize("absolute", [True, False])
def test_a_break_in_the_wrong_place_is_moved_to_the_right_one(absolute: bool) -> None:
    """From a fit with one break where nothing turns, a start has both where they are."""
    log_x, loss = _runs(TWO, "bnsl2")
    stuck = {**TWO, "r2": 2.0, "c2": 0.01}
    rows = relocated(2, log_x, loss, np.ones(60), stuck, absolute=absolute)
    near = [
        row
        for row in rows
        if abs(np.log(row["d1"] / 2e7)) < 0.2 and abs(np.log(row["r2"] / 50.0)) < 0.3
    ]
    assert near
    assert any(row["c2"] == pytest.approx(-0.2, abs=0.05) for row in near)


def test_a_floor_takes_the_place_of_a_break_that_stood_in_for_it() -> None:
    """From a fit without a floor, some starts have one close to the law's."""
    log_x, loss = _runs(TWO, "bnsl2")
    stuck = {**TWO, "a": 0.0, "c1": 0.2, "r2": 300.0, "c2": -0.4}
    rows = relocated(2, log_x, loss, np.ones(60), stuck, absolute=False)
    assert any(row["a"] == pytest.approx(1.2, rel=0.03) for row in rows)


@pytest.mark.parametrize("breaks", [1, 2, 3])
@pytest.mark.parametrize(("d1", "floor"), [(20.0, 0.9), (0.0, 0.0), (1e200, 1.1)])
def test_starts_are_parameters_of_the_law(breaks: int, d1: float, floor: float) -> None:
    """Each has every parameter, within its bounds; fits far off all runs give finite ones."""
    law, rng = get_law(f"bnsl{breaks}"), np.random.default_rng(0)
    log_x = np.sort(rng.uniform(0.0, 12.0, 40))
    loss = 1.0 + np.exp(-0.3 * log_x) * np.exp(0.05 * rng.normal(size=40))
    weights = np.where(np.arange(40) % 5, 1.0, 0.0)
    fit = {"a": floor, "b": 1.0, "c0": 0.3, "d1": d1, "c1": 0.1, "f1": 0.01}
    for k in range(2, breaks + 1):
        fit |= {f"r{k}": 1.0, f"c{k}": 5.0, f"f{k}": 10.0}
    with np.errstate(all="ignore"):
        rows = relocated(breaks, log_x, loss, weights, fit, absolute=True)
    assert len(rows) > 5
    for row in rows:
        assert set(row) == set(law.parameter_names)
        for name, value in row.items():
            parameter = law.parameter(name)
            assert np.isfinite(value), name
            assert d1 != 20.0 or parameter.lower <= value <= parameter.upper, name


def test_what_a_pair_explains_is_what_least_squares_explains() -> None:
    """The closed form for two rows agrees with solving for them, for every pair and widths."""
    rng, widths = np.random.default_rng(0), len(relocation._WIDTHS)
    rows = rng.normal(size=(3 * widths, 12))
    rows /= np.linalg.norm(rows, axis=1)[:, None]
    target = rng.normal(size=12)
    gained = relocation._gained_together(rows @ rows.T, rows @ target)
    for first, second in combinations(range(3), 2):
        for i in range(widths):
            for j in range(widths):
                pair = rows[[first * widths + i, second * widths + j]]
                left = np.linalg.lstsq(pair.T, target)[1][0]
                explained = float(target @ target) - left
                assert gained[first, second, i * widths + j] == pytest.approx(explained)
    assert np.all(np.isneginf(gained[1, 0]))
