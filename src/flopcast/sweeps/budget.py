"""A budget: what a study may spend, and what it has spent and promised."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, Self, cast, final

from flopcast.errors import InputError, nearest
from flopcast.sweeps.outcome import Outcome

BudgetUnit = Literal["flop", "seconds", "usd", "kwh"]
UNITS: Final = ("flop", "seconds", "usd", "kwh")
KILL_SECONDS: Final = 1.0
"""A run past its limit is dead within this time: reserved on top of the limit."""


@final
@dataclass(frozen=True)
class Budget:
    """A hard cap on what a study may spend.

    `cap` is in `unit`: FLOP, wall seconds of running cells, USD or kWh; None is no cap.
    `per_second` is what one running cell costs a second, in the unit: 1 for seconds, required
    for ``usd`` and ``kwh``. An attempt reserves its predicted cost times `margin`, which is also
    its hard limit.

    Raises InputError for a unit, cap, rate or margin out of range.
    """

    cap: float | None = None
    unit: BudgetUnit = "seconds"
    per_second: float | None = None
    margin: float = 1.25

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise InputError(
                f"budget unit {self.unit!r} is not one of {', '.join(UNITS)}."
                f"{nearest(str(self.unit), UNITS)}"
            )
        if self.cap is not None and not 0.0 < self.cap < math.inf:
            raise InputError(f"the cap is {self.cap} {self.unit}; it is a finite number above 0.")
        if not 1.0 <= self.margin < math.inf:
            raise InputError(f"the margin of a budget is {self.margin}; it is 1 or more.")
        if self.unit in ("usd", "kwh") and not 0.0 < (self.per_second or 0.0) < math.inf:
            raise InputError(
                f"a budget in {self.unit} needs what one running cell costs a second; "
                f"per_second is {self.per_second}.",
                "For $2 an hour, say per_second=2/3600.",
            )

    @property
    def rate(self) -> float | None:
        """Cost of one running cell a second, in the unit; None for FLOP."""
        if self.unit == "flop":
            return None
        return 1.0 if self.unit == "seconds" else self.per_second

    def reservation(self, cost: float) -> float:
        """What an attempt of predicted cost `cost` sets aside, in the unit.

        On top of the limit there is one second of killing time where time is money.
        """
        return cost * self.margin + KILL_SECONDS * (self.rate or 0.0)

    def seconds_limit(self, cost: float | None) -> float | None:
        """Wall seconds after which an attempt of predicted cost `cost` is stopped, or None."""
        if self.cap is None or cost is None or self.rate is None:
            return None
        return cost * self.margin / self.rate

    def flop_limit(self, cost: float | None) -> float | None:
        """FLOP that an attempt of predicted cost `cost` may report, or None."""
        if self.cap is None or cost is None or self.unit != "flop":
            return None
        return cost * self.margin

    def charge(self, outcome: Outcome, reserved: float | None) -> tuple[float, bool]:
        """What an attempt cost, in the unit, and whether that is assumed and not measured.

        Time is measured. FLOP is what the run reported; a run that reported none is charged all
        that was reserved.
        """
        if self.unit == "flop":
            measured = outcome.flop
        else:
            measured = None if outcome.seconds is None else outcome.seconds * (self.rate or 0.0)
        if measured is None:
            return (reserved or 0.0), True
        return measured, False

    def to_dict(self) -> dict[str, Any]:
        """The budget as JSON-ready data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The budget that `to_dict` wrote."""
        return replace(cls(), **cast("dict[str, Any]", dict(data)))


@final
@dataclass(frozen=True)
class Account:
    """What is spent and promised: all in the unit of the budget.

    The invariant: `spent` + `reserved` never exceeds `cap` by a reservation.
    """

    cap: float | None
    unit: BudgetUnit
    spent: float = 0.0
    reserved: float = 0.0

    @property
    def left(self) -> float | None:
        """What may still be promised; None without a cap."""
        return None if self.cap is None else max(0.0, self.cap - self.spent - self.reserved)

    def affords(self, amount: float) -> bool:
        """Whether `amount` may be promised now."""
        return self.cap is None or self.spent + self.reserved + amount <= self.cap

    def could_afford(self, amount: float) -> bool:
        """Whether `amount` may be promised once everything outstanding has come back."""
        return self.cap is None or self.spent + amount <= self.cap

    def promised(self, amount: float) -> Self:
        """The account after a reservation."""
        return replace(self, reserved=self.reserved + amount)

    def settled(self, reserved: float, charged: float) -> Self:
        """The account after an attempt came back."""
        return replace(
            self, reserved=max(0.0, self.reserved - reserved), spent=self.spent + charged
        )

    def to_dict(self) -> dict[str, Any]:
        """The account as JSON-ready data."""
        return {**asdict(self), "left": self.left}
