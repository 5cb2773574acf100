"""Bounds how much heavy work runs, and waits, at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import final

from flopcast.portal.api.problem import Busy


@final
class Slots:
    """So many pieces of work at once, and so many waiting at most ``patience`` seconds."""

    def __init__(self, running: int = 2, waiting: int = 16, patience: float = 10.0) -> None:
        self._running = BoundedSemaphore(running)
        self._admitted = BoundedSemaphore(running + waiting)
        self._patience = patience

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Holds a slot.

        Raises:
            Busy: where too many wait already, or none came free in time.
        """
        if not self._admitted.acquire(blocking=False):
            raise Busy("The server is busy: too many heavy requests wait.", "Try again later.")
        try:
            if not self._running.acquire(timeout=self._patience):
                raise Busy("The server is busy.", "Try again later.")
            try:
                yield
            finally:
                self._running.release()
        finally:
            self._admitted.release()
