"""``flopcast register``: a forecast fixed in a file before its outcome is known."""

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from flopcast.cli.fit_text import wrapped
from flopcast.cli.runs import Reading, checked_seed, in_options, names
from flopcast.errors import InputError


def register(
    runs: Path,
    *,
    at: tuple[str, ...],
    out: Path,
    reading: Reading = Reading(),  # noqa: B008 - frozen
    kind: str = "new-run",
    floor: float | None = None,
    baseline: float | None = None,
    chance: float | None = None,
    checkpoints: Path | None = None,
    members: tuple[str, ...] = (),
    draws: int = 2000,
    seed: int = 0,
    date: str | None = None,
    note: str | None = None,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> None:
    """Write a forecast to a file that shows whether it was changed later.

    Parameters
    ----------
    runs
        A .csv, .jsonl or .parquet file with the columns params, data, loss, ...
    at
        What is forecast: params=7e10,data=1.4e12; may be given several times.
    out
        The file to write, .json; an existing file is never overwritten.
    reading
        How the file is read.
    kind
        new-run or mean, as for flopcast predict.
    floor
        The lowest possible metric, if known.
    baseline
        The metric of guessing, if known.
    chance
        The score of guessing, for metrics of which higher values are better.
    checkpoints
        Pairs of loss and score along the runs, as for flopcast predict.
    members
        Laws to use in place of the default ensemble.
    draws
        Number of draws of the forecast.
    seed
        Seed of every random draw.
    date
        The day, YYYY-MM-DD; today by default.
    note
        What will count as the outcome.
    as_json
        Print JSON instead of text.
    """
    import datetime

    from flopcast.cli.predict import columns_for, columns_of, forecast_of
    from flopcast.forecasting.register import register as record

    if out.suffix != ".json":
        raise InputError(f"--out is {out.name!r}; a registered forecast is a .json file.")
    if out.exists():
        raise InputError(
            f"{out} exists; a registered forecast is never overwritten.", "Name another file."
        )
    asked = {
        "at": columns_of(at), "reading": reading, "kind": kind, "level": 0.9, "floor": floor,
        "baseline": baseline, "chance": chance, "checkpoints": checkpoints,
        "members": list(names(members)) or None, "draws": draws, "seed": checked_seed(seed),
    }  # fmt: skip
    with in_options():
        found = forecast_of(reading.read(runs, columns_for(runs, reading)), asked)
        made = record(found, date=date or datetime.date.today(), note=note)
    out.write_text(made.to_json() + "\n", encoding="utf-8")
    answer = {
        "schema": "flopcast.registered/1",
        "file": str(out),
        "sha256": made.sha256,
        "date": made.content["date"],
        "metric": made.metric,
        "points": [{"at": p["at"], "median": p["median"]} for p in made.points],
    }
    if as_json:
        print(json.dumps(answer, indent=2))
        return
    for p in made.points:
        where = ", ".join(f"{name} {value:.4g}" for name, value in p["at"].items())
        print(f"{made.metric} at {where}: {p['median']:.5g}")
    print(f"SHA-256 {made.sha256}")
    print(f"Written to {out}")
    print("\n".join(wrapped(
        "Commit the file or publish the hash before the outcome is known; then settle it with "
        f"flopcast score {out.name} --outcome VALUE."
    )))  # fmt: skip
