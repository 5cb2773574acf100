"""Run a study from its file: the loop on an executor, then the target, then where it stands."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from flopcast.errors import InputError
from flopcast.sweeps.executor import open_executor
from flopcast.sweeps.loop import Loop
from flopcast.sweeps.opened import Opened, open_study
from flopcast.sweeps.status import Status, status
from flopcast.sweeps.store import Store

Tick = Callable[[], None]
Watch = Callable[[Opened, Store], AbstractContextManager[Tick]]


def sweep(
    study: str | Path,
    *,
    out: str | Path | None = None,
    executor: str = "local",
    slots: int | None = None,
    target: bool = False,
    watch: Watch | None = None,
) -> Status:
    """Run the study of a file or folder until a stop rule holds, going on where it was cut off.

    `out` is the folder for the runs, that of the study by default; `executor` is ``local``,
    ``inline``, ``slurm`` or ``ray``, with `slots` runs at once. With `target` the forecast is
    recorded afterwards, the target is trained, and the forecast is scored. `watch` is entered for
    the time of the loop and gives a function that is called whenever something may have changed.

    Raises InputError for a study, an executor or a number of slots that is not right, Refused for
    a target whose forecast the runs cannot carry, StorageFailed when nothing can be written.
    """
    if slots is not None and slots < 1:
        raise InputError(f"slots is {slots}; it is 1 or more.")
    opened = open_study(study, out)
    workers = open_executor(executor, **({} if slots is None else {"slots": slots}))
    with opened.store() as store:
        try:
            with (watch or _unseen)(opened, store) as tick:
                loop = Loop(opened.study, store, workers, opened.cells, opened.goal, tick)
                if loop.run() != "interrupted" and target:
                    loop.run_target()
        finally:
            workers.close()
        return status(opened.study, store, opened.cells, opened.goal)


def _unseen(*_: object) -> AbstractContextManager[Tick]:
    return nullcontext(lambda: None)
