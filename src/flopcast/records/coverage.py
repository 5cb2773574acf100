"""What a release holds, in numbers: its tables, and what each benchmark has."""

from typing import Any, Final

from flopcast.records.query import Catalogue

#: Tables of a release and what one record of each is.
TABLES: Final = {
    "benchmarks": "benchmarks",
    "results": "results",
    "claims": "claims about compute",
    "models": "models",
    "sources": "sources",
    "hardware": "processors",
    "hardware_peaks": "peak rates",
    "prices": "prices of processors",
    "grids": "carbon intensities of electricity",
    "training_runs": "training runs with stated hours",
    "corrections": "corrections",
}
_COVERAGE: Final = """
SELECT benchmark, count(*) AS results, count(DISTINCT model) AS models,
       min(year) AS first_year, max(year) AS last_year FROM results GROUP BY benchmark
"""


def table_counts(catalogue: Catalogue) -> dict[str, int]:
    """Number of records of each table in :data:`TABLES`."""
    return {
        name: catalogue._rows(f'SELECT count(*) AS n FROM "{name}"')[0]["n"] for name in TABLES
    }


def coverage(catalogue: Catalogue) -> list[dict[str, Any]]:
    """One record per benchmark: id, name, metric, results, models, first and last year."""
    found = {row["benchmark"]: dict(row) for row in catalogue._rows(_COVERAGE)}
    empty = {"results": 0, "models": 0, "first_year": None, "last_year": None}
    return [
        {
            "benchmark": item.id,
            "name": item.name,
            "metric": item.metric,
            **empty,
            **found.get(item.id, {}),
        }
        for item in catalogue.benchmarks
    ]
