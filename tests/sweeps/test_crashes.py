"""Whatever is killed, whenever: the study ends with the same table."""

import os
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from flopcast.sweeps.budget import Budget
from flopcast.sweeps.inprocess import InProcessExecutor
from flopcast.sweeps.rebuild import rebuild
from flopcast.sweeps.runner import run_cells
from flopcast.sweeps.state import State
from flopcast.sweeps.store import Store

NewStudy = Callable[..., Store]


def test_a_study_killed_at_random_ends_with_the_same_table(
    new_study: NewStudy, killed_often: Callable[[Path, int, int], int]
) -> None:
    """Killing (−9) scheduler, warm parent and runs at random times changes no result.

    FLOPCAST_KILLS=50 makes it longer.
    """
    kills = int(os.environ.get("FLOPCAST_KILLS", "10"))
    cells, settings = 3 * kills, {"steps": 8, "pause": 0.03}
    quiet = new_study(cells, name="quiet", steps=8)
    run_cells(quiet, InProcessExecutor())
    killed = new_study(cells, name="killed", **settings)
    made = killed_often(killed.folder, kills, 2026)
    assert made >= 0.7 * kills
    assert killed.counts()[State.DONE] == cells
    expected = {row.cell.config["n"]: row.metrics for row in quiet.rows()}
    assert {row.cell.config["n"]: row.metrics for row in killed.rows()} == expected
    assert any(row.attempts > 1 for row in killed.rows())
    account = killed.ledger.account()
    assert account.reserved == pytest.approx(0.0, abs=1e-9)
    assert account.spent == pytest.approx(sum(e.charged or 0.0 for e in killed.ledger.entries()))
    table = killed.table().digest
    killed.close()
    with rebuild(killed.folder) as again:
        assert again.table().digest == table
        assert again.ledger.account().spent == pytest.approx(account.spent)


def test_eight_workers_run_no_cell_twice_and_keep_the_cap(
    new_study: NewStudy, start: Callable[[Path, str], "subprocess.Popen[bytes]"], tmp_path: Path
) -> None:
    """Eight schedulers on one store share the cells; failures are paid; the cap holds."""
    log = tmp_path / "log"
    budget = Budget(cap=70.0, unit="flop", margin=1.0)
    store = new_study(
        100, "logged", budget, 1.0, log=str(log), pause=0.005, fails_every=25, name="shared"
    )
    workers = [start(store.folder, "inline") for _ in range(8)]
    assert [worker.wait(120) for worker in workers] == [0] * 8
    runs = Counter(int(line) for line in log.read_text().split())
    account = store.ledger.account()
    assert account.spent <= 70.0
    assert account.spent == 70.0
    assert account.reserved == 0.0
    assert sum(runs.values()) == 70
    failed = {1, 26, 51, 76}
    assert all(count <= 3 if n in failed else count == 1 for n, count in runs.items())
    counts = store.counts()
    assert counts[State.FAILED] + counts[State.DONE] + counts[State.PLANNED] == 100
    assert counts[State.FAILED] == sum(runs[n] == 3 for n in failed)
    assert counts[State.DONE] == len(set(runs) - failed)
    owners = {row["owner"] for row in store.connection.execute("SELECT owner FROM attempts")}
    assert len(owners) > 1
