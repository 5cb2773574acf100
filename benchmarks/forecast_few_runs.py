"""Forecasts from three runs: how often their intervals hold a larger run, by public grid.

    python benchmarks/forecast_few_runs.py [FOLDER]

From each study of a grid three of the two smaller thirds of its runs are drawn, again and again,
and one of its largest tenth is forecast with the constants that were learned without the grid:
those of `out/forecast.json`, which `benchmarks/forecast.py` writes.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from forecast_grids import splits
from forecast_study import joined
from natural_grids import folder as public_folder

from flopcast.forecasting.constants import Constants, read_constants
from flopcast.forecasting.forecast import forecast
from flopcast.observations import Runs

LEARNED: Final = Path(__file__).parent.parent / "out/forecast.json"
TRIALS: Final = 12
LEVEL: Final = 0.9


def studies(folder: Path) -> Iterator[tuple[str, Runs]]:
    """Every study once, with its grid; those that repeat data are left out."""
    seen = set()
    for split in splits(folder):
        runs = joined(split)
        key = (split.grid, len(runs), float(runs.loss.max()))
        if key not in seen and "unique_data" not in runs.inputs:
            seen.add(key)
            yield split.grid, runs


def attempts(runs: Runs, constants: Constants, rng: np.random.Generator) -> Iterator[list[float]]:
    """Whether each interval held, its width in log loss, decades beyond its runs, the error."""
    compute = runs["params"] * runs["data"]
    order = np.argsort(compute, kind="stable")
    small, large = order[: max(2 * len(order) // 3, 6)], order[-max(len(order) // 10, 1) :]
    for _ in range(TRIALS):
        chosen, target = rng.choice(small, 3, replace=False), int(rng.choice(large))
        beyond = float(np.log10(compute[target] / compute[chosen].max()))
        if beyond <= 0.0:
            continue
        known = runs.where(np.isin(np.arange(len(runs)), chosen))
        at = {name: runs[name][[target]] for name in ("params", "data")}
        found = forecast(known, at, constants=constants, draws=400)
        low, high = (float(end[0]) for end in found.interval(LEVEL))
        held, truth = low <= runs.loss[target] <= high, runs.loss[target]
        error = abs(float(found.median[0]) / truth - 1.0)
        yield [float(held), float(np.log(high / low)), beyond, error]


def main() -> None:
    """One line for each grid."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=public_folder())
    options = parser.parse_args()
    if options.folder is None or not LEARNED.exists():
        print("no folder of public grids at hand, or no constants by grid: see --help")
        return
    learned: dict[str, dict[str, Any]] = json.loads(LEARNED.read_text("utf-8"))["constants"]
    rng = np.random.default_rng(1)
    rows: dict[str, list[list[float]]] = {}
    for grid, runs in studies(options.folder):
        rows.setdefault(grid, []).extend(attempts(runs, read_constants(learned[grid]), rng))
    print(f"{'grid':<18}{'forecasts':>10}{'held':>7}{'width':>8}{'decades':>9}{'error':>8}")
    for grid, found in rows.items():
        held, *_ = np.mean(found, axis=0)
        _, width, beyond, error = np.median(found, axis=0)
        print(f"{grid:<18}{len(found):>10}{held:>7.0%}{width:>8.3f}{beyond:>9.1f}{error:>8.1%}")


if __name__ == "__main__":
    main()
