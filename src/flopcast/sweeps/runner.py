"""Runs the planned cells of a study on an executor, within the budget, whatever crashes."""

import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, TypeVar, final

from flopcast.errors import InputError
from flopcast.sweeps.database import connect
from flopcast.sweeps.evidence import with_evidence
from flopcast.sweeps.executor import Executor
from flopcast.sweeps.files import StorageFailed, check_room
from flopcast.sweeps.leases import Lease, Leases
from flopcast.sweeps.outcome import Outcome, failed
from flopcast.sweeps.owner import HEARTBEAT_SECONDS, Observer
from flopcast.sweeps.retry import RetryPolicy
from flopcast.sweeps.store import Store
from flopcast.sweeps.task import Limits, Task
from flopcast.sweeps.trainer import Trainer

STORAGE_PATIENCE_SECONDS: Final = 60.0
"""How long finished work is held in memory while it cannot be written."""

_T = TypeVar("_T")
_POLL_SECONDS = 0.5
_RECLAIM_SECONDS = 2.0
_PAUSE_SECONDS = 10.0
_AHEAD_SECONDS = 0.1
_MOST_AHEAD = 32
_GATHER_SECONDS = 0.005


@final
@dataclass(frozen=True)
class Summary:
    """What a call of `run_cells` did.

    `finished` are the cells that reached a final state, `unaffordable` the planned ones that the
    budget cannot pay, `left` those still planned for another reason. `interrupted` says that the
    caller asked to stop.
    """

    finished: tuple[str, ...]
    unaffordable: tuple[str, ...]
    left: tuple[str, ...]
    interrupted: bool


