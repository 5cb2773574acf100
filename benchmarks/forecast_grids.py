"""Public grids of model and data size as splits: runs to forecast from, and larger ones.

`splits(folder)` reads a folder laid out like the public grids: one folder per study. A file that
is missing is left out. Every split holds out the larger runs; those of one grid share its name, so
that constants used on a grid can be learned without it.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from flopcast.laws.features import FloatArray
from flopcast.observations import Runs

Rows = list[dict[str, str]]
BoolArray = npt.NDArray[np.bool_]
C4 = "loss__c4_val_shard-{0000000..0000010}"
_LEAST_SHARE: Final = 0.1  # of a study's runs lie below the smallest scale of a pilot
_MOST_TARGETS: Final = 8
_PATIENCE: Final = 5


@dataclass(frozen=True, eq=False)
class Split:
    """Runs to learn from and larger runs to forecast.

    `listed` ones are in the headline table; `drawn` is the number of known runs where these were
    drawn at random, else 0.
    """

    name: str
    grid: str
    domain: str
    train: Runs
    test: Runs
    listed: bool = False
    drawn: int = 0

    @property
    def decades(self) -> FloatArray:
        """How far each held-out run lies beyond the largest known one (test,)."""
        known, held = self.train.compute, self.test.compute
        assert known is not None
        assert held is not None
        return np.asarray(np.maximum(np.log10(held / known.max()), 0.0))


def table(folder: Path, *names: str) -> Rows:
    """The rows of one or several files of equal columns."""
    rows: Rows = []
    for name in names:
        with (folder / name).open(newline="") as file:
            rows += csv.DictReader(file)
    return rows


def numbers(rows: Rows, name: str) -> FloatArray:
    """One column as numbers."""
    return np.array([float(row[name]) for row in rows])


def runs(params: FloatArray, data: FloatArray, loss: FloatArray, **more: FloatArray) -> Runs:
    """A table of runs."""
    return Runs({"params": params, "data": data, **more}, loss)


def compute(table: Runs) -> FloatArray:
    """Training FLOP of runs that have it."""
    flop = table.compute
    assert flop is not None
    return flop


def beyond(
    name: str, grid: str, domain: str, table: Runs, low: float, high: float, listed: bool = False
) -> Split:
    """Compute up to `low` known, from `high` on held out."""
    flop = compute(table)
    return Split(name, grid, domain, table.where(flop <= low), table.where(flop >= high), listed)


def rolling(grid: str, domain: str, table: Runs, reaches: tuple[float, ...]) -> Iterator[Split]:
    """Origins that leave the grid's last `reaches` (factors of compute) to be forecast."""
    flop = compute(table)
    for reach in reaches:
        known = flop <= flop.max() / reach
        held = flop > flop.max() / reach * 1.5
        if known.sum() >= 5 and held.sum() >= 1:
            yield Split(f"{grid} /{reach:g}", grid, domain, table.where(known), table.where(held))


def chinchilla(folder: Path) -> Iterator[Split]:
    """240 digitised runs of Hoffmann et al. 2022."""
    rows = table(folder, "chinchilla_epoch/svg_extracted_data.csv")
    params, flop = numbers(rows, "Model Size"), numbers(rows, "Training FLOP")
    data = flop / (6.0 * params)
    kept = np.sort(np.argsort(-data / params)[:240])
    everything = runs(params, data, numbers(rows, "loss")).where(kept)
    for low, high in ((1e21, 1e21), (3e20, 1e21), (1e20, 1e21), (1e20, 1e20)):
        name = f"chinchilla C≤{low:.0e} → ≥{high:.0e}".replace("e+", "e")
        listed = (low, high) == (1e20, 1e21)
        yield beyond(name, "chinchilla", "language", everything, low * 0.999999, high, listed)
    yield from rolling("chinchilla", "language", everything, (10.0, 3000.0))


def farseer(folder: Path) -> Iterator[Split]:
    """Li et al. 2025: loss per byte."""
    parts = []
    for name in ("scalebench/farseer_train.csv", "scalebench/farseer_test.csv"):
        rows = table(folder, name)
        parts.append((numbers(rows, "N"), numbers(rows, "D"), numbers(rows, "loss")))
    train, test = (runs(*part) for part in parts)
    yield Split("farseer official", "farseer", "language", train, test, True)
    columns = [np.concatenate(pair) for pair in zip(*parts, strict=True)]
    everything = runs(*columns)
    yield beyond("farseer C≤1e20 → ≥1e21", "farseer", "language", everything, 1e20, 1e21, True)
    yield from rolling("farseer", "language", everything, (10.0, 100.0, 1000.0))


