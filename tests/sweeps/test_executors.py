"""Every executor on one machine keeps the promises of the contract."""

import os
import signal
from pathlib import Path

import pytest

from flopcast.errors import InputError
from flopcast.sweeps.conformance import ExecutorConformance
from flopcast.sweeps.executor import Executor, open_executor
from flopcast.sweeps.inprocess import InProcessExecutor
from flopcast.sweeps.linux import children
from flopcast.sweeps.local import LocalExecutor, visible_gpus


class TestInProcess(ExecutorConformance):
    """Tasks in the calling process."""

    isolates = False

    def open(self, folder: Path) -> Executor:  # noqa: ARG002
        """The executor under test."""
        return InProcessExecutor()


class TestLocal(ExecutorConformance):
    """Tasks in processes of this machine."""

    def open(self, folder: Path) -> Executor:  # noqa: ARG002
        """The executor under test."""
        return LocalExecutor(slots=2, gpus=())


def test_unknown_executors_are_refused_with_the_nearest() -> None:
    """An unknown name and too few slots say what would be right."""
    with pytest.raises(InputError, match="Did you mean 'local'"):
        open_executor("locl")
    with pytest.raises(InputError, match="1 or more"):
        open_executor("local", slots=0)


def test_gpus_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slots default to the GPUs that CUDA_VISIBLE_DEVICES leaves."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3, 5")
    assert visible_gpus() == ("3", "5")
    assert LocalExecutor().slots == 2
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert visible_gpus() == ()


def test_queued_tasks_do_not_count_when_their_parent_dies(tmp_path: Path) -> None:
    """The warm parent is killed: the run is lost, the task behind it was not started."""
    others = set(children(os.getpid()))
    executor = LocalExecutor(slots=1, gpus=())
    tasks = [ExecutorConformance()._task(tmp_path, number, "hangs") for number in range(2)]
    for task in tasks:
        executor.submit(task)
    while not (news := executor.poll(1.0)):
        pass
    assert (news[0].id, news[0].outcome) == (tasks[0].id, None)
    (parent,) = set(children(os.getpid())) - others
    os.kill(parent, signal.SIGKILL)
    codes: dict[str, str | None] = {}
    while len(codes) < 2:
        codes |= {one.id: one.outcome.code for one in executor.poll(1.0) if one.outcome}
    executor.close()
    assert list(codes.values()) == ["lost", "not_started"]