def run_cells(
    store: Store,
    executor: Executor,
    *,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    policy: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
    trainer: object = None,
    only: Collection[str] | None = None,
    on_change: Callable[[list[str]], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    wait: bool = True,
    observer: Observer | None = None,
    patience: float = STORAGE_PATIENCE_SECONDS,
) -> Summary:
    """Runs every planned cell that the budget can pay, in order, and returns when none is left.

    Several processes may do this on one store; with `wait` each stays until the others are done,
    and takes over the cells of those that died. `only` restricts to cells by id. `on_change` is
    called with the ids of cells that moved; `should_stop` is asked between batches. When it says
    so, and on Ctrl-C, running cells are asked to write their checkpoint and return, and are
    planned again after ten seconds at most.

    Raises InputError when nobody said what trains; StorageFailed when nothing could be written
    for `patience` seconds: what was recorded before is kept, and the rest is run again.
    """
    found = store.trainer if trainer is None else Trainer.parse(trainer)
    if found is None:
        raise InputError("the study names no trainer.", "Give trainer='file.py:function'.")
    only = None if only is None else frozenset(only)
    leases = Leases(store, policy, observer=observer or Observer())
    session = _Session(store, executor, leases, found, limits, only, on_change, patience)
    try:
        with _Heart(leases):
            return session.run(should_stop or (lambda: False), wait=wait)
    finally:
        leases.owner.retire()


@final
@dataclass
class _Session:
    store: Store
    executor: Executor
    leases: Leases
    trainer: Trainer
    limits: Limits
    only: Collection[str] | None
    on_change: Callable[[list[str]], None] | None
    patience: float
    flying: dict[tuple[str, int], float | None] = field(default_factory=dict)
    waiting: list[tuple[str, int, Outcome]] = field(default_factory=list)
    finished: dict[str, None] = field(default_factory=dict)
    reclaimed: float = float("-inf")
    typical: float = 1.0

    def run(self, should_stop: Callable[[], bool], *, wait: bool) -> Summary:
        """Launches and collects until nothing is left that the budget can pay, or told to stop."""
        interrupted = False
        try:
            while True:
                self._reclaim()
                interrupted = should_stop()
                if interrupted or not (self._launch() or self.flying):
                    if interrupted or not (wait and self.leases.others_hold(self.only)):
                        break
                    time.sleep(_POLL_SECONDS / 10)
                    continue
                self._collect(_POLL_SECONDS)
        except KeyboardInterrupt:
            interrupted = True
        finally:
            self._pause()
        return self._summary(interrupted)

    def _reclaim(self) -> None:
        now = time.monotonic()
        if now - self.reclaimed >= _RECLAIM_SECONDS or not self.flying:
            self.reclaimed = now
            self._moved(self._stored(lambda: self.leases.reclaim(self._adopt)))

    def _adopt(self, lease: Lease) -> bool:
        """Whether the executor goes on with an attempt of a scheduler that died."""
        adopt = getattr(self.executor, "adopt", None)
        if adopt is None or not adopt(self._task(lease)):
            return False
        self.flying[lease.cell.id, lease.attempt] = None
        return True

    def _launch(self) -> bool:
        """Leases as many cells as keep every slot busy for a tenth of a second or one more run."""
        ahead = min(_MOST_AHEAD, max(1.0, _AHEAD_SECONDS / max(self.typical, 1e-6)))
        wanted = int(self.executor.slots * (1.0 + ahead))
        free = wanted - len(self.flying)
        if free < max(1, wanted // 4):
            return False
        taken = self._stored(lambda: self.leases.take(free, self.only))
        for lease in taken:
            self.flying[lease.cell.id, lease.attempt] = None
            self.executor.submit(self._task(lease))
        return bool(taken)

    def _task(self, lease: Lease) -> Task:
        budget = self.store.budget
        return Task(
            lease.cell.id,
            lease.attempt,
            self.trainer,
            lease.cell.config,
            lease.cell.seed,
            self.store.run_folder(lease.cell.id).path.absolute(),
            self.limits,
            budget.seconds_limit(lease.cost),
            budget.flop_limit(lease.cost),
        )

    def _collect(self, timeout: float) -> None:
        if len(self.flying) > 4 * self.executor.slots:
            time.sleep(_GATHER_SECONDS)
        reports = self.executor.poll(timeout)
        ended = {(r.id, r.attempt): r.outcome for r in reports if r.outcome is not None}
        started = [r for r in reports if r.outcome is None and (r.id, r.attempt) not in ended]
        if started:
            self.flying |= {(r.id, r.attempt): time.monotonic() for r in started}
            self._stored(lambda: self.leases.started(started))
        self._settle([(*key, outcome) for key, outcome in ended.items()])
        if started and self.on_change is not None:
            self.on_change([r.id for r in started])

    def _settle(self, ended: list[tuple[str, int, Outcome]]) -> None:
        for cell, attempt, outcome in ended:
            self.flying.pop((cell, attempt), None)
            if outcome.seconds is not None:
                self.typical += 0.1 * (outcome.seconds - self.typical)
        self.waiting += ended
        if any(outcome.code == "disk_full" for _, _, outcome in self.waiting):
            self._stored(lambda: check_room(self.store.folder))
        if self.waiting:
            moved = self._stored(lambda: self.leases.finish(self.waiting))
            self.waiting = []
            self._moved(moved)

    def _moved(self, ids: list[str]) -> None:
        if not ids:
            return
        for id in ids:
            self.finished[id] = None
        if self.on_change is not None:
            self.on_change(ids)

    def _stored(self, write: Callable[[], _T]) -> _T:
        """What `write` returns; tried again while the disk is full or cannot be written to."""
        began = time.monotonic()
        while True:
            try:
                return write()
            except StorageFailed:
                if time.monotonic() - began >= self.patience:
                    raise
                time.sleep(min(1.0, self.patience / 10))

    def _pause(self) -> None:
        """Asks what still runs to stop, then ends it; the cells are planned again."""
        for id, _ in self.flying:
            with suppress(StorageFailed):
                self.store.run_folder(id).request_stop("paused")
        deadline = time.monotonic() + _PAUSE_SECONDS
        with suppress(KeyboardInterrupt, StorageFailed):
            while self.flying and time.monotonic() < deadline:
                self._collect(0.1)
        if not self.flying:
            return
        self.executor.close()
        with suppress(StorageFailed):
            self._settle([self._cut_short(*key) for key in self.flying])

    def _cut_short(self, id: str, attempt: int) -> tuple[str, int, Outcome]:
        """An attempt that ended with the executor: as its file says, else paused."""
        folder, since = self.store.run_folder(id), self.flying[id, attempt]
        outcome = folder.read_attempt(attempt)
        if outcome is None:
            seconds = 0.0 if since is None else time.monotonic() - since
            outcome = failed("paused", "the study was interrupted", seconds=seconds)
            outcome = with_evidence(outcome, folder, attempt)
        return id, attempt, outcome

    def _summary(self, interrupted: bool) -> Summary:
        account, ledger = self.store.ledger.account(), self.store.ledger
        planned = dict(self.store.planned())
        left = [id for id in planned if self.only is None or id in self.only]
        poor = [id for id in left if not account.could_afford(ledger.amount(planned[id]))]
        unaffordable = frozenset(poor)
        return Summary(
            tuple(id for id in self.finished if id not in planned),
            tuple(poor),
            tuple(id for id in left if id not in unaffordable),
            interrupted,
        )


@final
class _Heart:
    """Writes the owner's age from a thread with a connection of its own."""

    def __init__(self, leases: Leases) -> None:
        self._leases = leases
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(HEARTBEAT_SECONDS):
            with suppress(StorageFailed):
                connection = connect(self._leases.store.path)
                try:
                    self._leases.beat(connection)
                finally:
                    connection.close()
