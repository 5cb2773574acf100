"""The store: states, tables, and rebuilding."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from flopcast.errors import InputError
from flopcast.sweeps.budget import Budget
from flopcast.sweeps.cell import Cell, Planned
from flopcast.sweeps.inprocess import InProcessExecutor
from flopcast.sweeps.leases import Leases
from flopcast.sweeps.local import LocalExecutor
from flopcast.sweeps.outcome import Outcome
from flopcast.sweeps.owner import Owner, here
from flopcast.sweeps.rebuild import rebuild
from flopcast.sweeps.runner import run_cells
from flopcast.sweeps.state import State
from flopcast.sweeps.store import Store
from flopcast.sweeps.trainer import Trainer, code_version

NewStudy = Callable[..., Store]


def test_a_study_from_plan_to_runs(new_study: NewStudy, tmp_path: Path) -> None:
    """Cells are planned, run, and come back as columns and as Runs for a fit."""
    store = new_study(4, steps=3)
    assert store.counts()[State.PLANNED] == 4
    assert store.add([Planned(Cell({"n": 1, "steps": 3}, seed=1))]) == []
    changed: list[str] = []
    summary = run_cells(store, InProcessExecutor(), on_change=changed.extend)
    assert len(summary.finished) == 4
    assert set(changed) == set(summary.finished)
    assert (summary.unaffordable, summary.left, summary.interrupted) == ((), (), False)
    table = store.table()
    assert table.columns["n"] == [1, 2, 3, 4]
    assert table.columns["flop"] == [18.0, 36.0, 54.0, 72.0]
    runs = table.runs({"params": "n", "compute": "flop"})
    assert runs["params"].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert runs.seed is not None
    assert runs.seed.tolist() == ["1", "2", "0", "1"]
    table.to_csv(tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_text().startswith("n,steps,cell,role,seed,group")
    with pytest.raises(InputError, match="no column 'size'"):
        table.runs({"params": "size"})
    row = store.row(store.rows()[0].id[:10])
    assert store.progress(row.id) == store.curve(row.id)[-1]
    assert [report["step"] for report in store.curve(row.id)] == [1, 2, 3]
    json.dumps(row.to_dict())


def test_points_of_one_run_are_rows_of_one_group(new_study: NewStudy) -> None:
    """A run that measured several points gives several rows with one label."""
    store = new_study(1)
    leases = Leases(store)
    [lease] = leases.take(1)
    points = ({"d": 1.0, "loss": 3.0}, {"d": 2.0, "loss": 2.5})
    leases.finish([(lease.cell.id, 1, Outcome(State.DONE, points=points))])
    columns = store.table().columns
    assert columns["d"] == [1.0, 2.0]
    assert len(set(columns["group"])) == 1
    assert len(store.table()) == 2


def test_only_complete_runs_reach_a_fit(new_study: NewStudy) -> None:
    """Failed, diverged and stopped cells stay visible and out of the table."""
    store = new_study(5)
    leases = Leases(store)
    states = [State.DONE, State.FAILED, State.DIVERGED, State.STOPPED, State.OVER_BUDGET]
    ended = [
        (lease.cell.id, 1, Outcome(state, None if state is State.DONE else "bad_result", "why"))
        for lease, state in zip(leases.take(9), states, strict=True)
    ]
    ended[0] = (*ended[0][:2], Outcome(State.DONE, metrics={"loss": 1.0}))
    ended[3] = (*ended[3][:2], Outcome(State.STOPPED, "stopped", metrics={"loss": 2.0}))
    assert len(leases.finish(ended)) == 5
    assert leases.finish(ended) == []
    assert [row.state for row in store.rows()] == states
    assert store.table().columns["loss"] == [1.0]
    assert store.table(include_stopped=True).columns["loss"] == [1.0, 2.0]
    assert len(store.table(roles=["target"])) == 0
    again = store.reset([row.id for row in store.rows()], cost=2.0)
    assert len(again) == 4
    assert store.counts()[State.PLANNED] == 4
    with rebuild(store.folder) as rebuilt:
        assert [r.state for r in rebuilt.rows()] == [State.DONE] + [State.PLANNED] * 4


def test_the_database_comes_back_from_the_folders(new_study: NewStudy) -> None:
    """Without its database a study has the same cells, results, spend and records."""
    store = new_study(6, "logged", log=os.devnull, fails_every=5)
    run_cells(store, InProcessExecutor(), only=[row.id for row in store.rows()[:5]])
    store.cancel(store.rows()[5].id)
    store.record("forecast", {"loss": 1.5})
    before, account, table = store.rows(), store.ledger.account(), store.table().digest
    store.close()
    for file in store.folder.glob("study.db*"):
        file.unlink()
    with Store.open(store.folder) as again:
        assert again.rows() == before
        assert again.ledger.account() == account
        assert again.table().digest == table
        assert again.records("forecast") == [{"loss": 1.5}]
        assert again.meta == {"name": "study"}
        assert again.counts()[State.CANCELLED] == 1
        assert again.counts()[State.FAILED] == 1


def test_broken_files_are_as_good_as_none(new_study: NewStudy) -> None:
    """Half a result is no result: the cell is planned again."""
    store = new_study(2, steps=1)
    run_cells(store, InProcessExecutor())
    first, second = (store.run_folder(row.id) for row in store.rows())
    first.attempt(1).write_bytes(first.attempt(1).read_bytes()[:20])
    second.events.write_bytes(b"\xff not json\n" + second.events.read_bytes() + b'{"step": 9')
    with rebuild(store.folder) as again:
        assert [row.state for row in again.rows()] == [State.PLANNED, State.DONE]
        assert [report["step"] for report in again.curve(again.rows()[1].id)] == [1]


def test_a_budget_that_cannot_pay_says_so(new_study: NewStudy) -> None:
    """Cells that the cap can never pay stay planned; a higher cap lets them run."""
    budget = Budget(cap=100.0, unit="flop", margin=1.0)
    store = new_study(3, "logged", budget, 60.0, log=os.devnull, flop=60.0)
    summary = run_cells(store, InProcessExecutor())
    assert (len(summary.finished), len(summary.unaffordable)) == (1, 2)
    with pytest.raises(InputError, match="below the 60"):
        store.set_budget(Budget(10.0, "flop"))
    with pytest.raises(InputError, match="unit cannot change"):
        store.set_budget(Budget(1e9, "seconds"))
    store.set_budget(Budget(1000.0, "flop", margin=1.0))
    assert len(run_cells(store, InProcessExecutor()).finished) == 2
    assert store.ledger.account().spent == 180.0
    with pytest.raises(InputError, match="no predicted cost"):
        store.add([Planned(Cell({"n": 99}))])


def test_stopping_and_cancelling(new_study: NewStudy) -> None:
    """A running cell that is asked to stop keeps what it had; an interrupted one goes on later."""
    store = new_study(2, steps=100_000, pause=0.01)
    executor = LocalExecutor(slots=2, gpus=())
    began = time.monotonic()
    summary = run_cells(store, executor, should_stop=lambda: time.monotonic() - began > 1.0)
    executor.close()
    assert summary.interrupted
    assert store.counts()[State.PLANNED] == 2
    assert {row.code for row in store.rows()} == {"paused"}
    assert store.ledger.account().spent > 0.0
    store.cancel(store.rows()[0].id)
    assert store.counts()[State.CANCELLED] == 1
    store.request_stop(store.rows()[1].id)
    assert store.counts()[State.PLANNED] == 1


def test_clocks_that_jump_change_nothing(
    new_study: NewStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a wall clock that runs backwards, leases hold and no cell runs twice."""
    hours = iter(range(10**9, 0, -3600))
    monkeypatch.setattr(time, "time", lambda: float(next(hours)))
    store = new_study(6, steps=2)
    mine = Leases(store)
    held = mine.take(2)
    run_cells(store, InProcessExecutor(), wait=False)
    assert store.counts()[State.DONE] == 4
    assert store.counts()[State.LEASED] == 2
    assert all(row.attempts == 1 for row in store.rows())
    done = Outcome(State.DONE, metrics={"loss": 1.0}, seconds=1.0)
    assert len(mine.finish([(lease.cell.id, lease.attempt, done) for lease in held])) == 2


