"""The solver and the search find the global minimum, whatever the start and the problem."""

import numpy as np
import pytest
from scipy.optimize import minimize, nnls
from tests.fitting.chinchilla_data import synthetic

from flopcast.fitting.nonnegative import nonnegative_least_squares
from flopcast.fitting.objective import ENVELOPE, HUBER, SQUARED, Objective
from flopcast.fitting.search import search
from flopcast.fitting.solver import Problem, minimise
from flopcast.fitting.task import Task
from flopcast.laws.examples import example_inputs, example_params
from flopcast.laws.registry import get_law, law_names
from flopcast.observations import Runs


def _task(runs: Runs, law: str = "chinchilla", objective: Objective = HUBER) -> Task:
    return Task(get_law(law), runs, objective, np.ones(len(runs)))


@pytest.mark.parametrize("objective", [HUBER, SQUARED, ENVELOPE, Objective(0.02, 3.0)])
def test_objective_derivatives_agree_with_differences(objective: Objective) -> None:
    """The influence is the slope of the penalty, and the majoriser touches from above."""
    residual = np.array([-0.3, -0.015, -2e-4, 3e-4, 0.011, 0.4])
    step = 1e-9
    slope = (objective.penalty(residual + step) - objective.penalty(residual - step)) / (2 * step)
    np.testing.assert_allclose(objective.influence(residual), slope, rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(
        objective.majoriser(residual) * residual, objective.influence(residual), rtol=1e-12
    )
    assert np.all(objective.curvature(residual) <= objective.majoriser(residual) + 1e-15)


def test_nonnegative_least_squares_agrees_with_scipy() -> None:
    """Random weighted problems have the solutions of Lawson and Hanson's method."""
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(50, 4, 12))
    right, weights = rng.normal(size=(50, 12)), rng.uniform(0.0, 2.0, size=(50, 12))
    found = nonnegative_least_squares(columns, right, weights)
    for k in range(50):
        root = np.sqrt(weights[k])
        expected, _ = nnls((columns[k] * root).T, right[k] * root)
        np.testing.assert_allclose(found[k], expected, atol=1e-8)


def test_search_equals_thousands_of_starts_on_small_problems() -> None:
    """Down to 8 runs, where terms vanish, no start of a dense grid gets below the search."""
    rng = np.random.default_rng(3)
    for runs in (8, 8, 9, 10, 12, 16):
        data = synthetic(int(rng.integers(1_000_000)), runs, 10.0 ** rng.uniform(-3.0, -1.3))
        task = _task(data)
        grid = np.stack(
            np.meshgrid(
                [-20.0, 0.0, 0.5], [0, 7, 14, 21], [0, 7, 14, 21], [0, 0.5, 1], [0, 0.5, 1]
            ),
            axis=-1,
        ).reshape(-1, 5)
        best = minimise(task.problem, grid.astype(np.float64), max_iterations=150).value.min()
        assert search(task.question).value <= best * (1.0 + 1e-6)


def test_search_is_no_worse_than_scipy_from_the_truth() -> None:
    """A quasi-Newton search that starts at the true parameters ends no lower."""
    for seed in range(5):
        task = _task(synthetic(seed, 40))
        problem = task.problem
        truth = np.array([np.log(1.7), np.log(400.0), np.log(2000.0), 0.34, 0.37])

        def value(theta: np.ndarray, problem: Problem = problem) -> float:
            return float(problem.score(theta[None])[0])

        rival = minimize(value, truth, method="Nelder-Mead", options={"maxiter": 4000})
        assert search(task.question).value <= rival.fun * (1.0 + 1e-6)


@pytest.mark.parametrize("name", law_names())
def test_noise_free_runs_give_back_the_law(name: str) -> None:
    """Random laws of every kind are recovered to 1e-6 where the runs are."""
    law = get_law(name)
    for number in range(4):
        rng = np.random.default_rng(number)
        inputs = example_inputs(law, 80, rng)
        loss = law.predict(example_params(law, inputs, rng), inputs)
        if not np.all(np.isfinite(loss) & (loss > 0.0)):
            continue
        task = _task(Runs(inputs, loss), name)
        found = search(task.question)
        error = np.abs(task.problem.y - task.problem.model.value(found.theta[None])[0]).max()
        assert error < 1e-6


@pytest.mark.parametrize(
    "name", ["m2", "m3", "chinchilla", "kaplan", "coupled", "bounded", "gadre"]
)
def test_identified_parameters_come_back_from_noise_free_runs(name: str) -> None:
    """The parameters themselves are recovered to 1e-6."""
    law = get_law(name)
    for number in range(10):
        rng = np.random.default_rng(number)
        inputs = example_inputs(law, 80, rng)
        truth = example_params(law, inputs, rng)
        task = _task(Runs(inputs, law.predict(truth, inputs)), name)
        found = task.natural(search(task.question).theta[None])[0]
        for parameter, value in zip(law.parameter_names, found, strict=True):
            assert value == pytest.approx(truth[parameter], rel=1e-6), parameter


