"""What schedule laws read of a schedule, and what they make of it."""

import numpy as np
import pytest

from flopcast.errors import InputError
from flopcast.laws.registry import get_law
from flopcast.laws.schedule import schedule_inputs

PARAMS = {
    "L0": 2.8, "A": 0.6, "B": 470.0, "C": 0.55, "alpha": 0.45, "beta": 0.9, "gamma": 0.42,
}  # fmt: skip


def multi_power(rates: np.ndarray, p: dict[str, float]) -> np.ndarray:
    """The law step by step, as its authors write it."""
    total = np.cumsum(rates)
    losses = p["L0"] + p["A"] * total ** -p["alpha"]
    for k in range(1, len(rates)):
        since = total[k:] - total[k - 1]
        grown = 1.0 - (p["C"] * rates[k] ** -p["gamma"] * since + 1.0) ** -p["beta"]
        losses[k:] -= p["B"] * (rates[k - 1] - rates[k]) * grown
    return np.asarray(losses)


def cosine(steps: int) -> np.ndarray:
    """Half a cosine from 3e-4 to a tenth of it."""
    turn = np.linspace(0.0, np.pi, steps)
    return np.asarray(3e-4 * (0.55 + 0.45 * np.cos(turn)))


def two_stages(steps: int) -> np.ndarray:
    """A constant rate that falls once."""
    return np.where(np.arange(steps) < steps // 2, 3e-4, 9e-5)


@pytest.mark.parametrize(("rates", "within"), [(two_stages(4000), 1e-9), (cosine(4000), 2e-4)])
def test_multi_power_in_parts_is_the_sum_over_steps(rates: np.ndarray, within: float) -> None:
    """A fall in one step is exact; a smooth one is close at every step."""
    found = get_law("multi-power").predict(PARAMS, schedule_inputs(rates))
    assert np.abs(found / multi_power(rates, PARAMS) - 1.0).max() < within


def test_rates_at_some_steps_stand_for_those_between() -> None:
    """A schedule logged every tenth step has the inputs of the whole, at those steps."""
    rates = cosine(2000)
    at = np.arange(10, 2001, 10)
    some = schedule_inputs(rates[at - 1], steps=at)
    whole = schedule_inputs(rates)
    for name in ("lr_sum", "lr_annealing", "lr_drop_8", "lr_since_8"):
        assert some[name][-50:] == pytest.approx(whole[name][at - 1][-50:], rel=2e-2)


def test_warm_up_adds_half_its_steps_and_no_annealing() -> None:
    """A linear warm-up sums to half of what its steps would at full rate."""
    plain = schedule_inputs(np.full(1000, 1e-3))
    warmed = schedule_inputs(np.full(1000, 1e-3), warmup=200)
    assert plain["lr_sum"][-1] - warmed["lr_sum"][-1] == pytest.approx(0.1, rel=0.01)
    assert warmed["lr_annealing"].max() == plain["lr_annealing"].max() == 1e-12


def test_tissue_annealing_area_is_the_sum_of_momentum() -> None:
    """One fall by δ, n steps ago, has the area δ·(1 − decay^n)/(1 − decay)."""
    area = schedule_inputs(two_stages(1000), decay=0.99)["lr_annealing"][-1]
    assert area == pytest.approx(2.1e-4 * (1.0 - 0.99**500) / 0.01, rel=1e-9)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"learning_rate": [1e-3, 0.0]}, "positive learning rates"),
        ({"learning_rate": [1e-3], "decay": 1.0}, "decay is 1.0"),
        ({"learning_rate": [1e-3, 1e-3], "steps": [2, 1]}, "step 1 follows step 2"),
        ({"learning_rate": [1e-3, 1e-3], "steps": [1.5, 2]}, "whole numbers"),
        ({"learning_rate": [1e-3, 1e-3], "warmup": 3}, "warmup is 3"),
    ],
)
def test_impossible_schedules_are_refused(arguments: dict[str, object], words: str) -> None:
    """Each names what is wrong with it."""
    with pytest.raises(InputError, match=words):
        schedule_inputs(**arguments)  # type: ignore[arg-type]