def test_runs_see_one_gpu_each(new_study: NewStudy, tmp_path: Path) -> None:
    """Slots that work at the same time see different devices."""
    store = new_study(2, "device", together=2, folder=str(tmp_path))
    executor = LocalExecutor(gpus=("4", "6"))
    assert executor.slots == 2
    run_cells(store, executor)
    executor.close()
    assert {row.metrics["device"] for row in store.rows()} == {4.0, 6.0}


def test_studies_are_found_and_not_overwritten(tmp_path: Path) -> None:
    """Opening nothing, creating twice and asking for unknown cells are said plainly."""
    with pytest.raises(InputError, match="holds no study"):
        Store.open(tmp_path)
    with pytest.raises(InputError, match="names no function"):
        Store.create(tmp_path / "a", trainer="train")
    with Store.create(tmp_path / "b") as store:
        with pytest.raises(InputError, match="no cell"):
            store.row("abc")
        with pytest.raises(InputError, match="names no trainer"):
            run_cells(store, InProcessExecutor())
        with pytest.raises(InputError, match="no finished run"):
            store.table().runs({"params": "n"})
    with pytest.raises(InputError, match="already holds a study"):
        Store.create(tmp_path / "b")
    (tmp_path / "b" / "study.db").write_bytes(b"this is no database, it is text" * 100)
    with pytest.raises(InputError, match="no database"):
        Store.open(tmp_path / "b")


