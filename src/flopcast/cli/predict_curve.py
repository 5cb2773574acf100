"""``flopcast predict-curve``: the end of a training run from its first part."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from cyclopts import Parameter

from flopcast.cli.runs import as_options, checked_seed, in_options, names, pairs
from flopcast.errors import InputError, nearest

if TYPE_CHECKING:
    from flopcast.forecasting.curve import Curve
    from flopcast.observations import Runs

_COLUMNS = ("steps", "loss", "run", "learning_rate")


def predict_curve(
    curves: Path,
    *,
    end: float,
    run: str | None = None,
    columns: tuple[str, ...] = (),
    schedule: str | None = None,
    warmup: float = 0.0,
    laws: tuple[str, ...] = ("tissue", "multi-power"),
    level: float = 0.9,
    draws: int = 2000,
    seed: int = 0,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> None:
    """The loss at the end of a training run, from the first part of its curve.

    Parameters
    ----------
    curves
        A .csv, .jsonl or .parquet file with the columns steps and loss; run where it holds
        several curves; learning_rate where it was logged.
    end
        The last step of the run.
    run
        Which run to predict, where the file holds several; the others are taken for finished
        runs of the same recipe.
    columns
        What columns are called in the file: steps=_step,loss=val_loss.
    schedule
        The learning rates of every run up to its end, where the file does not have them: constant,
        cosine:0.1 or linear:0 (down to that share of the peak), or wsd:0.2 (down to 0 over that
        share of the steps); or, beside a column learning_rate, those of the run still to come.
    warmup
        Steps of linear warm-up that the schedule begins with.
    laws
        Laws of learning-rate schedules to ask: tissue, multi-power.
    level
        Level of the interval.
    draws
        Number of draws of the forecast.
    seed
        Seed of every random draw.
    as_json
        Print JSON instead of text.
    """
    from flopcast.forecasting.learning_curve import forecast_curve

    if not 0.0 < level < 1.0:
        raise InputError(f"--level is {level:g}; it is between 0 and 1.", "Write 0.9 for 90 %.")
    if draws < 1:
        raise InputError(f"--draws is {draws}; at least one is needed.")
    if not 0.0 < end < float("inf"):
        raise InputError(f"--end is {end:g}; it is a number of steps above 0.")
    with in_options():
        read = _read(curves, columns)
        label = _asked(read, run)
        every = {name: _curve(read, name, schedule, warmup, end, label) for name in _labels(read)}
        found = forecast_curve(
            every[label],
            end,
            siblings=[curve for name, curve in every.items() if name != label],
            laws=names(laws),
            level=level,
            draws=draws,
            seed=checked_seed(seed),
        )
    document = {
        **found.to_dict(),
        "source": curves.name,
        "data_sha256": read.digest,
        "run": label or None,
        "siblings": [name for name in every if name != label],
        "options": {"schedule": schedule, "warmup_steps": warmup, "laws": list(names(laws))},
    }
    print(json.dumps(document, indent=2) if as_json else "\n".join(_shown(document)))


def _read(path: Path, columns: tuple[str, ...]) -> "Runs":
    """The points of all curves; the column run becomes the group."""
    from flopcast.observations import read_runs

    given = pairs(columns, "--columns", str)
    for name in given:
        if name not in _COLUMNS:
            raise InputError(
                f"--columns names {name!r}, which no curve has.{nearest(name, _COLUMNS)}",
                "Write --columns steps=NAME,loss=NAME,run=NAME,learning_rate=NAME.",
            )
    roles = {"steps": given.get("steps", "steps"), "loss": given.get("loss", "loss")}
    header = _header(path)
    for role, name in (("group", "run"), ("learning_rate", "learning_rate")):
        if name in given or name in header:
            roles[role] = given.get(name, name)
    return read_runs(path, columns=roles, duplicates="drop")


def _header(path: Path) -> set[str]:
    """The names of the columns of a text file; of others none, they are named by --columns."""
    if not path.is_file() or path.suffix not in (".csv", ".jsonl", ".ndjson"):
        return set()
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        first = file.readline()
    if path.suffix == ".csv":
        return set(next(csv.reader([first]), []))
    try:
        return set(json.loads(first))
    except (json.JSONDecodeError, TypeError):
        return set()  # the reader of runs says what is wrong


def _labels(read: "Runs") -> list[str]:
    return [""] if read.group is None else list(dict.fromkeys(read.group.tolist()))


def _asked(read: "Runs", run: str | None) -> str:
    """The run to predict. Raises InputError where it is not there, or left open."""
    labels = _labels(read)
    if run is None and len(labels) == 1:
        return labels[0]
    listed = ", ".join(labels[:10]) + (", ..." if len(labels) > 10 else "")
    if run is None:
        raise InputError(
            f"{read.source} holds {len(labels)} runs: {listed}.",
            "Say which to predict with --run; the others are taken for finished ones.",
        )
    if run not in labels:
        has = f"its runs are {listed}" if labels != [""] else "it has no column 'run'"
        raise InputError(
            f"--run {run!r} is not in {read.source}; {has}.{nearest(run, labels)}",
            "Name the column of runs with --columns run=NAME.",
        )
    return run


def _curve(
    read: "Runs", name: str, schedule: str | None, warmup: float, end: float, asked: str
) -> "Curve":
    """One run's curve with its learning rates up to its end, where they are known."""
    from flopcast.forecasting.curve import Curve
    from flopcast.forecasting.curve_schedule import schedule as named

    rows = np.arange(len(read)) if read.group is None else np.flatnonzero(read.group == name)
    rows = rows[np.argsort(read["steps"][rows], kind="stable")]
    where = f"run {name!r} of {read.source}" if name else read.source
    steps = read["steps"][rows]
    try:
        curve = Curve(steps, read.loss[rows])
        if "learning_rate" in read:
            curve = replace(curve, rate_steps=steps, rates=read["learning_rate"][rows])
        last = end if name == asked else curve.last
        if schedule is not None and ("learning_rate" not in read or name == asked):
            return _planned(curve, *named(schedule, last, warmup))
    except InputError as error:
        raise InputError(f"{where}: {error.message}", error.hint) from None
    return curve


