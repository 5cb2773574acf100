"""``flopcast sweep``: runs a small grid of the user's own training and forecasts the large run."""

import json
from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter

from flopcast.cli.runs import in_options
from flopcast.errors import InputError, Refused

INTERRUPTED: Final = 130
Json = Annotated[bool, Parameter(name="--json", negative="")]

app = App(
    name="sweep",
    help="Run a small grid of your own training, and forecast the large run.",
    help_epilogue="Example: flopcast sweep init study --example teacher-student, "
    "then flopcast sweep plan study and flopcast sweep run study",
)


@app.command(help_epilogue="")
def init(folder: Path, *, example: str = "own") -> None:
    """Write a new study: study.toml, and train.py to fill in.

    Example: flopcast sweep init study --example teacher-student

    Exit codes: 0 written; 2 bad input, or a study is there already.

    Parameters
    ----------
    folder
        Where the study goes.
    example
        own (a template) or teacher-student (runs as it is).
    """
    from flopcast.sweeps.template import write_template

    for path in write_template(folder, example):
        print(f"Written: {path}")
    print(f"Next: flopcast sweep plan {folder}")


@app.command(help_epilogue="")
def plan(study: Path, *, quick: bool = False, as_json: Json = False) -> None:
    """Cells, cost, and what the forecast is expected to gain, before anything runs.

    Example: flopcast sweep plan study

    Exit codes: 0 planned; 2 bad input.

    Parameters
    ----------
    study
        A study's folder or its TOML file.
    quick
        Leave out the rehearsal, which plays the loop on invented losses to see how narrow the
        interval will get.
    as_json
        Print JSON instead of text.
    """
    from flopcast.cli.sweep_text import shown_plan
    from flopcast.sweeps.opened import open_study
    from flopcast.sweeps.plan import plan_document

    document = plan_document(open_study(study), rehearsed=not quick)
    print(json.dumps(document, indent=2) if as_json else shown_plan(document))


@app.command(help_epilogue="")
def run(
    study: Path,
    *,
    out: Path | None = None,
    executor: str = "local",
    slots: int | None = None,
    target: bool = False,
    quiet: bool = False,
    as_json: Json = False,
) -> int:
    """Run the study until its interval is narrow enough or its budget is spent; go on if cut off.

    Example: flopcast sweep run study --target

    Exit codes: 0 ran; 2 bad input; 3 refused: no run finished, so there is no forecast; 130
    interrupted.

    Parameters
    ----------
    study
        A study's folder or its TOML file.
    out
        Folder for the runs; that of the study by default.
    executor
        local (a process per cell), inline, slurm or ray.
    slots
        Runs at once; one per core by default. For local and ray.
    target
        Afterwards record the forecast, train the target, and score the forecast.
    quiet
        Print the result alone.
    as_json
        Print the result as JSON.
    """
    from flopcast.cli.sweep_live import watching
    from flopcast.cli.sweep_text import shown_status
    from flopcast.sweeps.sweep import sweep

    watch = None if quiet or as_json else watching
    with in_options():
        found = sweep(study, out=out, executor=executor, slots=slots, target=target, watch=watch)
    print(found.to_json() if as_json else shown_status(found))
    cut = found.stopped is not None and found.stopped["code"] == "interrupted"
    if cut:
        return INTERRUPTED
    if not found.counts["done"]:
        first = found.wrong[0]["reason"] if found.wrong else "nothing was run"
        raise Refused("no_runs", f"no run finished: {first}.", "See: flopcast sweep status")
    return 0


@app.command(name="status", help_epilogue="")
def show_status(study: Path, *, watch: bool = False, as_json: Json = False) -> None:
    """Where a study stands: cells, spend, the forecast as it narrowed, failures.

    Example: flopcast sweep status study --watch

    Exit codes: 0 shown; 2 bad input.

    Parameters
    ----------
    study
        The folder of the study's runs.
    watch
        Stay, and show every change until the study stops; Ctrl-C leaves.
    as_json
        Print JSON instead of text.
    """
    from flopcast.cli.sweep_live import watch_status
    from flopcast.cli.sweep_text import shown_status
    from flopcast.sweeps.opened import open_study
    from flopcast.sweeps.status import status

    opened = open_study(study)
    with opened.store(read_only=True) as store:
        if watch and not as_json:
            watch_status(opened, store)
            return
        found = status(opened.study, store, opened.cells, opened.goal)
    print(found.to_json() if as_json else shown_status(found))


@app.command(help_epilogue="")
def fit(
    study: Path, *, law: str = "chinchilla", level: float = 0.9, as_json: Json = False
) -> None:
    """The parameters of one law on the finished pilots, as `flopcast fit` shows them.

    Example: flopcast sweep fit study --law chinchilla

    Exit codes: 0 fitted; 2 bad input; 3 refused (no runs, too few, one level on an axis).

    Parameters
    ----------
    study
        The folder of the study's runs.
    law
        See: flopcast laws.
    level
        Level of the intervals.
    as_json
        Print JSON instead of text.
    """
    from flopcast.cli.fit import fit_document
    from flopcast.cli.fit_text import shown_fit
    from flopcast.fitting.fit import fit as fit_law
    from flopcast.sweeps.grid import TARGET
    from flopcast.sweeps.observed import observed
    from flopcast.sweeps.opened import open_study

    if not 0.0 < level < 1.0:
        raise InputError(f"--level is {level:g}; it is between 0 and 1.", "Write 0.9 for 90 %.")
    opened = open_study(study)
    with opened.store(read_only=True) as store:
        rows = [row for row in store.rows() if row.role != TARGET]
    found = fit_law(observed(opened.study, rows), law, throw=True)
    document = fit_document(found, level)
    print(json.dumps(document, indent=2) if as_json else shown_fit(found, document))


@app.command(help_epilogue="")
def export(study: Path, *, out: Path | None = None, as_json: Json = False) -> None:
    """The finished runs as a RUNS table for `flopcast fit` and `predict`.

    Example: flopcast sweep export study --out runs.csv

    Exit codes: 0 written; 2 bad input; 3 refused: no run is done.

    Parameters
    ----------
    study
        The folder of the study's runs.
    out
        The CSV file to write; standard output by default.
    as_json
        Print JSON instead of CSV.
    """
    from flopcast.sweeps.export import export_rows
    from flopcast.sweeps.opened import open_study
    from flopcast.tables import to_csv

    opened = open_study(study)
    with opened.store(read_only=True) as store:
        rows = export_rows(opened.study, store.rows())
    text = json.dumps({"schema": "flopcast.sweep-runs/1", "runs": rows}, indent=2) + "\n"
    text = text if as_json else to_csv(rows)
    if out is None:
        print(text, end="")
        return
    out.write_text(text, encoding="utf-8")
    print(f"Written: {out} ({len(rows)} rows)")


def demonstrate(folder: Path) -> None:
    """Run the teacher-student study in `folder` with its target, in this process, and show it.

    A folder in which it ran already is shown again; nothing is trained twice.
    """
    from flopcast.sweeps.study import FILE
    from flopcast.sweeps.template import write_template

    if not (folder / FILE).exists():
        write_template(folder, "teacher-student")
    run(folder, executor="inline", target=True, quiet=True)
