"""Fits of laws to runs: the published optimum, refusals, options, and what a result can say."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.fitting.chinchilla_data import published, synthetic

from flopcast.errors import InputError, Refused
from flopcast.fitting.compare import compare_laws, paired_p_value
from flopcast.fitting.fit import fit
from flopcast.fitting.objective import Objective
from flopcast.observations import Runs, read_runs


def test_chinchilla_optimum_is_the_published_minimum(shared: Path) -> None:
    """The 240 replicated runs have the summed Huber minimum of a 4,500-start search."""
    found = fit(published(shared), "chinchilla", bootstrap=0)
    assert found.objective == pytest.approx(1.018274e-3, rel=1e-6)
    assert found.params["E"] == pytest.approx(1.8172, abs=5e-5)
    assert found.params["A"] == pytest.approx(477.83, abs=0.01)
    assert found.params["B"] == pytest.approx(2143.42, abs=0.01)
    assert found.params["alpha"] == pytest.approx(0.347310, abs=1e-6)
    assert found.params["beta"] == pytest.approx(0.367172, abs=1e-6)
    assert found.status == "converged"


def test_a_fit_is_the_same_every_time() -> None:
    """Equal runs, options and seed give equal JSON, without a time in it."""
    runs = synthetic(0)
    first, second = (fit(runs, "chinchilla", bootstrap=50).to_json() for _ in range(2))
    assert first == second
    content = json.loads(first)
    assert content["schema"] == "flopcast.fit/1"
    assert content["data_sha256"] == runs.digest
    assert [row["parameter"] for row in content["parameters"]] == ["E", "A", "B", "alpha", "beta"]


def test_too_few_runs_are_data_not_an_exception() -> None:
    """Four runs cannot carry five parameters: a refused result, or Refused when asked for."""
    runs = synthetic(0, runs=4)
    result = fit(runs, "chinchilla")
    assert (result.ok, result.status, result.params) == (False, "refused", {})
    assert "4 runs cannot determine the 5 parameters" in result.message
    json.loads(result.to_json())
    with pytest.raises(Refused, match="cannot determine"):
        fit(runs, "chinchilla", throw=True)
    with pytest.raises(Refused, match="no fit"):
        result.predict({"params": [1e9], "data": [1e10]})


def test_one_level_on_an_axis_is_refused_by_name() -> None:
    """Runs of one model size say nothing about model size, and the column is named."""
    runs = synthetic(0)
    flat = Runs({"params": np.full(len(runs), 1e9), "data": runs["data"]}, runs.loss)
    with pytest.raises(Refused, match="column 'params'") as caught:
        fit(flat, "chinchilla", throw=True)
    assert caught.value.code == "one_level"
    assert caught.value.exit_code == 3


def test_fixed_values_bounds_and_weights_are_used() -> None:
    """Fixed parameters stay, bounds hold, and runs of weight 0 do not count."""
    runs = synthetic(0)
    fixed = fit(runs, "chinchilla", fixed={"E": 1.6}, bounds={"alpha": (0.1, 0.3)}, bootstrap=0)
    assert fixed.params["E"] == 1.6
    assert fixed.params["alpha"] <= 0.3
    spoilt = Runs(runs.inputs, np.concatenate([runs.loss[:-5], runs.loss[-5:] * 2.0]))
    weights = np.concatenate([np.ones(len(runs) - 5), np.zeros(5)])
    kept = np.arange(len(runs) - 5)
    assert fit(spoilt, "chinchilla", weights=weights, bootstrap=0).params["E"] == pytest.approx(
        fit(runs.where(kept), "chinchilla", bootstrap=0).params["E"], rel=1e-6
    )


def test_tail_weights_follow_the_large_end() -> None:
    """Where small runs lie off the law, a tail weight brings the fit to the large ones."""
    x = np.geomspace(1e3, 1e9, 40)
    loss = 1.0 + 50.0 * x**-0.3
    loss[:20] *= 1.2
    runs = Runs({"data": x}, loss)
    off = [
        abs(fit(runs, "m2", objective="squared", tail=t, bootstrap=0).residuals[-10:]).mean()
        for t in (0.0, 1.0)
    ]
    assert off[1] < 0.2 * off[0]


def test_envelope_objective_lies_below_most_runs() -> None:
    """Leaning to the lowest losses, the fitted law has most runs above it."""
    runs = synthetic(0, runs=100, noise=0.03)
    above = [
        np.mean(fit(runs, "chinchilla", objective=name, bootstrap=0).residuals > 0.0)
        for name in ("huber", "envelope")
    ]
    assert above[0] < 0.65
    assert above[1] > 0.8


def test_delta_can_come_from_replicates() -> None:
    """Repeated cells set Huber's delta to 1.345 of their noise; without them that is refused."""
    rng = np.random.default_rng(0)
    x = np.repeat(np.geomspace(1e3, 1e9, 30), 4)
    runs = Runs({"data": x}, (1.0 + 50.0 * x**-0.3) * np.exp(rng.normal(0.0, 0.02, 120)))
    found = fit(runs, "m2", objective="replicates", bootstrap=0)
    assert found.options["delta"] == pytest.approx(1.345 * 0.02, rel=0.15)
    with pytest.raises(InputError, match="no repeated runs"):
        fit(synthetic(0), "chinchilla", objective="replicates")


