"""``flopcast predict``: forecasts of runs that have not been made, with intervals."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

from cyclopts import Parameter

from flopcast.cli.bulk import over_files
from flopcast.cli.runs import Reading, checked_seed, conventions, in_options, names, pairs, point
from flopcast.errors import InputError

if TYPE_CHECKING:
    from flopcast.forecasting.result import Forecast, Kind
    from flopcast.observations import Runs


def predict(
    *runs: Path,
    at: tuple[str, ...] = (),
    reading: Reading = Reading(),  # noqa: B008 - frozen
    kind: str = "new-run",
    level: float = 0.9,
    floor: float | None = None,
    baseline: float | None = None,
    chance: float | None = None,
    checkpoints: Path | None = None,
    members: tuple[str, ...] = (),
    target: tuple[float, ...] = (),
    held: tuple[str, ...] = (),
    draws: int = 2000,
    seed: int = 0,
    on: str = "local",
    chart: Path | None = None,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> None:
    """Forecasts of runs that have not been made, with intervals, and what a target takes.

    Parameters
    ----------
    runs
        A .csv, .jsonl or .parquet file with the columns params, data, loss, ...; several files
        are forecast one by one.
    at
        Forecast there: params=7e10,data=1.4e12; may be given several times.
    reading
        How the file is read.
    kind
        new-run (what one run will show) or mean (the average over runs).
    level
        Level of the intervals.
    floor
        The lowest possible metric, if known.
    baseline
        The metric of guessing, if known.
    chance
        The score of guessing, for metrics of which higher values are better.
    checkpoints
        A file with the columns pretraining_loss, the metric, and group: pairs of loss and score
        along the runs, for metrics of which higher values are better.
    members
        Laws to use in place of the default ensemble: chinchilla,coupled.
    target
        A metric to reach: the compute, best split, that it takes, or what it takes beside --held.
    held
        params=7e9: the data that --target takes for such a model; data=1e12: the parameters.
    draws
        Number of draws of the forecast.
    seed
        Seed of every random draw.
    on
        Where several files are forecast: local (all cores) or ray.
    chart
        Write a chart: .html, .png, .svg or .json (Vega-Lite).
    as_json
        Print JSON instead of text.
    """
    from flopcast.cli.predict_text import shown_forecast, shown_forecasts

    if not runs:
        raise InputError("no file of runs was named.", "Write flopcast predict runs.csv --at ...")
    if not at and not target:
        raise InputError(
            "nothing was asked.", "Say where with --at params=7e10,data=1.4e12, or --target."
        )
    if chart is not None and (len(runs) > 1 or not at):
        raise InputError("--chart draws the forecasts of one file.", "Give one file, and --at.")
    checked_seed(seed)
    asked = {
        "at": columns_of(at),
        "reading": reading,
        "kind": kind,
        "level": level,
        "floor": floor,
        "baseline": baseline,
        "chance": chance,
        "checkpoints": checkpoints,
        "members": list(names(members)) or None,
        "targets": list(target),
        "held": pairs(held, "--held", float),
        "draws": draws,
        "seed": seed,
    }
    if len(runs) == 1:
        document = answer(runs[0], asked, chart)
        print(json.dumps(document, indent=2) if as_json else shown_forecast(document))
        return
    documents = over_files(answer, runs, asked, on)
    if as_json:
        print(json.dumps({"schema": "flopcast.forecasts/1", "forecasts": documents}, indent=2))
    else:
        print(shown_forecasts(documents))


def answer(path: Path, asked: dict[str, Any], chart: Path | None = None) -> dict[str, Any]:
    """The forecast of one file as JSON-ready data, with what its columns mean and its targets."""
    with in_options():
        read = asked["reading"].read(path, columns_for(path, asked["reading"]))
        document: dict[str, Any] = {}
        if asked["at"]:
            found = forecast_of(read, asked)
            document = found.to_dict()
            if chart is not None:
                from flopcast.figures import chart as draw
                from flopcast.figures import save_chart

                save_chart(draw(found), chart)
        document |= {"source": path.name, "conventions": conventions(read)}
        if asked["targets"]:
            document["targets"] = [_target(read, value, asked) for value in asked["targets"]]
    return document


def forecast_of(read: "Runs", asked: dict[str, Any]) -> "Forecast":
    """The forecast of runs: of a loss by the ensemble, of a score by both of its ways."""
    from flopcast.forecasting.accuracy import forecast_accuracy
    from flopcast.forecasting.forecast import forecast
    from flopcast.observations import read_runs

    if read.direction == "lower":
        if asked["chance"] is not None or asked["checkpoints"] is not None:
            raise InputError(
                f"--chance and --checkpoints are for scores, and lower {read.metric} is better.",
                "Leave them out, or name a score with --metric, --direction higher and --best.",
            )
        return forecast(
            read,
            asked["at"],
            kind=cast("Kind", asked["kind"]),
            level=asked["level"],
            floor=asked["floor"],
            baseline=asked["baseline"],
            members=asked["members"],
            draws=asked["draws"],
            seed=asked["seed"],
        )
    pairs_of: Runs | None = None
    if asked["checkpoints"] is not None:
        reading: Reading = asked["reading"]
        pairs_of = read_runs(
            asked["checkpoints"],
            columns={"pretraining_loss": "pretraining_loss"},
            metric=reading.metric,
            direction="higher",
            best=reading.best,
            duplicates="drop",
        )
    return forecast_accuracy(
        read,
        asked["at"],
        chance=asked["chance"],
        checkpoints=pairs_of,
        level=asked["level"],
        draws=asked["draws"],
        seed=asked["seed"],
    )


def columns_for(path: Path, reading: Reading) -> tuple[str, ...]:
    """Columns to read that are not read by default: the loss of a score, where the file has it."""
    if reading.metric in ("loss", "pretraining_loss") or path.suffix != ".csv":
        return ()
    with path.open(encoding="utf-8-sig") as file:
        header = file.readline().strip().split(",")
    return ("pretraining_loss",) if "pretraining_loss" in header else ()


def columns_of(at: Iterable[str]) -> dict[str, list[float]]:
    """The points of every --at as columns. Raises InputError where they name other inputs."""
    points = []
    for text in at:
        inputs, group = point(text)
        if group is not None:
            raise InputError(
                "--at names a group; a forecast is of all runs together.",
                "Keep the runs of one group in a file of their own.",
            )
        points.append(inputs)
    if any(set(one) != set(points[0]) for one in points):
        raise InputError("every --at names the same inputs.", "Write each as params=...,data=...")
    return {name: [one[name] for one in points] for name in (points[0] if points else ())}


def _target(read: "Runs", value: float, asked: dict[str, Any]) -> dict[str, Any]:
    from flopcast.forecasting.needed import Axis, needed

    held: dict[str, float] = asked["held"]
    unknown = set(held) - {"params", "data"}
    if unknown or len(held) > 1:
        raise InputError("--held names params or data, one of them.", "Write --held params=7e9.")
    of = {"params": "data", "data": "params"}[next(iter(held))] if held else "compute"
    return needed(
        read,
        value,
        cast("Axis", of),
        params=held.get("params"),
        data=held.get("data"),
        draws=asked["draws"],
        seed=asked["seed"],
    ).to_dict()
