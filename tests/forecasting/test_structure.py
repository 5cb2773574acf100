"""What backtests say of structural errors."""

import numpy as np
import pytest

from flopcast.forecasting.constants import Constants, Kind, learned
from flopcast.forecasting.forecast import forecast
from flopcast.forecasting.rolling import Origin, Slope
from flopcast.forecasting.structure import BREAK, share_of, structure_of, told_by
from flopcast.forecasting.study import Study
from flopcast.observations import Runs

CONSTANTS = Constants(distance=0.05, distance_weight=2.0)
ONE = np.ones(1)


def origin(error: float, noise: float = 0.001) -> Origin:
    """A backtest one decade ahead whose one law missed everything by `error`."""
    return Origin(np.full((1, 3), error), np.ones(3), Slope(0.1, 0.2), noise)


def scale(*origins: Origin, decades: float = 1.0) -> float:
    """What backtests make of the scale of structural errors at one distance."""
    return float(structure_of(origins, CONSTANTS, ONE, np.array([decades])).scale[0])


def test_without_backtests_past_studies_of_a_few_runs_speak() -> None:
    """What those of the kind missed, which is more than with backtests."""
    assert structure_of((), CONSTANTS, ONE, ONE).scale.tolist() == [CONSTANTS.untested]
    of_kind = CONSTANTS.but(kinds={"some": Kind(untested=0.1)})
    assert structure_of((), of_kind.of("some"), ONE, ONE).scale.tolist() == [0.1]
    assert of_kind.of("any") == of_kind


def test_studies_unlike_language_models_are_trusted_less_untested() -> None:
    """The constants that ship know more kinds of surprise among studies of any kind."""
    assert learned().untested > 2.0 * learned().of("language").untested


def test_larger_misses_widen_more() -> None:
    """Backtests better than past studies narrow the belief, and worse ones widen it."""
    scales = [scale(origin(e)) for e in (0.0, 0.01, 0.03, 0.09)]
    assert scales[0] < CONSTANTS.distance == pytest.approx(scales[1], rel=0.01)
    assert scales == sorted(scales)


def test_misses_within_the_noise_say_little() -> None:
    """A good backtest of noisy runs narrows the belief less than one of quiet runs."""
    quiet, noisy = (scale(origin(0.0, noise)) for noise in (0.001, 0.1))
    assert quiet < noisy < CONSTANTS.distance
    _, information = told_by(np.zeros(1), np.ones(1), np.array([3.0]))
    assert information.tolist() == [0.25]


def test_a_backtest_says_little_of_what_lies_much_farther() -> None:
    """Up to its own distance it counts in full, beyond it by its share of the way."""
    near, same, far, farther = (scale(origin(0.0), decades=d) for d in (0.5, 1.0, 2.0, 8.0))
    assert near == same < far < farther < CONSTANTS.distance
    assert share_of(1.0, np.array([0.0, 0.5, 4.0])).tolist() == [1.0, 1.0, 0.25]


def test_the_latest_miss_speaks_where_the_loss_has_turned() -> None:
    """Beyond what the loss was to fall, the latest miss is believed, not an average."""
    before = structure_of((origin(0.0), origin(-0.099)), CONSTANTS, ONE, ONE)
    turned = structure_of((origin(0.0), origin(-0.25)), CONSTANTS, ONE, ONE)
    assert before.surprise < BREAK < turned.surprise == pytest.approx(2.5, rel=1e-3)
    assert turned.scale[0] == pytest.approx(0.25 / 0.2, rel=1e-3)


def grid(*, turned: bool) -> Runs:
    """30 runs of a law; with `turned`, the loss drops with data beyond the middle size."""
    params = np.repeat([1e7, 3e7, 1e8, 3e8, 1e9], 6)
    data = np.tile(np.geomspace(1e9, 1e11, 6), 5)
    loss = 1.7 + 400.0 * params**-0.34 + 2000.0 * data**-0.37
    drop = np.where(6.0 * params * data > 1.5e19, (6.0 * params * data / 1.5e19) ** -0.7, 1.0)
    noise = np.exp(0.003 * np.random.default_rng(0).standard_normal(30))
    return Runs({"params": params, "data": data}, loss * (drop if turned else 1.0) * noise)


@pytest.mark.parametrize("turned", [False, True])
def test_a_turn_within_the_study_is_a_serious_finding(turned: bool) -> None:
    """A turn within the study is named; a study of one law has none."""
    found = forecast(grid(turned=turned), params=3e9, data=4e11, draws=200)
    codes = {finding.code for finding in found.findings if finding.severity == "serious"}
    assert ("loss_turned" in codes) == turned


def test_a_study_may_be_scaled_like_another() -> None:
    """Units of another study scale inputs and losses."""
    small, large = Runs({"params": ONE, "data": ONE}, ONE), grid(turned=False)
    study = Study(large, 60.0, Study(small, 60.0))
    assert study.typical_loss == 1.0
    assert study.scaled(large.inputs)["params"].tolist() == large["params"].tolist()
