"""Hold the pilots' forecasts against the target: `python check.py` prints a line per seed.

Reads measurements.csv beside it; each seed's pilots forecast the loss of the target with the
defaults of `flopcast.forecast` and the loss of guessing one of 97 symbols, as the study has it.
"""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flopcast.forecasting.forecast import forecast
from flopcast.observations import read_runs

GUESSING = math.log(97)
MEASUREMENTS = Path(__file__).parent / "measurements.csv"


@dataclass(frozen=True)
class Checked:
    """One seed's forecast of the target, nats per character, and what the pilots cost.

    `measured` is None while the target is not recorded. `cost_ratio` is the FLOP of the target
    over those of this seed's pilots.
    """

    seed: str
    median: float
    low: float
    high: float
    measured: float | None
    cost_ratio: float

    def line(self) -> str:
        """The comparison in words."""
        said = f"seed {self.seed}: {self.median:.4f}  [{self.low:.4f}, {self.high:.4f}]"
        cost = f"pilots cost 1/{self.cost_ratio:.1f} of the target"
        if self.measured is None:
            return f"{said}; {cost}; the target is not measured yet"
        inside = "inside" if self.low <= self.measured <= self.high else "outside"
        off = self.median / self.measured - 1.0
        return f"{said}; measured {self.measured:.4f} ({off:+.1%}, {inside}); {cost}"


def checks(path: Path, target: dict[str, float]) -> Iterator[Checked]:
    """The comparison for every seed whose pilots are in the table; `target` has its inputs."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    measured = [float(row["loss"]) for row in rows if row["role"] == "target"]
    pilots = [row for row in rows if row["role"] == "pilot"]
    for seed in sorted({row["seed"] for row in pilots}):
        own = [row for row in pilots if row["seed"] == seed]
        table = {name: [row[name] for row in own] for name in ("params", "data", "loss")}
        found = forecast(
            read_runs(table, params_convention="total"),
            params=target["params"],
            data=target["data"],
            baseline=GUESSING,
        )
        low, high = found.interval()
        spent = sum(float(row["compute"]) for row in own)
        yield Checked(
            seed,
            float(found.median[0]),
            float(low[0]),
            float(high[0]),
            measured[0] if measured else None,
            target["compute"] / spent,
        )


#: Inputs of the target: all weights, characters, counted FLOP.
TARGET = {"params": 923_520.0, "data": 14_899_200.0, "compute": 85_321_639_526_400.0}

if __name__ == "__main__":
    for one in checks(MEASUREMENTS, TARGET):
        print(one.line())
