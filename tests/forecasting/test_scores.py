"""Scores against closed forms, and what makes them proper."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flopcast.errors import InputError
from flopcast.forecasting import scores


def crps_of_normal(mean: float, sd: float, y: float) -> float:
    """Gneiting & Raftery 2007, equation 22."""
    z = (y - mean) / sd
    density = math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi)
    below = 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))
    return sd * (z * (2.0 * below - 1.0) + 2.0 * density - 1.0 / math.sqrt(math.pi))


@pytest.mark.parametrize("y", [-2.0, 0.0, 0.7, 3.0])
def test_crps_of_a_normal(y: float) -> None:
    """Draws at the quantiles of a normal have its closed form."""
    from scipy.stats import norm

    drawn = norm.ppf((np.arange(20_000) + 0.5) / 20_000, loc=0.5, scale=1.5)
    found = scores.crps(drawn[:, None], [y])
    assert found[0] == pytest.approx(crps_of_normal(0.5, 1.5, y), rel=1e-3)


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=12), st.floats(-10, 10))
def test_crps_is_its_definition(drawn: list[float], y: float) -> None:
    """The sorted sum is the double mean over pairs; one draw scores its absolute error."""
    x = np.array(drawn)
    expected = np.abs(x - y).mean() - 0.5 * np.abs(x[:, None] - x[None]).mean()
    assert scores.crps(x[:, None], [y])[0] == pytest.approx(expected, abs=1e-9)


def test_crps_is_twice_the_mean_pinball_loss() -> None:
    """The integral of the quantile loss over all quantiles."""
    drawn = np.random.default_rng(0).gamma(2.0, size=4000)
    grid = (np.arange(2000) + 0.5) / 2000
    losses = [scores.pinball(np.quantile(drawn, q), 3.0, q) for q in grid]
    assert 2.0 * np.mean(losses) == pytest.approx(scores.crps(drawn[:, None], [3.0])[0], rel=2e-3)


def test_pinball_by_hand() -> None:
    """An outcome above the 90 % quantile costs nine times one below."""
    assert scores.pinball([1.0, 1.0], [2.0, 0.0], 0.9) == pytest.approx([0.9, 0.1])


def test_interval_score_by_hand() -> None:
    """Inside the width alone; outside 2/(1 − level) times the miss beside it."""
    found = scores.interval_score([0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [0.5, 1.1, -0.2], 0.9)
    assert found == pytest.approx([1.0, 1.0 + 20.0 * 0.1, 1.0 + 20.0 * 0.2])


def test_honest_intervals_score_best() -> None:
    """Of central intervals of a normal at 90 %, the one at ±1.645 has the least mean score."""
    y = np.random.default_rng(1).normal(size=40_000)
    halves = (1.2, 1.645, 2.2)
    means = [scores.interval_score(-h, h, y, 0.9).mean() for h in halves]
    assert min(means) == means[1]


def test_coverage_bias_and_error() -> None:
    """Ends count as inside; errors are relative and keep their sign in the bias."""
    assert scores.coverage([0.0, 0.0, 2.0], [1.0, 1.0, 3.0], [1.0, 1.5, 2.5]) == pytest.approx(
        2 / 3
    )
    assert scores.bias([1.1, 0.9], [1.0, 1.0]) == pytest.approx(0.0)
    assert scores.mean_absolute_relative_error([1.1, 0.9], [1.0, 1.0]) == pytest.approx(0.1)


def test_ranks_are_uniform_when_honest() -> None:
    """The share of draws below outcomes from the same distribution is uniform."""
    rng = np.random.default_rng(2)
    drawn, y = rng.normal(size=(500, 2000)), rng.normal(size=2000)
    found = scores.rank(drawn, y)
    assert np.histogram(found, bins=4, range=(0, 1))[0] == pytest.approx([500] * 4, abs=90)
    assert scores.rank([[1.0], [1.0]], [1.0])[0] == 0.5


@pytest.mark.parametrize(
    "call",
    [
        lambda: scores.pinball(1.0, 1.0, 1.0),
        lambda: scores.interval_score(0.0, 1.0, 0.5, 0.0),
        lambda: scores.crps([[1.0, 2.0]], [1.0]),
        lambda: scores.rank(np.empty((0, 1)), [1.0]),
    ],
)
def test_wrong_input(call) -> None:  # type: ignore[no-untyped-def]
    """Levels outside 0 to 1, and shapes that do not belong together, are named."""
    with pytest.raises(InputError):
        call()
