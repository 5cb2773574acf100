"""The text of Python's own standard library, as symbols: data that every machine has.

The files are all `.py` files of the standard library in the order of their paths. One file in
twenty, chosen by the hash of its path, is held back for validation. Characters become numbers from
a vocabulary of 97: newline, printable ASCII, and one symbol for everything else.
"""

import hashlib
import re
import sysconfig
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

#: Newline, the 95 printable characters of ASCII, and one for all others.
VOCABULARY: Final = 97
_OTHER: Final = VOCABULARY - 1
_HELD_BACK: Final = 20
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]")
#: Not part of the library's text: installed packages, and tables that differ by machine.
_SKIPPED_FOLDERS: Final = ("site-packages", "dist-packages", "__pycache__")
_SKIPPED_NAMES: Final = ("_sysconfigdata",)

Symbols = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Corpus:
    """Symbols of the training and the validation files, and the hash that names both.

    Attributes:
        train: symbols of the training files, joined.
        validation: symbols of the validation files, joined.
        data_id: "stdlib-" and the first 16 hex digits of a SHA-256 over paths and contents.
        files: how many files were read.
    """

    train: Symbols
    validation: Symbols
    data_id: str
    files: int


@lru_cache(maxsize=1)
def corpus() -> Corpus:
    """Read the standard library's text; about a second."""
    root = Path(sysconfig.get_paths()["stdlib"])
    digest = hashlib.sha256()
    parts: dict[bool, list[bytes]] = {True: [], False: []}
    for path in _paths(root):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        name = path.relative_to(root).as_posix()
        symbols = encode(text)
        digest.update(f"{name}\0{len(symbols)}\0".encode() + symbols)
        parts[_held_back(name)].append(symbols)
    count = len(parts[True]) + len(parts[False])
    train, validation = (
        np.frombuffer(b"".join(parts[held]), dtype=np.uint8) for held in (False, True)
    )
    return Corpus(train, validation, f"stdlib-{digest.hexdigest()[:16]}", count)


def encode(text: str) -> bytes:
    """Numbers of the characters of a text, one byte each, below `VOCABULARY`."""
    return _FOREIGN.sub("\0", text).encode("ascii").translate(_TABLE)


def _table() -> bytes:
    numbers = bytearray([_OTHER] * 256)
    numbers[ord("\n")] = 0
    for code in range(32, 127):
        numbers[code] = code - 31
    return bytes(numbers)


_TABLE: Final = _table()


def _paths(root: Path) -> list[Path]:
    found = [
        path
        for path in root.rglob("*.py")
        if not set(path.relative_to(root).parts) & set(_SKIPPED_FOLDERS)
        and not path.name.startswith(_SKIPPED_NAMES)
    ]
    return sorted(found, key=lambda path: path.relative_to(root).as_posix())


def _held_back(name: str) -> bool:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % _HELD_BACK == 0
