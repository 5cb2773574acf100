"""Hops get out of minima that the starts of a search do not avoid."""

import numpy as np
import pytest

from flopcast.fitting.heats import heated
from flopcast.fitting.objective import HUBER
from flopcast.fitting.search import search
from flopcast.fitting.solver import minimise
from flopcast.fitting.task import Task
from flopcast.laws.examples import example_inputs, example_params
from flopcast.laws.features import FloatArray
from flopcast.laws.registry import get_law
from flopcast.observations import Runs


def _problem(name: str, seed: int, noise: float) -> tuple[Task, FloatArray]:
    """A random problem of 80 runs and its true coordinates."""
    law, rng = get_law(name), np.random.default_rng(seed)
    inputs = example_inputs(law, 80, rng)
    params = example_params(law, inputs, rng)
    loss = law.predict(params, inputs) * np.exp(noise * rng.standard_t(4, 80))
    truth = np.array([float(p.to_coordinate(params[p.name])) for p in law.parameters])
    return Task(law, Runs(inputs, loss), HUBER, np.ones(80)), truth


@pytest.mark.parametrize(("name", "seed"), [("bnsl2", 24), ("bnsl3", 21)])
def test_breaks_that_lie_elsewhere_are_found(name: str, seed: int) -> None:
    """Breaks beyond all runs, or one that another stands in for: the fit is exact."""
    task, _ = _problem(name, seed, 0.0)
    found = search(task.question)
    assert np.abs(task.problem.y - task.problem.model.value(found.theta[None])[0]).max() < 1e-6


@pytest.mark.parametrize(("name", "seed"), [("bnsl2", 70), ("multi-power", 66), ("rosenfeld", 9)])
def test_no_start_at_the_truth_ends_lower(name: str, seed: int) -> None:
    """With noise, other breaks, gains that come in otherwise and other bends are tried as well."""
    task, truth = _problem(name, seed, 0.01)
    rng = np.random.default_rng(seed)
    scatter = 0.03 * rng.normal(size=(20, len(truth))) * np.maximum(1.0, np.abs(truth))
    rival = minimise(task.problem, truth + scatter, max_iterations=400).value.min()
    assert search(task.question).value <= rival * (1.0 + 1e-6)


def test_what_is_fixed_stays_fixed_in_neighbours() -> None:
    """A place that is given is that of the break, wherever else it would go."""
    task, _ = _problem("bnsl1", 0, 0.01)
    fixed = Task(task.law, task.runs, HUBER, task.weights, {"d1": 3e7})
    found = fixed.natural(search(fixed.question).theta[None])[0]
    assert found[task.law.parameter_names.index("d1")] == pytest.approx(3e7)


def test_full_heats_let_starts_that_look_alike_go_on() -> None:
    """Three of many that look alike go on, or as many as there is room for."""
    task, truth = _problem("chinchilla", 0, 0.01)
    starts, held = np.repeat(truth[None], 12, axis=0), np.zeros((12, 5), dtype=np.bool_)
    assert len(heated(task.problem, starts, held, ((2, 8),))[0]) == 3
    assert len(heated(task.problem, starts, held, ((2, 8),), full=True)[0]) == 8
