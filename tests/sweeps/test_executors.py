"""Every executor on one machine keeps the promises of the contract."""

from pathlib import Path

import pytest

from flopcast.errors import InputError
from flopcast.sweeps.conformance import ExecutorConformance
from flopcast.sweeps.executor import Executor, open_executor
from flopcast.sweeps.inprocess import InProcessExecutor
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
