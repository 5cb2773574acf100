"""Who holds leases: a process that shows signs of life, judged without trusting any clock.

An owner writes its *age*, seconds on its own monotonic clock. Others ask only whether that
number still changes, over a time taken on their own monotonic clock. A wall clock that jumps,
here or there, changes nothing. On the machine and in the boot where the owner lives, a process
that is gone is seen at once.
"""

import os
import socket
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, final

HEARTBEAT_SECONDS: Final = 2.0
"""An owner writes its age this often."""

TTL_SECONDS: Final = 60.0
"""An owner elsewhere whose age has not changed for this long is dead."""

_RETIRED: Final[set[str]] = set()


@final
@dataclass(frozen=True)
class Owner:
    """One process that leases cells: unique id, place (machine, boot, namespace) and process."""

    id: str
    place: str
    pid: int
    ticks: int

    def is_gone(self) -> bool:
        """Whether this is certainly dead: its process, which ran here, is gone or retired it."""
        if self.id in _RETIRED:
            return True
        return self.place == here() and not is_running(self.pid, self.ticks)

    def retire(self) -> None:
        """Says that this process no longer works on what it leased."""
        _RETIRED.add(self.id)


def new_owner() -> Owner:
    """The owner for this process; each call makes another."""
    pid = os.getpid()
    return Owner(uuid.uuid4().hex, here(), pid, start_ticks(pid))


@cache
def here() -> str:
    """The machine, boot and process namespace of this process, as text."""
    parts = [socket.gethostname()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
    with suppress(OSError):
        parts.append(str(Path("/proc/self/ns/pid").stat().st_ino))
    return "/".join(parts)


def start_ticks(pid: int) -> int:
    """When a process started, in clock ticks since boot; 0 where unknown, -1 when it is dead."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return -1 if Path("/proc/self/stat").exists() else 0
    fields = text.rpartition(")")[2].split()
    return -1 if fields[0] in ("Z", "X") else int(fields[19])


def is_running(pid: int, ticks: int) -> bool:
    """Whether the process that started at `ticks` still runs under this number."""
    now = start_ticks(pid)
    if now == 0:
        with suppress(PermissionError):
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return False
        return True
    return now == ticks


@final
@dataclass
class Observer:
    """Remembers since when each owner's age has not changed, on this process's own clock."""

    ttl: float = TTL_SECONDS
    seen: dict[str, tuple[float, float]] = field(default_factory=dict)

    def is_dead(self, owner: Owner, age: float, now: float | None = None) -> bool:
        """Whether the owner, now of this age, is dead."""
        if owner.is_gone():
            return True
        now = time.monotonic() if now is None else now
        last, since = self.seen.get(owner.id, (None, now))
        if last != age:
            self.seen[owner.id] = (age, now)
            return False
        return now - since > self.ttl
