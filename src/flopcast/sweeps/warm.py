"""A pool of runs under a warm parent process, seen from the scheduler."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final, final

from flopcast.sweeps.evidence import with_evidence
from flopcast.sweeps.executor import Report
from flopcast.sweeps.folder import RunFolder
from flopcast.sweeps.inprocess import recorded
from flopcast.sweeps.outcome import Outcome, failed, not_started
from flopcast.sweeps.task import Task

_CHUNK = 1 << 16
_CLOSE_SECONDS: Final = 5.0
_MOST_IN_VAIN: Final = 10


@final
class WarmPool:
    """Runs up to `slots` tasks at a time as forked processes of one warm parent.

    `gpus` are device names for ``CUDA_VISIBLE_DEVICES``, given to slots in turn; `threads` is how
    many the numerical libraries of a run may use, `path` where runs find modules (here: the same
    folders as this process). If the parent dies, its runs are ``lost``, and the next task starts
    a new one.
    """

    def __init__(
        self,
        slots: int,
        gpus: Sequence[str] = (),
        threads: int | None = None,
        path: Sequence[str] | None = None,
    ) -> None:
        self.slots = slots
        self._path = sys.path if path is None else path
        self._gpus = tuple(gpus)
        self._threads = threads
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._flying: dict[tuple[str, int], Task] = {}
        self._pids: dict[tuple[str, int], tuple[int, float]] = {}
        self._incoming = bytearray()
        self._outgoing = bytearray()
        self._news: list[Report] = []
        self._in_vain = 0

    def submit(self, task: Task) -> None:
        """Takes a task; it starts when a slot is free."""
        if self._channel is None:
            self._open()
        self._flying[task.id, task.attempt] = task
        self._outgoing += json.dumps(task.to_dict()).encode() + b"\n"
        self._exchange(0.0)

    def poll(self, timeout: float) -> Sequence[Report]:
        """News since the last call; waits up to `timeout` seconds for the first."""
        if not self._news and self._channel is not None:
            self._exchange(timeout if self._flying else 0.0)
        news, self._news = self._news, []
        return news

    def close(self) -> None:
        """Kills every run with everything it started, and the parent."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._process is not None:
            try:
                self._process.wait(_CLOSE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        self._kill_runs()
        self._flying.clear()
        self._pids.clear()
        self._incoming.clear()
        self._outgoing.clear()
        self._news.clear()

    def _open(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "flopcast.sweeps.zygote", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=self._environment(),
                start_new_session=True,
            )
        ours.setblocking(False)
        self._in_vain += 1
        self._channel = ours
        hello = {"slots": self.slots, "gpus": self._gpus, "path": list(self._path)}
        self._outgoing += json.dumps(hello).encode() + b"\n"

    def _environment(self) -> dict[str, str]:
        """One run must not take the cores of all: threads are limited unless the user did."""
        environment = dict(os.environ)
        if self._threads is not None:
            for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
                environment.setdefault(name, str(self._threads))
        return environment

    def _exchange(self, timeout: float) -> None:
        """Sends what waits and receives what has come, for the first news at most `timeout`."""
        assert self._channel is not None
        deadline = time.monotonic() + timeout
        while True:
            writes = [self._channel] if self._outgoing else []
            left = max(0.0, deadline - time.monotonic())
            readable, writable, _ = select.select([self._channel], writes, [], left)
            alive = True
            with suppress(BlockingIOError):
                if writable:
                    alive = self._send()
                if readable:
                    alive = self._receive() and alive
            if not alive:
                self._lost()
                return
            if self._news or time.monotonic() >= deadline:
                return

    def _send(self) -> bool:
        assert self._channel is not None
        try:
            del self._outgoing[: self._channel.send(self._outgoing)]
        except ConnectionError:
            return False
        return True

    def _receive(self) -> bool:
        assert self._channel is not None
        try:
            chunk = self._channel.recv(_CHUNK)
        except ConnectionError:
            return False
        self._incoming += chunk
        *lines, rest = self._incoming.split(b"\n")
        self._incoming = bytearray(rest)
        for line in lines:
            self._read(json.loads(line))
        return bool(chunk)

    def _read(self, document: dict[str, Any]) -> None:
        self._in_vain = 0
        key = (document["id"], document["attempt"])
        if "outcome" in document:
            self._flying.pop(key, None)
            self._pids.pop(key, None)
            outcome = Outcome.from_dict(document["outcome"])
            self._news.append(Report(*key, outcome))
        else:
            self._pids[key] = (document["pid"], time.monotonic())
            self._news.append(Report(*key, None, document["pid"]))

    def _lost(self) -> None:
        """The warm parent died: so did its runs; each is reported once."""
        now = time.monotonic()
        flying, pids = dict(self._flying), dict(self._pids)
        news = self._news
        self.close()
        for key, task in flying.items():
            seconds = now - pids[key][1] if key in pids else 0.0
            outcome = RunFolder(task.folder).read_attempt(task.attempt)
            news.append(Report(*key, outcome or self._end_of(task, seconds)))
        self._news = news

    def _kill_runs(self) -> None:
        for pid, _ in self._pids.values():
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)

    def _end_of(self, task: Task, seconds: float) -> Outcome:
        """The end of a task whose warm parent died, recorded.

        A task that was still queued does not count, unless parents die again and again before
        they ran anything: then none may ever do.
        """
        folder = RunFolder(task.folder)
        queued = seconds == 0.0 and not folder.has_begun(task.attempt)
        if queued and self._in_vain <= _MOST_IN_VAIN:
            return recorded(task, not_started("the parent of the run died before it began"))
        outcome = failed("lost", "the parent of the run died", seconds=seconds)
        return recorded(task, with_evidence(outcome, folder, task.attempt))
