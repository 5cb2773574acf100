"""A study and where it lives: its file, its folder, what trains it, its cells and its target."""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import final

from flopcast.errors import InputError
from flopcast.sweeps.files import storing
from flopcast.sweeps.grid import Candidate, candidates, target
from flopcast.sweeps.store import STUDY as STORE_FILE
from flopcast.sweeps.store import Store
from flopcast.sweeps.study import FILE, Study, read_study
from flopcast.sweeps.trainer import Trainer, code_version


@final
@dataclass(frozen=True)
class Opened:
    """A study of a file, with the folder that holds its runs.

    `trainer` is what trains; a file that the study names by a relative path lies beside the study.
    """

    study: Study
    file: Path
    folder: Path
    trainer: Trainer

    @cached_property
    def code(self) -> str:
        """The version of the training code that goes into the identity of every cell."""
        if self.study.code_version:
            return self.study.code_version
        total = hashlib.sha256(code_version(self.trainer).encode())
        for name in self.study.code_files:
            if not (found := self._home / name).is_file():
                raise InputError(
                    f"code_files names {name!r}, but there is no {found}.",
                    "Paths are relative to the training code.",
                )
            total.update(found.read_bytes())
        return total.hexdigest()

    @property
    def _home(self) -> Path:
        """The folder of the training code, else of the study's file."""
        place = (self.trainer.function or "").rpartition(":")[0]
        return Path(place).parent if place.endswith(".py") else self.file.parent

    @cached_property
    def cells(self) -> tuple[Candidate, ...]:
        """Every pilot, cheapest first."""
        return candidates(self.study, self.code)

    @cached_property
    def goal(self) -> Candidate:
        """The target as a cell."""
        return target(self.study, self.code)

    def store(self, *, read_only: bool = False) -> Store:
        """The store in the folder, made if it is not there.

        Raises InputError for a read-only one that is not there, and for a budget below what is
        spent; StorageFailed when nothing can be written.
        """
        if read_only:
            return Store.open(self.folder, read_only=True)
        if not (self.folder / STORE_FILE).exists():
            budget = self.study.budget.budget()
            Store.create(self.folder, budget=budget, trainer=self.trainer).close()
        if self.file != self.folder / FILE:
            with storing(self.folder / FILE):
                shutil.copyfile(self.file, self.folder / FILE)
        store = Store.open(self.folder)
        if store.budget != self.study.budget.budget():
            store.set_budget(self.study.budget.budget())
        if store.trainer != self.trainer:
            store.set_trainer(self.trainer)
        return store


def open_study(path: str | Path, out: str | Path | None = None) -> Opened:
    """The study of a file, or of a folder with a ``study.toml``.

    `out` is the folder for its runs, that of the file by default. Raises InputError for a study
    that is not there or not right, and for training code that is not found.
    """
    path = Path(path)
    file = path / FILE if path.is_dir() else path
    study = read_study(file)
    folder = file.parent if out is None else Path(out)
    return Opened(study, file, folder, _trainer(study.train, file.parent))


def _trainer(train: str | Sequence[str], home: Path) -> Trainer:
    if not isinstance(train, str):
        return Trainer.parse([_beside(argument, home) for argument in train])
    place, colon, name = train.rpartition(":")
    if not (colon and place.endswith(".py")):
        return Trainer.parse(train)
    if not (home / place).is_file() and (kept := _kept(home)) is not None:
        return kept
    if not (home / place).is_file():
        raise InputError(
            f"train = {train!r}: there is no {home / place}.",
            "Paths of training code are relative to the study's file.",
        )
    return Trainer.parse(f"{home / place}:{name}")


def _beside(argument: str, home: Path) -> str:
    """An argument of a command; the name of a file beside the study as its absolute path."""
    found = home / argument
    return str(found.absolute()) if argument and found.is_file() else argument


def _kept(home: Path) -> Trainer | None:
    """What the store in the folder was made with, when the study's file is a copy."""
    if not (home / STORE_FILE).is_file():
        return None
    with Store.open(home, read_only=True) as store:
        return store.trainer
