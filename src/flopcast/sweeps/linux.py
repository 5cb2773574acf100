"""What only the kernel knows: memory of a family of processes, orphans, kills for memory.

Where there is no ``/proc`` (macOS), memory limits are not enforced and orphans not found.
"""

import ctypes
import os
import signal
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

_SET_DEATH_SIGNAL = 1
_SET_SUBREAPER = 36


def die_with_parent(parent: int) -> None:
    """Has the kernel kill this process as soon as its parent, process `parent`, dies."""
    _prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def become_subreaper() -> None:
    """Has orphans among the descendants of this process become its children."""
    _prctl(_SET_SUBREAPER, 1)


def children(pid: int) -> list[int]:
    """The child processes of a process."""
    found: list[int] = []
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - many times a second
            with suppress(OSError):
                text = Path(f"/proc/{pid}/task/{thread}/children").read_text()
                found += [int(child) for child in text.split()]
    return found


def memory_of(pid: int, limit: int) -> int:
    """Bytes of memory of a process and its descendants.

    Resident sets count shared pages once per process; only when they exceed `limit` are they
    replaced by proportional shares, which cost more to read.
    """
    family = _family(pid)
    resident = sum(_resident(member) for member in family)
    return resident if resident <= limit else sum(_proportional(member) for member in family)


def oom_kills() -> int:
    """How often the kernel has killed a process for memory since boot; 0 where unknown."""
    with suppress(OSError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0


def native_threads() -> int:
    """Threads of this process, whoever started them; 1 where unknown."""
    with suppress(OSError):
        return len(os.listdir("/proc/self/task"))  # noqa: PTH208
    return 1


def _family(pid: int) -> list[int]:
    family, at = [pid], 0
    while at < len(family):
        family += children(family[at])
        at += 1
    return family


def _resident(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _proportional(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return _resident(pid)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        _libc().prctl(option, value, 0, 0, 0)
