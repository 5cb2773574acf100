"""Forecasts along one axis on public curves: error, bias, coverage and interval score.

    python benchmarks/forecast_curves.py [--grids FOLDER] [--only vision,language] [--factor 2]

The curves of Alabdulmohsin et al. 2022 are fitted on the rows marked for training and scored on
the others: root mean squared error of log error per curve, averaged over curves. Every other
curve is forecast beyond its largest x over `factor`. The constants in the package were learned
without any of the first (see learn_one_axis_constants.py); they did see the others, whose rows
therefore flatter. Baselines of the same run: the last value, and M2 fitted to points weighted by
(x/x_max)².
"""

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from natural_grids import folder
from public_curves import Split, halves, revisited

from flopcast.fitting.fit import fit
from flopcast.forecasting.forecast import forecast
from flopcast.laws.features import FloatArray

LEVELS = (0.5, 0.8, 0.9, 0.95)
TARGETS = {"vision": 0.0270, "language": 0.0080}
PUBLISHED = {
    "vision": "NSL-PFN .0280, BNSL .0406, M4 .0415",
    "language": "M4 .0116, M3 in trials .0084",
}


@dataclass(frozen=True)
class Score:
    """One curve: rmse and bias of log loss, coverage by level, interval score, CPU seconds."""

    split: Split
    rmse: float
    bias: float
    covered: Mapping[float, float]
    interval: float
    last_value: float
    m2: float
    seconds: float


def score(split: Split, *, rival: bool) -> Score:
    """Forecast the held-out part of a curve and compare."""
    begin = time.process_time()
    found = forecast(split.runs, {split.axis: split.ahead})
    seconds = time.process_time() - begin
    truth = np.log(split.truth)
    error = np.log(found.median) - truth
    covered = {}
    for level in LEVELS:
        low, high = found.interval(level)
        covered[level] = float(np.mean((low <= split.truth) & (split.truth <= high)))
    low, high = (np.log(end) for end in found.interval(0.9))
    outside = np.maximum(low - truth, 0.0) + np.maximum(truth - high, 0.0)
    return Score(
        split,
        _rms(error),
        float(error.mean()),
        covered,
        float(np.mean(high - low + 20.0 * outside)),
        _rms(np.log(split.y[-1]) - truth),
        _rms(np.log(_weighted_m2(split)) - truth) if rival else float("nan"),
        seconds,
    )


def _weighted_m2(split: Split) -> FloatArray:
    law = "m2" if split.axis == "data" else f"m2@{split.axis}"
    result = fit(split.runs, law, weights=(split.x / split.x.max()) ** 2, bootstrap=0)
    return result.predict({split.axis: split.ahead})


def _rms(error: FloatArray) -> float:
    return float(np.sqrt(np.mean(error**2)))


def rows(scores: Sequence[Score]) -> Iterator[str]:
    """One line per grid, then one per set."""
    for name in dict.fromkeys(each.split.grid for each in scores):
        yield _line(name, [each for each in scores if each.split.grid == name])
    for name, target in TARGETS.items():
        part = [each for each in scores if each.split.grid.startswith(name)]
        if part:
            yield _line(name, part) + f"  target {target:.4f}; {PUBLISHED[name]}"
    yield _line("all", scores)


def _line(name: str, scores: Sequence[Score]) -> str:
    def mean(values: Sequence[float]) -> float:
        return float(np.mean(values))

    covered = " ".join(f"{mean([s.covered[level] for s in scores]):6.1%}" for level in LEVELS)
    return (
        f"{name:<18} {len(scores):>4} {mean([s.rmse for s in scores]):.4f} "
        f"{mean([s.bias for s in scores]):+.4f} {covered} "
        f"{mean([s.interval for s in scores]):.4f} "
        f"{mean([s.last_value for s in scores]):.4f} {mean([s.m2 for s in scores]):.4f} "
        f"{mean([s.seconds for s in scores]):.2f}"
    )


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grids", type=Path, default=folder())
    parser.add_argument("--only", default="")
    parser.add_argument("--factor", type=float, default=2.0)
    parser.add_argument("--rival", action="store_true", help="fit M2 as well (slow)")
    options = parser.parse_args()
    if options.grids is None:
        print("no folder of public grids; --grids names one")
        return
    splits = [
        *revisited(options.grids, "benchmark.vision.csv"),
        *revisited(options.grids, "benchmark.lang.csv"),
        *halves(options.grids, options.factor),
    ]
    wanted = options.only.split(",")
    chosen = [s for s in splits if any(s.grid.startswith(name) for name in wanted)]
    scores = [score(split, rival=options.rival) for split in chosen]
    levels = " ".join(f"{level:>6.0%}" for level in LEVELS)
    print(f"{'grid':<18} {'n':>4} {'rmse':>6} {'bias':>7} {levels} {'score':>6} last   m2     s")
    print("\n".join(rows(scores)))


if __name__ == "__main__":
    main()