def gadre(folder: Path) -> Iterator[Split]:
    """Gadre et al. 2024, loss on C4."""
    rows = table(folder, "gadre_overtraining/gadre_models.csv")
    for dataset in sorted({row["dataset"] for row in rows}):
        own = [row for row in rows if row["dataset"] == dataset]
        everything = runs(numbers(own, "params"), numbers(own, "tokens"), numbers(own, C4))
        name = f"gadre {dataset}"
        yield beyond(name, "gadre", "language", everything, 9e20, 9e20, True)
        for split in rolling("gadre", "language", everything, (100.0, 1000.0)):
            yield Split(f"{name}{split.name[5:]}", "gadre", "language", split.train, split.test)


def ladder(folder: Path) -> Iterator[Split]:
    """OLMo ladder (Bhagia et al. 2024), loss on C4."""
    rows = table(folder, "olmo_ladder/ladder_final.csv")
    seen = numbers(rows, "throughput/total_tokens")
    params = np.array([_ladder_params(rows, row["size"]) for row in rows])
    everything = runs(params, seen, numbers(rows, "eval/c4_en-validation/CrossEntropyLoss"))
    largest = params == params.max()
    yield Split(
        "olmo → 3B",
        "olmo",
        "language",
        everything.where(~largest),
        everything.where(largest),
        True,
    )
    yield from rolling("olmo", "language", everything, (10.0, 50.0, 200.0))


def _ladder_params(rows: Rows, size: str) -> float:
    """A ladder's multiple 1 is 20 tokens per parameter."""
    known = [r for r in rows if r["size"] == size and r["xC"] == "1.0"]
    return float(np.mean(numbers(known, "throughput/total_tokens"))) / 20.0


def data_constrained(folder: Path) -> Iterator[Split]:
    """Muennighoff et al. 2023: repeated data."""
    parts = []
    for name in ("scalebench/data_constrained_train.csv", "scalebench/data_constrained_test.csv"):
        rows = table(folder, name)
        seen = numbers(rows, "tokens")
        unique = np.minimum(numbers(rows, "unique_tokens"), seen)
        parts.append((numbers(rows, "params"), seen, numbers(rows, "loss"), unique))
    train, test = (runs(*part[:3], unique_data=part[3]) for part in parts)
    grid = "data-constrained"
    yield Split("data-constrained official", grid, "language", train, test, True)
    columns = [np.concatenate(pair) for pair in zip(*parts, strict=True)]
    everything = runs(*columns[:3], unique_data=columns[3])
    yield from rolling(grid, "language", everything, (10.0, 100.0))
    fresh = everything.where(columns[1] <= 1.01 * columns[3])
    once = Runs({"params": fresh["params"], "data": fresh["data"]}, fresh.loss)
    for split in rolling(grid, "language", once, (10.0, 100.0)):
        yield Split(f"{split.name} once", grid, "language", split.train, split.test)


def step_law(folder: Path) -> Iterator[Split]:
    """Li et al. 2025 (Step Law): the best loss over learning rates and batch sizes."""
    rows = table(folder, "scalebench/lr_bsz_train.csv", "scalebench/lr_bsz_test.csv")
    cells: dict[tuple[float, float], float] = {}
    for row in rows:
        cell = (float(row["non_embedding_param_size"]), float(row["data_size"]))
        cells[cell] = min(cells.get(cell, np.inf), float(row["lm_loss"]))
    params, data = np.array(list(cells)).T
    everything = runs(params, data, np.array(list(cells.values())))
    yield from rolling("step law", "language", everything, (6.0, 30.0))


def grammar(folder: Path) -> Iterator[Split]:
    """Pandey 2024: synthetic grammars of five entropies, tiny data, one pass."""
    rows = table(folder, "colpret/gzip_pcfg_grid.csv")
    for dataset in sorted({row["dataset"] for row in rows}):
        own = [row for row in rows if row["dataset"] == dataset]
        everything = runs(
            numbers(own, "model_size"), numbers(own, "token_ct"), numbers(own, "final_train_loss")
        )
        for split in rolling("grammar", "synthetic", everything, (20.0, 200.0)):
            name = f"grammar {dataset.split('-')[1]}{split.name[7:]}"
            yield Split(name, "grammar", "synthetic", split.train, split.test)


def teacher(folder: Path) -> Iterator[Split]:
    """Students of a known teacher."""
    for name in ("sweep_cosine", "sweep_cosine_L1", "sweep_cosine_L4", "sweep_cosine_L6"):
        rows = table(folder, f"teacher_student_demo/{name}.csv")
        everything = runs(numbers(rows, "N"), numbers(rows, "D"), numbers(rows, "val_loss"))
        for split in rolling("teacher", "synthetic", everything, (30.0, 3000.0)):
            label = f"teacher{name[12:]}{split.name[7:]}"
            yield Split(label, "teacher", "synthetic", split.train, split.test)


