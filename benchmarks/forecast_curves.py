"""Forecasts along one axis on public curves: error, bias, coverage and interval score.

    python benchmarks/forecast_curves.py [--grids FOLDER] [--only vision,language] [--rivals 200]

The curves of Alabdulmohsin et al. 2022 are fitted on the rows marked for training and scored on
the others: root mean squared error of log error per curve, averaged over curves. Every group of
them is forecast with constants that were learned without it (`one_axis_by_group.json`, written by
learn_one_axis_constants.py). Every other curve is forecast beyond its largest x over `factor`,
with the constants that ship; these were learned from some of the same curves, and flatter.

Baselines of the same run: the last value, and with --rivals the laws M1 to M4 and a broken power
law, each fitted alone with so many bootstrap resamples; their intervals are those of the resamples
with the residuals' noise added.
"""

import argparse
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from natural_grids import folder
from public_curves import Split, halves, revisited

from flopcast.errors import FlopcastError
from flopcast.fitting.fit import fit
from flopcast.forecasting.one_axis_constants import learned_curves
from flopcast.forecasting.one_axis_forecast import forecast_one_axis
from flopcast.laws.features import FloatArray

LEVELS = (0.5, 0.8, 0.9, 0.95)
TARGETS = {"vision": 0.0270, "language": 0.0080}
PUBLISHED = {
    "vision": "NSL-PFN .0280, BNSL .0406, M4 .0415",
    "language": "M4 .0116, M3 in trials .0084",
}
RIVALS = ("m1", "m2", "m3", "m4", "bnsl1")
BY_GROUP = Path(__file__).resolve().parent / "one_axis_by_group.json"


@dataclass(frozen=True)
class Score:
    """One curve: rmse and bias of log loss, coverage by level, interval score, CPU seconds.

    The interval score is that of the 90 % interval of log loss (Gneiting and Raftery 2007).
    """

    split: Split
    rmse: float
    bias: float
    covered: Mapping[float, float]
    interval: float
    last_value: float
    seconds: float


def ours(split: Split, changes: Mapping[str, Any]) -> Score:
    """Forecast the held-out part of a curve and compare."""
    begin = time.process_time()
    found = forecast_one_axis(
        split.runs,
        split.axis,
        {split.axis: split.ahead},
        kind="new-run",
        level=0.9,
        limits=(None, None),
        members=None,
        draws=2000,
        seed=0,
        options={},
        constants=learned_curves().but(**changes),
    )
    return score(split, np.log(found.samples), time.process_time() - begin)


def alone(split: Split, law: str, resamples: int) -> Score | None:
    """One law fitted to the curve, with resamples and the noise of its residuals."""
    begin = time.process_time()
    name = law if split.axis == "data" else f"{law}@{split.axis}"
    at = {split.axis: split.ahead}
    try:
        found = fit(split.runs, name, bootstrap=resamples)
        draws = np.log(found.predict_draws(at))
        centre = np.log(found.predict(at))
        residuals = np.log(split.y) - np.log(found.predict({split.axis: split.x}))
    except FlopcastError:
        return None
    rng = np.random.default_rng(0)
    noisy = draws + rng.choice(residuals, size=draws.shape)
    kept = noisy[np.isfinite(noisy).all(axis=1)]
    if not len(kept) or not np.isfinite(centre).all():
        return None
    return score(split, kept, time.process_time() - begin, centre)


def score(
    split: Split, logs: FloatArray, seconds: float, centre: FloatArray | None = None
) -> Score:
    """Draws of log loss (draws, points) against the truth."""
    truth = np.log(split.truth)
    error = (np.median(logs, axis=0) if centre is None else centre) - truth
    covered = {}
    for level in LEVELS:
        low, high = np.quantile(logs, [0.5 - level / 2.0, 0.5 + level / 2.0], axis=0)
        covered[level] = float(np.mean((low <= truth) & (truth <= high)))
    low, high = np.quantile(logs, [0.05, 0.95], axis=0)
    outside = np.maximum(low - truth, 0.0) + np.maximum(truth - high, 0.0)
    return Score(
        split,
        _rms(error),
        float(error.mean()),
        covered,
        float(np.mean(high - low + 20.0 * outside)),
        _rms(np.log(split.y[-1]) - truth),
        seconds,
    )


def _rms(error: FloatArray) -> float:
    return float(np.sqrt(np.mean(error**2)))


def rows(scores: Sequence[Score]) -> Iterator[str]:
    """One line per grid, then one per set."""
    for name in dict.fromkeys(each.split.grid for each in scores):
        yield line(name, [each for each in scores if each.split.grid == name])
    for name, target in TARGETS.items():
        part = [each for each in scores if each.split.grid.startswith(name)]
        if part:
            yield line(name, part) + f"  target {target:.4f}; {PUBLISHED[name]}"
    yield line("all", scores)


def line(name: str, scores: Sequence[Score]) -> str:
    """Means over curves."""

    def mean(values: Sequence[float]) -> float:
        return float(np.mean(values))

    covered = " ".join(f"{mean([s.covered[level] for s in scores]):6.1%}" for level in LEVELS)
    return (
        f"{name:<18} {len(scores):>4} {mean([s.rmse for s in scores]):.4f} "
        f"{mean([s.bias for s in scores]):+.4f} {covered} "
        f"{mean([s.interval for s in scores]):.4f} "
        f"{mean([s.last_value for s in scores]):.4f} {mean([s.seconds for s in scores]):.2f}"
    )


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grids", type=Path, default=folder())
    parser.add_argument("--only", default="")
    parser.add_argument("--factor", type=float, default=2.0)
    parser.add_argument("--rivals", type=int, default=0, help="resamples; 0 leaves them out")
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
    changes = json.loads(BY_GROUP.read_text("utf-8"))["changes"]
    levels = " ".join(f"{level:>6.0%}" for level in LEVELS)
    print(f"{'grid':<18} {'n':>4} {'rmse':>6} {'bias':>7} {levels} {'score':>6} last   s")
    print("\n".join(rows([ours(split, changes.get(split.grid, {})) for split in chosen])))
    for law in RIVALS if options.rivals else ():
        found = [alone(split, law, options.rivals) for split in chosen]
        for name in [*TARGETS, ""]:
            part = [s for s in found if s is not None and s.split.grid.startswith(name)]
            if part:
                print(line(f"{law} {name or 'all'}", part), flush=True)


if __name__ == "__main__":
    main()
