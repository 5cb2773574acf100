"""The warm parent of local runs: one small process that forks a child for every cell.

Forking a process that has the training code imported costs a few milliseconds; starting Python
and importing it costs seconds. The parent imports the code only after a child has imported it
without harm, runs none of it, and starts no thread, so that its children are as good as fresh
processes. It watches time and memory, kills whole process groups, and ends with its scheduler.

Run as ``python -m flopcast.sweeps.zygote DESCRIPTOR``; the descriptor is a socket that carries
JSON lines: first ``{"slots", "gpus", "path"}``, then tasks, and reports back.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from flopcast.sweeps.attempt import flush_output
from flopcast.sweeps.child import open_streams, run_child
from flopcast.sweeps.folder import RunFolder, is_durable
from flopcast.sweeps.inprocess import recorded
from flopcast.sweeps.linux import become_subreaper, children, oom_kills
from flopcast.sweeps.outcome import Outcome
from flopcast.sweeps.supervise import Running, ended, over_limit, trim_output
from flopcast.sweeps.task import Task
from flopcast.sweeps.trainer import Trainer

ANNOUNCE_SECONDS: Final = 0.05
"""A run is announced once it has lasted this long: the end of a shorter one says it all."""

TICK_SECONDS: Final = 0.05
"""Memory is looked at this often while a run has a limit on it."""

_IDLE_SECONDS = 1.0
_CHUNK = 1 << 16


class Zygote:
    """The loop of the warm parent: `slots` children at a time, the rest of the tasks queued."""

    def __init__(self, channel: socket.socket, slots: int, gpus: Sequence[str]) -> None:
        self.channel = channel
        self.gpus = gpus
        self.free = list(range(slots))[::-1]
        self.queue: deque[Task] = deque()
        self.running: dict[int, Running] = {}
        self.incoming = bytearray()
        self.outgoing = bytearray()
        self.preloaded: set[Trainer] = set()
        self.oom = oom_kills()
        self.trimmed = time.monotonic()
        self.woken, waker = os.pipe()
        for descriptor in (self.woken, waker):
            os.set_blocking(descriptor, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        channel.setblocking(False)
        become_subreaper()

    def serve(self) -> None:
        """Runs until the scheduler closes the channel or dies; then kills every child."""
        try:
            while self._turn():
                pass
        finally:
            for running in self.running.values():
                running.kill()
            self._kill_orphans()

    def _turn(self) -> bool:
        """Waits for something to happen and deals with it; False at the end."""
        pipes = [running.pipe for running in self.running.values()]
        channel, writes = self.channel.fileno(), [self.channel] if self.outgoing else []
        ready, _, _ = select.select([channel, self.woken, *pipes], writes, [], self._wait())
        with suppress(BlockingIOError):
            while os.read(self.woken, _CHUNK):
                pass
        for running in self.running.values():
            if running.pipe in ready:
                running.read()
        self._reap()
        self._watch()
        alive = channel not in ready or self._receive()
        while alive and self.queue and self.free:
            self._start(self.queue.popleft())
        self._send()
        return alive

    def _wait(self) -> float:
        now = time.monotonic()
        nearest = min((r.deadline for r in self.running.values()), default=float("inf"))
        soon = any(not r.announced or r.task.limits.memory_bytes for r in self.running.values())
        return max(0.0, min(nearest - now, TICK_SECONDS if soon else _IDLE_SECONDS))

    def _receive(self) -> bool:
        with suppress(BlockingIOError):
            while True:
                try:
                    chunk = self.channel.recv(_CHUNK)
                except ConnectionError:
                    return False
                if not chunk:
                    return False
                self.incoming += chunk
                *lines, rest = self.incoming.split(b"\n")
                self.incoming = bytearray(rest)
                self.queue += [Task.from_dict(json.loads(line)) for line in lines]
        return True

    def _send(self) -> None:
        with suppress(BlockingIOError, ConnectionError):
            while self.outgoing:
                del self.outgoing[: self.channel.send(self.outgoing)]

    def _report(self, task: Task, **news: Any) -> None:
        document = {"id": task.id, "attempt": task.attempt, **news}
        self.outgoing += json.dumps(document).encode() + b"\n"

    def _start(self, task: Task) -> None:
        slot = self.free.pop()
        gpu = self.gpus[slot % len(self.gpus)] if self.gpus else None
        environment = {} if gpu is None else {"CUDA_VISIBLE_DEVICES": gpu}
        reading, writing = os.pipe()
        parent, started = os.getpid(), time.monotonic()
        preloaded = task.trainer in self.preloaded
        pid = os.fork()
        if pid == 0:
            try:
                run_child(task, writing, environment, parent, started, preloaded=preloaded)
            finally:
                os._exit(1)
        os.close(writing)
        os.set_blocking(reading, False)
        self.running[pid] = Running(task, slot, pid, reading, started, preloaded)

    def _reap(self) -> None:
        """Takes leave of children that have ended, and of everything they left running."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            running = self.running.pop(pid, None)
            if running is not None:
                running.kill_group()
                self._end(running, status, usage)

    def _end(self, running: Running, status: int, usage: Any) -> None:
        seconds = time.monotonic() - running.started
        running.read()
        os.close(running.pipe)
        oom = False
        if os.WIFSIGNALED(status):
            kills = oom_kills()
            oom, self.oom = kills > self.oom, kills
        self.free.append(running.slot)
        if not self.running:
            self._kill_orphans()
        if running.received.endswith(b"\n"):
            self._pass_on(running)
        else:
            outcome = recorded(running.task, ended(running, status, usage, seconds, oom=oom))
            self._report(running.task, outcome=outcome.to_dict())

    def _pass_on(self, running: Running) -> None:
        """Sends on how a run says it ended, recorded before if the run left that to its parent."""
        self.outgoing += running.received
        document = json.loads(running.received)
        outcome = Outcome.from_dict(document["outcome"])
        if not is_durable(outcome):
            recorded(running.task, outcome)
        if document["preload"]:
            self._preload(running.task.trainer)

    def _watch(self) -> None:
        now = time.monotonic()
        for running in self.running.values():
            if not running.announced and now - running.started >= ANNOUNCE_SECONDS:
                running.announced = True
                self._report(running.task, pid=running.pid)
            if running.verdict is None and (over := over_limit(running, now)) is not None:
                running.verdict = over
                running.kill()
        if now - self.trimmed >= _IDLE_SECONDS:
            self.trimmed = now
            for running in self.running.values():
                trim_output(RunFolder(running.task.folder).output)

    def _preload(self, trainer: Trainer) -> None:
        if trainer in self.preloaded:
            return
        self.preloaded.add(trainer)
        with suppress(Exception):
            trainer.load()
        flush_output()
        gc.collect()
        gc.freeze()

    def _kill_orphans(self) -> None:
        """Kills what ended runs left behind outside their process groups."""
        for pid in children(os.getpid()):
            if pid not in self.running:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)


def main(descriptor: int) -> None:
    """Serves the scheduler at the other end of the socket `descriptor`."""
    channel = socket.socket(fileno=descriptor)
    first = channel.makefile("rb", buffering=0).readline()
    if not first.endswith(b"\n"):
        return
    hello = json.loads(first)
    sys.path[:] = hello["path"]
    open_streams()
    gc.freeze()
    Zygote(channel, hello["slots"], hello["gpus"]).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]))
