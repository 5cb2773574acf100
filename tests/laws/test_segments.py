"""Starts of broken laws that are read off the data."""

import numpy as np
import pytest

from flopcast.fitting.fit import fit
from flopcast.laws import segments
from flopcast.laws.registry import get_law
from flopcast.laws.segments import broken_seeds
from flopcast.observations import Runs


def _curve(params: dict[str, float], name: str, runs: int = 60) -> Runs:
    data = np.geomspace(1e6, 1e10, runs)
    return Runs({"data": data}, get_law(name).predict(params, {"data": data}))


ONE = {"a": 0.5, "b": 30.0, "c0": 0.1, "d1": 3e8, "c1": 0.4, "f1": 0.02}


def test_a_sharp_break_is_in_the_gap_where_it_lies() -> None:
    """The first start breaks between the same runs as the law, with slopes close to its own."""
    runs = _curve(ONE, "bnsl1")
    best = broken_seeds(1, np.log(runs["data"]), runs.loss, np.ones(60))[0]
    after = int(np.searchsorted(runs["data"], ONE["d1"]))
    assert runs["data"][after - 1] < best["d1"] < runs["data"][after]
    assert best["c0"] == pytest.approx(0.1, abs=0.03)
    assert best["c1"] == pytest.approx(0.4, abs=0.1)


def test_starts_are_parameters_of_the_law() -> None:
    """Each has every parameter within its bounds; breaks are in order."""
    law = get_law("bnsl3")
    rng = np.random.default_rng(0)
    log_x = np.sort(rng.uniform(0.0, 12.0, 40))
    loss = 1.0 + np.exp(-0.3 * log_x) * np.exp(0.05 * rng.normal(size=40))
    seeds = broken_seeds(3, log_x, loss, np.ones(40))
    assert len(seeds) > 20
    for row in seeds:
        assert set(row) == set(law.parameter_names)
        for name, value in row.items():
            parameter = law.parameter(name)
            assert parameter.lower <= value <= parameter.upper, name


def test_one_more_bend_is_the_line_with_both() -> None:
    """What adding a bend gains, in closed form, is what solving with it gives."""
    log_x = np.linspace(-6.0, 6.0, 30)
    gaps = np.linspace(-5.0, 5.0, 9)
    target = 0.3 - 0.2 * log_x + 0.05 * np.random.default_rng(0).normal(size=30)
    lines = segments._lines(segments._features(log_x, gaps), target, np.ones(30))
    bends, more = np.array([[3], [17]]), np.array([0, 9, 30])
    together = np.array([[[first[0], second] for second in more] for first in bends])
    apart = lines.solve(together.reshape(-1, 2))[0].reshape(2, 3)
    assert lines.one_more(bends, more) == pytest.approx(apart, rel=1e-6)


def test_a_break_that_ends_the_term_before_the_last_runs_is_found() -> None:
    """Noise that puts the last runs below the floor makes a steep break there the lowest."""
    runs = _curve({**ONE, "a": 1.6, "b": 3e8, "c0": 1.0, "c1": 0.2, "f1": 0.5}, "bnsl1")
    loss = runs.loss * np.exp(0.01 * np.random.default_rng(1).standard_t(4, 60))
    loss[-3:] = 1.6 * np.array([0.985, 1.0, 1.0])
    seeds = broken_seeds(1, np.log(runs["data"]), loss, np.ones(60))
    ends = [row for row in seeds if row["c1"] >= 2.0 and row["d1"] > runs["data"][-4]]
    assert {row["c1"] for row in ends} == {2.0, 5.0}


def test_few_places_give_no_starts_and_many_runs_stay_cheap() -> None:
    """Runs at two places have one gap, too few for two breaks; a long curve is thinned."""
    log_x = np.repeat([1.0, 2.0], 5)
    assert broken_seeds(2, log_x, 2.0 - 0.1 * log_x, np.ones(10)) == []
    runs = _curve(ONE, "bnsl1", 50_000)
    best = broken_seeds(1, np.log(runs["data"]), runs.loss, np.ones(50_000))[0]
    assert best["d1"] == pytest.approx(ONE["d1"], rel=0.15)


def test_two_sharp_breaks_are_recovered() -> None:
    """From exact losses the global search finds both breaks, one of them near the end."""
    truth = {
        "a": 0.9, "b": 60.0, "c0": 0.1, "d1": 2e7, "c1": 0.3, "f1": 0.05,
        "r2": 150.0, "c2": -0.2, "f2": 0.05,
    }  # fmt: skip
    found = fit(_curve(truth, "bnsl2"), "bnsl2", bootstrap=0)
    assert found.params["d1"] == pytest.approx(2e7, rel=1e-4)
    assert found.params["r2"] == pytest.approx(150.0, rel=1e-4)
