"""Disks that fill up, and folders that may not be written."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from flopcast.sweeps.cell import Cell, Planned
from flopcast.sweeps.files import StorageFailed, write_atomic
from flopcast.sweeps.inprocess import InProcessExecutor
from flopcast.sweeps.local import LocalExecutor
from flopcast.sweeps.rebuild import rebuild
from flopcast.sweeps.runner import run_cells
from flopcast.sweeps.state import State
from flopcast.sweeps.store import Store

NewStudy = Callable[..., Store]


def test_a_full_disk_loses_nothing(new_study: NewStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Finished work waits while it cannot be written; then the error is typed, the rest kept."""
    from flopcast.sweeps import folder as folder_module

    store = new_study(4, steps=1)
    full = {"left": 2}

    def filling(path: Path, data: object, *, durable: bool = True) -> None:
        full["left"] -= 1
        if full["left"] < 0:
            raise StorageFailed(f"{path}: the disk is full.", disk_full=True)
        write_atomic(path, data, durable=durable)

    monkeypatch.setattr(folder_module, "write_atomic", filling)
    monkeypatch.setattr(Path, "hardlink_to", _no_links)
    with pytest.raises(StorageFailed, match="the disk is full"):
        run_cells(store, InProcessExecutor(), patience=0.05)
    monkeypatch.undo()
    assert store.counts()[State.DONE] == 1
    run_cells(store, InProcessExecutor())
    assert store.counts()[State.DONE] == 4
    assert [row.metrics["flop"] for row in store.rows()] == [6.0, 12.0, 18.0, 24.0]


def _no_links(self: Path, target: Path) -> None:
    raise OSError("no links here")


def test_reports_that_cannot_be_written_end_the_run(new_study: NewStudy) -> None:
    """A full device under events.jsonl is a typed failure of that cell alone."""
    store = new_study(2, steps=5)
    store.run_folder(store.rows()[0].id).events.symlink_to("/dev/full")
    run_cells(store, InProcessExecutor())
    first, second = store.rows()
    assert (first.state, first.code, first.attempts) == (State.FAILED, "disk_full", 3)
    assert second.state is State.DONE


@pytest.mark.skipif(sys.platform != "linux", reason="becomes another user by fork and setuid")
def test_read_only_folders(new_study: NewStudy) -> None:
    """A study that cannot be written to can be read, and working on it is a typed error."""
    store = new_study(2, steps=1)
    run_cells(store, InProcessExecutor())
    store.add([Planned(Cell({"n": 7, "steps": 1}))])
    store.close()
    read_only = [store.folder, *store.folder.rglob("*")]
    for path in sorted(read_only, reverse=True):
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    for parent in store.folder.parents[:4]:
        parent.chmod(parent.stat().st_mode | stat.S_IXOTH | stat.S_IROTH)
    try:
        assert _as_nobody(lambda: _reads(store.folder)) == 0
        assert _as_nobody(lambda: _is_refused(store.folder)) == 0
    finally:
        for path in read_only:
            path.chmod(path.stat().st_mode | stat.S_IWUSR)


def _as_nobody(check: Callable[[], None]) -> int:
    """The exit status of `check` in a child process without the rights of root."""
    if (child := os.fork()) == 0:
        try:
            if os.getuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            check()
            os._exit(0)
        except BaseException as error:
            os.write(2, f"{error!r}\n".encode())
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _reads(folder: Path) -> None:
    with Store.open(folder, read_only=True) as store:
        assert store.counts()[State.DONE] == 2
        assert len(store.table()) == 2


def _is_refused(folder: Path) -> None:
    try:
        with Store.open(folder) as store:
            run_cells(store, InProcessExecutor(), patience=0.0)
    except StorageFailed:
        return
    raise AssertionError("nothing was refused")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MiB of its own; skipped where this process may not mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if sys.platform != "linux" or os.getuid() != 0:
        pytest.skip("mounting a small disk needs Linux and root")
    options = ["-t", "tmpfs", "-o", "size=3m", "flopcast-test", str(folder)]
    mounted = subprocess.run(["mount", *options], capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_really_full_disk_loses_nothing(small_disk: Path, trainers: Path) -> None:
    """Runs on a disk that fills up: a typed error, and after making room the same table."""
    planned = [Planned(Cell({"n": n, "steps": 3}, seed=n)) for n in range(1, 13)]
    with Store.create(small_disk / "study", trainer=f"{trainers}:steps") as store:
        store.add(planned)
        executor = LocalExecutor(slots=2, gpus=())
        done = [row.id for row in store.rows()[:4]]
        run_cells(store, executor, only=done)
        ballast = small_disk / "ballast"
        _fill(ballast)
        with pytest.raises(StorageFailed, match="full"):
            run_cells(store, executor, patience=0.2)
        executor.close()
        assert {row.id for row in store.rows() if row.state is State.DONE} >= set(done)
        assert store.counts()[State.FAILED] == 0
    ballast.unlink()
    with Store.open(small_disk / "study") as store:
        run_cells(store, executor)
        executor.close()
        assert store.counts()[State.DONE] == 12
        table = store.table().digest
    with Store.create(small_disk / "quiet", trainer=f"{trainers}:steps") as quiet:
        quiet.add(planned)
        run_cells(quiet, InProcessExecutor())
        assert quiet.table().digest == table
    with rebuild(small_disk / "study") as again:
        assert again.table().digest == table


def _fill(path: Path) -> None:
    """Writes until not one byte more fits."""
    with path.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 10, 1):
            with suppress(OSError):
                while file.write(bytes(size)):
                    pass
