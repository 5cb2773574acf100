"""Numbers learned from past studies: how laws do when they extrapolate."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final, final

from flopcast.forecasting.candidate import Belief

SCHEMA: Final = "flopcast.forecast_constants/1"


@final
@dataclass(frozen=True)
class Constants:
    """What an ensemble believes before it sees a study.

    `tail`: weight of a run ∝ compute^tail. `most`: number of runs that count in full. `noise`:
    expected standard deviation of log loss. `softness` q and `blur` s: a member's weight is its
    prior × (s² + mean squared standardised backtest error)^−q. `distance` c: structural standard
    deviation of log loss per decade^`power`, per unit of the study's own slope (log loss per
    decade) to the `steepness`; `distance_weight` ν0: how many backtests that belief is worth.
    `stretch`: what the two together are multiplied by for intervals to hold what they promise.
    `bias`: mean log observed − log predicted, in the units that `distance` multiplies.
    `priors`: member weights.
    `beliefs`: (mean, sd) of log parameters, by name, or by ``law/name``.
    """

    tail: float = 0.25
    most: float = 60.0
    noise: float = 0.01
    softness: float = 1.0
    blur: float = 0.5
    distance: float = 0.15
    distance_weight: float = 4.0
    power: float = 1.0
    stretch: float = 1.0
    steepness: float = 1.0
    bias: float = 0.0
    priors: Mapping[str, float] = field(default_factory=dict)
    beliefs: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def belief(self, law: str, parameter: str, log: bool = True) -> Belief | None:
        """What is believed of a law's parameter, None where nothing was learned."""
        for key in (f"{law}/{parameter}", parameter):
            if key in self.beliefs:
                return Belief(*self.beliefs[key], log=log)
        return None

    def but(self, **changes: Any) -> "Constants":
        """The same with some numbers changed."""
        return replace(self, **changes)


@cache
def learned() -> Constants:
    """The constants that ship with the package."""
    text = files("flopcast.forecasting").joinpath("constants.json").read_text("utf-8")
    fields = json.loads(text)["constants"]
    beliefs = {name: (pair[0], pair[1]) for name, pair in fields.pop("beliefs", {}).items()}
    return Constants(**fields, beliefs=beliefs)
