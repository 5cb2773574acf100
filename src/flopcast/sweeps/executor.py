"""The contract of an executor: where attempts run.

An executor that passes ``flopcast.sweeps.conformance.ExecutorConformance`` can run a study.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, final

from flopcast.errors import InputError, nearest
from flopcast.sweeps.outcome import Outcome
from flopcast.sweeps.task import Task


@final
@dataclass(frozen=True)
class Report:
    """News of one task: it has started (`outcome` is None) or ended.

    `pid` is the process of the run on this machine, 0 where it runs elsewhere.
    """

    id: str
    attempt: int
    outcome: Outcome | None = None
    pid: int = 0


class Executor(Protocol):
    """Runs tasks, several at a time, and says what came of each exactly once.

    Every submitted task ends in exactly one Report with an outcome, whatever its code does: an
    executor never raises because of a task. A task whose worker, node or queue died ends as
    ``failed`` with code ``lost``. An executor whose tasks outlive the scheduler also has
    ``adopt(task) -> bool``, which takes over such a task.
    """

    @property
    def slots(self) -> int:
        """How many tasks run at once."""

    def submit(self, task: Task) -> None:
        """Takes a task; it starts when a slot is free."""

    def poll(self, timeout: float) -> Sequence[Report]:
        """News since the last call; waits up to `timeout` seconds for the first."""

    def close(self) -> None:
        """Ends every task that still runs, with everything it started, without a report.

        May be called twice; a task submitted afterwards starts the executor again.
        """


def open_executor(name: str, **options: Any) -> Executor:
    """The executor called ``local``, ``inline``, ``slurm`` or ``ray``, with its own options.

    Raises InputError for an unknown name, MissingExtra when Slurm or Ray is not installed.
    """
    if name == "local":
        from flopcast.sweeps.local import LocalExecutor

        return LocalExecutor(**options)
    if name == "inline":
        from flopcast.sweeps.inprocess import InProcessExecutor

        return InProcessExecutor(**options)
    if name == "slurm":
        from flopcast.sweeps.slurm import SlurmExecutor

        return SlurmExecutor(**options)
    if name == "ray":
        from flopcast.sweeps.ray_cluster import RayExecutor

        return RayExecutor(**options)
    known = ("local", "inline", "slurm", "ray")
    raise InputError(f"executor {name!r} is not one of {', '.join(known)}.{nearest(name, known)}")
