"""The database of what visitors leave: SQLite beside the portal, or any SQLAlchemy URL."""

import os
import sys
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sql

from flopcast.errors import InputError

_FILE: Final = "portal.sqlite"
_WAIT_MS: Final = 5000


def connected(url: str | None) -> sql.Engine:
    """An engine for a URL; None for SQLite in the user's data folder, made where it is missing.

    Raises:
        InputError: for a URL that cannot be read, or a driver that is not installed.
    """
    try:
        found = sql.make_url(default_url() if url is None else url)
        engine = sql.create_engine(found, pool_pre_ping=True)
    except (sql.exc.ArgumentError, ModuleNotFoundError) as error:
        hint = "Write sqlite:///portal.sqlite or postgresql+psycopg://user@host/name."
        raise InputError(f"The database cannot be used: {error}.", hint) from None
    if found.get_backend_name() == "sqlite":
        sql.event.listen(engine, "connect", _settle)
    return engine


def default_url() -> str:
    """SQLite in the folder that the operating system gives a user's programs for their data."""
    folder = data_folder() / "flopcast"
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / _FILE}"


def data_folder() -> Path:
    """The user's data folder: XDG_DATA_HOME where it is set."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    if sys.platform == "darwin":
        return home / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")


def _settle(connection: Any, _: Any) -> None:
    """Readers do not wait for the writer, and writers wait for each other."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA busy_timeout={_WAIT_MS}")
