"""Forecasts on record: unchanged they settle, changed they are refused, and never twice."""

import datetime
import json

import numpy as np
import pytest
from tests.cli.grid_file import grid

from flopcast.errors import InputError, Refused
from flopcast.forecasting import scores
from flopcast.forecasting.forecast import forecast
from flopcast.forecasting.register import Registration, read_registration, register
from flopcast.forecasting.result import Forecast
from flopcast.forecasting.settle import ScoreSheet, read_sheet, settle, settle_all
from flopcast.observations import read_runs


@pytest.fixture(scope="module")
def made() -> Forecast:
    """A forecast of two points."""
    return forecast(read_runs(grid()), params=[1e10, 2e10], data=[1e12, 5e11], draws=1000)


@pytest.fixture(scope="module")
def record(made: Forecast) -> Registration:
    """It, on record."""
    return register(made, date=datetime.date(2026, 1, 31), note="final loss")


def test_a_record_survives_its_file(record: Registration) -> None:
    """Reading what was written gives the same record, whatever the layout of the JSON."""
    for indent in (None, 4):
        again = read_registration(json.dumps(record.to_dict(), indent=indent))
        assert again.sha256 == record.sha256
        assert again.to_json() == record.to_json()
    assert record.content["date"] == "2026-01-31"


@pytest.mark.parametrize(
    "field", ["seed", "note", "date", "version", "data_sha256", "metric", "runs", "options"]
)
def test_any_change_shows(record: Registration, field: str) -> None:
    """A changed field is refused."""
    document = json.loads(record.to_json())
    document["content"][field] = "other"
    with pytest.raises(InputError, match="changed after it was registered"):
        read_registration(json.dumps(document))


def test_a_changed_quantile_shows(record: Registration) -> None:
    """One digit of one quantile is enough."""
    document = json.loads(record.to_json())
    document["content"]["points"][0]["quantiles"][50] += 1e-9
    with pytest.raises(InputError, match="changed"):
        read_registration(json.dumps(document))


def test_settling_scores_like_the_samples(made: Forecast, record: Registration) -> None:
    """Interval, CRPS and rank from the registered quantiles agree with those of the draws."""
    outcome = float(made.median[0]) * 1.01
    row = settle(record, outcome, date="2026-03-01")
    low, high = made.interval(0.9)
    assert (row.low90, row.high90) == pytest.approx((low[0], high[0]), rel=1e-3)
    assert row.crps == pytest.approx(scores.crps(made.samples[:, :1], [outcome])[0], rel=0.02)
    assert row.rank == pytest.approx(scores.rank(made.samples[:, :1], [outcome])[0], abs=0.01)
    assert row.error == pytest.approx(-0.01 / 1.01)
    assert (row.registered, row.settled) == ("2026-01-31", "2026-03-01")


def test_a_sheet_runs_on(record: Registration) -> None:
    """Lines are read back as written; a forecast is settled once; sums follow the rows."""
    sheet = settle_all(ScoreSheet(), record, [1.93, 2.5])
    again = read_sheet(sheet.to_lines())
    assert again == sheet
    with pytest.raises(Refused, match="was settled with the outcome"):
        again.settle(record, 1.94)
    summary = sheet.summary()
    assert summary["forecasts"] == 2
    held = {item["level"]: item["held"] for item in summary["intervals"]}
    assert held[0.95] == sum(row.inside_95 for row in sheet.rows) == 1
    assert summary["error"] == pytest.approx(np.mean([abs(row.error) for row in sheet.rows]))
    assert ScoreSheet().summary()["error"] is None


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "not JSON"), ("[]", "not a registered forecast"), ('{"schema": "x"}', "schema is not")],
)
def test_files_that_are_none(text: str, words: str) -> None:
    """What is no record is named."""
    with pytest.raises(InputError, match=words):
        read_registration(text, "a.json")


def test_wrong_input(made: Forecast, record: Registration) -> None:
    """Dates, outcomes, points and sheets that make no sense are named."""
    with pytest.raises(InputError, match="YYYY-MM-DD"):
        register(made, date="31.1.2026")
    for outcome in (float("nan"), -1.0):
        with pytest.raises(InputError, match="outcome is"):
            settle(record, outcome)
    with pytest.raises(InputError, match="point 3 does not exist; the forecast has 2"):
        settle(record, 2.0, point=2)
    with pytest.raises(InputError, match="1 outcomes were given for 2 points"):
        settle_all(ScoreSheet(), record, [2.0])
    with pytest.raises(InputError, match="line 1 is no settled forecast"):
        read_sheet('{"sha256": "x"}\n')
