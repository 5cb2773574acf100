"""Runs cells one after another in the calling process: for notebooks and for finding mistakes."""

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import final

from flopcast.sweeps.attempt import attempt
from flopcast.sweeps.executor import Report
from flopcast.sweeps.files import StorageFailed
from flopcast.sweeps.folder import RunFolder
from flopcast.sweeps.outcome import Outcome
from flopcast.sweeps.task import Task


@final
class InProcessExecutor:
    """One task at a time, without a process of its own.

    A task can use breakpoints and print to the terminal. Nothing stops it from outside: limits
    hold only where it asks `should_stop`, and a crash takes the caller with it.
    """

    slots = 1

    def __init__(self) -> None:
        self._queue: deque[Task] = deque()
        self._announced: Task | None = None

    def submit(self, task: Task) -> None:
        """Takes a task; the next `poll` runs it."""
        self._queue.append(task)

    def poll(self, timeout: float) -> Sequence[Report]:  # noqa: ARG002
        """Says that the next task starts; the call after that runs it to its end."""
        if not self._queue:
            return []
        task = self._queue[0]
        if task is not self._announced:
            self._announced = task
            return [Report(task.id, task.attempt)]
        self._queue.popleft()
        return [Report(task.id, task.attempt, recorded(task, attempt(task)))]

    def close(self) -> None:
        """Forgets tasks that have not started."""
        self._queue.clear()


def recorded(task: Task, outcome: Outcome) -> Outcome:
    """`outcome`, written into the folder of the run where that is possible.

    Where it is not, the outcome still goes to the store, which says so if it cannot write either.
    """
    with suppress(StorageFailed):
        RunFolder(task.folder).write_attempt(task.attempt, outcome)
    return outcome
