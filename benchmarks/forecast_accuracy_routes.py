"""Which routes to a score can be relied on: 46 tasks of Gadre et al. 2024 on three data sets.

    python benchmarks/forecast_accuracy_routes.py

For every task that the small runs do at least 8 points better than guessing, the runs of 9e20 FLOP
and more are forecast from the smaller ones. Prints the mean and median error in points of each
route alone and of all together, and how many outcomes intervals held. What routes count
beforehand (`flopcast.forecasting.accuracy_weights`) is set by the first columns.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from all_cores import on_all_cores
from natural_grids import folder as public_folder

from flopcast import Runs, forecast_accuracy, read_runs
from flopcast.errors import FlopcastError
from flopcast.laws.features import FloatArray

C4: Final = "loss__c4_val_shard-{0000000..0000010}"
LARGE: Final = 9e20  # FLOP
ABOVE_CHANCE: Final = 0.08
LEVELS: Final = (0.5, 0.8, 0.9)
Row = dict[str, str]


@dataclass(frozen=True, eq=False)
class Task:
    """A task on the runs of one data set: those to learn from, and larger ones with scores."""

    name: str
    chance: float
    runs: Runs
    at: dict[str, FloatArray]
    truth: FloatArray


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def tasks(folder: Path) -> Iterator[Task]:
    """Every task with a known score of guessing that small runs have begun to learn."""
    models = rows(folder / "gadre_models.csv")
    known = {
        row["Eval Task"]: row["Random baseline"] for row in rows(folder / "eval_metadata.csv")
    }
    for dataset in sorted({row["dataset"] for row in models}):
        for column in (name for name in models[0] if name.startswith("acc__icl__")):
            task = column.removeprefix("acc__icl__")
            own = [row for row in models if row["dataset"] == dataset and row[column]]
            if not known.get(task) or not own:
                continue
            chance = float(known[task]) / 100.0
            params, data, loss, score = (
                np.array([float(row[name]) for row in own])
                for name in ("params", "tokens", C4, column)
            )
            large = 6.0 * params * data >= LARGE
            if large.any() and score[~large].max() >= chance + ABOVE_CHANCE:
                table = {"params": params, "data": data, "pretraining_loss": loss}
                small = {name: values[~large] for name, values in table.items()}
                runs = read_runs(
                    small | {"accuracy": score[~large]},
                    columns={"pretraining_loss": "pretraining_loss"},
                    metric="accuracy",
                    best=1.0,
                    duplicates="drop",
                )
                at = {"params": params[large], "data": data[large]}
                yield Task(f"{dataset}, {task}", chance, runs, at, score[large])


def errors(task: Task) -> tuple[dict[str, float], list[float]]:
    """Mean error in points of every route and of all, and the share inside each of `LEVELS`."""
    try:
        found = forecast_accuracy(task.runs, task.at, chance=task.chance, draws=1000)
    except FlopcastError as error:
        print(f"{task.name}: {error}", flush=True)
        return {}, []
    off = {
        member.name: 100.0 * float(np.mean(np.abs(member.prediction - task.truth)))
        for member in found.members
        if member.status == "used"
    }
    off["all together"] = 100.0 * float(np.mean(np.abs(found.median - task.truth)))
    ends = [found.interval(level) for level in LEVELS]
    return off, [float(np.mean((low <= task.truth) & (task.truth <= high))) for low, high in ends]


def main() -> None:
    folder = public_folder()
    if folder is None or not (folder / "gadre_overtraining").is_dir():
        print("skipped: there are no public grids beside the checkout")
        return
    calls = [partial(errors, task) for task in tasks(folder / "gadre_overtraining")]
    found = [(off, held) for off, held in on_all_cores(calls) if off]
    print(f"{'route':<26}{'tasks':>6}{'mean':>8}{'median':>8}   error in points")
    for name in dict.fromkeys(name for off, _ in found for name in off):
        own = [off[name] for off, _ in found if name in off]
        print(f"{name:<26}{len(own):>6}{np.mean(own):>8.2f}{np.median(own):>8.2f}")
    shares = np.mean([held for _, held in found], axis=0)
    shown = ", ".join(f"{s:.0%} of {q:.0%}" for s, q in zip(shares, LEVELS, strict=True))
    print(f"inside intervals: {shown}")


if __name__ == "__main__":
    main()
