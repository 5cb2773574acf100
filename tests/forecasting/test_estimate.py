"""Most probable parameters, and backtests within a study."""

import numpy as np
import pytest

from flopcast.forecasting import forms
from flopcast.forecasting.candidate import Belief, Candidate, penalty_of
from flopcast.forecasting.constants import Constants, Kind
from flopcast.forecasting.ensemble import gather, member_weights
from flopcast.forecasting.estimate import draws, most_probable
from flopcast.forecasting.members import candidates_by_kind
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
    study = Study(table(), 1e9)
    fit = most_probable(Candidate(forms.ADDITIVE), study, 1e-4)
    here = {"params": np.array([1e11]), "data": np.array([2e12])}
    truth = forms.ADDITIVE.predict(TRUTH, {"params": 1e3, "data": 1e3})
    assert np.exp(fit.predict(here)[0]) == pytest.approx(truth, rel=2e-3)


def test_a_sure_belief_outweighs_the_runs() -> None:
    """A sure belief outweighs the runs."""
    study = Study(table(0.01), 1e9)
    sure = Candidate(forms.ADDITIVE, {"alpha": Belief(float(np.log(0.8)), 1e-4)})
    fit = most_probable(sure, study, 0.01)
    assert fit.theta[fit.model.names.index("alpha")] == pytest.approx(0.8, rel=0.02)


def test_draws_spread_more_where_runs_are_few() -> None:
    """Draws spread more where runs are few."""
    at = {"params": np.array([1e12]), "data": np.array([2e13])}
    spread = []
    for rows in (np.arange(18), np.array([1, 7, 13, 16])):
        study = Study(table(0.01).where(rows), 1e9)
        fit = most_probable(Candidate(forms.ADDITIVE), study, 0.01)
        drawn = fit.predict(at, draws(fit, 0.01, 60, np.random.default_rng(0)))
        spread.append(float(drawn.std()))
    assert spread[1] > spread[0] > 0.0


@pytest.mark.parametrize("most", [1.5, 4.0, 9.0])
def test_many_runs_are_worth_at_most_so_many_and_the_large_end_more(most: float) -> None:
    """Many runs are worth at most so many, and the large end more."""
    study = Study(table(), most)
    assert study.weights.sum() == pytest.approx(most)
    assert np.argmax(study.weights) == np.argmax(study.log_scale)
    order = np.argsort(study.log_scale, kind="stable")
    assert np.all(np.diff(study.weights[order]) >= -1e-12)


def test_few_runs_count_nearly_alike() -> None:
    """Few runs count nearly alike: a tenth of the compute, four fifths of the weight."""
    study = Study(table(), 18.0)
    assert study.weights == pytest.approx(
        10.0 ** (0.1 * (study.log_scale - study.log_scale.max()))
    )


def test_the_kind_of_study_is_the_one_whose_beliefs_hold() -> None:
    """The kind of study is the one whose beliefs hold."""
    true = {name: (float(np.log(value)), 0.1) for name, value in TRUTH.items()}
    other = {name: (mean + 1.0, 0.1) for name, (mean, _) in true.items()}
    near, far = Kind(0.1, true), Kind(0.1, other)
    study = Study(table(0.01), 60.0)
    for kinds, kind in (({"near": near, "far": far}, "near"), ({"far": far}, "any")):
        candidates = candidates_by_kind(study.runs, Constants(kinds=kinds), ["additive"])
        assert gather(study, candidates, Constants()).kind == kind


def test_distance_is_in_decades_of_compute() -> None:
    """Distance is in decades of compute."""
    study = Study(table(), 100.0)
    top = {name: np.array([column.max()]) for name, column in study.runs.inputs.items()}
    more = {name: 10.0 * column for name, column in top.items()}
    assert decades_beyond(study, top)[0] == 0.0
    assert decades_beyond(study, more)[0] == pytest.approx(2.0)


def test_origins_keep_the_smaller_runs() -> None:
    """Origins keep the smaller runs."""
    study = Study(table(), 100.0)
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
    study = Study(table(0.002, 12), constants.most)
    candidates = (Candidate(forms.ADDITIVE), Candidate(forms.KAPLAN_FLOOR))
    found = gather(study, {"any": candidates}, constants)
    names, alive = ("additive", "kaplan-floor"), np.ones(2)
    prior, weight = member_weights(names, np.zeros(2), found.origins, constants, alive)
    assert prior.tolist() == [0.5, 0.5]
    errors = [np.sqrt(np.mean([np.mean(o.errors[k] ** 2) for o in found.origins])) for k in (0, 1)]
    assert (weight[0] > weight[1]) == (errors[0] < errors[1])
    good, none = (
        structure_of(origins, constants, np.array([1.0, 0.0]), np.ones(1)).scale[0]
        for origins in (found.origins, ())
    )
    assert good < constants.distance < none == constants.untested


def test_members_that_make_the_runs_likelier_weigh_more() -> None:
    """Weights follow the tempered likelihood; one that has none is out, but not in the prior."""
    constants, alive = Constants(temper=0.5), np.ones(3)
    support = np.array([-4.0, 0.0, np.nan])
    prior, weight = member_weights(("a", "b", "c"), support, (), constants, alive)
    assert prior == pytest.approx([1 / 3] * 3)
    assert weight == pytest.approx(np.array([np.exp(-2.0), 1.0, 0.0]) / (1.0 + np.exp(-2.0)))


def test_a_dead_member_has_no_weight() -> None:
    """A dead member has no weight."""
    _, weight = member_weights(("a", "b"), np.zeros(2), (), Constants(), np.array([0.0, 1.0]))
    assert weight.tolist() == [0.0, 1.0]


def test_priors_of_exponents_are_on_their_logs() -> None:
    """Priors of exponents are on their logs."""
    penalty = penalty_of(Candidate(forms.ADDITIVE, {"alpha": Belief(float(np.log(0.3)), 0.5)}))
    centre = penalty.draw(1, np.random.default_rng(0))[0]
    assert centre[2] == pytest.approx(0.3)
    assert penalty.score(centre[None])[0, 2] == pytest.approx(0.0)
