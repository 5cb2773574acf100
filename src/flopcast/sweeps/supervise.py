"""Watching the process of one cell: its limits, its end, and what that means."""

import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from resource import struct_rusage
from typing import Final, final

from flopcast.sweeps.evidence import with_evidence
from flopcast.sweeps.folder import RunFolder
from flopcast.sweeps.linux import memory_of
from flopcast.sweeps.outcome import Outcome, failed
from flopcast.sweeps.state import State
from flopcast.sweeps.task import Task

MAX_OUTPUT_BYTES: Final = 8 << 20
"""A run's output is cut to nothing when it grows beyond this; the rest of the run goes on."""


@final
@dataclass
class Running:
    """One cell that runs as process `pid`, since `started` on the monotonic clock.

    `received` is the report of its end that it has sent through `pipe` so far: one JSON line.
    """

    task: Task
    slot: int
    pid: int
    pipe: int
    started: float
    preloaded: bool
    received: bytearray = field(default_factory=bytearray)
    verdict: Outcome | None = None
    announced: bool = False

    @property
    def deadline(self) -> float:
        """When it is killed, on the monotonic clock."""
        limits = (self.task.limits.seconds, self.task.paid_seconds)
        return self.started + min((s for s in limits if s is not None), default=float("inf"))

    def read(self) -> None:
        """Takes in what the process has written about its end so far."""
        with suppress(BlockingIOError):
            while chunk := os.read(self.pipe, 1 << 16):
                self.received += chunk

    def kill(self) -> None:
        """Kills the process, which may not lead a group yet, and its whole group."""
        self.kill_group()
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def kill_group(self) -> None:
        """Kills what the process has started, if it stayed in its group."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


def over_limit(running: Running, now: float) -> Outcome | None:
    """The outcome of a run that is over one of its limits now, else None."""
    task = running.task
    if now >= running.deadline:
        seconds = running.deadline - running.started
        paid, limit = task.paid_seconds, task.limits.seconds
        if paid is not None and (limit is None or paid <= limit):
            reason = f"it ran for the {seconds:.4g} s that were reserved for it"
            return Outcome(State.OVER_BUDGET, "over_budget", reason)
        return failed("time_limit", f"it ran for {seconds:.4g} s, the limit of the study")
    limit = task.limits.memory_bytes
    if limit is not None and (used := memory_of(running.pid, limit)) > limit:
        return failed("memory_limit", f"it used {used} bytes of memory; the limit is {limit}")
    return None


def ended(
    running: Running, status: int, usage: struct_rusage, seconds: float, *, oom: bool
) -> Outcome:
    """The outcome of a process that ended with `status` without saying how.

    `oom` says that the kernel has killed a process for memory meanwhile.
    """
    measured = replace(
        running.verdict or _cause(status, oom=oom),
        seconds=seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_bytes=usage.ru_maxrss * 1024,
    )
    return with_evidence(measured, RunFolder(running.task.folder), running.task.attempt)


def trim_output(path: Path) -> None:
    """Empties a run's output when it has grown too long; what follows is appended again."""
    with suppress(OSError):
        if path.stat().st_size > MAX_OUTPUT_BYTES:
            os.truncate(path, 0)


def _cause(status: int, *, oom: bool) -> Outcome:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number != signal.SIGKILL:
            return failed("crashed", f"the process died of {signal.Signals(number).name}")
        if oom:
            return failed("out_of_memory", "the system killed the process for memory")
        return failed("killed", "somebody killed the process")
    code = os.WEXITSTATUS(status)
    if code == 0:
        return failed("no_result", "the process left without a result")
    return failed("crashed", f"the process left with status {code}")
