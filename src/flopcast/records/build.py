"""Builds the release: all facts, as published and as corrected, in one immutable SQLite file."""

import dataclasses
import hashlib
import json
import sqlite3
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from flopcast.errors import InputError
from flopcast.records import schema
from flopcast.records.corrections import FILE, apply, for_table
from flopcast.records.facts import Facts, read_facts

T = TypeVar("T")
SCHEMA_VERSION = 2
READ_ONLY = 0o444


def _fields(kind: type[Any], *left_out: str) -> list[str]:
    return [item.name for item in dataclasses.fields(kind) if item.name not in left_out]


#: The release's tables with their columns: named by the records, so that an empty one has them.
COLUMNS: dict[str, list[str]] = {
    "release": ["key", "value"],
    "sources": _fields(schema.Source),
    "benchmarks": _fields(schema.Benchmark),
    "models": _fields(schema.Model),
    "hardware": _fields(schema.Hardware),
    "hardware_peaks": _fields(schema.Peak),
    "servers": _fields(schema.Server),
    "prices": _fields(schema.Price),
    "grids": _fields(schema.Grid),
    "training_runs": _fields(schema.TrainingRun),
    "results": ["benchmark", *_fields(schema.Result, "scores")],
    "scores": ["benchmark", "run", "metric", "value"],
    "claims": ["benchmark", *_fields(schema.Claim)],
    "claims_corrected": ["benchmark", *_fields(schema.Claim)],
    "families": _fields(schema.FamilyPoint),
    "families_corrected": _fields(schema.FamilyPoint),
    "efficiency": _fields(schema.EfficiencyPoint),
    "efficiency_corrected": _fields(schema.EfficiencyPoint),
    "corrections": _fields(schema.Correction),
}

#: Columns by which records are looked up in catalogues of any size.
INDEXES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("models", ("id",)),
    ("results", ("benchmark",)),
    ("results", ("model",)),
    ("scores", ("benchmark",)),
    ("claims", ("benchmark", "run", "basis")),
    ("claims_corrected", ("benchmark", "run", "basis")),
)


def build_release(source: Path, target: Path) -> Facts:
    """Validates a catalogue folder and writes its release; all or nothing.

    The same text gives the same content: no clock enters, and the text's SHA-256 is stored.

    Args:
        source: folder with the catalogue's text files.
        target: the SQLite file to write; replaced in one step, read-only afterwards.

    Returns:
        The facts as read.

    Raises:
        RecordError: on the first broken record; nothing is written then.
        InputError: where the folder is missing or the target cannot be written.
    """
    if not source.is_dir():
        hint = "Run this from a checkout, or name the folder with --source."
        raise InputError(f"There is no catalogue folder at {source}.", hint=hint)
    facts = read_facts(source)
    tables = _tables(facts, text_digest(source))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            draft = Path(folder) / target.name
            _write(draft, tables)
            draft.chmod(READ_ONLY)
            draft.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise InputError(f"The release {target} cannot be written: {error}.") from None
    return facts


def text_digest(source: Path) -> str:
    """SHA-256 over the names and contents of the catalogue's text files."""
    digest = hashlib.sha256()
    for path in sorted(source.rglob("*")):
        if path.suffix in (".csv", ".yaml"):
            digest.update(f"{path.relative_to(source).as_posix()}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _tables(facts: Facts, digest: str) -> dict[str, list[dict[str, Any]]]:
    release = {
        **facts.release,
        **newest(facts),
        "text_sha256": digest,
        "schema_version": str(SCHEMA_VERSION),
    }
    results = [
        {"benchmark": benchmark, **row}
        for benchmark, records in facts.results.items()
        for row in _plain(records)
    ]
    scores = [
        {"benchmark": row["benchmark"], "run": row["run"], "metric": metric, "value": value}
        for row in results
        for metric, value in row.pop("scores").items()
    ]
    claims = _claim_rows(facts, corrected=False)
    return {
        "release": [{"key": key, "value": value} for key, value in sorted(release.items())],
        "sources": _plain(facts.sources),
        "benchmarks": _plain(facts.benchmarks),
        "models": _plain(facts.models),
        "hardware": _plain(facts.hardware),
        "hardware_peaks": _plain(facts.peaks),
        "servers": _plain(facts.servers),
        "prices": _plain(facts.prices),
        "grids": _plain(facts.grids),
        "training_runs": _plain(facts.training_runs),
        "results": results,
        "scores": scores,
        "claims": claims,
        "claims_corrected": _claim_rows(facts, corrected=True),
        "families": _plain(facts.families),
        "families_corrected": _plain(_corrected(facts, "families", facts.families)),
        "efficiency": _plain(facts.efficiency),
        "efficiency_corrected": _plain(_corrected(facts, "efficiency", facts.efficiency)),
        "corrections": _plain(facts.corrections.values()),
    }


def newest(facts: Facts) -> dict[str, str]:
    """The newest date in each table of dated facts, as ``newest_<table>``; none if it is empty."""
    dates = {
        "hardware": [item.released for item in facts.hardware if item.released],
        "prices": [price.date for price in facts.prices],
        "grids": [str(grid.year) for grid in facts.grids],
    }
    return {f"newest_{table}": max(found) for table, found in dates.items() if found}


def _corrected(
    facts: Facts, table: str, records: tuple[T, ...], benchmark: str | None = None
) -> tuple[T, ...]:
    return apply(records, for_table(facts.corrections, table, benchmark), facts.folder / FILE)


def _claim_rows(facts: Facts, *, corrected: bool) -> list[dict[str, Any]]:
    rows = []
    for benchmark, claims in facts.claims.items():
        records = _corrected(facts, "claims", claims, benchmark) if corrected else claims
        rows += [{"benchmark": benchmark, **row} for row in _plain(records)]
    return rows


def _plain(records: Iterable[Any]) -> list[dict[str, Any]]:
    return [dataclasses.asdict(record) for record in records]


def _write(path: Path, tables: dict[str, list[dict[str, Any]]]) -> None:
    connection = sqlite3.connect(path)
    try:
        with connection:
            for name, rows in tables.items():
                _write_table(connection, name, rows)
            for table, columns in INDEXES:
                name, listed = "_".join((table, *columns)), ", ".join(columns)
                connection.execute(f'CREATE INDEX "{name}" ON "{table}" ({listed})')
        connection.execute("VACUUM")
    finally:
        connection.close()


def _write_table(
    connection: sqlite3.Connection, name: str, rows: Sequence[dict[str, Any]]
) -> None:
    columns = COLUMNS[name]
    listed = ", ".join(f'"{column}"' for column in columns)
    connection.execute(f'CREATE TABLE "{name}" ({listed})')
    marks = ", ".join("?" for _ in columns)
    connection.executemany(
        f'INSERT INTO "{name}" VALUES ({marks})',
        [[_cell(row[column]) for column in columns] for row in rows],
    )


def _cell(value: Any) -> Any:
    """Mappings and sequences are stored as JSON text."""
    return json.dumps(value) if isinstance(value, (dict, list, tuple)) else value