def test_answer_does_not_depend_on_the_start() -> None:
    """Starts scattered widely around the minimum of noisy problems end no lower."""
    for seed in range(40):
        task = _task(synthetic(seed, 40, 0.01))
        found = search(task.question)
        rng = np.random.default_rng(seed)
        scatter = found.theta + rng.normal(size=(16, 5)) * np.array([0.3, 2.0, 2.0, 0.1, 0.1])
        scatter[:, 3:] = np.clip(scatter[:, 3:], 0.02, 5.0)
        assert minimise(task.problem, scatter).value.min() >= found.value * (1.0 - 1e-6)


def test_bounds_and_frozen_coordinates_are_kept() -> None:
    """The minimum stays within bounds and on frozen values."""
    task = _task(synthetic(1))
    bounded = Task(task.law, task.runs, HUBER, task.weights, {"alpha": 0.5}, {"E": (0.1, 1.2)})
    found = bounded.natural(search(bounded.question).theta[None])[0]
    assert found[0] == pytest.approx(1.2)
    assert found[3] == 0.5


def test_batches_give_the_same_as_one_by_one() -> None:
    """Weights and losses that differ by problem are kept apart."""
    task = _task(synthetic(2, 30))
    start = search(task.question).theta
    rng = np.random.default_rng(0)
    weights = rng.uniform(0.5, 1.5, size=(5, 30))
    p = task.problem
    together = Problem(p.model, p.objective, p.y, weights, p.lower, p.upper)
    many = minimise(together, np.repeat(start[None], 5, axis=0)).value
    for k in range(5):
        alone = Problem(p.model, p.objective, p.y, weights[k], p.lower, p.upper)
        assert minimise(alone, start[None]).value[0] == pytest.approx(many[k], rel=1e-9)


def test_bent_valleys_are_followed_to_their_end() -> None:
    """A floor that trades places with a sigmoid along a curve is found from far up the valley."""
    law = get_law("sigmoid")
    loss = np.linspace(1.8, 4.5, 80)
    truth = np.array([-0.06, 0.73, 25.8, 0.559])
    exact = np.exp(law.bind({"pretraining_loss": loss}).value(truth[None])[0])
    task = _task(Runs({"pretraining_loss": loss}, exact), "sigmoid")
    start = np.array([[-1.3, 1.0, 25.4, 0.551]])
    found = minimise(task.problem, start)
    assert found.converged[0]
    np.testing.assert_allclose(found.theta[0], truth, rtol=1e-6)


@pytest.mark.parametrize(("name", "seed"), [("bnsl1", 3), ("bnsl1", 54), ("abnar", 151)])
def test_steep_ends_and_sharp_breaks_are_found(name: str, seed: int) -> None:
    """Where a few runs alone make the lowest minimum, no start at the truth ends lower."""
    law, rng = get_law(name), np.random.default_rng(seed)
    inputs = example_inputs(law, 80, rng)
    params = example_params(law, inputs, rng)
    loss = law.predict(params, inputs) * np.exp(0.01 * rng.standard_t(4, 80))
    task = _task(Runs(inputs, loss), name)
    truth = np.array([float(p.to_coordinate(params[p.name])) for p in law.parameters])
    rng = np.random.default_rng(seed)
    scatter = 0.03 * rng.normal(size=(20, len(truth))) * np.maximum(1.0, np.abs(truth))
    rival = minimise(task.problem, truth + scatter, max_iterations=400).value.min()
    assert search(task.question).value <= rival * (1.0 + 1e-6)


def test_a_race_stops_those_that_cannot_win() -> None:
    """Its best minimum is that of minimising each start to its end, in fewer iterations."""
    task = _task(synthetic(3, 40, 0.01))
    rng = np.random.default_rng(0)
    starts = np.array([0.5, 5.0, 7.0, 0.3, 0.3]) + rng.normal(size=(40, 5)) * 0.5
    starts[:, 3:] = np.clip(starts[:, 3:], 0.02, 5.0)
    whole = minimise(task.problem, starts, max_iterations=400)
    race = minimise(task.problem, starts, max_iterations=400, race=np.inf)
    assert race.value.min() == pytest.approx(whole.value.min(), rel=1e-9)
    assert race.iterations.sum() <= whole.iterations.sum()
    assert race.iterations.max() <= whole.iterations.max()
