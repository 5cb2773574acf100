"""Targets: closed forms against the law itself, solver against closed form, and reach."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.grid_file import ALPHA, BETA, A, B, E, grid

from flopcast.errors import InputError
from flopcast.fitting.fit import fit
from flopcast.forecasting.additive import Additive, additive
from flopcast.forecasting.needed import best_split, needed
from flopcast.laws.registry import get_law
from flopcast.observations import Runs, read_runs

TRUE = {"E": E, "A": A, "B": B, "alpha": ALPHA, "beta": BETA}
# ImageNet, Rosenfeld et al. 2020, table 2; sizes as shares of the full ones.
IMAGENET = {"alpha": 0.75, "beta": 0.61, "b": 0.76, "c_inf": 3.63, "eta": 18.5, "eps0": 0.999}


def as_draws(params: dict[str, float]) -> dict[str, np.ndarray]:
    """One draw of each parameter."""
    return {name: np.array([value]) for name, value in params.items()}


@pytest.fixture(scope="module")
def runs() -> Runs:
    """Runs of a Chinchilla law without noise."""
    return read_runs(grid(noise=0.0))


@given(st.floats(0.2, 0.9), st.floats(0.05, 2.0))
def test_rosenfelds_forms_invert_his_law(error: float, size: float) -> None:
    """The law at the data, model or compute found gives the error asked for."""
    law = get_law("rosenfeld")
    form, level = additive("rosenfeld", as_draws(IMAGENET), error) or pytest.fail("no form")
    data, params = form.data(level, size)[0], form.params(level, size)[0]
    if np.isfinite(data):
        assert law.predict(IMAGENET, {"params": size, "data": data})[0] == pytest.approx(error)
    else:
        assert law.predict(IMAGENET, {"params": size, "data": 1e12})[0] > error
    if np.isfinite(params):
        assert law.predict(IMAGENET, {"params": params, "data": size})[0] == pytest.approx(error)
    cost = form.compute(level)[0]
    if np.isfinite(cost):
        best = form.split(cost)
        at = {"params": best[0], "data": best[1]}
        assert law.predict(IMAGENET, at)[0] == pytest.approx(error)
        for shift in (0.9, 1.1):
            moved = {"params": best[0] * shift, "data": best[1] / shift}
            assert law.predict(IMAGENET, moved)[0] >= error


def test_limits_of_rosenfelds_law_are_out_of_reach() -> None:
    """ImageNet's table has a limit of 19.2 %; nothing gets below, everything to guessing."""
    for error, reached in ((0.191, False), (0.193, True), (0.9989, True)):
        form, level = additive("rosenfeld", as_draws(IMAGENET), error) or pytest.fail("no form")
        assert np.isfinite(form.compute(level)[0]) == reached


def test_a_fit_is_inverted_in_closed_form(runs: Runs) -> None:
    """Data, model and compute for a loss, and the split, are those of the law behind the runs."""
    found = fit(runs, "chinchilla", bootstrap=0)
    data = needed(found, 2.0, "data", params=1e10)
    expected = ((2.0 - E - A * 1e10**-ALPHA) / B) ** (-1 / BETA)
    assert data.quantile(0.5) == pytest.approx(expected, rel=0.02)
    assert data.probability == 1.0
    law = Additive(*(np.array([v]) for v in (E, A, ALPHA, B, BETA)))
    cost = needed(found, 2.0).quantile(0.5)
    assert cost == pytest.approx(law.compute(np.array([2.0]))[0], rel=0.02)
    split = best_split(found, 1e22)
    assert split.params[0] == pytest.approx(law.split(1e22)[0][0], rel=0.02)
    assert 6.0 * split.params[0] * split.data[0] == pytest.approx(1e22)


def test_the_solver_agrees_with_the_closed_form(runs: Runs) -> None:
    """The coupled law with k = 1 is Chinchilla's; it is inverted by interpolation."""
    chinchilla = fit(runs, "chinchilla", bootstrap=0)
    coupled = fit(runs, "coupled", fixed={"k": 1.0}, bootstrap=0)
    for of, held in (("data", {"params": 1e10}), ("params", {"data": 1e12}), ("compute", {})):
        exact = needed(chinchilla, 2.0, of, **held).quantile(0.5)  # type: ignore[arg-type]
        solved = needed(coupled, 2.0, of, **held).quantile(0.5)  # type: ignore[arg-type]
        assert solved == pytest.approx(exact, rel=0.03)
    exact_split, solved_split = best_split(chinchilla, 1e22), best_split(coupled, 1e22)
    assert solved_split.params[0] == pytest.approx(exact_split.params[0], rel=0.1)


def test_the_ensemble_says_how_likely_a_target_is(runs: Runs) -> None:
    """A loss just beyond the runs is likely, one below the floor is not; null is beyond reach."""
    near = needed(runs, 2.0, draws=300)
    far = needed(runs, 1.3, draws=300)
    assert near.probability > 0.9
    assert far.probability < 0.2
    law = Additive(*(np.array([v]) for v in (E, A, ALPHA, B, BETA)))
    truth = law.compute(np.array([2.0]))[0]
    assert near.quantile(0.05) < truth < near.quantile(0.95)
    document = far.to_dict()
    assert document["flop"]["median"] is None
    assert document["probability"] == far.probability


def test_wrong_input(runs: Runs) -> None:
    """What is held, sought or asked is checked."""
    for arguments, words in (
        ({"target": -1.0}, "the target is -1"),
        ({"target": 2.0, "of": "time"}, "of is 'time'"),
        ({"target": 2.0, "of": "data"}, "depends on params"),
        ({"target": 2.0, "params": 1e9}, "not held"),
        ({"target": 2.0, "within": 1.0}, "within is 1"),
    ):
        with pytest.raises(InputError, match=words):
            needed(runs, **arguments)
    with pytest.raises(InputError, match="compute is 0"):
        best_split(runs, 0.0)
    with pytest.raises(InputError, match="no params and data"):
        best_split(Runs({"data": runs["data"]}, runs.loss), 1e20)
