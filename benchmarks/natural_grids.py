"""Every law on the public runs it is meant for: status and findings, no failure unreported.

Needs the folder of public grids, FLOPCAST_SHARED/data/grids; without it there is nothing to do.
A failure is unreported when a fit raises, or does not converge and says so in no finding.
"""

import csv
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np

from flopcast.fitting.fit import fit
from flopcast.laws.features import FloatArray
from flopcast.laws.registry import law_names
from flopcast.laws.schedule import SCHEDULE_INPUTS, schedule_inputs
from flopcast.observations import Runs

Rows = list[dict[str, str]]
WARMUP = 2159
C4 = "loss__c4_val_shard-{0000000..0000010}"
NO_GRID = "no public grid"


def folder() -> Path | None:
    """The grids, where they are at hand."""
    beside = Path(__file__).resolve().parent.parent.parent / "shared"
    grids = Path(os.environ.get("FLOPCAST_SHARED", beside)) / "data" / "grids"
    return grids if grids.is_dir() else None


def table(grids: Path, *names: str) -> Rows:
    """The rows of one or several files of equal columns."""
    rows: Rows = []
    for name in names:
        with (grids / name).open(newline="") as file:
            rows += csv.DictReader(file)
    return rows


def column(rows: Rows, name: str) -> FloatArray:
    """One column as numbers."""
    return np.array([float(row[name]) for row in rows])


def gather(rows: Rows, loss: str, inputs: Mapping[str, str]) -> Runs:
    """Runs of the columns behind each input."""
    return Runs(
        {name: column(rows, source) for name, source in inputs.items()}, column(rows, loss)
    )


def chinchilla(grids: Path) -> Runs:
    """The 240 digitised runs."""
    rows = table(grids, "chinchilla_epoch/svg_extracted_data.csv")
    params, flop = column(rows, "Model Size"), column(rows, "Training FLOP")
    data = flop / (6.0 * params)
    kept = np.sort(np.argsort(-data / params)[:240])
    runs = Runs({"params": params, "data": data}, column(rows, "loss"), params_convention="total")
    return runs.where(kept)


def farseer(grids: Path) -> Runs:
    """The official training split."""
    return gather(
        table(grids, "scalebench/farseer_train.csv"), "loss", {"params": "N", "data": "D"}
    )


def gadre(grids: Path) -> Runs:
    """Over-trained models on C4."""
    rows = table(grids, "gadre_overtraining/gadre_models.csv")
    kept = [row for row in rows if row["dataset"] == "c4_original"]
    return gather(kept, C4, {"params": "params", "data": "tokens"})


def repeated(grids: Path) -> Runs:
    """Runs on repeated data."""
    rows = table(
        grids, "scalebench/data_constrained_train.csv", "scalebench/data_constrained_test.csv"
    )
    seen = column(rows, "tokens")
    unique = np.minimum(column(rows, "unique_tokens"), seen)
    inputs = {"params": column(rows, "params"), "data": seen, "unique_data": unique}
    return Runs(inputs, column(rows, "loss"))


def teacher(grids: Path) -> Runs:
    """Students of a known teacher: error from guessing to a known floor."""
    rows = table(grids, "teacher_student_demo/sweep_cosine.csv")
    return gather(rows, "val_loss", {"params": "N", "data": "D"})


def curve(grids: Path) -> Runs:
    """The fitted part of one few-shot error curve."""
    rows = table(grids, "revisiting_alabdulmohsin/benchmark.vision.csv")
    first = (rows[0]["Task"], rows[0]["Model"])
    kept = [row for row in rows if (row["Task"], row["Model"]) == first and row["Training"] == "1"]
    return gather(kept, "Loss", {"data": "Seen Examples"})


def routed(grids: Path) -> Runs:
    """Routed models at fixed data."""
    rows = table(grids, "scalebench/moe_train.csv")
    return gather(
        rows, "loss_validation", {"params": "dense_parameter_count", "experts": "num_experts"}
    )


