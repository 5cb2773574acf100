"""Charts of forecasts and backtests, read from their specifications."""

import json

import pytest
from tests.cli.grid_file import grid
from tests.figures.reading import marks

from flopcast.errors import InputError
from flopcast.figures import chart
from flopcast.forecasting.backtest import backtest
from flopcast.forecasting.backtest_result import Backtest
from flopcast.forecasting.forecast import forecast
from flopcast.forecasting.result import Forecast
from flopcast.observations import read_runs


@pytest.fixture(scope="module")
def found() -> Forecast:
    """A forecast of two points beyond 36 runs."""
    return forecast(read_runs(grid()), params=[1e10, 2e10], data=[1e12, 2e12], draws=200)


@pytest.fixture(scope="module")
def tested() -> Backtest:
    """A backtest of two folds."""
    return backtest(read_runs(grid()), origins=2, draws=200)


@pytest.mark.parametrize("width", [360, 720])
def test_a_forecast_holds_runs_bands_and_laws(found: Forecast, width: int) -> None:
    """36 runs, three bands and a median at each point; wider levels reach further."""
    spec = chart(found, width=width).to_dict()
    json.dumps(spec, allow_nan=False)
    runs, laws, medians = marks(spec, "point")
    assert len(runs["rows"]) == 36
    used = [member for member in found.members if member.status == "used"]
    assert len(laws["rows"]) == 2 * len(used)
    assert [row["y"] for row in medians["rows"]] == pytest.approx(found.median.tolist())
    assert [row["x"] for row in medians["rows"]] == pytest.approx([6e22, 2.4e23])
    wide, middle, narrow = marks(spec, "rule")
    for first, second in ((wide, middle), (middle, narrow)):
        for a, b in zip(first["rows"], second["rows"], strict=True):
            assert a["y"] <= b["y"] <= b["y2"] <= a["y2"]
    assert "36 runs" in " ".join(spec["title"]["subtitle"])


def test_calibration_holds_every_level_and_fold(tested: Backtest) -> None:
    """The diagonal, a line for each fold, and the whole with its 19 levels."""
    spec = chart(tested).to_dict()
    json.dumps(spec, allow_nan=False)
    lines = marks(spec, "line")
    assert len(lines) == 2 + len(tested.by_fold())
    (points,) = marks(spec, "point")
    shown = [(row["level"], row["covered"]) for row in points["rows"]]
    assert shown == [(row["level"], row["covered"]) for row in tested.calibration()]


def test_wrong_kinds(found: Forecast) -> None:
    """A kind that a result does not have is named."""
    with pytest.raises(InputError, match="Unknown kind"):
        chart(found, kind="surface")
