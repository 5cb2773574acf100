"""What a cell costs that does nothing: 10,000 of them through local processes, and memory.

Each cell is leased, forked from the warm parent, recorded in its folder and in the database. The
baseline in the same run is a bare fork: the least that a process of its own can cost. Target:
under 5 ms a cell on two idle cores, and a scheduler whose memory does not grow with the cells.
Times of a busy machine say little; the ratio and the processor time still do.

    python benchmarks/sweep_overhead.py [CELLS]
"""

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from flopcast.sweeps.cell import Cell, Planned
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


def resident_megabytes() -> float:
    """Memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


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
        memory: list[float] = []
        began, used = time.perf_counter(), processor_seconds()
        run_cells(store, executor, on_change=lambda _: memory.append(resident_megabytes()))
        took = 1000 * (time.perf_counter() - began) / cells
        executor.close()
        used = 1000 * (processor_seconds() - used) / cells
        done = store.counts()[State.DONE]
        store.close()
    tenth = max(1, len(memory) // 10)
    print(f"cells done                   {done} of {cells}, {executor.slots} at a time")
    print(f"planning a cell              {planned:8.2f} ms")
    print(f"running a cell               {took:8.2f} ms, {took / fork:.1f} x a bare fork")
    print(f"  of processor time          {used:8.2f} ms")
    print(f"bare fork                    {fork:8.2f} ms")
    print(f"memory after a tenth, at end {memory[tenth]:8.1f} MB, {memory[-1]:.1f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
