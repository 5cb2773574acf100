"""Tables of a page: sorted, searched and turned by links, so that they work without scripts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

from flopcast.portal.options import Choice, Number, Option, State, Text

#: Rows on one leaf of a long table.
LEAF: Final = 100


@final
@dataclass(frozen=True)
class Column:
    """A column: its key in a row, its heading, and how its cells are written.

    ``write`` makes a cell's text from the row's value; ``link`` a cell's address from the row
    (a path of the site, or of the web where it starts with http), None where it has none.
    ``numeric`` columns are aligned right and sorted downwards first.
    """

    key: str
    label: str
    write: Callable[[Any], str] = str
    numeric: bool = False
    link: Callable[[dict[str, Any]], str | None] | None = None
    hint: str = ""


@final
@dataclass(frozen=True)
class Leaf:
    """The rows of a table that one page shows. ``found`` of ``total`` rows hold the search."""

    columns: tuple[Column, ...]
    rows: list[dict[str, Any]]
    found: int
    total: int
    number: int
    leaves: int
    sort: str
    descending: bool


def table_options(columns: Sequence[Column], *, sort: str) -> tuple[Option, ...]:
    """The options ``q``, ``sort`` and ``leaf`` of a page with one table.

    ``sort`` is the column it is sorted by unless asked; a minus before it turns the order.
    """
    keys = {f"{sign}{c.key}": c.label for c in columns for sign in ("", "-")}
    return (
        Text(name="q", label="Search", default=""),
        Choice(name="sort", label="Sorted by", values=keys, default=sort),
        Number(name="leaf", label="Leaf", low=1, high=1e6, whole=True, default=1),
    )


def leaf(
    rows: Sequence[dict[str, Any]], columns: Sequence[Column], state: State, *, size: int = LEAF
) -> Leaf:
    """The rows that the state's search, order and leaf leave; unknown values come last."""
    wanted = state["q"].casefold()
    found = [row for row in rows if not wanted or _holds(row, columns, wanted)]
    key, descending = state["sort"].removeprefix("-"), state["sort"].startswith("-")
    known = [row for row in found if row[key] is not None]
    known.sort(key=lambda row: _order(row[key]), reverse=descending)
    ordered = known + [row for row in found if row[key] is None]
    leaves = max(1, -(-len(found) // size))
    number = min(state["leaf"], leaves)
    shown = ordered[(number - 1) * size : number * size]
    return Leaf(tuple(columns), shown, len(found), len(rows), number, leaves, key, descending)


def _order(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _holds(row: dict[str, Any], columns: Sequence[Column], wanted: str) -> bool:
    return any(isinstance(v := row[c.key], str) and wanted in v.casefold() for c in columns)