def _planned(curve: "Curve", steps: Any, rates: Any) -> "Curve":
    """The curve with a schedule's rates; those that were logged stay, and give the scale."""
    if curve.rates is None or curve.rate_steps is None:
        return replace(curve, rate_steps=steps, rates=rates)
    ahead = steps > curve.last
    scaled = rates[ahead] * curve.rates[-1] / np.interp(curve.last, steps, rates)
    return replace(
        curve,
        rate_steps=np.concatenate([curve.rate_steps, steps[ahead]]),
        rates=np.concatenate([curve.rates, scaled]),
    )


def _shown(document: Mapping[str, Any]) -> Iterator[str]:
    """The forecast for people, in 80 columns."""
    from flopcast.cli.fit_text import table, wrapped

    run = f"run {document['run']} of " if document["run"] else ""
    share = document["seen_steps"] / document["end_steps"]
    yield from wrapped(
        f"{run}{document['source']}: step {document['seen_steps']:g} of "
        f"{document['end_steps']:g} ({share:.0%}), where the loss is "
        f"{document['loss_read_off']:.5g}; {len(document['siblings'])} finished siblings."
    )
    low, high = document["interval"]
    yield ""
    yield from wrapped(
        f"Loss at the end: {document['loss']['median']:.5g} "
        f"({100 * document['level']:g} % interval {low:.5g} to {high:.5g})"
    )
    yield ""
    rows = [("by", "weight", "its error", "loss at the end, or why it was left out")]
    for method in sorted(document["methods"], key=lambda m: -m["weight"]):
        weight, error = f"{method['weight']:.0%}", f"{method['error']:.2%}"
        rows.append((method["name"], weight, error, f"{method['loss']:.5g}"))
    rows += [(name, "dropped", "", reason) for name, reason in document["dropped"].items()]
    yield from table(rows)
    for item in document["findings"]:
        yield ""
        yield from wrapped(f"{item['severity']} ({item['code']}): {item['message']}", 2)
        yield from wrapped(f"  {as_options(item['advice'])}", 2)
