"""A task: everything an executor needs to run one attempt at a cell, anywhere."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self, final

from flopcast.errors import InputError
from flopcast.sweeps.trainer import Trainer


@final
@dataclass(frozen=True)
class Limits:
    """Limits on every attempt of a study: wall seconds, and bytes of memory of the whole run.

    A run over either is killed with everything it started; its outcome is ``time_limit`` or
    ``memory_limit``. None is no limit. Raises InputError for a limit that is not above 0.
    """

    seconds: float | None = None
    memory_bytes: int | None = None

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value is not None and not 0 < value < float("inf"):
                raise InputError(f"the limit {name} is {value}; it is above 0.")


@final
@dataclass(frozen=True)
class Task:
    """One attempt at a cell: what to train, where its files are, and how far it may go.

    `limits` come from the study and `paid_seconds` or `paid_flop` from the budget; the tighter of
    the two ends the run. `folder` must be reachable from wherever the task runs.
    """

    id: str
    attempt: int
    trainer: Trainer
    config: Mapping[str, Any]
    seed: int
    folder: Path
    limits: Limits = Limits()
    paid_seconds: float | None = None
    paid_flop: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """The task as JSON-ready data."""
        return {
            "id": self.id,
            "attempt": self.attempt,
            "trainer": self.trainer.to_dict(),
            "config": dict(self.config),
            "seed": self.seed,
            "folder": str(self.folder),
            "limits": asdict(self.limits),
            "paid_seconds": self.paid_seconds,
            "paid_flop": self.paid_flop,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The task that `to_dict` wrote."""
        return cls(
            **{
                **data,
                "trainer": Trainer.from_dict(data["trainer"]),
                "folder": Path(data["folder"]),
                "limits": Limits(**data["limits"]),
            }
        )
