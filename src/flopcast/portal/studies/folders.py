"""The folders of studies that an operator names, each with the name that its address has."""

import re
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Final

from flopcast.errors import InputError
from flopcast.sweeps.store import DATABASE
from flopcast.sweeps.store import STUDY as STORE_FILE
from flopcast.sweeps.study import FILE

_WATCHED: Final = (DATABASE, f"{DATABASE}-wal", STORE_FILE, FILE)
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]+")


def named(folders: Sequence[Path]) -> dict[str, Path]:
    """Folders by name: the last part of the path, a second one of a name with "-2" behind."""
    found: dict[str, Path] = {}
    for folder in dict.fromkeys(folder.resolve() for folder in folders):
        stem = _UNSAFE.sub("-", folder.name).strip("-") or "study"
        name, count = stem, 1
        while name in found:
            count += 1
            name = f"{stem}-{count}"
        found[name] = folder
    return found


def require_study(folder: Path) -> None:
    """Checks that a folder is there and is, or was, one of a study.

    Raises:
        InputError: where it is not.
    """
    if not folder.is_dir():
        raise InputError(f"--study names {str(folder)!r}: there is no such folder.")
    if not any((folder / name).is_file() for name in (FILE, STORE_FILE)):
        raise InputError(
            f"--study names {str(folder)!r}, which holds no study.",
            "Give the folder of the runs, as in: flopcast sweep status FOLDER",
        )


def stamp(folder: Path) -> Hashable:
    """What changes whenever a scheduler writes to the study: sizes and times of its files."""
    found = []
    for name in _WATCHED:
        try:
            about = (folder / name).stat()
        except OSError:
            found.append((name, -1, -1))
        else:
            found.append((name, about.st_size, about.st_mtime_ns))
    return tuple(found)
