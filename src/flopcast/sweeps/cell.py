"""A cell: one training run of a study, known by what it is and not by a name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, Self, final

from flopcast.errors import InputError
from flopcast.sweeps.canonical import digest, normalised

ID_DIGITS: Final = 32


@final
@dataclass(frozen=True)
class Cell:
    """What is trained: a configuration, the data it sees, the code that trains, and a seed.

    `config` is JSON data (nested tables allowed, finite numbers); `data` and `code` identify the
    data set and the version of the training code. `id` is the first 32 hex digits of the SHA-256
    of the canonical JSON of all four, so the same cell has the same id in every study.

    Raises InputError for a configuration that JSON cannot hold.
    """

    config: Mapping[str, Any]
    data: str = ""
    code: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.config, Mapping):
            raise InputError(
                f"a cell's config is a {type(self.config).__name__}; it is a table of settings."
            )
        if isinstance(self.seed, bool) or not isinstance(self.seed, int):
            raise InputError(f"a cell's seed is {self.seed!r}; it is a whole number.")
        object.__setattr__(self, "config", MappingProxyType(normalised(self.config)))

    @cached_property
    def id(self) -> str:
        """32 hex digits that identify the cell."""
        return digest(self.to_dict())[:ID_DIGITS]

    def to_dict(self) -> dict[str, Any]:
        """The cell as JSON-ready data: ``config``, ``data``, ``code``, ``seed``."""
        return {
            "config": dict(self.config),
            "data": self.data,
            "code": self.code,
            "seed": self.seed,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The cell that `to_dict` wrote."""
        return cls(data["config"], data["data"], data["code"], data["seed"])


@final
@dataclass(frozen=True)
class Planned:
    """A cell with its place in a study.

    `cost` is the predicted cost of one attempt, in the unit of the study's budget. `role` says
    what the cell is for (``pilot``, ``holdout``, ``target``); `group` labels runs whose errors
    are correlated, None for a group of its own.
    """

    cell: Cell
    cost: float | None = None
    role: str = "pilot"
    group: str | None = field(default=None)

    def __post_init__(self) -> None:
        if self.cost is not None and not 0.0 <= self.cost < float("inf"):
            raise InputError(
                f"the predicted cost of a cell is {self.cost}; it is a finite number, 0 or more."
            )
