"""Accuracies: both ways, the range of the score, the verdict of its noise, the OLMo ladder."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from flopcast.errors import InputError, Refused
from flopcast.forecasting.accuracy import forecast_accuracy
from flopcast.forecasting.accuracy_routes import Route
from flopcast.forecasting.accuracy_weights import RouteErrors, missed_per_decade, weights_of
from flopcast.forecasting.result import Forecast
from flopcast.laws.accuracy import EXPONENTIAL, SIGMOID
from flopcast.laws.features import FloatArray
from flopcast.laws.rosenfeld import ROSENFELD
from flopcast.observations import Runs, read_runs

CHANCE = 0.25


def made(noise: float = 0.002, seeds: int = 1, percent: bool = False) -> Runs:
    """Sixteen runs whose task loss is additive and whose accuracy is a sigmoid of it."""
    rng = np.random.default_rng(5)
    params = np.repeat(np.geomspace(2e8, 1.3e9, 4), 4 * seeds)
    data = np.tile(np.repeat(np.array([20.0, 40.0, 100.0, 200.0]), seeds), 4) * params
    loss = task_loss(params, data)
    score = accuracy(loss) + noise * rng.normal(size=len(loss))
    scale = 100.0 if percent else 1.0
    return read_runs(
        {"params": params, "data": data, "pretraining_loss": loss, "accuracy": scale * score},
        columns={"pretraining_loss": "pretraining_loss"},
        metric="accuracy",
        best=scale,
    )


def task_loss(params: FloatArray, data: FloatArray) -> FloatArray:
    """The loss of the right answers."""
    return np.asarray(0.5 + 30.0 * params**-0.25 + 40.0 * data**-0.2)


def accuracy(loss: FloatArray) -> FloatArray:
    """From guessing to nine in ten."""
    return np.asarray(CHANCE + 0.65 / (1.0 + np.exp(5.0 * (loss - 0.9))))


@pytest.fixture(scope="module")
def found() -> Forecast:
    """A run of ten times the compute, and one of a hundred."""
    return forecast_accuracy(made(), params=[4e9, 1e10], data=[8e11, 2e12], chance=CHANCE)


def test_larger_runs_are_inside_their_intervals(found: Forecast) -> None:
    """Both outcomes lie inside 90 %, and the nearer one within 3 points of the median."""
    truth = accuracy(task_loss(np.array([4e9, 1e10]), np.array([8e11, 2e12])))
    low, high = found.interval(0.9)
    assert np.all((low < truth) & (truth < high))
    assert found.median[0] == pytest.approx(truth[0], abs=0.03)
    assert np.all((found.samples > 0.0) & (found.samples < 1.0))
    assert not [f for f in found.findings if f.code == "not_predictable"]


def test_both_ways_count_equally_beforehand(found: Forecast) -> None:
    """Half of the prior is of routes through the loss, and the better backtests get the weight.

    The runs are made by a sigmoid of the loss; of the routes that one did best on larger runs.
    """
    members = {member.name: member for member in found.members}
    assert set(members) >= {"direct, envelope", "direct, log score", "two steps, sigmoid"}
    two = [member for name, member in members.items() if name.startswith("two")]
    assert sum(member.prior for member in two) == pytest.approx(0.5)
    assert sum(member.weight for member in two) > 0.5
    assert sum(member.weight for member in members.values()) == pytest.approx(1.0)
    assert max(members, key=lambda name: members[name].weight) == "two steps, sigmoid"
    shares = np.sum(list(found.breakdown.values()), axis=0)
    assert shares == pytest.approx([1.0, 1.0])
    json.loads(found.to_json())


def test_a_route_without_an_answer_gets_little_weight() -> None:
    """One that could not be tested counts as one that missed by a logit per decade."""
    empty = np.empty((0, 0))
    routes = [
        Route("direct, envelope", "direct", ROSENFELD, empty, empty),
        Route("two steps, sigmoid", "two steps", SIGMOID, empty, empty),
        Route("two steps, exponential", "two steps", EXPONENTIAL, empty, empty),
    ]
    errors = {"direct, envelope": np.array([0.1, -0.1]), "two steps, sigmoid": np.array([0.1])}
    origins = [RouteErrors(errors, 1.0)]
    prior, weight = weights_of(routes, origins)
    assert prior == pytest.approx([0.5, 0.5 / 1.3, 0.15 / 1.3])
    scaled = prior / np.sqrt(np.array([0.0104, 0.0104, 1.0004]))
    assert weight == pytest.approx(scaled / scaled.sum())
    assert missed_per_decade(routes[:1], np.ones(1), origins) == pytest.approx(0.1)
    assert missed_per_decade(routes, weight, []) is None


def test_without_a_loss_the_direct_way_is_left() -> None:
    """The column of the loss is optional; percentages are as good as fractions."""
    runs = made(percent=True)
    inputs = {name: runs[name] for name in ("params", "data")}
    bare = Runs(inputs, runs.loss, "accuracy", "higher", 100.0)
    found = forecast_accuracy(bare, params=4e9, data=8e11, chance=25.0, draws=500)
    assert {member.name for member in found.members} == {"direct, envelope", "direct, log score"}
    assert 50.0 < found.median[0] < 90.0


def test_noise_makes_a_score_unpredictable() -> None:
    """Repeated runs that scatter by a fifth of the range: a serious finding says so."""
    found = forecast_accuracy(made(0.05, 2), params=4e9, data=8e11, chance=CHANCE, draws=500)
    serious = [finding for finding in found.findings if finding.severity == "serious"]
    assert [finding.code for finding in serious] == ["not_predictable"]
    assert found.options["noise_from"] == "repeated runs"
    assert found.options["noise"] == pytest.approx(0.05, rel=0.5)


def test_a_route_that_cannot_be_fitted_says_so_in_one_sentence() -> None:
    """Scores about guessing leave the power law of the log score two runs."""
    runs = read_runs(
        {
            "params": [1e8, 1e8, 3e8, 3e8, 1e9, 1e9],
            "data": [2e9, 4e9, 6e9, 2e10, 2e10, 6e9],
            "accuracy": [0.5, 0.51, 0.5, 0.49, 0.52, 0.5],
        },
        metric="accuracy",
        best=1.0,
    )
    found = forecast_accuracy(runs, params=7e9, data=4e11, chance=0.5, draws=500)
    dropped = [finding for finding in found.findings if finding.code == "member_dropped"]
    assert len(dropped) == 1
    assert dropped[0].message.startswith("direct, log score was left out: ")
    assert dropped[0].message.endswith("a law with fewer.")


def test_wrong_input() -> None:
    """Losses, impossible chances, a given loss, and few runs are named."""
    runs = made()
    loss = read_runs({"params": [1e8, 1e9], "loss": [3.0, 2.0]})
    with pytest.raises(InputError, match="better when lower"):
        forecast_accuracy(loss, params=1e10)
    with pytest.raises(InputError, match="chance is"):
        forecast_accuracy(runs, params=1e10, data=1e12, chance=0.99)
    with pytest.raises(InputError, match="it cannot be given"):
        forecast_accuracy(runs, params=1e10, data=1e12, pretraining_loss=0.7)
    with pytest.raises(Refused, match="5 are needed"):
        forecast_accuracy(runs.where(np.arange(4)), params=1e10, data=1e12)


SIZES = {"190M": 190354176, "370M": 371262464, "760M": 758220288, "1B": 1279395840}


def ladder(shared: Path, task: str) -> tuple[Runs, Runs]:
    """The sixteen runs of Bhagia et al. 2024, and the checkpoints of the larger two sizes."""
    folder = shared / "data" / "grids" / "olmo_ladder"
    loss = f"eval/downstream_bpb/{task}_rc_5shot_bpb"
    score = f"eval/downstream/{task}_rc_5shot_len_norm"
    finals: dict[str, list[float]] = {
        "params": [],
        "data": [],
        "pretraining_loss": [],
        "accuracy": [],
    }
    with (folder / "ladder_final.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["size"] in SIZES and row["rerun"] == "False" and float(row["xC"]) >= 1:
                finals["params"].append(SIZES[row["size"]])
                finals["data"].append(float(row["throughput/total_tokens"]))
                finals["pretraining_loss"].append(float(row[loss]))
                finals["accuracy"].append(float(row[score]))
    pairs: dict[str, list[object]] = {"pretraining_loss": [], "accuracy": [], "group": []}
    for size in SIZES:
        for length in ("1xC", "2xC", "5xC", "10xC"):
            with (folder / "raw" / f"{size}-{length}.csv").open(encoding="utf-8") as file:
                rows = [row for row in csv.DictReader(file) if row[loss] and row[score]]
            rows.sort(key=lambda row: float(row["_step"]))
            pairs["pretraining_loss"] += [float(row[loss]) for row in rows]
            pairs["accuracy"] += [float(row[score]) for row in rows]
            pairs["group"] += [f"{size}-{length}"] * len(rows)
    named = {"pretraining_loss": "pretraining_loss"}
    return (
        read_runs(finals, columns=named, metric="accuracy", best=1.0),
        read_runs(pairs, columns=named, metric="accuracy", best=1.0, duplicates="drop"),
    )


def test_the_olmo_targets(shared: Path) -> None:
    """HellaSwag of the 7B at 4T and the 13B at 5T tokens, from 1 % of their compute."""
    runs, checkpoints = ladder(shared, "hellaswag_val")
    found = forecast_accuracy(
        runs,
        params=[6887575552.0, 13202396160.0],
        data=[3945065873408.0, 5e12],
        chance=0.25,
        checkpoints=checkpoints,
    )
    # peteish7_eval_anneal.csv and the last row of peteish13_eval_final.csv
    truth = np.array([0.8134833574295044, 0.8336984515190125])
    assert np.abs(found.median - truth).max() < 0.025
    low, high = found.interval(0.9)
    assert np.all((low < truth) & (truth < high))
    assert found.options["noise_from"] == "checkpoints"
