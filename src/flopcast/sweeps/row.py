"""One cell as the store knows it, for tables, status pages and fits."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, final

from flopcast.sweeps.cell import Cell
from flopcast.sweeps.outcome import Outcome
from flopcast.sweeps.state import State

SELECT_ROWS: Final = """
SELECT c.*, a.outcome AS outcome, (SELECT sum(b.charged) FROM attempts b WHERE b.cell = c.id)
  AS charged
FROM cells c LEFT JOIN attempts a ON a.cell = c.id AND a.attempt = c.attempt
"""


@final
@dataclass(frozen=True)
class Row:
    """A cell, its state, and what came of its last attempt.

    `number` is its place in the order of planning, `cost` the predicted cost of one attempt and
    `charged` what all attempts were charged, both in the unit of the budget. `attempts` counts
    all of them. `outcome` is how the last one ended, None while there is none.
    """

    id: str
    number: int
    cell: Cell
    role: str
    group: str | None
    cost: float | None
    state: State
    attempts: int
    outcome: Outcome | None
    charged: float

    @property
    def metrics(self) -> Mapping[str, float]:
        """The metrics of the last attempt, empty while there are none."""
        return {} if self.outcome is None else self.outcome.metrics

    @property
    def points(self) -> tuple[Mapping[str, float], ...]:
        """Further rows of numbers from the last attempt."""
        return () if self.outcome is None else self.outcome.points

    @property
    def code(self) -> str | None:
        """Why the last attempt ended as it did, None when it is done or none has ended."""
        return None if self.outcome is None else self.outcome.code

    @property
    def reason(self) -> str:
        """The same in words."""
        return "" if self.outcome is None else self.outcome.reason

    @property
    def seconds(self) -> float | None:
        """Wall seconds of the last attempt."""
        return None if self.outcome is None else self.outcome.seconds

    @property
    def flop(self) -> float | None:
        """FLOP that the last attempt reported or returned."""
        return None if self.outcome is None else self.outcome.flop

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON-ready data."""
        return {
            "id": self.id,
            "number": self.number,
            **self.cell.to_dict(),
            "role": self.role,
            "group": self.group,
            "cost": self.cost,
            "state": str(self.state),
            "attempts": self.attempts,
            "outcome": None if self.outcome is None else self.outcome.to_dict(),
            "charged": self.charged,
        }


def read_row(record: sqlite3.Row) -> Row:
    """The row that a record of `SELECT_ROWS` holds."""
    body = record["outcome"]
    return Row(
        record["id"],
        record["number"],
        Cell.from_dict(json.loads(record["cell"])),
        record["role"],
        record["grp"],
        record["cost"],
        State(record["state"]),
        record["attempt"],
        None if body is None else Outcome.from_dict(json.loads(body)),
        record["charged"] or 0.0,
    )
