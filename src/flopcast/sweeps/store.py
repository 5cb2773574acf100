"""The store of a study: its cells and their states, in a database and one folder per run."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, final

from flopcast.errors import InputError
from flopcast.sweeps.budget import Budget
from flopcast.sweeps.cell import Planned
from flopcast.sweeps.database import connect, create, writing
from flopcast.sweeps.files import read_json, storing, write_atomic
from flopcast.sweeps.folder import RunFolder
from flopcast.sweeps.ledger import Ledger
from flopcast.sweeps.outcome import Outcome
from flopcast.sweeps.row import SELECT_ROWS, Row, read_row
from flopcast.sweeps.state import ACTIVE, FINAL, State
from flopcast.sweeps.trainer import Trainer

if TYPE_CHECKING:
    from flopcast.sweeps.table import Table

DATABASE: Final = "study.db"
STUDY: Final = "study.json"
_CHUNK = 500


@final
class Store:
    """The cells of one study, in a folder that several processes may work on at once.

    ``study.db`` is an index over ``runs/<id>/`` and can be rebuilt from them (`rebuild`). Use as
    a context manager, or call `close`. One Store belongs to one thread.
    """

    def __init__(self, folder: Path, *, read_only: bool = False, briefly: bool = False) -> None:
        self.folder = folder
        self.path = folder / DATABASE
        self._runs = folder / "runs"
        self.connection: sqlite3.Connection = connect(
            self.path, read_only=read_only, briefly=briefly
        )
        self._study: dict[str, Any] = read_json(folder / STUDY) or {}

    @classmethod
    def create(
        cls,
        folder: str | Path,
        *,
        budget: Budget | None = None,
        trainer: object = None,
        meta: Mapping[str, Any] | None = None,
    ) -> Self:
        """A new, empty study in `folder`, which may exist but holds no study yet.

        `trainer` is anything that `Trainer.parse` takes; `meta` is kept for the caller. Raises
        InputError when there is a study already, StorageFailed when nothing can be written.
        """
        path = Path(folder)
        if (path / DATABASE).exists() or (path / STUDY).exists():
            raise InputError(
                f"{path} already holds a study.", "Open it, or choose another folder."
            )
        with storing(path):
            (path / "runs").mkdir(parents=True, exist_ok=True)
        study = {
            "schema": "flopcast.study/1",
            "budget": (budget or Budget()).to_dict(),
            "trainer": None if trainer is None else Trainer.parse(trainer).to_dict(),
            "meta": dict(meta or {}),
        }
        write_atomic(path / STUDY, study)
        create(path / DATABASE)
        return cls(path)

    @classmethod
    def open(cls, folder: str | Path, *, read_only: bool = False, briefly: bool = False) -> Self:
        """The study in `folder`; its database is rebuilt if it is gone.

        Read-only works on folders that cannot be written to, and needs the database; `briefly`
        makes no file and sees nothing that is written later. Raises InputError when there is no
        study.
        """
        path = Path(folder)
        if not (path / DATABASE).is_file():
            if read_only or not (path / STUDY).is_file():
                raise InputError(f"{path} holds no study.", "Check the path of the study.")
            from flopcast.sweeps.rebuild import rebuild

            rebuild(path).close()
        return cls(path, read_only=read_only, briefly=briefly)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the database."""
        self.connection.close()

    @property
    def budget(self) -> Budget:
        """What the study may spend."""
        return Budget.from_dict(self._study["budget"])

    @cached_property
    def _ledger(self) -> Ledger:
        return Ledger(self.connection, self.budget)

    @property
    def ledger(self) -> Ledger:
        """What is reserved and spent."""
        return self._ledger

    @property
    def trainer(self) -> Trainer | None:
        """What trains the cells, None while nobody said."""
        found = self._study["trainer"]
        return None if found is None else Trainer.from_dict(found)

    @property
    def meta(self) -> dict[str, Any]:
        """What the caller keeps with the study."""
        return dict(self._study["meta"])

    def set_meta(self, meta: Mapping[str, Any]) -> None:
        """Replaces what the caller keeps with the study."""
        self._change("meta", dict(meta))

    def set_trainer(self, trainer: object) -> None:
        """Replaces what trains the cells."""
        self._change("trainer", Trainer.parse(trainer).to_dict())

    def set_budget(self, budget: Budget) -> None:
        """Changes cap, rate or margin of the budget.

        Raises InputError for another unit once something is spent, and for a cap below what is
        spent and reserved. Processes that already work on the study keep the old budget.
        """
        account = self.ledger.account()
        committed = account.spent + account.reserved
        if budget.unit != account.unit and committed > 0.0:
            raise InputError(
                f"the study has spent {account.spent:g} {account.unit}; its unit cannot change."
            )
        if budget.cap is not None and budget.cap < committed:
            raise InputError(
                f"the cap {budget.cap:g} {budget.unit} is below the {committed:g} that are spent "
                "and reserved."
            )
        self._change("budget", budget.to_dict())
        self.__dict__.pop("_ledger", None)

    def run_folder(self, id: str) -> RunFolder:
        """The files of one run."""
        return RunFolder(self._runs / id)

    def add(self, planned: Sequence[Planned]) -> list[str]:
        """Adds cells in this order; the ids that are new. Cells known already stay as they are.

        Raises InputError for a cell without a predicted cost under a budget with a cap;
        StorageFailed when nothing can be written, with whole chunks of 500 cells kept.
        """
        if self.budget.cap is not None:
            for item in planned:
                if item.cost is None:
                    raise InputError(
                        f"cell {item.cell.id[:8]} has no predicted cost; the budget has a cap.",
                        "Give every cell a cost in the unit of the budget.",
                    )
        added: list[str] = []
        for start in range(0, len(planned), _CHUNK):
            with writing(self.connection, self.path):
                chunk = planned[start : start + _CHUNK]
                added += [item.cell.id for item in chunk if self._add(item)]
        return added

    def counts(self) -> dict[State, int]:
        """The number of cells in every state."""
        found = dict(self.connection.execute("SELECT state, count(*) FROM cells GROUP BY state"))
        return {state: found.get(str(state), 0) for state in State}

    def planned(self) -> list[tuple[str, float | None]]:
        """Id and predicted cost of every planned cell, in the order in which they were added."""
        found = self.connection.execute(
            "SELECT id, cost FROM cells WHERE state = 'planned' ORDER BY number"
        )
        return [(id, cost) for id, cost in found]

    def rows(self) -> list[Row]:
        """Every cell, in the order in which they were added."""
        found = self.connection.execute(f"{SELECT_ROWS} ORDER BY c.number")
        return [read_row(record) for record in found]

    def row(self, id: str) -> Row:
        """One cell by its id or the beginning of it.

        Raises InputError when there is none, or more than one.
        """
        found = self.connection.execute(
            f"{SELECT_ROWS} WHERE substr(c.id, 1, ?1) = ?2 LIMIT 2", (len(id), id)
        ).fetchall()
        if len(found) != 1 or not id:
            what = "no cell" if not found else "more than one cell"
            raise InputError(f"{what} of the study has an id that begins with {id!r}.")
        return read_row(found[0])

    def progress(self, id: str) -> Mapping[str, Any] | None:
        """The last report of a run: step, samples, loss, flop, seconds; None before the first."""
        found = self.run_folder(id).last_reports()
        return found[-1] if found else None

    def curve(self, id: str) -> list[Mapping[str, Any]]:
        """Every report of a run, of all its attempts."""
        return list(self.run_folder(id).reports())

    def table(
        self, *, roles: Iterable[str] | None = None, include_stopped: bool = False
    ) -> "Table":
        """What finished, complete runs measured, ready for a fit."""
        from flopcast.sweeps.table import Table

        wanted = None if roles is None else frozenset(roles)
        states = {State.DONE, State.STOPPED} if include_stopped else {State.DONE}
        kept = [
            row
            for row in self.rows()
            if row.state in states and (wanted is None or row.role in wanted)
        ]
        return Table(tuple(kept), source=self.folder.name)

    def request_stop(self, id: str) -> None:
        """Asks a leased or running cell to stop with what it has; another state: nothing."""
        row = self.row(id)
        if row.state in ACTIVE:
            self.run_folder(row.id).request_stop("stopped")

    def cancel(self, id: str) -> None:
        """Cancels a planned cell for good. A running one is asked to stop; a final one stays."""
        row = self.row(id)
        with writing(self.connection, self.path):
            changed = self.connection.execute(
                "UPDATE cells SET state = 'cancelled' WHERE id = ? AND state = 'planned'",
                (row.id,),
            ).rowcount
            if changed:
                outcome = Outcome(State.CANCELLED, "cancelled", "cancelled before it ran")
                self.run_folder(row.id).write_result(0, outcome)
        if not changed:
            self.request_stop(row.id)

    def reset(self, ids: Iterable[str], cost: float | None = None) -> list[str]:
        """Plans cells anew that ended without a result; the ids that were reset.

        Their attempts stay in the record and their spend in the ledger. `cost` replaces the
        predicted cost.
        """
        reset = []
        with writing(self.connection, self.path):
            for row in [self.row(id) for id in ids]:
                if row.state not in FINAL or row.state is State.DONE:
                    continue
                new = row.cost if cost is None else cost
                self.connection.execute(
                    "UPDATE cells SET state = 'planned', since = attempt, cost = ? WHERE id = ?",
                    (new, row.id),
                )
                planned = Planned(row.cell, new, row.role, row.group)
                self._write_config(planned, row.number, since=row.attempts)
                self.run_folder(row.id).result.unlink(missing_ok=True)
                reset.append(row.id)
        return reset

    def record(self, kind: str, body: Mapping[str, Any]) -> None:
        """Appends a row for the loop: a fit, a forecast, a decision. Raises StorageFailed."""
        text = json.dumps({"kind": kind, "body": dict(body)})
        with storing(self.folder / "records.jsonl") as _, writing(self.connection, self.path):
            self.connection.execute(
                "INSERT INTO records (kind, body) VALUES (?, ?)", (kind, json.dumps(dict(body)))
            )
            with (self.folder / "records.jsonl").open("a", encoding="utf-8") as file:
                file.write(text + "\n")

    def records(self, kind: str) -> list[dict[str, Any]]:
        """Every row of this kind, oldest first."""
        query = "SELECT body FROM records WHERE kind = ? ORDER BY number"
        return [json.loads(body) for (body,) in self.connection.execute(query, (kind,))]

    def _change(self, key: str, value: object) -> None:
        self._study = {**self._study, key: value}
        write_atomic(self.folder / STUDY, self._study)

    def _add(self, item: Planned) -> bool:
        (number,) = self.connection.execute(
            "SELECT coalesce(max(number), 0) + 1 FROM cells"
        ).fetchone()
        inserted = self.connection.execute(
            "INSERT OR IGNORE INTO cells (id, number, cell, cost, role, grp, state) "
            "VALUES (?, ?, ?, ?, ?, ?, 'planned')",
            (
                item.cell.id,
                number,
                json.dumps(item.cell.to_dict()),
                item.cost,
                item.role,
                item.group,
            ),
        ).rowcount
        if inserted:
            self._write_config(item, number, since=0)
        return bool(inserted)

    def _write_config(self, item: Planned, number: int, *, since: int) -> None:
        folder = self.run_folder(item.cell.id)
        with storing(folder.path):
            folder.path.mkdir(exist_ok=True)
        document = {"schema": "flopcast.cell/1", "id": item.cell.id, **item.cell.to_dict()}
        document |= {"number": number, "cost": item.cost, "role": item.role}
        write_atomic(
            folder.config, {**document, "group": item.group, "since": since}, durable=False
        )
