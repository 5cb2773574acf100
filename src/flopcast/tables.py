"""Records as a table: for data-frame libraries and for notebooks."""

import csv
import importlib
import io
import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from flopcast.errors import FlopcastError

_FRAME_LIBRARIES: Final = ("pandas", "polars", "pyarrow")
#: What a spreadsheet takes for the beginning of a formula.
_FORMULA: Final = ("=", "+", "-", "@")


def to_frame(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Records with equal keys as a data frame of the first library found.

    Returns:
        A pandas or polars data frame or a pyarrow table, in this order of preference.

    Raises:
        FlopcastError: where none of the three is installed.
    """
    columns = {name: [row[name] for row in rows] for name in (rows[0] if rows else {})}
    for library in _FRAME_LIBRARIES:
        try:
            module = importlib.import_module(library)
        except ModuleNotFoundError:
            continue
        return module.table(columns) if library == "pyarrow" else module.DataFrame(columns)
    names = " or ".join(_FRAME_LIBRARIES)
    raise FlopcastError("A data frame needs a data-frame library.", f"Install {names}.")


def html_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Records with equal keys as a plain HTML table, every cell escaped."""
    header = "".join(f"<th>{escape(str(name))}</th>" for name in (rows[0] if rows else {}))
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row.values()) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table>"


def to_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Records with equal keys as CSV; None is empty, a list or mapping is JSON in its cell.

    Text that a spreadsheet would take for a formula gets a ' in front; numbers stay as they are.
    """
    handle = io.StringIO()
    writer = csv.writer(handle, lineterminator="\n")
    writer.writerow([_cell(name) for name in rows[0]] if rows else [])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return handle.getvalue()


def _cell(value: Any) -> Any:
    """Text on one line and never a formula; anything else as it is."""
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, list | tuple | Mapping):
        value = json.dumps(value, ensure_ascii=False, default=str)
    if not isinstance(value, str):
        return value
    text = " ".join(value.split())
    return f"'{text}" if text.startswith(_FORMULA) else text
