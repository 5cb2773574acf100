"""A study while it runs: a live table in a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.live import Live
from rich.text import Text

from flopcast.cli.show import console
from flopcast.cli.sweep_text import decision_line, forecast_line, shown_status
from flopcast.sweeps.loop import DECISION, FORECAST
from flopcast.sweeps.opened import Opened
from flopcast.sweeps.status import status
from flopcast.sweeps.store import Store
from flopcast.sweeps.sweep import Tick

_EVERY_SECONDS: Final = 1.0


@contextmanager
def watching(opened: Opened, store: Store) -> Iterator[Tick]:
    """A function to call whenever something may have changed; it shows what did."""
    if console().is_terminal:
        with Live(console=console(), auto_refresh=False, transient=True) as live:
            yield _limited(lambda: live.update(_screen(opened, store), refresh=True))
    else:
        yield _Lines(store).tick


def watch_status(opened: Opened, store: Store) -> None:
    """Shows a study that another process runs, until it stops."""
    if not console().is_terminal:
        lines = _Lines(store)
        while not _over(store):
            lines.tick()
            time.sleep(_EVERY_SECONDS)
        lines.tick()
        return
    with Live(console=console(), auto_refresh=False) as live:
        while True:
            live.update(_screen(opened, store), refresh=True)
            if _over(store):
                return
            time.sleep(_EVERY_SECONDS)


class _Lines:
    """Prints every new decision and forecast once, a line each."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._decisions = self._forecasts = 0

    def tick(self) -> None:
        """Print what is new."""
        forecasts, decisions = self._store.records(FORECAST), self._store.records(DECISION)
        for one in forecasts[self._forecasts :]:
            print(forecast_line(one), flush=True)
        for one in decisions[self._decisions :]:
            print(decision_line(one), flush=True)
        self._forecasts, self._decisions = len(forecasts), len(decisions)


def _over(store: Store) -> bool:
    decisions = store.records(DECISION)
    return bool(decisions) and decisions[-1]["action"] == "stop"


def _screen(opened: Opened, store: Store) -> Text:
    return Text(shown_status(status(opened.study, store, opened.cells, opened.goal)))


def _limited(show: Tick) -> Tick:
    """`show`, at most once a second."""
    last = [float("-inf")]

    def tick() -> None:
        if time.monotonic() - last[0] >= _EVERY_SECONDS:
            show()
            last[0] = time.monotonic()

    return tick