def routed_curves(grids: Path) -> Runs:
    """The same along training: data in steps, density as the share of experts that is active."""
    rows = table(grids, "moe_routing_clark/curves.csv")
    late = [row for row in rows if float(row["step"]) >= 5e4 and float(row["k"]) == 1.0]
    kept = [row for row in late if row["loss_validation"]][::4]
    experts = column(kept, "num_experts")
    inputs = {
        "params": column(kept, "dense_parameter_count"),
        "data": column(kept, "step"),
        "experts": experts,
        "density": 1.0 / experts,
    }
    return Runs(inputs, column(kept, "loss_validation"))


def schedules(grids: Path) -> Runs:
    """Whole loss curves of the 100M model under nine schedules."""
    rows = table(grids, "lr_schedules/multi_power_law_curves.csv")
    parts = []
    for name in sorted({row["schedule"] for row in rows}):
        part = [row for row in rows if (row["schedule"], row["model_M"]) == (name, "100")]
        inputs = schedule_inputs(column(part, "lr"), steps=column(part, "step"), warmup=WARMUP)
        parts.append((inputs, column(part, "loss")))
    inputs = {name: np.concatenate([part[name] for part, _ in parts]) for name in SCHEDULE_INPUTS}
    return Runs(inputs, np.concatenate([loss for _, loss in parts]))


def ladder(grids: Path) -> Runs:
    """HellaSwag error against the loss on C4 along a ladder of models."""
    rows = table(grids, "olmo_ladder/ladder_final.csv")
    error = 1.0 - column(rows, "eval/downstream/hellaswag_val_rc_5shot_len_norm")
    loss = column(rows, "eval/c4_en-validation/CrossEntropyLoss")
    return Runs({"pretraining_loss": loss}, error, metric="error")


Grid = Callable[[Path], Runs]
CURVES: Mapping[str, Grid] = dict.fromkeys(
    ("m1", "m2", "m3", "m4", "bnsl1", "bnsl2", "bnsl3"), curve
)
SIZES: Mapping[str, Grid] = dict.fromkeys(
    ("chinchilla", "kaplan", "kaplan-floor", "coupled", "bounded"), chinchilla
)
NATURAL: Mapping[str, Grid] = {
    **CURVES,
    **SIZES,
    "bounded-overfitting": repeated,
    "muennighoff": repeated,
    "rosenfeld": teacher,
    "farseer": farseer,
    "gadre": gadre,
    "clark": routed,
    "joint-moe": routed_curves,
    "abnar": routed_curves,
    "tissue": schedules,
    "multi-power": schedules,
    "exponential": ladder,
    "sigmoid": ladder,
}


def fitted(grids: Path, name: str) -> tuple[str, bool]:
    """One line of the table, and whether a failure went unreported."""
    if name not in NATURAL:
        return f"{name:<20} {NO_GRID}", False
    grid = NATURAL[name]
    runs = grid(grids)
    begin = time.perf_counter()
    try:
        result = fit(runs, name, bootstrap=0)
    except Exception as error:
        return f"{name:<20} {grid.__name__:<14} {len(runs):>5} raised {error!r}", True
    took = time.perf_counter() - begin
    codes = ", ".join(finding.code for finding in result.findings) or "-"
    misfit = f"{np.mean(np.abs(result.residuals)):.3%}" if result.ok else result.message
    unreported = not result.ok and not result.message
    unreported |= result.status == "not_converged" and "not_converged" not in codes
    return (
        f"{name:<20} {grid.__name__:<14} {len(runs):>5} {result.status:<14} {misfit:>8} "
        f"{took:6.2f} s  {codes}",
        unreported,
    )


def report(grids: Path) -> Iterator[bool]:
    """Prints the table; yields for each law whether a failure went unreported."""
    print(
        f"{'law':<20} {'grid':<14} {'runs':>5} {'status':<14} {'error':>8} {'time':>8}  findings"
    )
    for name in law_names():
        line, unreported = fitted(grids, name)
        print(line, flush=True)
        yield unreported


def main() -> int:
    """Fits every law; 1 where a failure is reported by no finding."""
    grids = folder()
    if grids is None:
        print("no folder of public grids; FLOPCAST_SHARED names one")
        return 0
    failures = sum(report(grids))
    print(f"failures that no finding reports: {failures}")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
