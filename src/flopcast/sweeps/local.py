"""Runs cells as processes of this machine: the default."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import final

from flopcast.errors import InputError
from flopcast.sweeps.executor import Report
from flopcast.sweeps.task import Task
from flopcast.sweeps.warm import WarmPool


@final
class LocalExecutor:
    """Every cell in a process of its own, `slots` at a time.

    By default one slot per GPU where there are GPUs, each slot seeing one of them; else one per
    core. `gpus` names the devices to use, ``()`` for none. The numerical libraries of a run get
    the cores divided by the slots, unless OMP_NUM_THREADS says otherwise.

    Raises InputError for less than one slot.
    """

    def __init__(self, slots: int | None = None, gpus: Sequence[str] | None = None) -> None:
        devices = visible_gpus() if gpus is None else tuple(gpus)
        cores = available_cores()
        self.slots = (len(devices) or cores) if slots is None else slots
        if self.slots < 1:
            raise InputError(f"slots is {slots}; a local executor needs 1 or more.")
        self._pool = WarmPool(self.slots, devices, max(1, cores // self.slots))

    def submit(self, task: Task) -> None:
        """Takes a task; it starts when a slot is free."""
        self._pool.submit(task)

    def poll(self, timeout: float) -> Sequence[Report]:
        """News since the last call; waits up to `timeout` seconds for the first."""
        return self._pool.poll(timeout)

    def close(self) -> None:
        """Kills every run with everything it started."""
        self._pool.close()


def available_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def visible_gpus() -> tuple[str, ...]:
    """NVIDIA GPUs that this process may use, by the names that CUDA_VISIBLE_DEVICES takes."""
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is not None:
        return tuple(name.strip() for name in allowed.split(",") if name.strip() not in ("", "-1"))
    if not Path("/proc/driver/nvidia").is_dir() or shutil.which("nvidia-smi") is None:
        return ()
    listed = subprocess.run(
        ["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"],
        capture_output=True,
        text=True,
        check=False,
    )
    return tuple(listed.stdout.split()) if listed.returncode == 0 else ()