def openclip(folder: Path) -> Iterator[Split]:
    """Cherti et al. 2023: zero-shot ImageNet error of CLIP models; params stand for GMACs."""
    rows = [
        row
        for row in table(folder, "openclip_laion/zeroshot_results.csv")
        if row["downstream_dataset"] == "imagenet1k"
    ]
    for dataset in ("LAION-2B", "LAION-400M", "LAION-80M"):
        own = [row for row in rows if row["upstream_dataset"] == dataset]
        everything = runs(
            numbers(own, "gmacs") * 1e9, numbers(own, "samples_seen"), 1.0 - numbers(own, "acc1")
        )
        for split in rolling("openclip", "vision-language", everything, (4.0, 12.0)):
            label = f"openclip {dataset}{split.name[8:]}"
            yield Split(label, "openclip", "vision-language", split.train, split.test)


GRIDS: Mapping[str, Callable[[Path], Iterator[Split]]] = {
    "farseer": farseer,
    "chinchilla": chinchilla,
    "gadre": gadre,
    "olmo": ladder,
    "data-constrained": data_constrained,
    "step law": step_law,
    "grammar": grammar,
    "teacher": teacher,
    "openclip": openclip,
}


def splits(folder: Path) -> list[Split]:
    """Every split of every grid that the folder holds."""
    found: list[Split] = []
    for read in GRIDS.values():
        try:
            found += list(read(folder))
        except FileNotFoundError:
            continue
    return found


def studies(found: Iterable[Split]) -> Iterator[Split]:
    """One split of each study; those that repeat data are left out."""
    seen = set()
    for split in found:
        count = len(split.train) + len(split.test)
        highest = float(max(split.train.loss.max(), split.test.loss.max()))
        key = (split.grid, count, highest)
        if key not in seen and "unique_data" not in split.train.inputs:
            seen.add(key)
            yield split


def joined(split: Split) -> Runs:
    """Both sides of a split."""
    inputs = {
        name: np.concatenate([split.train[name], split.test[name]]) for name in split.train.inputs
    }
    return Runs(inputs, np.concatenate([split.train.loss, split.test.loss]))


def drawn(split: Split, count: int, times: int, rng: np.random.Generator) -> Iterator[Split]:
    """One of the largest tenth of a study's runs, from `count` of its two smaller thirds."""
    runs = joined(split)
    flop = compute(runs)
    order = np.argsort(flop, kind="stable")
    small, large = order[: max(2 * len(order) // 3, 6)], order[-max(len(order) // 10, 1) :]
    for _ in range(times):
        chosen, target = np.sort(rng.choice(small, count, replace=False)), rng.choice(large, 1)
        if flop[target[0]] > flop[chosen].max():
            name = f"{split.name}, {count} runs"
            known, held = (runs.where(np.isin(np.arange(len(runs)), k)) for k in (chosen, target))
            yield Split(name, split.grid, split.domain, known, held, drawn=count)


def pilots(split: Split, count: int, times: int, rng: np.random.Generator) -> Iterator[Split]:
    """Up to 8 runs of a study at least 10 to 50 times larger than `count` small ones.

    These are drawn from three decades of compute up to a random scale.
    """
    runs = joined(split)
    flop = compute(runs)
    lowest = float(np.log10(np.quantile(flop, _LEAST_SHARE)))
    for _ in range(_PATIENCE * times):
        ratio = 10.0 ** rng.uniform(1.0, np.log10(50.0))
        highest = float(np.log10(flop.max() / ratio))
        top = 10.0 ** rng.uniform(min(lowest, highest), highest)
        small = np.flatnonzero((flop <= top) & (flop > top / 1e3))
        if len(small) < count:
            continue
        chosen = rng.choice(small, count, replace=False)
        large = np.flatnonzero(flop >= ratio * flop[chosen].max())
        targets = rng.choice(large, min(_MOST_TARGETS, len(large)), replace=False)
        known, held = (runs.where(np.isin(np.arange(len(runs)), k)) for k in (chosen, targets))
        name = f"{split.name}, {count} runs of {np.log10(top):.1f}"
        yield Split(name, split.grid, split.domain, known, held, drawn=count)
        times -= 1
        if times <= 0:
            return


def frugal(split: Split, share: float = 1.0 / 50.0) -> Iterator[Split]:
    """For each held-out run: the split trained on the cheapest runs costing `share` of it."""
    flop = compute(split.train)
    order = np.argsort(flop, kind="stable")
    for k in range(len(split.test)):
        target = split.test.where(np.array([k]))
        affordable = np.cumsum(flop[order]) <= share * float(compute(target)[0])
        if affordable.sum() >= 8:
            rows = np.sort(order[affordable])
            yield Split(split.name, split.grid, split.domain, split.train.where(rows), target)
