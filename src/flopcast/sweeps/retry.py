"""What happens to a cell after an attempt: the end, or another attempt from its checkpoint."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, final

from flopcast.errors import InputError
from flopcast.sweeps.outcome import Code, Outcome
from flopcast.sweeps.state import State

TRANSIENT: Final[frozenset[Code]] = frozenset(
    {"exception", "crashed", "disk_full", "storage", "command_failed"}
)
"""Failures that may not come again. Running out of memory or time, diverging and returning
nonsense would: those are never retried unchanged."""

NOT_ITS_FAULT: Final[frozenset[Code]] = frozenset({"lost", "killed"})
"""Ends that came from outside."""

UNCOUNTED: Final[frozenset[Code]] = frozenset({"paused", "not_started"})
"""Ends that say nothing about the cell: it is planned again, however often."""


@final
@dataclass(frozen=True)
class RetryPolicy:
    """How often a cell is tried: `max_attempts` that failed by themselves, `max_lost` lost ones.

    The second limit is for a cell that takes its machine down with it. Raises InputError for
    limits below 1.
    """

    max_attempts: int = 3
    max_lost: int = 20

    def __post_init__(self) -> None:
        if self.max_attempts < 1 or self.max_lost < 1:
            raise InputError(
                f"max_attempts is {self.max_attempts} and max_lost {self.max_lost}; both are "
                "1 or more."
            )

    def next_state(self, outcomes: Iterable[Outcome]) -> State:
        """The state of a cell after these attempts, in order: planned when it is tried again."""
        failures = lost = 0
        state = State.PLANNED
        for outcome in outcomes:
            state = outcome.state
            if state is not State.FAILED:
                continue
            if outcome.code in UNCOUNTED:
                state = State.PLANNED
            elif outcome.code in NOT_ITS_FAULT:
                lost += 1
                state = State.PLANNED if lost < self.max_lost else State.FAILED
            elif outcome.code in TRANSIENT:
                failures += 1
                state = State.PLANNED if failures < self.max_attempts else State.FAILED
        return state
