"""What a cell costs that does nothing: 10,000 of them through local processes, and memory.

Each cell is leased, forked from the warm parent, recorded in its folder and in the database. The
baseline in the same run is a bare fork: the least that a process of its own can cost. Target:
under 5 ms a cell on two idle cores, and a scheduler and a warm parent whose memory does not grow
with the cells. Times of a busy machine say little; the load is printed beside them, and the
ratio and the processor time still tell.

    python benchmarks/sweep_overhead.py [CELLS]
"""

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from flopcast.sweeps.cell import Cell, Planned
from flopcast.sweeps.linux import children
from flopcast.sweeps.local import LocalExecutor
from flopcast.sweeps.runner import run_cells
from flopcast.sweeps.state import State
from flopcast.sweeps.store import Store

TRAIN = "def train(config, ctx):\n    return {'loss': 1.0 + config['n']}\n"
FORKS = 500


def bare_fork() -> float:
    """Milliseconds of a process that is forked, exits, and is waited for."""
    start = time.perf_counter()
    for _ in range(FORKS):
        if (pid := os.fork()) == 0:
            os._exit(0)
        os.waitpid(pid, 0)
    return 1000 * (time.perf_counter() - start) / FORKS


def processor_seconds() -> float:
    """Processor time of this process and of all its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def resident_megabytes(pid: int) -> float:
    """Memory of a process now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


class Memory:
    """Memory of the scheduler and of the warm parent as cells end, in MB."""

    def __init__(self, marks: list[int]) -> None:
        self.marks = marks
        self.seen: set[str] = set()
        self.found: list[tuple[int, float, float]] = []

    def look(self, ids: list[str]) -> None:
        """Note the memory when so many cells as the next mark have ended."""
        self.seen.update(ids)
        if self.marks and len(self.seen) >= self.marks[0]:
            (parent,) = children(os.getpid())
            both = resident_megabytes(os.getpid()), resident_megabytes(parent)
            self.found.append((self.marks.pop(0), *both))


def main(cells: int) -> None:
    """Plan and run the cells; print milliseconds a cell, the ratio to a fork, and memory."""
    fork = bare_fork()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "noop.py"
        script.write_text(TRAIN)
        store = Store.create(Path(folder) / "study", trainer=f"{script}:train")
        start = time.perf_counter()
        store.add([Planned(Cell({"n": n})) for n in range(cells)])
        planned = 1000 * (time.perf_counter() - start) / cells
        executor = LocalExecutor(gpus=())
        memory = Memory([cells // 10, cells // 2, cells])
        began, used = time.perf_counter(), processor_seconds()
        run_cells(store, executor, on_change=memory.look)
        took = 1000 * (time.perf_counter() - began) / cells
        executor.close()
        used = 1000 * (processor_seconds() - used) / cells
        done = store.counts()[State.DONE]
        store.close()
    print(f"cells done                   {done} of {cells}, {executor.slots} at a time")
    print(f"planning a cell              {planned:8.2f} ms")
    print(f"running a cell               {took:8.2f} ms, {took / fork:.1f} x a bare fork")
    print(f"  of processor time          {used:8.2f} ms")
    print(f"bare fork                    {fork:8.2f} ms")
    for ended, scheduler, parent in memory.found:
        print(f"memory after {ended:6d} cells  {scheduler:8.1f} MB, warm parent {parent:.1f} MB")
    print(f"load of the machine          {os.getloadavg()[0]:8.2f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
