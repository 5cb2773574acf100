"""What is done elsewhere, on the splits of the forecast benchmark: one law and its bootstrap.

    python benchmarks/forecast_rivals.py [--grid NAME] [--only PART] [--draws 200]

Each rival is one law, fitted without priors by the objective of Hoffmann et al. 2022. Its interval
is that of refits on resampled runs (percentile, as Besiroglu et al. 2024), or the same with
resampled residuals added (as OLMo-core does). M1 to M4 and one break see one axis, as published:
the first input that varies, or compute where several do. Scores are those of
benchmarks/forecast.py, relative to the outcome, so that the rows can be held against its own.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from forecast_grids import Split, splits
from natural_grids import folder as public_folder

from flopcast.errors import FlopcastError
from flopcast.fitting.fit import fit
from flopcast.forecasting.scores import inside, interval_score
from flopcast.laws.features import FloatArray
from flopcast.observations import Runs

LEVELS: Final = (0.5, 0.8, 0.9, 0.95)
ONE_AXIS: Final = ("m1", "m2", "m3", "m4", "bnsl1")
BOTH_AXES: Final = ("chinchilla", "coupled", "kaplan-floor", "bounded", "farseer", "rosenfeld")

Rival = Callable[[Runs, Mapping[str, FloatArray], int, int], tuple[FloatArray, FloatArray]]
"""Training runs, points, draws and seed -> median (points,) and draws (draws, points)."""


def one_law(law: str, *, residuals: bool) -> Rival:
    """A law with its case bootstrap, with resampled log residuals where `residuals` is set."""

    def answer(
        runs: Runs, at: Mapping[str, FloatArray], draws: int, seed: int
    ) -> tuple[FloatArray, FloatArray]:
        found = fit(runs, law, bootstrap=draws, seed=seed, throw=True)
        points = {name: at[name] for name in found.law.inputs}
        refits = found.predict_draws(points)
        if residuals:
            rng = np.random.default_rng(seed)
            refits = refits * np.exp(rng.choice(found.residuals, size=refits.shape))
        return found.predict(points), refits

    return answer


def rivals(axes: Sequence[str]) -> dict[str, Rival]:
    """The rivals for runs with these axes, by name."""
    if len(axes) > 1:
        named = {law: law for law in BOTH_AXES} | {f"{law}@compute": law for law in ONE_AXIS}
    else:
        named = {law if axes[0] == "data" else f"{law}@{axes[0]}": law for law in ONE_AXIS}
    found: dict[str, Rival] = {}
    for law in named:
        found[f"{law}, bootstrap"] = one_law(law, residuals=False)
        found[f"{law}, bootstrap + residuals"] = one_law(law, residuals=True)
    return found


@dataclass(frozen=True, eq=False)
class Row:
    """A rival on a split: mean relative error, whether each interval held, and its score."""

    error: float
    held: dict[float, float]
    score: float


def scored(rival: Rival, split: Split, draws: int) -> Row:
    """Raises FlopcastError where the rival has no answer."""
    train, test = with_compute(split.train), with_compute(split.test)
    median, drawn = rival(train, test.inputs, draws, 0)
    drawn = drawn[np.isfinite(drawn).all(axis=1)]
    if not len(drawn) or not np.isfinite(median).all():
        raise FlopcastError("no finite answer")
    held = {}
    score = float("nan")
    for level in LEVELS:
        low, high = np.quantile(drawn, [0.5 - level / 2, 0.5 + level / 2], axis=0)
        held[level] = float(inside(low, high, test.loss).mean())
        if level == 0.9:
            score = float((interval_score(low, high, test.loss, level) / test.loss).mean())
    return Row(float(np.abs(median / test.loss - 1.0).mean()), held, score)


def with_compute(runs: Runs) -> Runs:
    """The runs with compute as a column, for the laws of one axis."""
    if "compute" in runs or runs.compute is None:
        return runs
    return Runs({**runs.inputs, "compute": runs.compute}, runs.loss)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grid", help="only splits whose name contains this")
    parser.add_argument("--only", help="only rivals whose name contains this")
    parser.add_argument("--draws", type=int, default=200)
    options = parser.parse_args()
    folder = public_folder()
    if folder is None:
        print("skipped: there are no public grids beside the checkout")
        return
    rows: dict[str, list[Row]] = {}
    for split in splits(folder):
        if options.grid and options.grid not in split.name:
            continue
        names = [n for n, c in split.train.inputs.items() if np.unique(c).size > 1]
        axes = [n for n in names if n in ("params", "data")] or names[:1]
        for name, rival in rivals(axes).items():
            if options.only and options.only not in name:
                continue
            try:
                row = scored(rival, split, options.draws)
            except FlopcastError as error:
                print(f"{split.name:32s} {name:36s} none: {str(error)[:60]}", flush=True)
                continue
            rows.setdefault(name, []).append(row)
            shown = "  ".join(f"{row.held[level]:4.0%}" for level in LEVELS)
            print(
                f"{split.name:32s} {name:36s} {row.error:7.2%}  {shown}  {row.score:.4f}",
                flush=True,
            )
    print(
        "\nmean over splits: error, coverage at 50, 80, 90, 95 %, relative interval score at 90 %"
    )
    for name, found in rows.items():
        shown = "  ".join(f"{np.mean([r.held[p] for r in found]):4.0%}" for p in LEVELS)
        missed = float(np.mean([r.error for r in found]))
        score = float(np.mean([r.score for r in found]))
        print(f"{name:36s} {missed:7.2%}  {shown}  {score:.4f}  ({len(found)} splits)")


if __name__ == "__main__":
    main()
