"""The database of a study: tables, connections and transactions (SQLite, write-ahead log)."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from flopcast.errors import InputError
from flopcast.sweeps.files import StorageFailed

VERSION: Final = 1
BUSY_SECONDS: Final = 60.0

_SCHEMA = """
CREATE TABLE cells (
  id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, cell TEXT NOT NULL, cost REAL,
  role TEXT NOT NULL, grp TEXT, state TEXT NOT NULL, attempt INTEGER NOT NULL DEFAULT 0,
  since INTEGER NOT NULL DEFAULT 0, owner TEXT
);
CREATE INDEX cells_by_state ON cells (state, number);
CREATE TABLE attempts (
  cell TEXT NOT NULL REFERENCES cells, attempt INTEGER NOT NULL, owner TEXT, leased_age REAL,
  pid INTEGER, ticks INTEGER, reserved REAL, charged REAL, assumed INTEGER, outcome TEXT,
  PRIMARY KEY (cell, attempt)
) WITHOUT ROWID;
CREATE TABLE owners (
  id TEXT PRIMARY KEY, place TEXT NOT NULL, pid INTEGER NOT NULL, ticks INTEGER NOT NULL,
  age REAL NOT NULL
);
CREATE TABLE account (
  one INTEGER PRIMARY KEY CHECK (one = 1), spent REAL NOT NULL, reserved REAL NOT NULL
);
CREATE TABLE records (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL);
INSERT INTO account VALUES (1, 0.0, 0.0);
"""


def create(path: Path) -> None:
    """Writes an empty database. Raises StorageFailed."""
    with _typed(path):
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN;{_SCHEMA}PRAGMA user_version = {VERSION};COMMIT;")
        finally:
            connection.close()


def connect(path: Path, *, read_only: bool = False, briefly: bool = False) -> sqlite3.Connection:
    """A connection to the database at `path`.

    A read-only one also works in a folder that cannot be written to. One that is read `briefly`
    leaves no lock file behind, and does not see what is written after it was opened. Raises
    InputError for a file that is no database of a study, StorageFailed when it cannot be opened.
    """
    with _typed(path):
        if read_only:
            connection = _read_only(path, briefly)
        else:
            connection = sqlite3.connect(
                path, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False
            )
            connection.execute("PRAGMA synchronous = NORMAL")
        connection.row_factory = sqlite3.Row
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != VERSION:
        connection.close()
        raise InputError(
            f"{path} has layout {version}; this version of flopcast reads layout {VERSION}.",
            "Rebuild it from the run folders: delete the database and open the study again.",
        )
    return connection


@contextmanager
def writing(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """One transaction that holds the write lock; undone when anything raises.

    Raises StorageFailed when the database cannot be written to.
    """
    with _typed(path):
        connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        with _typed(path):
            connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _read_only(path: Path, briefly: bool) -> sqlite3.Connection:
    """Read-only; where even the lock files cannot be written, as a file that does not change.

    So, too, is read briefly what nobody has open for writing: there is no write-ahead log then,
    and a reader of another user would make one that the next writer could not write to.
    """
    uri = path.absolute().as_uri()
    if briefly and not path.with_name(f"{path.name}-wal").exists():
        return sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True)
    connection = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=BUSY_SECONDS)
    try:
        connection.execute("SELECT 1 FROM account").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        connection = sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True)
    return connection


@contextmanager
def _typed(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        text = str(error)
        if "not a database" in text or "malformed" in text or "corrupt" in text:
            raise InputError(
                f"{path} is damaged or no database: {text}.",
                "Delete it and open the study again: it is rebuilt from the run folders.",
            ) from error
        raise StorageFailed(
            f"{path} cannot be used: {text}.",
            "Check the disk and the rights of the folder; finished cells are kept.",
            disk_full="full" in text,
        ) from error
