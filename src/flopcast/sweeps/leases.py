"""Leases: how one process takes cells, keeps them, gives them back, and inherits from the dead."""

import json
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import final

from flopcast.sweeps.cell import Cell
from flopcast.sweeps.database import writing
from flopcast.sweeps.evidence import with_evidence
from flopcast.sweeps.executor import Report
from flopcast.sweeps.outcome import Outcome, failed, not_started
from flopcast.sweeps.owner import (
    HEARTBEAT_SECONDS,
    Observer,
    Owner,
    is_running,
    new_owner,
    start_ticks,
)
from flopcast.sweeps.retry import RetryPolicy
from flopcast.sweeps.state import ACTIVE, FINAL, State
from flopcast.sweeps.store import Store

_PAGE = 256


@final
@dataclass(frozen=True)
class Lease:
    """The right to make one attempt at a cell. `cost` is the predicted cost of the attempt."""

    cell: Cell
    attempt: int
    cost: float | None


@final
@dataclass
class Leases:
    """The leases of one owner on one store. Call `beat` every two seconds or more often."""

    store: Store
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    owner: Owner = field(default_factory=new_owner)
    observer: Observer = field(default_factory=Observer)
    born: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.beat()

    @property
    def age(self) -> float:
        """Seconds since this owner began, on its monotonic clock."""
        return time.monotonic() - self.born

    def beat(self, connection: sqlite3.Connection | None = None) -> None:
        """Shows a sign of life. Raises StorageFailed."""
        connection = self.store.connection if connection is None else connection
        owner = self.owner
        with writing(connection, self.store.path):
            connection.execute(
                "INSERT INTO owners VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
                "SET age = excluded.age",
                (owner.id, owner.place, owner.pid, owner.ticks, self.age),
            )

    def take(self, count: int, only: Collection[str] | None = None) -> list[Lease]:
        """Leases up to `count` planned cells in order, and reserves what they are to cost.

        A cell that the budget can never pay is passed over; one that it can pay once other
        attempts have come back is waited for. Raises StorageFailed.
        """
        taken: list[Lease] = []
        ledger = self.store.ledger
        with writing(self.store.connection, self.store.path):
            for record in self._planned(only):
                amount = ledger.amount(record["cost"])
                if len(taken) == count:
                    break
                if amount > 0.0 and not ledger.account().could_afford(amount):
                    continue
                if not ledger.reserve(amount):
                    break
                taken.append(self._take(record, amount))
        for lease in taken:
            if lease.attempt > 1:
                self.store.run_folder(lease.cell.id).clear_stop()
        return taken

    def started(self, reports: Iterable[Report]) -> None:
        """Marks cells as running."""
        with writing(self.store.connection, self.store.path):
            for report in reports:
                self.store.connection.execute(
                    "UPDATE cells SET state = 'running' "
                    "WHERE id = ? AND attempt = ? AND state = 'leased' AND owner = ?",
                    (report.id, report.attempt, self.owner.id),
                )
                self.store.connection.execute(
                    "UPDATE attempts SET pid = ?, ticks = ? WHERE cell = ? AND attempt = ?",
                    (
                        report.pid,
                        start_ticks(report.pid) if report.pid else 0,
                        report.id,
                        report.attempt,
                    ),
                )

    def finish(self, ended: Sequence[tuple[str, int, Outcome]]) -> list[str]:
        """Settles attempts that ended and moves their cells on; the ids that moved.

        An attempt settled before is left alone, and one whose lease was lost is charged but does
        not move its cell. All or nothing: raises StorageFailed with nothing changed.
        """
        with writing(self.store.connection, self.store.path):
            return [e[0] for e in ended if self._finish(*e)]

    def reclaim(self, adopt: Callable[[Lease], bool] | None = None) -> list[str]:
        """Takes back the cells of dead owners: finished if they left a result, else lost.

        `adopt` is asked whether an attempt goes on without its owner, as jobs in a queue do;
        then only the lease changes hands.
        """
        connection = self.store.connection
        moved: list[str] = []
        owners = connection.execute(
            "SELECT * FROM owners WHERE id IN (SELECT owner FROM cells WHERE state IN "
            "('leased', 'running')) AND id != ?",
            (self.owner.id,),
        ).fetchall()
        for record in owners:
            owner = Owner(record["id"], record["place"], record["pid"], record["ticks"])
            if self.observer.is_dead(owner, record["age"]):
                moved += self._inherit(owner, record["age"], adopt)
        return moved

    def others_hold(self, only: Collection[str] | None = None) -> bool:
        """Whether other owners hold leases, on the cells `only` if given."""
        held = self.store.connection.execute(
            "SELECT id FROM cells WHERE state IN ('leased', 'running') AND owner != ?",
            (self.owner.id,),
        )
        return any(only is None or id in only for (id,) in held)

    def _planned(self, only: Collection[str] | None) -> Iterator[sqlite3.Row]:
        last = -1
        while True:
            page = self.store.connection.execute(
                "SELECT id, number, cell, cost, attempt FROM cells WHERE state = 'planned' AND "
                "number > ? ORDER BY number LIMIT ?",
                (last, _PAGE),
            ).fetchall()
            if not page:
                return
            yield from (record for record in page if only is None or record["id"] in only)
            last = page[-1]["number"]

    def _take(self, record: sqlite3.Row, amount: float) -> Lease:
        attempt = record["attempt"] + 1
        self.store.connection.execute(
            "UPDATE cells SET state = 'leased', owner = ?, attempt = ? WHERE id = ?",
            (self.owner.id, attempt, record["id"]),
        )
        self.store.connection.execute(
            "INSERT INTO attempts (cell, attempt, owner, leased_age, reserved) "
            "VALUES (?, ?, ?, ?, ?)",
            (record["id"], attempt, self.owner.id, self.age, amount),
        )
        return Lease(Cell.from_dict(json.loads(record["cell"])), attempt, record["cost"])

    def _finish(self, cell: str, attempt: int, outcome: Outcome) -> bool:
        connection = self.store.connection
        if not self.store.ledger.settle(cell, attempt, outcome):
            return False
        folder = self.store.run_folder(cell)
        if not folder.attempt(attempt).exists():
            folder.write_attempt(attempt, outcome)
        current = connection.execute("SELECT * FROM cells WHERE id = ?", (cell,)).fetchone()
        if current["attempt"] != attempt or State(current["state"]) not in ACTIVE:
            return False
        state = outcome.state
        if state is State.FAILED:
            state = self.policy.next_state(self._history(cell, current["since"]))
        connection.execute(
            "UPDATE cells SET state = ?, owner = NULL WHERE id = ?", (str(state), cell)
        )
        if state in FINAL:
            folder.write_result(attempt, outcome)
        return True

    def _history(self, cell: str, since: int) -> list[Outcome]:
        query = (
            "SELECT outcome FROM attempts WHERE cell = ? AND attempt > ? AND outcome IS NOT NULL "
            "ORDER BY attempt"
        )
        found = self.store.connection.execute(query, (cell, since))
        return [Outcome.from_dict(json.loads(body)) for (body,) in found]

    def _inherit(
        self, owner: Owner, age: float, adopt: Callable[[Lease], bool] | None
    ) -> list[str]:
        held = self.store.connection.execute(
            "SELECT a.*, c.cell AS content, c.cost FROM cells c "
            "JOIN attempts a ON a.cell = c.id AND a.attempt = c.attempt "
            "WHERE c.owner = ? AND c.state IN ('leased', 'running')",
            (owner.id,),
        ).fetchall()
        ended = []
        for record in held:
            cell = Cell.from_dict(json.loads(record["content"]))
            if adopt is not None and adopt(Lease(cell, record["attempt"], record["cost"])):
                self._hand_over(record)
            else:
                ended.append(self._verdict(record, owner, age))
        return self.finish(ended)

    def _hand_over(self, record: sqlite3.Row) -> None:
        with writing(self.store.connection, self.store.path):
            self.store.connection.execute(
                "UPDATE cells SET owner = ? WHERE id = ? AND attempt = ?",
                (self.owner.id, record["cell"], record["attempt"]),
            )
            self.store.connection.execute(
                "UPDATE attempts SET owner = ?, leased_age = ? WHERE cell = ? AND attempt = ?",
                (self.owner.id, self.age, record["cell"], record["attempt"]),
            )

    def _verdict(self, record: sqlite3.Row, owner: Owner, age: float) -> tuple[str, int, Outcome]:
        """How an attempt of a dead owner ended: as its file says, else lost."""
        cell, attempt, pid = record["cell"], record["attempt"], record["pid"]
        if pid and owner.is_gone() and is_running(pid, record["ticks"]):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        folder = self.store.run_folder(cell)
        outcome = folder.read_attempt(attempt)
        if outcome is None:
            outcome = self._lost(record, age)
        return cell, attempt, outcome

    def _lost(self, record: sqlite3.Row, age: float) -> Outcome:
        """The end of an attempt that left no record: it ran for as long as the owner lived."""
        folder = self.store.run_folder(record["cell"])
        if record["pid"] is None and not folder.has_begun(record["attempt"]):
            return not_started("the process that was to run it is gone")
        seconds = max(0.0, age - record["leased_age"]) + HEARTBEAT_SECONDS
        rate = self.store.budget.rate
        if rate and record["reserved"]:
            seconds = min(seconds, record["reserved"] / rate)
        outcome = failed("lost", "the process that ran it is gone", seconds=seconds)
        return with_evidence(outcome, folder, record["attempt"])
