"""Public curves of error or loss along one axis, split where a forecast begins.

Read from a folder of grids (see NOTES.md there); a file that is absent is left out.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flopcast.laws.features import FloatArray
from flopcast.observations import Runs

Row = Mapping[str, str]
Key = tuple[str, ...]
MOST_POINTS = 70
FEWEST = 4
EARLIEST = 400.0


@dataclass(frozen=True, eq=False)
class Split:
    """One curve: `x` and `y` to fit, `ahead` and `truth` to be forecast."""

    grid: str
    name: str
    axis: str
    x: FloatArray
    y: FloatArray
    ahead: FloatArray
    truth: FloatArray

    @property
    def whole(self) -> tuple[FloatArray, FloatArray]:
        """Both parts, x and y, thinned evenly in log x."""
        x, y = np.concatenate([self.x, self.ahead]), np.concatenate([self.y, self.truth])
        order = np.argsort(x, kind="stable")
        return thinned(x[order], y[order])

    @property
    def runs(self) -> Runs:
        """The part to fit."""
        return Runs({self.axis: self.x}, self.y, source=f"{self.grid}/{self.name}")


def revisited(grids: Path, file: str) -> Iterator[Split]:
    """Curves of Alabdulmohsin et al. 2022 at their own split; repeated rows count once."""
    domains = {"bird": "birds", "c": "cifar", "cal": "caltech", "inet": "imagenet"}
    for key, rows in _by(_rows(grids / f"revisiting_alabdulmohsin/{file}"), _task).items():
        domain, task, model = key
        part = domains[task.partition("_")[0]] if domain == "IC" else domain
        table = {(float(r["Seen Examples"]), float(r["Loss"]), r["Training"]) for r in rows}
        fit = np.array(sorted((x, y) for x, y, t in table if t == "1"))
        test = np.array(sorted((x, y) for x, y, t in table if t == "0"))
        grid = "vision" if domain == "IC" else "language"
        yield Split(
            f"{grid}/{part}",
            f"{task} {model}",
            "data",
            *fit.T,
            *test.T,
        )


def _task(row: Row) -> tuple[str, ...]:
    return row["Domain"], row["Task"], row["Model"]


@dataclass(frozen=True)
class Source:
    """Where curves come from: a file, what separates them, and the columns of x and y."""

    file: str
    keys: tuple[str, ...]
    axis: str
    x: str
    y: str
    keep: Callable[[Row], bool] | None = None
    value: Callable[[float], float] = float

    def key(self, row: Row) -> tuple[str, ...]:
        """What tells the row's curve from others."""
        return tuple(row[name] for name in self.keys)


def _once(row: Row) -> bool:
    return float(row["epochs"]) <= 4.0


def _constant(row: Row) -> bool:
    return row["schedule"].startswith("constant")


def _last(row: Row) -> bool:
    return row["step"] == "249000"


SOURCES: Mapping[str, Source] = {
    "farseer-data": Source("scalebench/farseer_train.csv", ("N",), "data", "D", "loss"),
    "farseer-model": Source("scalebench/farseer_train.csv", ("D",), "params", "N", "loss"),
    "gadre": Source(
        "gadre_overtraining/gadre_models.csv",
        ("dataset", "params"),
        "data",
        "tokens",
        "loss__c4_val_shard-{0000000..0000010}",
    ),
    "routed-data": Source(
        "moe_routing_clark/curves.csv",
        ("num_experts", "k", "router_type", "dense_parameter_count"),
        "data",
        "step",
        "loss_validation",
    ),
    "routed-model": Source(
        "moe_routing_clark/curves.csv",
        ("num_experts", "router_type", "k"),
        "params",
        "dense_parameter_count",
        "loss_validation",
        _last,
    ),
    "olmo": Source(
        "colpret/olmo.csv", ("model_name",), "data", "Step", "pile-validation/CrossEntropyLoss"
    ),
    "gpt3": Source("colpret/gpt3_extracted.csv", ("model",), "data", "step", "train_loss"),
    "datablations": Source(
        "colpret/datablations_losses.csv",
        ("data", "num_params", "epochs"),
        "data",
        "token_num",
        "loss",
        _once,
    ),
    "teacher": Source("teacher_student_demo/sweep_cosine.csv", ("N",), "data", "D", "val_loss"),
    "constant-rate": Source(
        "lr_schedules/multi_power_law_curves.csv",
        ("model_M", "schedule"),
        "data",
        "step",
        "loss",
        _constant,
    ),
    "pythia": Source(
        "pythia/pythia_v1_evals.csv",
        ("size", "deduped", "shots"),
        "data",
        "tokens",
        "lambada_openai__acc",
        value=lambda accuracy: 1.0 - accuracy,
    ),
    "clip": Source(
        "openclip_laion/zeroshot_results.csv",
        ("upstream_dataset", "downstream_dataset"),
        "compute",
        "gmacs_total",
        "acc1",
        lambda row: row["downstream_dataset"] in ("imagenet1k", "cars", "food101", "sun397"),
        lambda accuracy: 1.0 - accuracy,
    ),
}


def whole(grids: Path) -> Iterator[tuple[str, str, str, FloatArray, FloatArray]]:
    """Every other curve: grid, name, axis, x and y, thinned evenly in log x."""
    for grid, source in SOURCES.items():
        rows = [
            row for row in _rows(grids / source.file) if source.keep is None or source.keep(row)
        ]
        for key, part in _by(rows, source.key).items():
            x, y = _columns(part, source)
            if len(x) >= FEWEST + 2 and x[-1] / x[0] >= 8.0:
                yield grid, " ".join(key), source.axis, x, y


def halves(grids: Path, factor: float) -> Iterator[Split]:
    """Every other curve, to be forecast beyond its largest x over `factor`."""
    for grid, name, axis, x, y in whole(grids):
        fit = x <= x[-1] / factor * 1.0001
        if fit.sum() >= FEWEST and not fit.all():
            yield Split(f"{grid} ×{factor:g}", name, axis, x[fit], y[fit], x[~fit], y[~fit])


def _columns(rows: Iterable[Row], source: Source) -> tuple[FloatArray, FloatArray]:
    pairs: dict[float, list[float]] = {}
    for row in rows:
        try:
            place, value = float(row[source.x]), source.value(float(row[source.y]))
        except ValueError:
            continue
        if place > 0.0 and np.isfinite(value) and value > 0.0:
            pairs.setdefault(place, []).append(value)
    x = np.array(sorted(pairs))
    y = np.array([float(np.median(pairs[each])) for each in x])
    return thinned(x, y) if x.size else (x, y)


def thinned(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The later part of a curve, its x ascending, and of many points some evenly in log x."""
    x, y = x[x > x[-1] / EARLIEST], y[x > x[-1] / EARLIEST]
    if len(x) > 1.5 * MOST_POINTS:
        marks = np.geomspace(x[0], x[-1], MOST_POINTS) * 0.9999
        rows_kept = np.unique(np.searchsorted(x, marks))
        x, y = x[rows_kept], y[rows_kept]
    return x, y


def _rows(path: Path) -> list[Row]:
    if not path.is_file():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _by(
    rows: Iterable[Row], key: Callable[[Row], tuple[str, ...]]
) -> dict[tuple[str, ...], list[Row]]:
    parts: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        parts.setdefault(key(row), []).append(row)
    return parts
