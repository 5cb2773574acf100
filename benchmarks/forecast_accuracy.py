"""Task accuracies of OLMo 7B-4T and 13B-5T from the ladder of 190M to 1.3B (Bhagia et al. 2024).

Prints, for ten tasks, how many points the forecast is off, how wide its 90 % interval is, and the
verdict on the task. Baseline: the two-step sigmoid alone, the method of the paper.
"""

import csv
import os
import sys
from pathlib import Path
from typing import Final

import numpy as np

from flopcast import Runs, forecast_accuracy, read_runs

SHARED = Path(os.environ.get("FLOPCAST_SHARED", Path(__file__).resolve().parents[2] / "shared"))
FOLDER: Final = SHARED / "data" / "grids" / "olmo_ladder"
SIZES: Final = {"190M": 190354176, "370M": 371262464, "760M": 758220288, "1B": 1279395840}
LENGTHS: Final = ("1xC", "2xC", "5xC", "10xC")
TARGETS: Final = {
    "peteish7_eval_anneal": (6887575552.0, 3945065873408.0),
    "peteish13_eval_final": (13202396160.0, 5e12),
}
# Test questions of each part of MMLU, by which its parts are weighed.
MMLU: Final = {"stem": 3018, "humanities": 4705, "social_sciences": 3077, "other": 3242}
TASKS: Final = {
    "mmlu": 0.25, "hellaswag_val": 0.25, "piqa_val": 0.5, "socialiqa_val": 1 / 3,
    "arc_easy_test": 0.25, "arc_challenge_test": 0.25, "csqa_val": 0.2, "openbookqa_test": 0.25,
    "winogrande_val": 0.5, "boolq_val": 0.5,
}  # fmt: skip
NAMED: Final = {"pretraining_loss": "pretraining_loss"}
Row = dict[str, str]


def rows(name: str) -> list[Row]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def both(row: Row, task: str) -> tuple[float, float]:
    """Loss of the right answers (bits per byte) and accuracy."""
    if task == "mmlu":
        parts = np.array([both(row, f"mmlu_{part}_test") for part in MMLU])
        shares = np.array(list(MMLU.values())) / sum(MMLU.values())
        return tuple((shares @ parts).tolist())
    ending = "acc" if task.startswith("boolq") else "len_norm"
    names = (f"downstream_bpb/{task}_rc_5shot_bpb", f"downstream/{task}_rc_5shot_{ending}")
    first, second = (float(row.get(f"eval/{name}") or "nan") for name in names)
    return first, second


def ladder(task: str) -> tuple[Runs, Runs]:
    finals = [
        (SIZES[r["size"]], float(r["throughput/total_tokens"]), *both(r, task))
        for r in rows("ladder_final.csv")
        if r["size"] in SIZES and r["rerun"] == "False" and float(r["xC"]) >= 1.0
    ]
    pairs = [
        (*both(r, task), f"{size}-{length}")
        for size in SIZES
        for length in LENGTHS
        for r in sorted(rows(f"raw/{size}-{length}.csv"), key=lambda r: float(r["_step"]))
        if not np.isnan(both(r, task)).any()
    ]
    table = dict(
        zip(
            ("params", "data", "pretraining_loss", "accuracy"),
            zip(*finals, strict=True),
            strict=True,
        )
    )
    steps = dict(
        zip(("pretraining_loss", "accuracy", "group"), zip(*pairs, strict=True), strict=True)
    )
    return (
        read_runs(table, columns=NAMED, metric="accuracy", best=1.0),
        read_runs(steps, columns=NAMED, metric="accuracy", best=1.0, duplicates="drop"),
    )


def main() -> None:
    if not FOLDER.is_dir():
        print(f"skipped: there is no {FOLDER}")
        return
    at = dict(zip(("params", "data"), zip(*TARGETS.values(), strict=True), strict=True))
    chosen = [task for task in TASKS if task in sys.argv[1:]] or list(TASKS)
    print(
        "task                 ours 7B  13B   sigmoid 7B  13B   90 % width   held  signal  verdict"
    )
    for task in chosen:
        runs, pairs = ladder(task)
        truth = []
        for name in TARGETS:
            found = sorted(rows(f"raw/{name}.csv"), key=lambda r: float(r.get("_step") or 0))
            truth.append(both(found[-1], task)[1])
        guess = TASKS[task] if runs.to_metric(runs.loss).max() > TASKS[task] else None
        found_now = forecast_accuracy(runs, at, chance=guess, checkpoints=pairs)
        off = 100.0 * (found_now.median - truth)
        alone = next(m for m in found_now.members if m.name == "two steps, sigmoid")
        paper = 100.0 * (alone.prediction - truth)
        low, high = found_now.interval(0.9)
        width = 100.0 * (high - low)
        held = int(np.sum((low <= truth) & (truth <= high)))
        ratio = found_now.options["signal"] / found_now.options["noise"]
        codes = {finding.code for finding in found_now.findings}
        verdict = "not predictable" if "not_predictable" in codes else "predictable"
        print(
            f"{task:20s} {off[0]:+6.1f} {off[1]:+6.1f}   {paper[0]:+6.1f} {paper[1]:+6.1f}   "
            f"{width[0]:5.1f} {width[1]:5.1f}   {held}/2  {ratio:6.0f}  {verdict}",
            flush=True,
        )


if __name__ == "__main__":
    main()
