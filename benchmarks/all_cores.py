"""Independent calls on all cores, by processes that inherit what they need."""

import multiprocessing
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Result = TypeVar("Result")


def on_all_cores(calls: Sequence[Callable[[], Result]]) -> list[Result]:
    """What each of the calls returns; results have to be picklable, the calls need not be."""
    _calls[:] = calls
    with multiprocessing.get_context("fork").Pool() as pool:
        return pool.map(_call, range(len(calls)), chunksize=1)


# Tables of runs cannot be sent to a process; one that is forked has them.
_calls: list[Callable[[], Any]] = []


def _call(k: int) -> Any:
    return _calls[k]()
