"""Numbers learned from past studies: how laws do when they extrapolate."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final, final

from flopcast.forecasting.candidate import Belief

SCHEMA: Final = "flopcast.forecast_constants/3"
ANY: Final = "any"  # kind of study

Beliefs = Mapping[str, tuple[float, float]]


@final
@dataclass(frozen=True)
class Kind:
    """What differs for studies of one kind (see `Constants` for the names)."""

    untested: float
    beliefs: Beliefs = field(default_factory=dict)


@final
@dataclass(frozen=True)
class Constants:
    """What an ensemble believes before it sees a study.

    `most`: how many runs a study is worth at most (see `Study`). `noise`: expected standard
    deviation of log loss. `temper` λ, `softness` q and `blur` s: a member's weight is its prior ×
    likelihood^λ × (s² + mean squared standardised backtest error)^−q. `distance` c: structural
    standard deviation of log loss per decade^`power`, per unit of the study's own slope (log
    loss per decade); `distance_weight` ν0: how many backtests that belief is worth; `untested`:
    the same as `distance` where there is no backtest.
    `stretch`: what the two together are multiplied by for intervals to hold what they promise.
    `spread`: what deviations of refitted laws are multiplied by.
    `priors`: member weights.
    `beliefs`: (mean, sd) of log parameters, by name, or by ``law/name``. `kinds`: what differs
    for studies of one kind, by its name (see `Evidence`).
    """

    most: float = 60.0
    noise: float = 0.01
    temper: float = 0.3
    softness: float = 0.5
    blur: float = 0.5
    distance: float = 0.15
    distance_weight: float = 4.0
    untested: float = 0.3
    power: float = 1.0
    stretch: float = 1.0
    spread: float = 1.0
    priors: Mapping[str, float] = field(default_factory=dict)
    beliefs: Beliefs = field(default_factory=dict)
    kinds: Mapping[str, Kind] = field(default_factory=dict)

    def belief(self, law: str, parameter: str, log: bool = True) -> Belief | None:
        """What is believed of a law's parameter, None where nothing was learned."""
        for key in (f"{law}/{parameter}", parameter):
            if key in self.beliefs:
                return Belief(*self.beliefs[key], log=log)
        return None

    def of(self, kind: str) -> "Constants":
        """What holds for one kind of study; these constants where nothing else is known of it."""
        if kind not in self.kinds:
            return self
        own = self.kinds[kind]
        return self.but(untested=own.untested, beliefs=own.beliefs, kinds={})

    def but(self, **changes: Any) -> "Constants":
        """The same with some numbers changed."""
        return replace(self, **changes)


@cache
def learned() -> Constants:
    """The constants that ship with the package."""
    text = files("flopcast.forecasting").joinpath("constants.json").read_text("utf-8")
    return read_constants(json.loads(text)["constants"])


def read_constants(fields: Mapping[str, Any]) -> Constants:
    """Constants from JSON data."""
    made = dict(fields)
    beliefs, kinds = _pairs(made.pop("beliefs", {})), made.pop("kinds", {})
    known = {
        kind: Kind(**{**own, "beliefs": _pairs(own["beliefs"])}) for kind, own in kinds.items()
    }
    return Constants(**made, beliefs=beliefs, kinds=known)


def _pairs(table: Mapping[str, Sequence[float]]) -> Beliefs:
    return {name: (pair[0], pair[1]) for name, pair in table.items()}
