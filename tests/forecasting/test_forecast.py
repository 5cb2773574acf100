"""Forecasts: what they promise, and what they refuse."""

import json

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flopcast.errors import InputError, Refused
from flopcast.forecasting.forecast import forecast
from flopcast.forecasting.result import CAUSES, Forecast
from flopcast.laws.registry import get_law
from flopcast.observations import Runs

FAR = {"params": [3e9, 3e10], "data": [6e10, 6e11]}
FEW = ["additive", "coupled"]
TRUTH = {"E": 1.8, "A": 480.0, "alpha": 0.35, "B": 2000.0, "beta": 0.37}


def expected(params: npt.ArrayLike, data: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The true loss."""
    return get_law("chinchilla").predict(TRUTH, {"params": params, "data": data})


def sweep(noise: float = 0.003, seed: int = 0) -> Runs:
    """A grid of five sizes and five ratios of tokens to parameters."""
    rng = np.random.default_rng(seed)
    size, ratio = np.meshgrid(np.geomspace(1e7, 1e9, 5), [5.0, 10.0, 20.0, 40.0, 80.0])
    params, data = size.ravel(), (size * ratio).ravel()
    loss = expected(params, data) * np.exp(noise * rng.standard_normal(params.size))
    return Runs({"params": params, "data": data}, loss)


@pytest.fixture(scope="module")
def far() -> Forecast:
    """One and three decades beyond the runs."""
    return forecast(sweep(), FAR)


def test_a_known_law_is_found_beyond_the_runs(far: Forecast) -> None:
    """A known law is found beyond the runs."""
    truth = expected(FAR["params"], FAR["data"])
    assert np.abs(far.median / truth - 1.0).max() < 0.02
    low, high = far.interval()
    assert np.all((low < truth) & (truth < high))


def test_a_loss_without_a_floor_is_followed_down() -> None:
    """Where runs fall along a power law a member without a floor leads."""
    size, data = (
        axis.ravel() for axis in np.meshgrid(np.geomspace(1e6, 1e8, 5), np.geomspace(1e8, 3e9, 4))
    )
    noise = np.exp(0.01 * np.random.default_rng(0).standard_normal(size.size))
    runs = Runs({"params": size, "data": data}, (300 * size**-0.4 + 4000 * data**-0.45) * noise)
    found = forecast(runs, {"params": [3e9], "data": [1e11]})
    truth = 300 * 3e9**-0.4 + 4000 * 1e11**-0.45
    assert found.median[0] == pytest.approx(truth, rel=0.06)
    assert max(found.members, key=lambda member: member.weight).name == "floorless"


def test_intervals_widen_with_distance_and_with_level(far: Forecast) -> None:
    """Intervals widen with distance and with level."""
    low, high = far.interval()
    assert high[1] - low[1] > high[0] - low[0]
    wider = far.interval(0.99)
    assert np.all((wider[0] < low) & (wider[1] > high))
    assert far.decades[1] == pytest.approx(far.decades[0] + 2.0)


def test_the_breakdown_is_of_the_whole_variance(far: Forecast) -> None:
    """The breakdown is of the whole variance."""
    assert set(far.breakdown) == set(CAUSES)
    assert np.sum(list(far.breakdown.values()), axis=0) == pytest.approx(1.0)


def test_the_mean_is_surer_than_a_new_run() -> None:
    """The mean is surer than a new run."""
    noisy = sweep(noise=0.03)
    here = {"params": [1e9], "data": [2e10]}
    spread = {
        kind: float(np.ptp(forecast(noisy, here, kind=kind, members=FEW).interval(), axis=0)[0])
        for kind in ("mean", "new-run")
    }
    assert spread["mean"] < spread["new-run"]


def test_draws_are_joint_so_that_differences_are_sharp() -> None:
    """Draws are joint so that differences are sharp."""
    near_twins = {"params": [1e11, 1.02e11], "data": [2e12, 2e12]}
    logs = np.log(forecast(sweep(), near_twins, kind="mean", members=FEW).samples)
    assert np.std(logs[:, 0] - logs[:, 1]) < 0.05 * np.std(logs[:, 0])


def test_weights_of_members_are_shares(far: Forecast) -> None:
    """Weights of members are shares."""
    assert sum(member.weight for member in far.members) == pytest.approx(1.0)
    assert {"additive", "coupled", "bounded-overfitting", "kaplan-floor", "farseer"} <= {
        member.name for member in far.members
    }


def test_equal_forecasts_are_equal_and_json_is_valid(far: Forecast) -> None:
    """Equal forecasts are equal and json is valid."""
    again = forecast(sweep(), FAR)
    assert again.to_json() == far.to_json()
    fields = json.loads(far.to_json())
    assert fields["schema"] == "flopcast.forecast/1"
    assert len(fields["points"]) == 2
    assert set(fields["points"][0]["loss"]) == {"p05", "p25", "median", "p75", "p95"}


def test_three_runs_give_a_wide_answer_and_two_give_none() -> None:
    """Three runs give a wide answer and two give none."""
    runs = sweep()
    three = runs.where(np.array([0, 7, 14]))
    wide, sharp = (forecast(table, FAR, members=FEW).interval() for table in (three, runs))
    assert np.all(np.isfinite(wide[0]) & (wide[0] > 0.0))
    assert np.all(np.log(wide[1] / wide[0]) > 1.3 * np.log(sharp[1] / sharp[0]))
    with pytest.raises(Refused, match="cannot carry"):
        forecast(runs.where(np.array([0, 7])), FAR)


def test_where_there_is_no_backtest_the_forecast_says_so() -> None:
    """Where there is no backtest the forecast says so."""
    found = forecast(sweep().where(np.array([0, 7, 14])), FAR)
    assert "no_backtest" in {finding.code for finding in found.findings}
    assert all(member.backtest_error is None for member in found.members)


@pytest.mark.parametrize("like", [True, False])
def test_too_few_runs_of_an_unknown_kind_are_a_serious_finding(like: bool) -> None:
    """Past studies are mostly of language models: of others they say little."""
    params, data = np.array([1e8, 3e8, 1e9]), np.array([2e9, 6e9, 2e10])
    loss = np.array([3.9, 3.4, 2.95]) if like else np.array([3.9, 0.9, 0.1])
    found = forecast(Runs({"params": params, "data": data}, loss), FAR)
    codes = {finding.code: finding.severity for finding in found.findings}
    assert ("kind_of_study" in codes) == like
    assert codes["no_backtest"] == ("warning" if like else "serious")


def test_known_limits_hold(far: Forecast) -> None:
    """Known limits hold."""
    bounded = forecast(sweep(), FAR, floor=1.79, members=FEW)
    assert bounded.samples.min() >= 1.79
    with pytest.raises(InputError, match="floor is 9"):
        forecast(sweep(), FAR, floor=9.0)
    with pytest.raises(InputError, match=r"baseline is 0\.1"):
        forecast(sweep(), FAR, baseline=0.1)


def test_accuracies_stay_below_their_best() -> None:
    """Accuracies stay below their best."""
    runs = sweep()
    accuracy = Runs(runs.inputs, runs.loss / 10.0, "accuracy", "higher", 1.0)
    found = forecast(accuracy, FAR, members=FEW)
    assert np.all(found.samples <= 1.0)
    assert found.median[1] > found.median[0] > (1.0 - accuracy.loss).max()


def test_members_can_be_chosen_by_name_or_law() -> None:
    """Members can be chosen by name or law."""
    found = forecast(sweep(), FAR, members=["additive", get_law("chinchilla")])
    assert [member.name for member in found.members] == ["additive", "chinchilla"]
    assert found.members[1].prediction[0] == pytest.approx(expected(3e9, 6e10)[0], rel=0.02)
    with pytest.raises(InputError, match="Did you mean 'floorless'") as unknown:
        forecast(sweep(), FAR, members=["floorles"])
    assert "additive" in str(unknown.value.hint)


def test_repeated_data_are_worth_less() -> None:
    """Repeated data are worth less."""
    rng = np.random.default_rng(0)
    params, unique, passes = (
        a.ravel() for a in np.meshgrid([1e7, 1e8, 1e9], [2e8, 2e9], [1, 4, 20])
    )
    data = unique * passes
    worth = unique * (1.0 + 10.0 * (1.0 - np.exp(-(passes - 1) / 10.0)))
    loss = expected(params, worth) * np.exp(0.002 * rng.standard_normal(params.size))
    runs = Runs({"params": params, "data": data, "unique_data": unique}, loss)
    at = {"params": [3e9, 3e9], "data": [2e11, 2e11], "unique_data": [2e9, 2e11]}
    found = forecast(runs, at)
    assert found.median[0] > found.median[1]
    assert "muennighoff" in {member.name for member in found.members}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"at": {"params": 1e9}}, "needs a value of data"),
        ({"at": {"paramz": 1e9, "data": 1e9}}, "Did you mean 'params'"),
        ({"at": {"params": -1.0, "data": 1e9}}, "above 0"),
        ({"at": {"params": [1e9, 1e9], "data": [1e9, 1e9, 1e9]}}, "one length"),
        ({"at": None}, "no point"),
        ({"kind": "median"}, "kind is 'median'"),
        ({"level": 90.0}, "between 0 and 1"),
        ({"draws": 3}, "at least 100"),
    ],
)
def test_bad_input_is_named(change: dict[str, object], message: str) -> None:
    """Bad input is named."""
    with pytest.raises(InputError, match=message):
        forecast(sweep(), **({"at": FAR} | change))  # type: ignore[arg-type]


@settings(max_examples=3)
@given(st.floats(-3.0, 3.0), st.floats(-2.0, 2.0))
def test_units_do_not_matter(of_inputs: float, of_loss: float) -> None:
    """Units do not matter."""
    runs = sweep().where(np.arange(0, 25, 2))
    scale, unit = 10.0**of_inputs, 10.0**of_loss
    other = Runs(
        {"params": runs["params"] * scale, "data": runs["data"] / scale}, runs.loss * unit
    )
    at = {"params": np.array([3e9]), "data": np.array([6e10])}
    moved = {"params": at["params"] * scale, "data": at["data"] / scale}
    here, there = (
        forecast(table, points, members=["additive"]).median[0]
        for table, points in ((runs, at), (other, moved))
    )
    assert there / unit == pytest.approx(here, rel=1e-3)
