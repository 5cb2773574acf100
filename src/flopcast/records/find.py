"""Finds benchmarks, models, processors and papers by a part of their name."""

from typing import Any, Final

from flopcast.errors import InputError
from flopcast.records.query import Catalogue

#: Most things of a kind that a search returns, unless asked.
LIMIT: Final = 50
#: Kind to the query that finds it: ``?`` is the pattern, then the most to return.
_QUERIES: Final = {
    "benchmarks": """SELECT id, name, task AS note FROM benchmarks
        WHERE id LIKE ?1 ESCAPE '\\' OR name LIKE ?1 ESCAPE '\\' OR aliases LIKE ?1 ESCAPE '\\'
        OR task LIKE ?1 ESCAPE '\\' LIMIT ?2""",
    "models": """SELECT id, name, NULL AS note FROM models
        WHERE id LIKE ?1 ESCAPE '\\' OR name LIKE ?1 ESCAPE '\\' LIMIT ?2""",
    "hardware": """SELECT id, name, vendor AS note FROM hardware WHERE id LIKE ?1 ESCAPE '\\'
        OR name LIKE ?1 ESCAPE '\\' OR vendor LIKE ?1 ESCAPE '\\'
        OR aliases LIKE ?1 ESCAPE '\\' LIMIT ?2""",
    "sources": """SELECT id, title AS name, url AS note FROM sources
        WHERE id LIKE ?1 ESCAPE '\\' OR title LIKE ?1 ESCAPE '\\' OR url LIKE ?1 ESCAPE '\\'
        LIMIT ?2""",
}


def find(
    catalogue: Catalogue, text: str, *, limit: int = LIMIT
) -> dict[str, list[dict[str, Any]]]:
    """Things whose names hold a text, upper and lower case alike, at most ``limit`` of each kind.

    Returns:
        ``benchmarks``, ``models``, ``hardware`` and ``sources``, each a list of records with
        ``id``, ``name`` and ``note`` (a task, a vendor, an address; None where there is none).

    Raises:
        InputError: where there is nothing to look for.
    """
    wanted = text.strip()
    if not wanted:
        raise InputError(f"The text to search for is {text!r}.", "Give at least one letter.")
    escaped = "".join(f"\\{c}" if c in "%_\\" else c for c in wanted)
    values = (f"%{escaped}%", limit)
    return {
        kind: [dict(row) for row in catalogue._rows(query, values)]
        for kind, query in _QUERIES.items()
    }
