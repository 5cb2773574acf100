"""The ledger: what every attempt reserved before it was launched, and was charged after."""

import json
import sqlite3
from dataclasses import dataclass
from typing import final

from flopcast.sweeps.budget import Account, Budget
from flopcast.sweeps.outcome import Outcome


@final
@dataclass(frozen=True)
class Entry:
    """One attempt in the ledger, in the unit of the budget.

    `charged` is None while the attempt runs; `assumed` says that it was not measured and the
    reservation was charged instead.
    """

    cell: str
    attempt: int
    reserved: float
    charged: float | None
    assumed: bool


@final
class Ledger:
    """Reserves and settles within transactions of the caller, so that the cap holds for all.

    Reserving and leasing happen in one transaction under the write lock of the database: however
    many processes work on a study, what is spent and reserved together stays within the cap.
    """

    def __init__(self, connection: sqlite3.Connection, budget: Budget) -> None:
        self.budget = budget
        self._connection = connection

    def account(self) -> Account:
        """What is spent and reserved now."""
        spent, reserved = self._connection.execute(
            "SELECT spent, reserved FROM account"
        ).fetchone()
        return Account(self.budget.cap, self.budget.unit, spent, reserved)

    def entries(self) -> list[Entry]:
        """Every attempt, in order of cell and attempt."""
        query = "SELECT cell, attempt, reserved, charged, assumed FROM attempts"
        return [
            Entry(cell, attempt, reserved or 0.0, charged, bool(assumed))
            for cell, attempt, reserved, charged, assumed in self._connection.execute(query)
        ]

    def amount(self, cost: float | None) -> float:
        """What an attempt of predicted cost `cost` reserves: nothing without a cap."""
        if self.budget.cap is None or cost is None:
            return 0.0
        return self.budget.reservation(cost)

    def reserve(self, amount: float) -> bool:
        """Sets `amount` aside if the cap allows; False if not. Within a transaction."""
        if amount == 0.0:
            return True
        if not self.account().affords(amount):
            return False
        self._connection.execute("UPDATE account SET reserved = reserved + ?", (amount,))
        return True

    def settle(self, cell: str, attempt: int, outcome: Outcome) -> bool:
        """Charges an attempt and keeps how it ended; False if it is unknown or settled already.

        Within a transaction. A failed attempt is charged like any other.
        """
        found = self._connection.execute(
            "SELECT reserved, charged FROM attempts WHERE cell = ? AND attempt = ?",
            (cell, attempt),
        ).fetchone()
        if found is None or found["charged"] is not None:
            return False
        reserved = found["reserved"] or 0.0
        charged, assumed = self.budget.charge(outcome, reserved)
        self._connection.execute(
            "UPDATE attempts SET charged = ?, assumed = ?, outcome = ? "
            "WHERE cell = ? AND attempt = ?",
            (charged, assumed, json.dumps(outcome.to_dict()), cell, attempt),
        )
        self._connection.execute(
            "UPDATE account SET spent = spent + ?, reserved = max(0.0, reserved - ?)",
            (charged, reserved),
        )
        return True
