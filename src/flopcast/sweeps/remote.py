"""One task on whatever machine this is called on: what Slurm jobs and Ray tasks execute."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, final

from flopcast.sweeps.executor import Report
from flopcast.sweeps.folder import RunFolder
from flopcast.sweeps.inprocess import recorded
from flopcast.sweeps.outcome import Outcome, failed
from flopcast.sweeps.task import Task
from flopcast.sweeps.warm import WarmPool

_POLL_SECONDS = 1.0
_POOLS: Final[dict[str | None, WarmPool]] = {}


def run_here(document: Mapping[str, Any], path: Sequence[str]) -> dict[str, Any]:
    """Runs the task that `document` holds in a process of its own and returns its outcome.

    `path` is where the scheduler finds modules. The warm parent is kept for the next task of the
    same worker, as long as the worker sees the same GPUs. If the worker dies, so does the run.
    """
    task = Task.from_dict(document)
    gpus = os.environ.get("CUDA_VISIBLE_DEVICES")
    if gpus not in _POOLS:
        _POOLS[gpus] = WarmPool(1, () if gpus is None else (gpus,), path=path)
    pool = _POOLS[gpus]
    pool.submit(task)
    while True:
        for report in pool.poll(_POLL_SECONDS):
            if report.outcome is not None:
                return report.outcome.to_dict()


@final
@dataclass
class Beginnings:
    """Which tasks that run elsewhere have begun, by the traces in their folders."""

    announced: set[tuple[str, int]] = field(default_factory=set)

    def news(self, tasks: Iterable[Task]) -> list[Report]:
        """The tasks that have begun since the last call."""
        new = [
            task
            for task in tasks
            if (task.id, task.attempt) not in self.announced
            and RunFolder(task.folder).has_begun(task.attempt)
        ]
        self.announced |= {(task.id, task.attempt) for task in new}
        return [Report(task.id, task.attempt) for task in new]

    def forget(self, task: Task) -> None:
        """A task has ended."""
        self.announced.discard((task.id, task.attempt))


def search_path() -> list[str]:
    """Where this process finds modules, as absolute folders."""
    import sys

    return [entry or os.getcwd() for entry in sys.path]  # noqa: PTH109


def received(task: Task, document: Mapping[str, Any] | None, reason: str) -> Report:
    """The report of a task that came back with `document`, or did not, for `reason`.

    A task that left its record before its worker died is as good as returned.
    """
    if document is not None:
        return Report(task.id, task.attempt, Outcome.from_dict(document))
    found = RunFolder(task.folder).read_attempt(task.attempt)
    return Report(task.id, task.attempt, found or recorded(task, failed("lost", reason)))
