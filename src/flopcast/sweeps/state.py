"""The states of a cell.

::

    planned → leased → running → done | failed | diverged | stopped | over-budget | cancelled
       ↑__________________| lost, or retried from its checkpoint
"""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a cell stands. Only `DONE` cells, complete and finite, reach a fit."""

    PLANNED = "planned"
    LEASED = "leased"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DIVERGED = "diverged"
    STOPPED = "stopped"
    OVER_BUDGET = "over-budget"
    CANCELLED = "cancelled"


ACTIVE: Final = frozenset({State.LEASED, State.RUNNING})
"""Somebody holds a lease on the cell."""

FINAL: Final = frozenset(State) - ACTIVE - {State.PLANNED}
"""Nothing more happens to the cell unless it is planned anew."""
