"""Runs cells on a Ray cluster, one Ray task each."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, final

from flopcast.errors import InputError, MissingExtra
from flopcast.sweeps.executor import Report
from flopcast.sweeps.remote import Beginnings, received, run_here, search_path
from flopcast.sweeps.task import Task


@final
class RayExecutor:
    """Cells as Ray tasks on the cluster at `address`, or on a new one on this machine.

    A cell takes `cpus` cores and `gpus` GPUs, and Ray shows it only those GPUs. `slots` limits
    how many run at once; by default as many as the nodes that are alive now have room for. The
    folder of the study must be reachable under the same path from every node. Ray itself never
    tries again: a cell whose node died is ``lost``, and goes on from its checkpoint elsewhere.

    Raises MissingExtra when Ray is not installed, InputError for less than one slot.
    """

    def __init__(
        self,
        address: str | None = None,
        slots: int | None = None,
        cpus: float = 1.0,
        gpus: float = 0.0,
        **options: Any,
    ) -> None:
        try:
            import ray
        except ImportError:
            raise MissingExtra("Running a study on Ray", "ray") from None
        if slots is not None and slots < 1:
            raise InputError(f"slots is {slots}; a Ray executor needs 1 or more.")
        self._ray: Any = ray
        self._slots = slots
        self._needs = {"CPU": cpus, "GPU": gpus}
        self._ours = not ray.is_initialized()
        if self._ours:
            options.setdefault("log_to_driver", False)
            options.setdefault("include_dashboard", None if address else False)
            ray.init(address=address, **options)
        remote = ray.remote(run_here)
        self._run = remote.options(num_cpus=cpus, num_gpus=gpus, max_retries=0)
        self._path = search_path()
        self._flying: dict[Any, Task] = {}
        self._beginnings = Beginnings()

    @property
    def slots(self) -> int:
        """How many cells run at once on the nodes that are alive now."""
        if self._slots is not None:
            return self._slots
        has = self._ray.cluster_resources()
        room = [int(has.get(kind, 0.0) / need) for kind, need in self._needs.items() if need]
        return max(1, min(room, default=1))

    def submit(self, task: Task) -> None:
        """Takes a task; it starts when a node has room."""
        self._flying[self._run.remote(task.to_dict(), self._path)] = task

    def poll(self, timeout: float) -> Sequence[Report]:
        """News since the last call; waits up to `timeout` seconds for the first."""
        if not self._flying:
            return []
        begun = self._beginnings.news(self._flying.values())
        waiting = list(self._flying)
        ready, _ = self._ray.wait(waiting, num_returns=1, timeout=0 if begun else timeout)
        if ready:
            ready, _ = self._ray.wait(waiting, num_returns=len(waiting), timeout=0)
        return [*begun, *(self._report(reference) for reference in ready)]

    def close(self) -> None:
        """Ends every task that still runs; the cluster stays unless it was started here."""
        for reference in self._flying:
            with suppress(self._ray.exceptions.RayError, RuntimeError):
                self._ray.cancel(reference, force=True)
        self._flying.clear()

    def shutdown(self) -> None:
        """Closes, and disconnects from the cluster if this executor connected to it."""
        self.close()
        if self._ours:
            self._ray.shutdown()

    def _report(self, reference: Any) -> Report:
        task = self._flying.pop(reference)
        self._beginnings.forget(task)
        try:
            return received(task, self._ray.get(reference), "")
        except self._ray.exceptions.RayError as error:
            reason = f"its Ray task was lost: {type(error).__name__}"
            return received(task, None, reason)
