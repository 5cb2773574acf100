"""A scheduler as a process of its own, for tests that kill it: ``schedule.py FOLDER EXECUTOR``."""

import sys

from flopcast.sweeps.executor import Executor
from flopcast.sweeps.inprocess import InProcessExecutor
from flopcast.sweeps.local import LocalExecutor
from flopcast.sweeps.runner import run_cells
from flopcast.sweeps.store import Store


def main(folder: str, kind: str) -> None:
    """Runs the study in `folder` to its end."""
    executor: Executor
    executor = InProcessExecutor() if kind == "inline" else LocalExecutor(slots=2, gpus=())
    with Store.open(folder) as store:
        run_cells(store, executor)
    executor.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