def test_trainers_are_found_by_reference(trainers: Path, tmp_path: Path) -> None:
    """Functions, files, modules and commands; and the version of their code."""
    assert Trainer.parse("json:dumps").function == "json:dumps"
    assert Trainer.parse(f"{trainers}:steps").load().__name__ == "steps"
    assert Trainer.parse(json.dumps).function == "json:dumps"
    assert Trainer.parse("python train.py {n}").command == ("python", "train.py", "{n}")
    unusable: list[object] = [5, "no_file.py:train", lambda *_: None, []]
    for bad in unusable:
        with pytest.raises(InputError):
            Trainer.parse(bad)
    with pytest.raises(InputError, match="no function 'absent'"):
        Trainer.parse(f"{trainers}:absent").load()
    script = tmp_path / "train.py"
    script.write_text("print(1)")
    before = code_version(Trainer.parse(["python", str(script)]))
    script.write_text("print(2)")
    assert code_version(Trainer.parse(["python", str(script)])) != before
    assert len(code_version(Trainer.parse(f"{trainers}:steps"))) == 64


SCRIPT = """
import json, os, sys, pathlib
config = json.loads(pathlib.Path(os.environ["FLOPCAST_CONFIG"]).read_text())["config"]
print("garbage {not json")
print(json.dumps({"step": 1, "samples": 8, "loss": 2.0, "flop": 10.0}))
print(json.dumps({"step": "first"}))
width, seed = float(sys.argv[1]), float(sys.argv[2])
print(json.dumps({"result": {"loss": config["n"] + width, "seed": seed}}))
sys.exit(3 if config["n"] == 2 else 0)
"""


def test_commands_speak_json_lines(tmp_path: Path) -> None:
    """A command gets its cell by arguments and environment, and prints reports and a result."""
    script = tmp_path / "train.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), "{model.width}", "{seed}"]
    with Store.create(tmp_path / "study", trainer=command) as store:
        for n in (1, 2):
            store.add([Planned(Cell({"n": n, "model": {"width": 0.5}}, seed=4))])
        executor = LocalExecutor(slots=1, gpus=())
        run_cells(store, executor)
        executor.close()
        good, bad = store.rows()
        assert good.metrics == {"loss": 1.5, "seed": 4.0}
        assert [report["flop"] for report in store.curve(good.id)] == [10.0]
        output = store.run_folder(good.id).output.read_text()
        assert output == 'garbage {not json\n{"step": "first"}\n'
        assert (bad.state, bad.code, bad.attempts) == (State.FAILED, "command_failed", 3)


def test_attempts_that_never_began_do_not_count(new_study: NewStudy) -> None:
    """Schedulers that die over a queued cell cost nothing, however many; begun ones count."""
    store = new_study(2, "steps", Budget(cap=1000.0, unit="flop"), 100.0, steps=1)
    first, second = (row.id for row in store.rows())
    for number in range(1, 31):
        Leases(store, owner=Owner(f"dead {number}", here(), 2**30, 1)).take(2)
        if number <= 3:
            os.close(store.run_folder(second).open_output(number))
        assert set(Leases(store).reclaim()) == {first, second}
    codes = [outcome.code for outcome in store.run_folder(second).attempts().values()]
    assert codes == ["lost"] * 3 + ["not_started"] * 27
    account = store.ledger.account()
    assert account.spent == pytest.approx(3 * store.ledger.amount(100.0))
    assert account.reserved == pytest.approx(0.0)
    run_cells(store, InProcessExecutor())
    assert [(row.state, row.attempts) for row in store.rows()] == [(State.DONE, 31)] * 2
    with rebuild(store.folder) as again:
        assert again.table().digest == store.table().digest
