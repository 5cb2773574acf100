"""The task with a known law: its floor, its exponents, its price."""

import numpy as np
import pytest

from flopcast.sweeps.teacher_student import DATA_EXPONENT, FLOOR, PARAMS_EXPONENT, train


class Context:
    """A seed, and reports that nobody reads."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.reports: list[tuple[float, ...]] = []

    def report(self, step: float, samples: float, loss: float, flop: float) -> None:
        """Keep the report."""
        self.reports.append((step, samples, loss, flop))


def loss(params: int, data: int, seeds: int = 4) -> float:
    """The mean of several seeds."""
    runs = [train({"params": params, "data": data}, Context(seed)) for seed in range(seeds)]
    return float(np.mean([run["loss"] for run in runs]))


def test_the_exponents_are_the_known_ones() -> None:
    """With much data the excess falls as params^-a, with many weights as data^-a/(1 + a)."""
    by_params = [loss(n, 20_000) - FLOOR for n in (8, 32)]
    slope = -np.log(by_params[1] / by_params[0]) / np.log(4)
    assert slope == pytest.approx(PARAMS_EXPONENT, abs=0.08)
    by_data = [loss(600, d, seeds=2) - FLOOR for d in (1024, 8192)]
    slope = -np.log(by_data[1] / by_data[0]) / np.log(8)
    assert slope == pytest.approx(DATA_EXPONENT, abs=0.08)


def test_a_run_reports_and_repeats() -> None:
    """The same seed gives the same loss above the floor; the FLOP are the normal equations'."""
    context = Context(3)
    found = train({"params": 8, "data": 100}, context)
    assert found == train({"params": 8, "data": 100}, Context(3))
    assert found != train({"params": 8, "data": 100}, Context(4))
    assert found["loss"] > FLOOR
    assert found["flop"] == 100 * 64 + 512 / 3
    assert context.reports == [(1, 100, found["loss"], found["flop"])]
