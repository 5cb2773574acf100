"""Forecasts along one axis: shapes, posterior, draws and what the result says."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flopcast.errors import Refused
from flopcast.forecasting.forecast import forecast
from flopcast.forecasting.one_axis import backtest, curve_of, prior_weights, view, weighted
from flopcast.forecasting.one_axis_constants import learned_curves
from flopcast.forecasting.one_axis_draws import structural_sd
from flopcast.forecasting.one_axis_shapes import SHAPES, Ends
from flopcast.laws.features import FloatArray
from flopcast.observations import Runs

X = np.geomspace(1e6, 1e9, 24)
RNG = np.random.default_rng(3)


def noisy(loss: FloatArray, sd: float = 0.004) -> FloatArray:
    """Losses with independent relative errors."""
    return np.asarray(loss * np.exp(sd * RNG.standard_normal(len(loss))))


@pytest.mark.parametrize("name", list(SHAPES))
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), rise=st.floats(0.0, 3.0), span=st.floats(0.5, 12.0))
def test_a_shape_ends_at_one_and_falls(name: str, seed: int, rise: float, span: float) -> None:
    """A shape ends at one and falls."""
    shape = SHAPES[name]
    numbers = np.random.default_rng(seed).normal(size=(8, len(shape.numbers)))
    model = shape.law("data").bind({"data": np.exp(np.linspace(-span, 2.0, 30))})
    values = model.value(shape.coordinates(numbers, Ends(rise, span)))
    at_end = shape.law("data").bind({"data": np.ones(1)})
    assert np.abs(at_end.value(shape.coordinates(numbers, Ends(rise, span)))).max() < 1e-6
    assert np.diff(values, axis=1).max() < 1e-9


@pytest.mark.parametrize("name", ["m2", "m3", "m4", "envelope", "bnsl1"])
def test_a_known_floor_is_where_a_shape_ends(name: str) -> None:
    """A known floor is where a shape ends."""
    shape = SHAPES[name]
    numbers = np.full((1, len(shape.numbers)), 0.3)
    ends = Ends(0.5, 4.0, floor=0.6, baseline=3.0)
    model = shape.law("data").bind({"data": np.array([1.0, 1e40])})
    first, last = model.value(shape.coordinates(numbers, ends))[0]
    assert last - first == pytest.approx(np.log(0.6), abs=0.02)


@pytest.mark.parametrize("name", ["m4", "envelope"])
def test_a_known_baseline_is_where_a_shape_begins(name: str) -> None:
    """A known baseline is where a shape begins."""
    shape = SHAPES[name]
    numbers = np.full((1, len(shape.numbers)), 0.1)
    model = shape.law("data").bind({"data": np.array([1e-40, 1.0])})
    first, last = model.value(shape.coordinates(numbers, Ends(0.5, 4.0, baseline=3.0)))[0]
    assert first - last == pytest.approx(np.log(3.0), abs=1e-3)


def test_a_power_law_with_a_floor_is_continued() -> None:
    """A power law with a floor is continued."""
    runs = Runs({"data": X}, noisy(1.8 + 40.0 * X**-0.3))
    found = forecast(runs, data=[2e9, 4e9, 1e10])
    truth = 1.8 + 40.0 * np.array([2e9, 4e9, 1e10]) ** -0.3
    assert np.abs(np.log(found.median / truth)).max() < 0.01
    low, high = found.interval()
    assert np.all((low < truth) & (truth < high))


CLEAN = {
    "m1": lambda x: x**-0.2,
    "m1, slow": lambda x: x**-0.07,
    "m2": lambda x: 0.5 + 20.0 * x**-0.2,
    "m3": lambda x: (1e6 / x + 0.003) ** 0.3,
    "m4": lambda x: 0.1 + 0.9 / (1.0 + (x / 1e8) ** 0.35),
}


@pytest.mark.parametrize("name", list(CLEAN))
def test_a_clean_curve_is_believed(name: str) -> None:
    """What past curves taught gives way to a curve of little noise, however slowly it falls."""
    jitter = np.exp(0.001 * np.random.default_rng(5).standard_normal(len(X)))
    runs = Runs({"data": X}, CLEAN[name](X) * jitter)
    ahead = np.array([2e9, 4e9, 1e10])
    error = np.abs(np.log(forecast(runs, data=ahead).median / CLEAN[name](ahead)))
    assert np.all(error < [0.01, 0.02, 0.04])


def test_laws_that_predicted_the_larger_half_count_more() -> None:
    """The more a backtest counts, the more weight has the law behind the curve."""
    curve = curve_of(Runs({"data": X}, noisy(0.5 + 20.0 * X**-0.2, 0.001)), "data")
    names = ("m1", "m2")
    shares = []
    for power in (0.0, 1.0, 3.0):
        constants = learned_curves().but(evidence=0.0, skill=power)
        origin = backtest(curve, names, constants)
        shares.append(weighted(view(curve, names, constants), origin).weights[1])
    prior = prior_weights(names, learned_curves())[1]
    assert shares[0] == pytest.approx(prior)
    assert shares[0] < shares[1] < shares[2] < 1.0


def test_another_axis_and_unit_give_the_same_answer() -> None:
    """Another axis and unit give the same answer."""
    loss = noisy(2.0 + 5.0 * (X / 1e6) ** -0.4)
    data = forecast(Runs({"data": X}, loss), data=5e9)
    params = forecast(Runs({"params": X * 1e3}, loss * 7.0), params=5e12)
    assert params.median == pytest.approx(7.0 * data.median, rel=1e-6)
    assert [m.law.inputs for m in params.members] == [("params",)] * len(params.members)


def test_the_interval_grows_with_distance_and_the_mean_is_surer_than_a_run() -> None:
    """The interval grows with distance and the mean is surer than a run."""
    runs = Runs({"compute": X}, noisy(X**-0.1, 0.02))
    points = [2e9, 1e10, 1e11, 1e12]
    run, mean = (forecast(runs, compute=points, kind=kind) for kind in ("new-run", "mean"))
    width = np.log(run.interval()[1] / run.interval()[0])
    assert np.all(np.diff(width) > 0.0)
    assert np.log(mean.interval()[1] / mean.interval()[0])[0] < width[0]
    assert run.decades == pytest.approx(np.log10(np.array(points) / 1e9))


def test_every_field_is_filled() -> None:
    """Every field is filled."""
    found = forecast(Runs({"data": X}, noisy(X**-0.2)), data=[3e9])
    assert sum(m.weight for m in found.members) == pytest.approx(1.0)
    assert all(m.status == "used" and m.backtest_error is not None for m in found.members)
    assert sum(share[0] for share in found.breakdown.values()) == pytest.approx(1.0)
    assert found.to_dict()["schema"] == "flopcast.forecast/1"


def test_samples_stay_between_floor_and_baseline() -> None:
    """Samples stay between floor and baseline."""
    error = noisy(0.999 / (1.0 + (X / 1e7) ** 0.5), 0.002)
    runs = Runs({"data": np.concatenate([X, X[:3] / 30])}, np.append(error, [0.99, 0.99, 0.99]))
    found = forecast(runs, data=[1e3, 1e11], floor=0.05, baseline=0.999)
    assert found.samples.min() >= 0.05
    assert found.samples.max() <= 0.999


def test_accuracy_is_forecast_upwards() -> None:
    """Accuracy is forecast upwards."""
    error = noisy(3.0 * X**-0.1 * 0.5)
    runs = Runs({"data": X}, error, metric="accuracy", direction="higher", best=1.0)
    found = forecast(runs, data=[1e10], baseline=0.01)
    low, high = found.interval()
    assert 1.0 - error.min() < found.median[0] < 1.0
    assert low < found.median < high < 1.0


def test_three_runs_give_a_wide_answer_and_two_none() -> None:
    """Three runs give a wide answer and two none."""
    few = forecast(Runs({"data": X[[0, 8, 16]]}, X[[0, 8, 16]] ** -0.1), data=[1e9])
    many = forecast(Runs({"data": X}, noisy(X**-0.1)), data=[1e10])
    wide, narrow = (np.log(f.interval()[1] / f.interval()[0])[0] for f in (few, many))
    assert wide > narrow
    assert [f.code for f in few.findings] == ["no_backtest"]
    with pytest.raises(Refused, match="at least 3"):
        forecast(Runs({"data": X[:2]}, X[:2] ** -0.1), data=[1e9])


def test_an_input_that_never_varies_does_not_make_a_surface() -> None:
    """An input that never varies does not make a surface."""
    loss = noisy(2.0 + 5.0 * (X / 1e6) ** -0.4)
    alone = forecast(Runs({"data": X}, loss), data=[5e9])
    both = forecast(Runs({"params": np.full(24, 1e8), "data": X}, loss), params=1e8, data=[5e9])
    assert both.median == pytest.approx(alone.median)


def test_thousands_of_runs_are_averaged_in_steps() -> None:
    """Thousands of runs are averaged in steps."""
    x = np.geomspace(1e6, 1e9, 5000)
    curve = curve_of(Runs({"data": x}, noisy(x**-0.2, 0.05)), "data")
    assert len(curve.u) <= 101
    assert curve.count.sum() == 5000
    found = view(curve, ["m2"], learned_curves()).mean(np.array([np.log(2.0)]))
    assert found[0] == pytest.approx(np.log(2e9**-0.2), abs=0.02)


def test_the_order_of_runs_does_not_matter() -> None:
    """The order of runs does not matter."""
    loss, order = noisy(X**-0.2), np.random.default_rng(1).permutation(24)
    one = forecast(Runs({"data": X}, loss), data=[3e9])
    two = forecast(Runs({"data": X[order]}, loss[order]), data=[3e9])
    assert two.median == pytest.approx(one.median)


def test_structural_error_is_nothing_inside_and_grows_outside() -> None:
    """Structural error is nothing inside and grows outside."""
    sd = structural_sd(np.array([-1.0, 0.0, 0.5, 1.0]), 0.2, learned_curves())
    assert sd[:2] == pytest.approx([0.0, 0.0])
    assert sd[2] < sd[3]


def test_public_curves_are_forecast_as_well_as_stated(shared: Path) -> None:
    """Every twelfth curve of the vision set; the whole is benchmarks/forecast_curves.py."""
    path = shared / "data" / "grids" / "revisiting_alabdulmohsin" / "benchmark.vision.csv"
    tasks: dict[tuple[str, str], list[tuple[float, float, str]]] = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            point = (float(row["Seen Examples"]), float(row["Loss"]), row["Training"])
            tasks.setdefault((row["Task"], row["Model"]), []).append(point)
    errors = []
    for rows in list(tasks.values())[::12]:
        x, y = np.array([row[:2] for row in rows]).T
        fit = np.array([row[2] == "1" for row in rows])
        found = forecast(Runs({"data": x[fit]}, y[fit]), data=x[~fit])
        errors.append(np.sqrt(np.mean(np.log(found.median / y[~fit]) ** 2)))
    assert np.mean(errors) < 0.0285
