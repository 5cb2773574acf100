"""Files that are either there and whole, or not there."""

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from flopcast.errors import FlopcastError

_FULL = (errno.ENOSPC, errno.EDQUOT)
_ROOM = 1 << 16


class StorageFailed(FlopcastError):
    """A file of a study cannot be written: the disk is full, or the folder is read-only.

    ``disk_full`` says which. Nothing written before is lost.
    """

    code = "storage"

    def __init__(self, message: str, hint: str | None = None, *, disk_full: bool = False) -> None:
        self.disk_full = disk_full
        super().__init__(message, hint)


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Turns an OSError into StorageFailed that names `path`."""
    try:
        yield
    except OSError as error:
        raise storage_failed(path, error) from error


def storage_failed(path: Path, error: OSError) -> StorageFailed:
    """The typed error for `error` at `path`."""
    if error.errno in _FULL:
        return StorageFailed(
            f"{path}: the disk is full.",
            "Free some space and run again; finished cells are kept.",
            disk_full=True,
        )
    return StorageFailed(
        f"{path} cannot be written: {error.strerror or error}.",
        "Check that the folder can be written to; finished cells are kept.",
    )


def write_atomic(path: Path, data: object, *, durable: bool = True) -> None:
    """Writes JSON so that a reader sees the old file or the whole new one.

    With `durable` it survives a power cut: file and folder are flushed to disk. Raises
    StorageFailed, and leaves no partial file behind.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with storing(path):
        try:
            with temporary.open("wb") as file:
                file.write(json.dumps(data, ensure_ascii=False).encode())
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            temporary.replace(path)
        except OSError:
            with suppress(OSError):
                temporary.unlink()
            raise
        if durable:
            _flush_folder(path.parent)


def check_room(folder: Path) -> None:
    """Raises StorageFailed unless 64 KiB can be written into `folder`; nothing is left there."""
    probe = folder / f".room.{os.getpid()}"
    with storing(folder):
        try:
            probe.write_bytes(bytes(_ROOM))
        finally:
            with suppress(OSError):
                probe.unlink()


def read_json(path: Path) -> dict[str, Any] | None:
    """The JSON object of a file, None where there is none or it is not whole."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
