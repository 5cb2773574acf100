"""``flopcast score``: registered forecasts against their outcomes, and the running sheet."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from flopcast.cli.fit_text import table, wrapped
from flopcast.errors import InputError


def score(
    *files: Path,
    outcome: tuple[float, ...] = (),
    sheet: Path = Path("scores.jsonl"),
    date: str | None = None,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> None:
    """Settle registered forecasts, and show how all of them did so far.

    Parameters
    ----------
    files
        Files that flopcast register wrote; none to show the sheet alone.
    outcome
        What was measured, in the unit of the metric: one value for each point of each file, in
        order.
    sheet
        The score sheet, one line for each settled forecast; it is made if it is not there.
    date
        The day, YYYY-MM-DD; today by default.
    as_json
        Print JSON instead of text.
    """
    import datetime

    from flopcast.forecasting.register import read_registration
    from flopcast.forecasting.settle import ScoreSheet, read_sheet, settle_all

    before = ScoreSheet()
    if sheet.exists():
        before = read_sheet(sheet.read_text(encoding="utf-8"), sheet.name)
    elif not files:
        raise InputError(
            f"{sheet}: there is no such score sheet.",
            "Settle a forecast with flopcast score FILE --outcome VALUE.",
        )
    records = [read_registration(_text(path), path.name) for path in files]
    counts = [len(record.points) for record in records]
    if len(outcome) != sum(counts):
        raise InputError(
            f"{len(outcome)} outcomes were given; the files have {sum(counts)} points.",
            "Give --outcome once for each point, in the order of files and points.",
        )
    after = before
    left = list(outcome)
    for record, count in zip(records, counts, strict=True):
        values, left = left[:count], left[count:]
        after = settle_all(after, record, values, date=date or datetime.date.today())
    if files:
        new = ScoreSheet(after.rows[len(before.rows) :])
        with sheet.open("a", encoding="utf-8") as lines:
            lines.write(new.to_lines())
    print(after.to_json() if as_json else "\n".join(_shown(after.to_dict(), sheet)))


def _text(path: Path) -> str:
    if not path.is_file():
        raise InputError(f"{path}: no such file.", "Name a file that flopcast register wrote.")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not a text file.") from None


def _shown(document: Mapping[str, Any], sheet: Path) -> Iterator[str]:
    rows = [("forecast", "outcome", "median", "error", "90 % interval", "held", "at")]
    for row in document["settled"]:
        spread = f"[{row['low90']:.5g}, {row['high90']:.5g}]"
        name = f"{row['sha256'][:8]}/{row['point'] + 1}"
        numbers = (f"{row['outcome']:.5g}", f"{row['median']:.5g}", f"{row['error']:+.2%}")
        held = "yes" if row["inside_90"] else "no"
        rows.append((name, *numbers, spread, held, row["at"]))
    yield from table(rows)
    total = document["summary"]
    if not total["forecasts"]:
        yield from wrapped(f"No forecast has been settled in {sheet.name}.")
        return
    yield ""
    shares = ", ".join(
        f"{item['held']} of {total['forecasts']} in {100 * item['level']:g} %"
        for item in total["intervals"]
    )
    yield from wrapped(
        f"{sheet.name}: mean error {total['error']:.2%}, bias {total['bias']:+.2%}; outcomes "
        f"inside their intervals: {shares}; mean interval score at 90 % "
        f"{total['interval_score']:.4g}, CRPS {total['crps']:.4g}, in units of the metrics.",
        2,
    )
