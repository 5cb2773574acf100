"""A pasted table as columns: which sign parts the cells, and how much is too much."""

import csv
import io
from typing import Final

from flopcast.errors import InputError

MOST_ROWS: Final = 5000
MOST_COLUMNS: Final = 60
_SIGNS: Final = (",", ";", "\t")


def columns(text: str) -> dict[str, list[str]]:
    """The columns of a CSV by name; cells are parted by commas, semicolons or tabs.

    Raises:
        InputError: for an empty table, one of too many rows or columns, rows of different
            lengths, or names that are missing or repeated.
    """
    lines = text.strip("\r\n").splitlines()
    if not lines or not lines[0].strip():
        raise InputError("The table is empty.", "The first line names the columns.")
    sign = max(_SIGNS, key=lines[0].count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=sign) if any(row)]
    except csv.Error as error:
        raise InputError(f"This is not CSV: {error}.") from None
    header, body = [name.strip() for name in rows[0]], rows[1:]
    _check(header, body)
    return {name: [row[k].strip() for row in body] for k, name in enumerate(header)}


def _check(header: list[str], body: list[list[str]]) -> None:
    if len(header) > MOST_COLUMNS:
        raise InputError(f"The table has {len(header)} columns; {MOST_COLUMNS} are read at most.")
    if len(body) > MOST_ROWS:
        raise InputError(
            f"The table has {len(body)} rows; {MOST_ROWS} are read at most.",
            "Use the library or the command line for larger tables.",
        )
    if not body:
        raise InputError("The table has a header but no rows.", "Give one row per run.")
    if "" in header:
        raise InputError(f"Column {header.index('') + 1} has no name.")
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"Two columns are called {twice[:60]!r}.")
    for number, row in enumerate(body, start=1):
        if len(row) != len(header):
            raise InputError(
                f"Row {number} has {len(row)} cells; the header has {len(header)}.",
                "Numbers take a point, as in 1.5, and no separators of thousands.",
            )