def test_families_share_exponents_and_keep_their_own_size() -> None:
    """Two families that differ in amplitude come back with one exponent and two amplitudes."""
    x = np.tile(np.geomspace(1e3, 1e9, 12), 2)
    group = np.repeat(["a", "b"], 12)
    loss = 0.5 + np.where(group == "a", 20.0, 60.0) * x**-0.3
    runs = Runs({"data": x}, loss, group=group)
    found = fit(runs, "m2", groups="b", bootstrap=0)
    assert found.params["b[a]"] == pytest.approx(20.0, rel=1e-6)
    assert found.params["b[b]"] == pytest.approx(60.0, rel=1e-6)
    assert found.params["c"] == pytest.approx(0.3, rel=1e-6)
    assert found.predict({"data": [1e3]}, group="b")[0] == pytest.approx(loss[12], rel=1e-6)
    for own in (("E",), ("E", "c"), ("E", "b", "c")):
        free = fit(runs, "m2", groups=own, bootstrap=20)
        assert free.draws is not None
        assert np.isfinite(free.samples).all()
    with pytest.raises(InputError, match="groups are a, b"):
        found.predict({"data": [1e3]})


def test_a_metric_where_higher_is_better_is_predicted_in_its_own_direction() -> None:
    """Accuracy is fitted as what is missing to 1 and predicted as accuracy."""
    x = np.geomspace(1e3, 1e9, 20)
    accuracy = 1.0 - (0.1 + 5.0 * x**-0.3)
    runs = read_runs({"data": x, "accuracy": accuracy}, metric="accuracy", best=1.0)
    found = fit(runs, "m2", bootstrap=0)
    np.testing.assert_allclose(found.predict({"data": x}), accuracy, rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"law": "chinchila"}, "Did you mean 'chinchilla'"),
        ({"objective": "hubber"}, "Did you mean 'huber'"),
        ({"resampling": "jackknife"}, "one of case, cluster, wild"),
        ({"bootstrap": -1}, "number of draws"),
        ({"weights": [1.0]}, "shape"),
        ({"weights": np.full(60, -1.0)}, "row 1"),
        ({"fixed": {"gamma": 1.0}}, "no parameter 'gamma'"),
        ({"fixed": {"E": -1.0}}, "allows 0 to inf"),
        ({"bounds": {"E": (2.0, 1.0)}}, "low must be below"),
        ({"law": "muennighoff"}, "needs the column 'unique_data'"),
        ({"groups": ["E"]}, "no column 'group'"),
    ],
)
def test_bad_arguments_say_what_is_wrong(arguments: dict[str, object], message: str) -> None:
    """Every bad argument is an input error with the value and the rule."""
    call = {"law": "chinchilla", "bootstrap": 0, **arguments}
    with pytest.raises(InputError, match=message):
        fit(synthetic(0), call.pop("law"), **call)  # type: ignore[arg-type]


def test_an_objective_needs_a_positive_delta() -> None:
    """A delta of zero is refused."""
    with pytest.raises(InputError, match="delta is 0"):
        Objective(delta=0.0)


def test_results_show_themselves_as_a_frame_and_html() -> None:
    """A notebook gets a table of parameters, a data-frame library one row for each."""
    found = fit(synthetic(0), "chinchilla", bootstrap=20)
    assert list(found.to_frame()["parameter"]) == ["E", "A", "B", "alpha", "beta"]
    assert "alpha" in found._repr_html_()


def test_every_law_fits_its_kind_of_grid_or_says_why_not(shared: Path) -> None:
    """On a real grid of sizes and data every law of those two ends with parameters or a reason."""
    runs = published(shared)
    for name in ("kaplan", "kaplan-floor", "coupled", "bounded", "rosenfeld", "gadre", "farseer"):
        found = fit(runs, name, bootstrap=0)
        assert found.ok
        assert found.status == "converged" or any(
            finding.code == "not_converged" for finding in found.findings
        )


def test_compare_laws_prefers_the_true_one() -> None:
    """Runs of a law with a floor are extrapolated better by it than by a pure power law."""
    rng = np.random.default_rng(0)
    x = np.geomspace(1e3, 1e9, 40)
    runs = Runs({"data": x}, (1.0 + 50.0 * x**-0.3) * np.exp(rng.normal(0.0, 0.003, 40)))
    found = compare_laws(runs, ["m1", "m2", "m3"], held_out=0.25)
    assert found.scores[0].law in ("m2", "m3")
    worst = found.scores[-1]
    assert worst.law == "m1"
    assert worst.p_value is not None
    assert worst.p_value < 0.01
    assert found.reach > 10.0


def test_paired_permutation_is_exact_for_few_runs() -> None:
    """Four differences of one sign have p = 2/16."""
    rng = np.random.default_rng(0)
    assert paired_p_value(np.array([1.0, 2.0, 1.5, 1.0]), rng) == pytest.approx(0.125)


def test_a_term_that_underflows_is_no_division_by_zero() -> None:
    """Errors about that of guessing drive rates so high that a term is nothing at every run."""
    params = [7.89e7] * 3 + [1.54e8] * 2 + [1.06e7] * 8
    data = [3.95e8, 7.89e8, 1.58e9, 7.68e8, 1.54e9, 5.28e7, 1.06e8, 2.11e8, 3.38e9, 4.23e8,
            6.76e9, 8.46e8, 1.69e9]  # fmt: skip
    error = [0.53, 0.56, 0.54, 0.55, 0.5, 0.52, 0.51, 0.5, 0.56, 0.53, 0.57, 0.52, 0.54]
    runs = read_runs({"params": params, "data": data, "error": error}, metric="error")
    found = fit(runs, "rosenfeld", fixed={"eps0": 0.5}, objective="squared")
    assert found.ok
    assert "at_bound" in {finding.code for finding in found.findings}
