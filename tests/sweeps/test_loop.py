"""The loop: corner, forecasts, back-test, stop rules, going on, the target."""

from pathlib import Path

import numpy as np
import pytest
from tests.sweeps.studies import TOY, as_toml, run, written

from flopcast.errors import Refused
from flopcast.sweeps.choose import next_cells
from flopcast.sweeps.executor import open_executor
from flopcast.sweeps.export import export_rows
from flopcast.sweeps.loop import BACKTEST, DECISION, FORECAST, OUTCOME, Loop
from flopcast.sweeps.opened import open_study
from flopcast.sweeps.outlook import expected_gains
from flopcast.sweeps.status import Status, status
from flopcast.sweeps.sweep import sweep

BATCH = {"kind": "factorial", "batch": 16}


def status_of(path: Path) -> Status:
    """The status from the folder alone."""
    opened = open_study(path)
    with opened.store(read_only=True) as store:
        return status(opened.study, store, opened.cells, opened.goal)


def test_a_whole_study(tmp_path: Path) -> None:
    """Every cell runs, the top level tests the forecast, the target is predicted and scored."""
    path = written(tmp_path, grid=BATCH)
    _, code = run(path, target=True)
    assert code == "complete"
    found = status_of(path)
    assert found.counts["done"] == 17
    assert [one["runs"] for one in found.forecasts] == [9, 15, 16]
    assert found.backtest is not None
    assert found.backtest["runs"] == 15
    assert abs(found.backtest["mean_error"]) < 0.03
    assert found.outcome is not None
    (scored,) = found.outcome["held_out"]
    assert scored["inside"]
    assert abs(scored["error"]) < 0.1
    assert found.to_dict()["cost_ratio"] == pytest.approx(6 * 640 * 6400 / found.pilot_flop)
    widths = [one["width"] for one in found.forecasts]
    assert widths[-1] < widths[0]
    before = found.to_json()
    run(path, target=True)
    again = status_of(path)
    assert again.forecasts == found.forecasts
    assert again.outcome == found.outcome
    assert before == found.to_json()


def test_it_stops_when_the_interval_is_narrow(tmp_path: Path) -> None:
    """A wide goal is met by the corner; the rest never runs."""
    path = written(tmp_path, grid=BATCH, stop={"width": 5.0})
    assert run(path)[1] == "narrow"
    assert status_of(path).counts["done"] == 9


def test_it_stops_when_no_cell_is_worth_its_cost(tmp_path: Path) -> None:
    """Nothing takes a thousand times the interval off for 1 % of the target."""
    path = written(tmp_path, grid=BATCH, stop={"least_gain": 1000.0})
    assert run(path)[1] == "not_worth"


def test_it_stops_at_the_budget(tmp_path: Path) -> None:
    """The cap holds; what it cannot pay stays planned, and a larger cap goes on."""
    path = written(tmp_path, grid=BATCH, budget={"cap": 4e5, "margin": 1.0})
    assert run(path)[1] == "budget"
    found = status_of(path)
    assert found.account.spent <= 4e5
    done = found.counts["done"]
    assert 0 < done < 16
    written(tmp_path, grid=BATCH, budget={"cap": 1e9, "margin": 1.0}, stop={"width": 5.0})
    run(path)
    assert status_of(path).counts["done"] >= done


def test_failures_stay_visible(tmp_path: Path) -> None:
    """A diverged size reaches no fit, is listed with its reason, and is a finding."""
    path = written(tmp_path, train=f"{TOY}:sometimes", grid=BATCH, stop={"width": 5.0})
    run(path)
    found = status_of(path)
    assert found.counts["done"] == 6
    assert {one["config"]["n"] for one in found.wrong} == {40}
    codes = {one["code"] for one in found.findings}
    assert {"few_levels", "failed_runs", "single_seed", "far"} <= codes


def test_without_any_result_there_is_no_forecast(tmp_path: Path) -> None:
    """Refused, recorded, and no traceback."""
    path = written(tmp_path, train=f"{TOY}:broken", grid=BATCH)
    run(path)
    found = status_of(path)
    assert found.counts["done"] == 0
    assert found.forecast is not None
    assert found.forecast["refused"]["code"] == "no_runs"
    opened = open_study(path)
    with opened.store(read_only=True) as store, pytest.raises(Refused):
        export_rows(opened.study, store.rows())


