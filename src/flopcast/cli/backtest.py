"""``flopcast backtest``: how forecasts did on runs that were held out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final, cast

from cyclopts import Parameter

from flopcast.cli.fit_text import table, wrapped
from flopcast.cli.runs import Reading, checked_seed, conventions, in_options, names

_OWN: Final = ("rolling", "group")


def backtest(
    runs: Path,
    *,
    split: str = "rolling",
    reading: Reading = Reading(),  # noqa: B008 - frozen
    origins: int = 5,
    reach: float = 1.0,
    kind: str = "new-run",
    floor: float | None = None,
    baseline: float | None = None,
    members: tuple[str, ...] = (),
    draws: int = 1000,
    seed: int = 0,
    chart: Path | None = None,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> None:
    """How forecasts did on runs that were held out.

    Parameters
    ----------
    runs
        A .csv, .jsonl or .parquet file with the columns params, data, loss, ...
    split
        rolling (small runs predict larger ones), group (each group in turn by the others), or the
        name of a column that says train or test.
    reading
        How the file is read.
    origins
        Number of scales up to which a rolling backtest trains.
    reach
        Held-out runs are larger than that scale times this factor.
    kind
        new-run or mean, as for flopcast predict.
    floor
        The lowest possible metric, if known.
    baseline
        The metric of guessing, if known.
    members
        Laws to use in place of the default ensemble: chinchilla,coupled.
    draws
        Number of draws of each forecast.
    seed
        Seed of every random draw.
    chart
        Write a chart of nominal against observed coverage: .html, .png, .svg or .json.
    as_json
        Print JSON instead of text.
    """
    from flopcast.forecasting.backtest import backtest as test
    from flopcast.forecasting.result import Kind
    from flopcast.forecasting.splits import Split

    marked = split not in _OWN
    if marked:
        # The marks are read in place of the groups: a backtest by marks has no use for them.
        reading = replace(reading, columns=(*reading.columns, f"group={split}"))
    with in_options():
        read = reading.read(runs)
        marks = None if read.group is None else read.group.tolist()
        found = test(
            read,
            split=marks if marked and marks is not None else cast("Split", split),
            origins=origins,
            reach=reach,
            kind=cast("Kind", kind),
            floor=floor,
            baseline=baseline,
            members=list(names(members)) or None,
            draws=draws,
            seed=checked_seed(seed),
        )
    if chart is not None:
        from flopcast.figures import chart as draw
        from flopcast.figures import save_chart

        save_chart(draw(found), chart)
    if as_json:
        print(found.to_json())
    else:
        print("\n".join(_shown(found.to_dict(), conventions(read), read.source)))


def _shown(document: Mapping[str, Any], columns: str, source: str) -> Iterator[str]:
    total = document["summary"]
    yield from wrapped(
        f"{total['forecasts']} forecasts of held-out runs of {source} ({document['runs']} runs); "
        f"{columns}."
    )
    yield ""
    folds = [(row["fold"].replace(" up to ", " ≤ "), row) for row in document["by_fold"]]
    yield from _table("trained on", folds)
    yield ""
    rows = [(_decades(row), row) for row in document["by_decades"]]
    yield from _table("beyond by", [*rows, ("all", total)])
    yield ""
    for name, reason in document["failed"].items():
        yield from wrapped(f"{name}: {reason}", 2)
    yield from wrapped(
        "error: mean size of (predicted − observed)/observed; bias: its mean; 50 % ... 95 %: "
        "share of outcomes inside the interval of that level; width: mean width of the 90 % "
        "interval over the outcome; beyond by: compute over that of the largest training run. "
        "Folds share runs, so shares of few folds are rough."
    )


def _table(title: str, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[str]:
    levels = [f"{100 * item['level']:g} %" for item in rows[0][1]["intervals"]]
    shown = [(title, "runs", "error", "bias", *levels, "width")]
    for name, row in rows:
        shares = [f"{item['coverage']:.0%}" for item in row["intervals"]]
        width = next(item["width"] for item in row["intervals"] if item["level"] == 0.9)
        errors = ("" if row[key] is None else f"{row[key]:.2%}" for key in ("error", "bias"))
        wide = "" if width is None else f"{width:.1%}"
        shown.append((name, str(row["forecasts"]), *errors, *shares, wide))
    yield from table(shown)


def _decades(row: Mapping[str, Any]) -> str:
    if row["up_to"] is None:
        return f"above 10^{row['above']:g}"
    return "none" if row["up_to"] == 0.0 else f"10^{row['above']:g} to 10^{row['up_to']:g}"
