"""Runs cells as jobs of a Slurm cluster, through submitit."""

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, final

from flopcast.errors import InputError, MissingExtra
from flopcast.sweeps.executor import Report
from flopcast.sweeps.files import StorageFailed, read_json, write_atomic
from flopcast.sweeps.remote import Beginnings, received, run_here, search_path
from flopcast.sweeps.task import Task

JOB: Final = "job.json"
_POLL_SECONDS = 0.2


@final
class SlurmExecutor:
    """Cells as Slurm jobs, at most `slots` in the queue at a time.

    `folder` holds submitit's logs and must be reachable from every node, like the folder of the
    study. `parameters` go to submitit: ``timeout_min``, ``gpus_per_node``, ``slurm_partition``
    and so on. `cluster` is ``slurm``, or ``local`` and ``debug`` to try without a cluster.
    Jobs outlive the scheduler; the next one takes them over (`adopt`) instead of running their
    cells twice. A preempted job is queued again and goes on from its checkpoint.

    Raises MissingExtra when submitit is not installed, InputError for less than one slot or
    parameters that submitit does not know.
    """

    def __init__(
        self, folder: str | Path, cluster: str = "slurm", slots: int = 100, **parameters: Any
    ) -> None:
        try:
            import submitit
        except ImportError:
            raise MissingExtra("Running a study on Slurm", "slurm") from None
        if slots < 1:
            raise InputError(f"slots is {slots}; a Slurm executor needs 1 or more.")
        self.slots = slots
        self._folder = Path(folder).absolute()
        self._cluster = cluster
        self._executor = submitit.AutoExecutor(folder=self._folder, cluster=cluster)
        try:
            self._executor.update_parameters(**parameters)
        except (NameError, TypeError, ValueError) as error:
            raise InputError(f"Slurm parameters: {error}", "See submitit's parameters.") from None
        self._path = search_path()
        self._flying: dict[tuple[str, int], tuple[Task, Any]] = {}
        self._beginnings = Beginnings()

    def submit(self, task: Task) -> None:
        """Takes a task; it starts when Slurm says so."""
        job = self._executor.submit(Job(task.to_dict(), self._path))
        with suppress(StorageFailed):
            write_atomic(
                task.folder / JOB,
                {"attempt": task.attempt, "job": job.job_id, "folder": str(self._folder)},
            )
        self._flying[task.id, task.attempt] = (task, job)

    def adopt(self, task: Task) -> bool:
        """Takes over a task that a scheduler now dead had submitted; False if there is no job."""
        found = read_json(task.folder / JOB)
        if found is None or found["attempt"] != task.attempt:
            return False
        import submitit

        kinds: dict[str, Any] = {"slurm": submitit.SlurmJob, "local": submitit.LocalJob}
        if self._cluster not in kinds:
            return False
        job = kinds[self._cluster](folder=found["folder"], job_id=found["job"])
        self._flying[task.id, task.attempt] = (task, job)
        return True

    def poll(self, timeout: float) -> Sequence[Report]:
        """News since the last call; waits up to `timeout` seconds for the first."""
        deadline = time.monotonic() + timeout
        while True:
            begun = self._beginnings.news(task for task, _ in self._flying.values())
            ready = [key for key, (_, job) in self._flying.items() if job.done()]
            if begun or ready or not self._flying or time.monotonic() >= deadline:
                return [*begun, *(self._report(*self._flying.pop(key)) for key in ready)]
            time.sleep(min(_POLL_SECONDS, max(0.0, deadline - time.monotonic())))

    def close(self) -> None:
        """Cancels every job that still waits or runs."""
        for _, job in self._flying.values():
            with suppress(Exception):
                job.cancel()
        self._flying.clear()

    def _report(self, task: Task, job: Any) -> Report:
        self._beginnings.forget(task)
        try:
            return received(task, job.result(), "")
        except Exception as error:
            return received(task, None, f"its job {job.job_id} was lost: {type(error).__name__}")


@final
class Job:
    """What a job executes. Preempted, it is queued again as it is."""

    def __init__(self, document: dict[str, Any], path: list[str]) -> None:
        self.document = document
        self.path = path

    def __call__(self) -> dict[str, Any]:
        """Runs the task and returns its outcome."""
        return run_here(self.document, self.path)

    def checkpoint(self) -> Any:
        """What submitit queues after a preemption."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)