def test_a_ladder_gives_several_rows_per_run(tmp_path: Path) -> None:
    """Three runs of the corner, four rows each, grouped by run."""
    grid = {"kind": "ladder", "batch": 16}
    path = written(tmp_path, train=f"{TOY}:ladder", grid=grid, stop={"width": 9.0})
    run(path)
    opened = open_study(path)
    with opened.store(read_only=True) as store:
        rows = export_rows(opened.study, store.rows())
    assert len(rows) == 12
    assert len({row["group"] for row in rows}) == 3


def test_an_interrupted_loop_goes_on(tmp_path: Path) -> None:
    """Stopped between cells, then run again: the decisions end as without a stop."""
    path = written(tmp_path, grid=BATCH, stop={"width": 5.0})
    opened = open_study(path)
    with opened.store() as store:
        executor = open_executor("inline")
        loop = Loop(
            opened.study, store, executor, opened.cells, opened.goal, should_stop=lambda: True
        )
        assert loop.run() == "interrupted"
        executor.close()
    assert run(path)[1] == "narrow"
    assert status_of(path).counts["done"] == 9


def test_records_tell_the_story(tmp_path: Path) -> None:
    """Decisions, forecasts and the back-test are kept in the store."""
    path = written(tmp_path, grid=BATCH, stop={"width": 5.0})
    run(path)
    with open_study(path).store(read_only=True) as store:
        assert [one["action"] for one in store.records(DECISION)] == ["run", "stop"]
        assert len(store.records(FORECAST)) == 1
        assert not store.records(BACKTEST)
        assert not store.records(OUTCOME)


def test_gains_of_joint_draws() -> None:
    """A run that is the target itself takes all off, an unrelated one nothing."""
    rng = np.random.default_rng(0)
    target, other, noise = np.exp(0.1 * rng.standard_normal((3, 20_000)))
    samples = np.stack([target, target, other, target * noise], axis=1)
    same, unrelated, half = expected_gains(samples, 3)
    assert same == pytest.approx(1.0, abs=1e-6)
    assert unrelated == pytest.approx(0.0, abs=1e-3)
    assert half == pytest.approx(1.0 - np.sqrt(0.5), abs=0.02)


def test_an_active_study_takes_what_informs_most(tmp_path: Path) -> None:
    """By gain per cost^0.4, with every fifth cell the farthest from all runs."""
    path = written(tmp_path, grid={"kind": "active", "batch": 1, "explore": 0.0})
    opened = open_study(path)
    cells = list(opened.cells)
    gains = {one.id: 0.0 for one in cells} | {cells[7].id: 0.5}
    assert next_cells(opened.study, cells, [], gains) == [cells[7]]
    path = written(tmp_path, grid={"kind": "active", "batch": 1, "explore": 1.0})
    (far,) = next_cells(open_study(path).study, cells[1:], cells[:1], gains)
    assert far == cells[-1]


def test_an_active_study_needs_fewer_runs_than_grid_order(tmp_path: Path) -> None:
    """The teacher-student task until its interval is 6 % wide: what both orders take."""
    grid, active = (_until_narrow(tmp_path / kind, kind) for kind in ("factorial", "active"))
    assert "narrow" in {one["code"] for one in active.decisions}
    assert active.counts["done"] < grid.counts["done"]
    assert active.pilot_flop < 1.5 * grid.pilot_flop
    assert any("most expected gain" in one["reason"] for one in active.decisions)
    for found in (grid, active):
        assert found.outcome is not None
        assert found.outcome["held_out"][0]["inside"]


def _until_narrow(folder: Path, kind: str) -> Status:
    folder.mkdir()
    path = folder / "study.toml"
    path.write_text(as_toml({**_TEACHER_STUDENT, "grid": {"kind": kind, **_FEW}}), "utf-8")
    return sweep(path, executor="inline", target=True)


_FEW = {"batch": 3, "corner": 2}
_TEACHER_STUDENT = {
    "name": "teacher-student",
    "train": "flopcast.sweeps.teacher_student:train",
    "data_id": "generated",
    "seeds": [0, 1],
    "axes": {
        "params": {"role": "params", "values": [8, 16, 32, 64]},
        "data": {"role": "data", "values": [512, 1024, 2048, 4096]},
    },
    "target": {"params": 256, "data": 32768},
    "cost": {"flop": "data * params**2 + params**3 / 3"},
    "stop": {"width": 0.06},
}
