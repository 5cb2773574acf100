"""Most probable parameters, and backtests within a study."""

import numpy as np
import pytest

from flopcast.forecasting import forms
from flopcast.forecasting.candidate import Belief, Candidate, penalty_of
from flopcast.forecasting.constants import Constants
from flopcast.forecasting.ensemble import gather, member_weights
from flopcast.forecasting.estimate import draws, most_probable
from flopcast.forecasting.rolling import origins
from flopcast.forecasting.structure import structure_of
from flopcast.forecasting.study import Study, decades_beyond
from flopcast.observations import Runs

TRUTH = {"E": 0.6, "A": 0.15, "alpha": 0.3, "B": 0.2, "beta": 0.4}


def table(noise: float = 0.0, count: int = 6) -> Runs:
    """Runs of an additive law."""
    rng = np.random.default_rng(3)
    size, data = (
        a.ravel() for a in np.meshgrid(np.geomspace(0.01, 100, count), [0.05, 1.0, 20.0])
    )
    loss = forms.ADDITIVE.predict(TRUTH, {"params": size, "data": data})
    loss = loss * np.exp(noise * rng.standard_normal(loss.size))
    return Runs({"params": 1e8 * size, "data": 2e9 * data}, loss)


def test_exact_runs_give_exact_parameters() -> None:
    """Exact runs give exact parameters."""
    study = Study(table(), 0.0, 1e9)
    fit = most_probable(Candidate(forms.ADDITIVE), study, 1e-4)
    here = {"params": np.array([1e11]), "data": np.array([2e12])}
    truth = forms.ADDITIVE.predict(TRUTH, {"params": 1e3, "data": 1e3})
    assert np.exp(fit.predict(here)[0]) == pytest.approx(truth, rel=2e-3)


def test_a_sure_belief_outweighs_the_runs() -> None:
    """A sure belief outweighs the runs."""
    study = Study(table(0.01), 0.0, 1e9)
    sure = Candidate(forms.ADDITIVE, {"alpha": Belief(float(np.log(0.8)), 1e-4)})
    fit = most_probable(sure, study, 0.01)
    assert fit.theta[fit.model.names.index("alpha")] == pytest.approx(0.8, rel=0.02)


def test_draws_spread_more_where_runs_are_few() -> None:
    """Draws spread more where runs are few."""
    at = {"params": np.array([1e12]), "data": np.array([2e13])}
    spread = []
    for rows in (np.arange(18), np.array([1, 7, 13, 16])):
        fit = most_probable(
            Candidate(forms.ADDITIVE), Study(table(0.01).where(rows), 0.0, 1e9), 0.01
        )
        drawn = fit.predict(at, draws(fit, 0.01, 60, np.random.default_rng(0)))
        spread.append(float(drawn.std()))
    assert spread[1] > spread[0] > 0.0


def test_weights_favour_the_large_end_and_count_up_to_most() -> None:
    """Weights favour the large end and count up to most."""
    study = Study(table(), 0.5, 1.5)
    assert study.weights.sum() == pytest.approx(1.5)
    assert np.argmax(study.weights) == np.argmax(study.log_scale)


def test_distance_is_in_decades_of_compute() -> None:
    """Distance is in decades of compute."""
    study = Study(table(), 0.2, 100.0)
    top = {name: np.array([column.max()]) for name, column in study.runs.inputs.items()}
    more = {name: 10.0 * column for name, column in top.items()}
    assert decades_beyond(study, top)[0] == 0.0
    assert decades_beyond(study, more)[0] == pytest.approx(2.0)


def test_origins_keep_the_smaller_runs() -> None:
    """Origins keep the smaller runs."""
    study = Study(table(), 0.2, 100.0)
    masks = origins(study)
    assert masks
    for below in masks:
        kept = below.astype(bool)
        assert study.log_scale[kept].max() < study.log_scale[~kept].min()
    sizes = [int(below.sum()) for below in masks]
    assert sizes == sorted(set(sizes))


def test_better_backtests_weigh_more_and_worse_ones_widen() -> None:
    """Better backtests weigh more and worse ones widen."""
    constants = Constants()
    study = Study(table(0.002, 12), constants.tail, constants.most)
    found = gather(study, (Candidate(forms.ADDITIVE), Candidate(forms.KAPLAN_FLOOR)), constants)
    names, alive = ("additive", "kaplan-floor"), np.ones(2)
    prior, weight = member_weights(names, found.origins, constants, alive)
    assert prior.tolist() == [0.5, 0.5]
    errors = [np.sqrt(np.mean([np.mean(o.errors[k] ** 2) for o in found.origins])) for k in (0, 1)]
    assert (weight[0] > weight[1]) == (errors[0] < errors[1])
    good = structure_of(found.origins, constants, np.array([1.0, 0.0]))
    none = structure_of((), constants, np.array([1.0, 0.0]))
    assert good.scale < none.scale == constants.distance


def test_a_dead_member_has_no_weight() -> None:
    """A dead member has no weight."""
    _, weight = member_weights(("a", "b"), (), Constants(), np.array([0.0, 1.0]))
    assert weight.tolist() == [0.0, 1.0]


def test_priors_of_exponents_are_on_their_logs() -> None:
    """Priors of exponents are on their logs."""
    penalty = penalty_of(Candidate(forms.ADDITIVE, {"alpha": Belief(float(np.log(0.3)), 0.5)}))
    centre = penalty.draw(1, np.random.default_rng(0))[0]
    assert centre[2] == pytest.approx(0.3)
    assert penalty.score(centre[None])[0, 2] == pytest.approx(0.0)
