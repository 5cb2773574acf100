"""Polishing: the last digits of fits whose parameters all but trade places."""

import numpy as np

from flopcast.fitting.fit import fit
from flopcast.fitting.objective import HUBER
from flopcast.fitting.polish import polish
from flopcast.fitting.task import Task
from flopcast.laws.registry import get_law
from flopcast.observations import Runs

TRUE = {"E": 1.03, "L0": 10.2, "alpha": 2.9, "b": 0.035, "c": 0.09}


def curve() -> Runs:
    """A curve of M4 of which the runs show the middle alone, so that L0 and α trade places."""
    data = np.geomspace(1e6, 1e10, 60)
    return Runs({"data": data}, get_law("m4").predict(TRUE, {"data": data}))


def test_a_narrow_valley_is_followed_to_its_end() -> None:
    """From another point of the valley, polishing reaches the parameters that made the runs."""
    task = Task(get_law("m4"), curve(), HUBER, np.ones(60))
    exact = np.array([float(p.to_coordinate(TRUE[p.name])) for p in task.law.parameters])
    start = exact + np.array([0.02, -0.1, -0.5, 0.8, -0.004])
    held = np.zeros(5, dtype=np.bool_)
    theta, value, converged = polish(task.problem, start, held)
    assert converged
    assert value < 1e-24
    assert np.abs(theta - exact).max() < 1e-5


def test_polishing_never_ends_higher_and_keeps_what_is_held() -> None:
    """With noise, and a parameter held, the objective falls and the held one stays."""
    runs = curve()
    noisy = runs.loss * np.exp(0.01 * np.random.default_rng(0).normal(size=60))
    task = Task(get_law("m4"), Runs(dict(runs.inputs), noisy), HUBER, np.ones(60))
    start = np.array([0.1, 2.3, 2.0, -2.5, 0.08])
    held = np.array([False, True, False, False, False])
    theta, value, _ = polish(task.problem, start, held)
    assert theta[1] == start[1]
    assert value < task.problem.score(start[None])[0]


def test_a_fit_uses_it() -> None:
    """The global fit of that curve is exact."""
    found = fit(curve(), "m4", bootstrap=0)
    assert np.abs(found.residuals).max() < 1e-6


def test_a_term_that_has_vanished_has_no_direction() -> None:
    """A coordinate whose slope underflows is left alone; the others are still polished."""
    runs = Runs(
        {"params": np.geomspace(1e7, 1e9, 12), "data": np.geomspace(1e11, 1e9, 12)},
        2.0 + 40.0 * np.geomspace(1e11, 1e9, 12) ** -0.3,
    )
    task = Task(get_law("chinchilla"), runs, HUBER, np.ones(12))
    names = task.problem.model.names
    start = {"E": 0.6, "A": -520.0, "B": 4.0, "alpha": 0.3, "beta": 0.31}
    theta, value, _ = polish(
        task.problem, np.array([start[name] for name in names]), np.zeros(5, dtype=np.bool_)
    )
    assert theta[names.index("A")] == start["A"]
    assert value < 1e-20


def test_an_exponent_of_almost_nothing_is_told_from_the_floor() -> None:
    """c·S^−λ with λ near 0 and the floor trade places along a narrow bent valley."""
    true = {
        "a": 5e4, "b": 230.0, "c": 0.26, "d": 2.3, "e": 1.2, "alpha": 0.65, "beta": 0.3,
        "lam": -0.001, "delta": 0.14, "gamma": 0.12,
    }  # fmt: skip
    law, rng = get_law("abnar"), np.random.default_rng(0)
    inputs = {
        "params": np.exp(rng.uniform(np.log(1e6), np.log(1e10), 80)),
        "data": np.exp(rng.uniform(np.log(1e6), np.log(1e10), 80)),
        "density": np.exp(rng.uniform(np.log(0.02), 0.0, 80)),
    }
    task = Task(law, Runs(inputs, law.predict(true, inputs)), HUBER, np.ones(80))
    exact = np.array([float(p.to_coordinate(true[p.name])) for p in law.parameters])
    start = exact + 0.01 * rng.normal(size=10)
    theta, value, _ = polish(task.problem, start, np.zeros(10, dtype=np.bool_), iterations=600)
    assert value < 1e-24
    assert np.abs(theta - exact).max() < 1e-6
