"""What the tests of sweeps share: training functions by path, small studies, and killing."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from flopcast.sweeps.budget import Budget
from flopcast.sweeps.cell import Cell, Planned
from flopcast.sweeps.linux import children
from flopcast.sweeps.store import Store

HERE = Path(__file__).resolve().parent
TRAINERS = HERE / "trainers.py"
SCHEDULE = HERE / "schedule.py"
PATIENCE_SECONDS = 240

NewStudy = Callable[..., Store]
Start = Callable[[Path, str], subprocess.Popen[bytes]]


@pytest.fixture
def trainers() -> Path:
    """The file of training functions."""
    return TRAINERS


@pytest.fixture
def new_study(tmp_path: Path) -> Iterator[NewStudy]:
    """Makes a store with cells `n` = 1 … `cells`, in a folder of that name."""
    opened: list[Store] = []

    def make(
        cells: int,
        function: str = "steps",
        budget: Budget | None = None,
        cost: float | None = None,
        name: str = "study",
        **config: object,
    ) -> Store:
        store = Store.create(
            tmp_path / name, budget=budget, trainer=f"{TRAINERS}:{function}", meta={"name": name}
        )
        planned = [Cell({"n": n, **config}, seed=n % 3) for n in range(1, cells + 1)]
        store.add([Planned(cell, cost) for cell in planned])
        opened.append(store)
        return store

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts schedulers, "local" or "inline", as processes of their own."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(folder: Path, kind: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(SCHEDULE), str(folder), kind]
        started.append(subprocess.Popen(command))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def killed_often(start: Start) -> Callable[[Path, int, int], int]:
    """Runs a study to its end while killing its processes; returns how many were killed."""

    def run(folder: Path, kills: int, seed: int) -> int:
        rng = random.Random(seed)
        made = before = 0
        scheduler = start(folder, "local")
        while made < kills:
            _await_attempts(folder, before, scheduler)
            time.sleep(rng.uniform(0.0, 0.5))
            if scheduler.poll() is not None:
                if scheduler.returncode == 0:
                    return made
                before = _attempts(folder)
                scheduler = start(folder, "local")
                continue
            made += _kill(scheduler, rng.choice(["scheduler", "parent", "run"]), rng)
        if scheduler.wait(PATIENCE_SECONDS) != 0:
            assert start(folder, "local").wait(PATIENCE_SECONDS) == 0
        return made

    return run


def _attempts(folder: Path) -> int:
    with Store.open(folder, read_only=True) as store:
        return len(store.ledger.entries())


def _await_attempts(folder: Path, before: int, scheduler: subprocess.Popen[bytes]) -> None:
    """Waits until the scheduler has leased a cell, so that no kill falls on its start."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while _attempts(folder) <= before and scheduler.poll() is None:
        assert time.monotonic() < deadline, "the scheduler leases nothing"
        time.sleep(0.05)


def _kill(scheduler: subprocess.Popen[bytes], what: str, rng: random.Random) -> int:
    """Kills the scheduler, its warm parent, or one of the runs; 1 if there was one to kill."""
    if what == "scheduler":
        scheduler.kill()
        scheduler.wait()
        return 1
    victims = children(scheduler.pid)
    if what == "run":
        victims = [run for parent in victims for run in children(parent)]
    if not victims:
        return 0
    with suppress(ProcessLookupError):
        import os

        os.kill(rng.choice(victims), signal.SIGKILL)
    return 1
