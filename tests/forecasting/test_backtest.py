"""Backtests: what is held out, that forecasts see nothing of it, and the scores."""

import json

import numpy as np
import pytest
from tests.cli.grid_file import grid

from flopcast.errors import InputError, Refused
from flopcast.forecasting import scores
from flopcast.forecasting.backtest import backtest
from flopcast.forecasting.backtest_result import LEVELS, Backtest
from flopcast.forecasting.splits import by_group, by_mark, rolling
from flopcast.observations import Runs, read_runs


@pytest.fixture(scope="module")
def runs() -> Runs:
    """36 runs on six budgets, made by a known law."""
    return read_runs(grid())


@pytest.fixture(scope="module")
def found(runs: Runs) -> Backtest:
    """Two origins with few draws."""
    return backtest(runs, origins=2, draws=200)


def test_rolling_folds_follow_compute(runs: Runs) -> None:
    """Every origin trains on all smaller runs and on nothing else; budgets stay together."""
    folds = rolling(runs, origins=10)
    assert [int(f.train.sum()) for f in folds] == [12, 18, 24, 30]
    assert runs.compute is not None
    for fold in folds:
        assert runs.compute[fold.train].max() < runs.compute[fold.test].min()
        assert not (fold.train & fold.test).any()
    far = rolling(runs, origins=1, reach=10.0)[0]
    assert runs.compute[far.test].min() > 10.0 * runs.compute[far.train].max()


def test_the_law_behind_the_runs_is_found_from_small_ones(found: Backtest) -> None:
    """On runs that a smooth law made, larger ones are predicted to within 2 %."""
    total = found.summary()
    assert total["forecasts"] == len(found.held_out)
    assert total["error"] < 0.02
    assert abs(total["bias"]) <= total["error"]


def test_the_scores_are_those_of_the_rows(found: Backtest) -> None:
    """Summaries by level, fold and decade are recomputed from the published rows."""
    rows = found.to_rows()
    observed = [row["observed"] for row in rows]
    for item in found.summary()["intervals"]:
        name = f"{100 * item['level']:g}"
        low, high = ([row[f"{side}{name}"] for row in rows] for side in ("low", "high"))
        assert item["coverage"] == scores.coverage(low, high, observed)
    assert sum(row["forecasts"] for row in found.by_fold()) == len(rows)
    assert sum(row["forecasts"] for row in found.by_decades()) == len(rows)
    for held in found.held_out:
        widths = [held.intervals[level][1] - held.intervals[level][0] for level in LEVELS]
        assert widths == sorted(widths)
    document = json.loads(found.to_json())
    assert document["schema"] == "flopcast.backtest/1"
    assert document["calibration"][-1]["level"] == 0.95


def test_outcomes_do_not_leak(runs: Runs, found: Backtest) -> None:
    """Other outcomes of the held-out runs leave their forecasts as they were."""
    fold = rolling(runs, origins=2)[0]
    loss = np.where(fold.test, runs.loss * 1.1, runs.loss)
    other = backtest(Runs(runs.inputs, loss), split=fold.test, draws=200)
    first = [h.predicted for h in found.held_out if h.fold == fold.name]
    assert [h.predicted for h in other.held_out] == pytest.approx(first, rel=1e-12)


def test_groups_and_official_splits() -> None:
    """Each group is left out in turn; marks are booleans or the words train and test."""
    labels = ["a"] * 12 + ["b"] * 12 + ["c"] * 12
    runs = read_runs({**grid(), "group": labels})
    assert [f.name for f in by_group(runs)] == ["without a", "without b", "without c"]
    marks = ["train"] * 30 + ["Test"] * 6
    assert by_mark(marks, 36)[0].test.sum() == 6
    found = backtest(runs, split=marks, draws=200)
    assert {h.row for h in found.held_out} == set(range(30, 36))


def test_wrong_input(runs: Runs) -> None:
    """Unknown splits and marks, impossible origins and too few runs are named."""
    for split, words in (
        ("roling", "Did you mean 'rolling'"),
        ("group", "0 groups"),
        (["x"] * 36, "train or test"),
        ([True] * 35, "35"),
        ([True] * 36, "no runs on one side"),
    ):
        with pytest.raises(InputError, match=words):
            backtest(runs, split=split)
    with pytest.raises(InputError, match="reach is"):
        backtest(runs, reach=0.5)
    with pytest.raises(InputError, match="origins is 0"):
        backtest(runs, origins=0)
    with pytest.raises(Refused, match="no compute with at least"):
        backtest(runs.where(np.arange(3)))
