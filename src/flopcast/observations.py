"""Runs: what was trained, at which scale, and what came of it. The input of every fit."""

import csv
import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, final

import numpy as np
import numpy.typing as npt

from flopcast.errors import InputError, MissingExtra, nearest

FloatArray = npt.NDArray[np.float64]
TextArray = npt.NDArray[np.str_]
Direction = Literal["lower", "higher"]
ParamsConvention = Literal["total", "non-embedding", "active"]
Operations = Literal["FLOP", "MAC"]
Duplicates = Literal["refuse", "drop", "keep"]

INPUTS: Final = ("params", "data", "compute", "unique_data", "steps")
"""Inputs read whenever a column has their name: parameters, samples or tokens seen, training
operations, distinct samples or tokens, optimiser steps."""

_LABELS: Final = ("group", "seed")
_DIRECTIONS: Final[Mapping[str, Direction]] = MappingProxyType(
    {"loss": "lower", "error": "lower", "perplexity": "lower", "accuracy": "higher"}
)


@final
@dataclass(frozen=True, eq=False)
class Runs:
    """A table of n runs.

    `inputs` are positive columns (n,) by name: ``params`` and ``data`` are counts, ``compute`` is
    in FLOP. `loss` (n,) is what laws fit, positive and better when lower: the metric itself, or
    `best` minus the metric where higher is better. `group` and `seed` are labels (n,) or None.
    `params_convention` says which parameters ``params`` counts, None if nobody said.

    Raises InputError for an empty table, columns of different lengths, and values that are not
    finite and positive, naming row and column.
    """

    inputs: Mapping[str, FloatArray]
    loss: FloatArray
    metric: str = "loss"
    direction: Direction = "lower"
    best: float | None = None
    group: TextArray | None = None
    seed: TextArray | None = None
    params_convention: ParamsConvention | None = None
    source: str = "runs"
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if not len(self.loss):
            raise InputError(f"{self.source} has no rows; a fit needs runs.")
        columns: dict[str, Any] = {**self.inputs, "group": self.group, "seed": self.seed}
        for name, column in columns.items():
            if column is not None and len(column) != len(self.loss):
                raise InputError(
                    f"{self.source}: column {name!r} has {len(column)} rows but "
                    f"{self.metric!r} has {len(self.loss)}; columns must be equally long."
                )
        for name, column in self.inputs.items():
            _check_positive(self.source, name, column)
        _check_positive(self.source, self._loss_label, self.loss)
        object.__setattr__(self, "inputs", MappingProxyType(dict(self.inputs)))
        for array in (*self.inputs.values(), self.loss, self.group, self.seed):
            if array is not None:
                array.setflags(write=False)

    @property
    def _loss_label(self) -> str:
        return self.metric if self.direction == "lower" else f"{self.best:g} − {self.metric}"

    def __len__(self) -> int:
        return len(self.loss)

    def __getitem__(self, name: str) -> FloatArray:
        """One input, or the loss, by name. Raises InputError when there is none."""
        if name in ("loss", self.metric) and name not in self.inputs:
            return self.loss if name == "loss" else self.to_metric(self.loss)
        if name not in self.inputs:
            raise InputError(
                f"{self.source} has no column {name!r}; it has "
                f"{', '.join([*self.inputs, self.metric])}.{nearest(name, self.inputs)}"
            )
        return self.inputs[name]

    def __contains__(self, name: object) -> bool:
        return name in self.inputs

    @cached_property
    def compute(self) -> FloatArray | None:
        """Training FLOP (n,): the column, or 6 · params · data (Kaplan et al. 2020), or None."""
        if "compute" in self.inputs:
            return self.inputs["compute"]
        if "params" in self.inputs and "data" in self.inputs:
            return 6.0 * self.inputs["params"] * self.inputs["data"]
        return None

    def to_metric(self, loss: FloatArray) -> FloatArray:
        """Losses in the unit and direction of the metric."""
        return loss if self.best is None else self.best - loss

    def where(self, rows: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> "Runs":
        """The runs that a mask or an index picks. Raises InputError when it picks none."""
        return Runs(
            {name: column[rows] for name, column in self.inputs.items()},
            self.loss[rows],
            self.metric,
            self.direction,
            self.best,
            None if self.group is None else self.group[rows],
            None if self.seed is None else self.seed[rows],
            self.params_convention,
            self.source,
            self.notes,
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the table's content: equal tables have equal digests."""
        head = [self.metric, self.direction, self.best, self.params_convention]
        total = hashlib.sha256(json.dumps(head).encode())
        for name in sorted(self.inputs):
            total.update(name.encode() + np.ascontiguousarray(self.inputs[name]).tobytes())
        total.update(np.ascontiguousarray(self.loss).tobytes())
        for labels in (self.group, self.seed):
            total.update(json.dumps(None if labels is None else labels.tolist()).encode())
        return total.hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """The table as JSON-ready columns, with its conventions."""
        columns = {name: column.tolist() for name, column in self.inputs.items()}
        columns[self.metric] = self.to_metric(self.loss).tolist()
        for name, labels in (("group", self.group), ("seed", self.seed)):
            if labels is not None:
                columns[name] = labels.tolist()
        return {
            "metric": self.metric,
            "direction": self.direction,
            "best": self.best,
            "params_convention": self.params_convention,
            "columns": columns,
        }


def read_runs(
    source: object,
    *,
    columns: Mapping[str, str] | None = None,
    metric: str = "loss",
    direction: Direction | None = None,
    best: float | None = None,
    params_convention: ParamsConvention | None = None,
    operations: Operations = "FLOP",
    duplicates: Duplicates = "refuse",
) -> Runs:
    """Runs from a CSV, JSONL or Parquet file, any dataframe, or a mapping of columns.

    `columns` maps names that laws use to names in the source, ``{"params": "n_params"}``; the
    names in `INPUTS`, ``group`` and ``seed`` are read as they are, other inputs of a law when
    `columns` names them. `metric` is the column to fit, `direction` whether lower or higher is
    better, and `best` the perfect score where higher is (1.0 for accuracy as a fraction).
    Compute counted in multiply-accumulates is doubled to FLOP. `duplicates` says what to do with
    rows that repeat another in every column.

    Raises InputError for an unreadable file, an unknown or missing column, and a value that is
    not a finite positive number, naming row (from 1, without the header) and column; MissingExtra
    for Parquet without a reader.
    """
    name, table = _table(source)
    columns = {} if columns is None else columns
    direction = _direction(metric, direction, best)
    _check_choice("operations", operations, ("FLOP", "MAC"))
    _check_choice("duplicates", duplicates, ("refuse", "drop", "keep"))
    if params_convention is not None:
        _check_choice("params_convention", params_convention, ("total", "non-embedding", "active"))
    where = {role: _find(name, table, column) for role, column in columns.items()}
    for role in (*INPUTS, *_LABELS):
        if role in table:
            where.setdefault(role, role)
    score = where.pop(metric, None) or where.pop("loss", None) or _find(name, table, metric)
    labels = {role: where.pop(role) for role in _LABELS if role in where}
    inputs = {role: _numbers(name, column, table[column]) for role, column in where.items()}
    for role, column in where.items():
        _check_positive(name, column, inputs[role])
    values = _numbers(name, score, table[score])
    loss = values if direction == "lower" else _shortfall(name, score, values, best)
    if operations == "MAC" and "compute" in inputs:
        inputs["compute"] = 2.0 * inputs["compute"]
    texts = {role: np.array([str(v) for v in table[c]]) for role, c in labels.items()}
    runs = Runs(
        inputs,
        loss,
        metric,
        direction,
        best if direction == "higher" else None,
        texts.get("group"),
        texts.get("seed"),
        params_convention,
        name,
    )
    return _deduplicate(runs, duplicates)


def _table(source: object) -> tuple[str, Mapping[str, Sequence[Any]]]:
    """A name for messages, and the columns as sequences."""
    if isinstance(source, (str, Path)):
        path = Path(source)
        readers = {".csv": _csv, ".jsonl": _jsonl, ".ndjson": _jsonl, ".parquet": _parquet}
        if path.is_dir():
            raise InputError(
                f"{path} is a folder; runs are read from one file.",
                "Give a .csv, .jsonl or .parquet file.",
            )
        if path.suffix not in readers:
            raise InputError(
                f"{path.name}: the ending {path.suffix!r} is not one that runs are read from.",
                "Give a .csv, .jsonl or .parquet file, a dataframe, or a mapping of columns.",
            )
        if not path.is_file():
            raise InputError(f"{path}: no such file.", "Check the path.")
        return path.name, readers[path.suffix](path)
    if isinstance(source, Mapping):
        return "runs", {str(key): _column(str(key), value) for key, value in source.items()}
    import narwhals as nw

    try:
        frame = nw.from_native(source, eager_only=True)  # type: ignore[call-overload]
    except TypeError:
        raise InputError(
            f"runs cannot be read from a {type(source).__name__}.",
            "Give a path, a dataframe, or a mapping of columns.",
        ) from None
    return "dataframe", {name: frame[name].to_list() for name in frame.columns}


def _column(name: str, value: object) -> Sequence[Any]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InputError(f"runs: column {name!r} is {value!r}; a column is a list or an array.")
    return list(value)


def _csv(path: Path) -> Mapping[str, Sequence[Any]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        try:
            rows = list(csv.reader(file))
        except (UnicodeDecodeError, csv.Error) as error:
            raise InputError(f"{path.name} is not a CSV file: {error}.") from None
    if not rows:
        raise InputError(f"{path.name} is empty; the first line names the columns.")
    header, body = rows[0], [row for row in rows[1:] if row]
    for number, row in enumerate(body, start=1):
        if len(row) != len(header):
            raise InputError(
                f"{path.name} row {number} has {len(row)} values; the header has {len(header)}."
            )
    return {name: [row[k] for row in body] for k, name in enumerate(header)}


def _jsonl(path: Path) -> Mapping[str, Sequence[Any]]:
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(f"{path.name} line {number} is not JSON: {error.msg}.") from None
        if not isinstance(row, dict):
            raise InputError(f"{path.name} line {number} is not an object: {line.strip()[:40]}.")
        rows.append(row)
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _parquet(path: Path) -> Mapping[str, Sequence[Any]]:
    try:
        from pyarrow import parquet  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise MissingExtra("Reading Parquet", "parquet") from None
    columns: Mapping[str, Sequence[Any]] = parquet.read_table(path).to_pydict()
    return columns


def _find(source: str, table: Mapping[str, Any], column: str) -> str:
    if column not in table:
        raise InputError(
            f"{source} has no column {column!r}; it has {', '.join(table)}."
            f"{nearest(column, table)}",
            "Map names with columns={'params': 'n_params'} and name the metric with metric=.",
        )
    return column


def _numbers(source: str, column: str, values: Sequence[Any]) -> FloatArray:
    numbers = np.empty(len(values))
    for k, value in enumerate(values):
        try:
            numbers[k] = float(value)
        except (TypeError, ValueError):
            shown = "empty" if value is None or value == "" else f"{value!r}, which is no number"
            raise InputError(
                f"{source} row {k + 1}, column {column!r} is {shown}.",
                "Every run needs a number there: fill it in or leave the run out.",
            ) from None
    return numbers


def _check_positive(source: str, column: str, values: FloatArray) -> None:
    bad = np.flatnonzero(~(np.isfinite(values) & (values > 0.0)))
    if bad.size:
        more = f" ({bad.size} such rows)" if bad.size > 1 else ""
        raise InputError(
            f"{source} row {bad[0] + 1}, column {column!r} is {values[bad[0]]:g}{more}; "
            "scaling laws need finite numbers above 0.",
            "Correct the value or leave the run out.",
        )


def _shortfall(source: str, column: str, values: FloatArray, best: float | None) -> FloatArray:
    bad = np.flatnonzero(~np.isfinite(values) | (values >= (best or 0.0)))
    if bad.size:
        raise InputError(
            f"{source} row {bad[0] + 1}, column {column!r} is {values[bad[0]]:g}, "
            f"not below the best score {best:g}.",
            "Give best= in the unit of the column: 100 for percentages.",
        )
    return np.asarray((best or 0.0) - values)


def _direction(metric: str, direction: Direction | None, best: float | None) -> Direction:
    if direction is None:
        if metric not in _DIRECTIONS:
            raise InputError(
                f"whether lower or higher values of {metric!r} are better is not known.",
                "Say direction='lower' or direction='higher'.",
            )
        direction = _DIRECTIONS[metric]
    _check_choice("direction", direction, ("lower", "higher"))
    if direction == "higher" and (best is None or not math.isfinite(best)):
        raise InputError(
            f"higher {metric!r} is better, so laws fit what is missing to the best score, "
            f"but best is {best}.",
            "Say best=1.0 for a fraction or best=100 for percent.",
        )
    return direction


def _check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise InputError(
            f"{name} is {value!r}; it must be one of {', '.join(choices)}."
            f"{nearest(str(value), choices)}"
        )


def _deduplicate(runs: Runs, duplicates: Duplicates) -> Runs:
    if duplicates == "keep":
        return runs
    labels = [c for c in (runs.group, runs.seed) if c is not None]
    keys = list(zip(*runs.inputs.values(), runs.loss, *labels, strict=True))
    first: dict[tuple[Any, ...], int] = {}
    for k, key in enumerate(keys):
        if key in first and duplicates == "refuse":
            raise InputError(
                f"{runs.source} row {k + 1} repeats row {first[key] + 1} in every column "
                f"({len(keys) - len(set(keys))} such rows); it would count twice.",
                "Say duplicates='drop', or duplicates='keep' if they are separate runs.",
            )
        first.setdefault(key, k)
    return runs if len(first) == len(runs) else runs.where(np.array(list(first.values())))
