"""A study seen from outside: everything that a page shows, read from its folder and never written.

Works while a scheduler runs, on folders that cannot be written to, and without the training code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

from flopcast.errors import InputError
from flopcast.sweeps.grid import candidates, target
from flopcast.sweeps.observed import last_result
from flopcast.sweeps.row import Row
from flopcast.sweeps.state import ACTIVE, State
from flopcast.sweeps.status import Status, status
from flopcast.sweeps.store import DATABASE, STUDY, Store
from flopcast.sweeps.study import FILE, Study
from flopcast.sweeps.study import read_study as read_file

WAITING: Final = "waiting"
"""The state of a cell that the study's file names and the store does not hold yet."""


@final
@dataclass(frozen=True)
class CellView:
    """One cell of a study.

    `settings` is its place on the axes, `amounts` what a law sees of it (``params``, ``data``),
    `state` one of `State` or ``waiting``. `loss` is the study's metric, None unless the cell is
    done. `flop` is what the run reported, `seconds` its wall time, `charged` what all attempts
    cost in the unit of the budget; None is unknown. `code` and `reason` say what went wrong.
    """

    id: str
    settings: Mapping[str, Any]
    amounts: Mapping[str, float]
    seed: int
    role: str
    state: str
    attempts: int
    loss: float | None
    flop: float | None
    seconds: float | None
    charged: float
    code: str | None
    reason: str


@final
@dataclass(frozen=True)
class StudyView:
    """A study as it stood when it was read.

    `study` is its file, `status` counts, spend, forecasts, decisions, findings and back-test,
    `cells` every cell, pilots cheapest first and the target last.
    """

    study: Study
    status: Status
    cells: tuple[CellView, ...]

    @property
    def running(self) -> bool:
        """Whether a cell is leased or runs now."""
        return any(self.status.counts[str(state)] for state in ACTIVE)


def read_study(folder: str | Path) -> StudyView:
    """The study whose runs are in `folder`, opened read-only and closed again.

    Raises InputError for a folder that holds no study or no study file, and for a file or a
    database that cannot be read, StorageFailed when the database cannot be opened.
    """
    folder = Path(folder)
    if not (folder / DATABASE).is_file() and not (folder / STUDY).is_file():
        raise InputError(
            f"{folder.name} holds no runs of a study.", "Give the folder of: flopcast sweep run"
        )
    study = read_file(folder / FILE)
    with Store.open(folder, read_only=True, briefly=True) as store:
        rows = store.rows()
        code = rows[0].cell.code if rows else ""
        pilots, goal = candidates(study, code), target(study, code)
        found = status(study, store, pilots, goal)
    known = {row.id: row for row in rows}
    cells = []
    for one in (*pilots, goal):
        row = known.get(one.id)
        fixed = (one.id, one.settings, one.points[-1], one.cell.seed, one.role)
        cells.append(
            CellView(*fixed, WAITING, 0, None, None, None, 0.0, None, "")
            if row is None
            else CellView(*fixed, *_outcome(study, row))
        )
    return StudyView(study, found, tuple(cells))


def _outcome(study: Study, row: Row) -> tuple[Any, ...]:
    """The fields of a `CellView` that its row gives, from `state` on."""
    done = row.state is State.DONE
    loss = last_result(study, row) if done else None
    measured = (row.flop, row.seconds, row.charged, row.code, row.reason)
    return (str(row.state), row.attempts, loss, *measured)
