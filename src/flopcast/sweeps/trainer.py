"""A trainer: the training function or command of the user, by reference."""

import importlib
import importlib.util
import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, final

from flopcast.errors import InputError

Train = Callable[[dict[str, Any], Any], object]
"""``train(config, ctx) -> metrics``."""

_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


@final
@dataclass(frozen=True)
class Trainer:
    """What trains a cell: a function ``module:name`` or ``file.py:name``, or a command.

    Exactly one of `function` and `command` is set. A file is kept with its absolute path.
    """

    function: str | None = None
    command: tuple[str, ...] = ()

    @classmethod
    def parse(cls, source: object) -> Self:
        """A trainer from ``module:function``, ``file.py:function``, a command, or a function.

        A list of texts is a command; so is a text without ``:`` and with a space. A function is
        taken by its module and name. Raises InputError for anything else, and for a file that
        is not there.
        """
        if isinstance(source, Trainer):
            return cls(source.function, source.command)
        if callable(source):
            return cls(_reference(source))
        if isinstance(source, str):
            place, colon, name = source.rpartition(":")
            if colon and name.isidentifier() and (place.endswith(".py") or _is_module(place)):
                return cls(f"{_located(place)}:{name}")
            source = shlex.split(source) if " " in source.strip() else [source]
            if len(source) == 1:
                raise InputError(
                    f"the trainer {source[0]!r} names no function.",
                    "Write package.module:function, file.py:function, or a command as a list.",
                )
        if isinstance(source, Sequence) and source and all(isinstance(a, str) for a in source):
            return cls(None, tuple(source))
        raise InputError(
            f"a trainer cannot be made from a {type(source).__name__}.",
            "Write package.module:function, file.py:function, or a command as a list.",
        )

    def load(self) -> Train:
        """The callable ``train(config, ctx)``. Raises InputError when it is not there."""
        if self.function is None:
            from flopcast.sweeps.command import command_train

            return lambda config, context: command_train(self.command, config, context)
        place, _, name = self.function.rpartition(":")
        module = _from_file(Path(place)) if place.endswith(".py") else _from_name(place)
        found = getattr(module, name, None)
        if not callable(found):
            raise InputError(f"{place} has no function {name!r}.")
        return found  # type: ignore[no-any-return]

    def to_dict(self) -> dict[str, Any]:
        """The trainer as JSON-ready data."""
        return {"function": self.function, "command": list(self.command)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The trainer that `to_dict` wrote."""
        return cls(data["function"], tuple(data["command"]))


def code_version(trainer: Trainer) -> str:
    """What identifies the training code: SHA-256 of the source file of the function.

    For a command, of every argument, and of the content of those that are files. Code that these
    files import is not looked at. Raises InputError for a module that is not found.
    """
    import hashlib

    total = hashlib.sha256()
    for argument in trainer.command:
        total.update(argument.encode())
        if Path(argument).is_file() and Path(argument).suffix:
            total.update(Path(argument).read_bytes())
    if trainer.function is not None:
        place, _, name = trainer.function.rpartition(":")
        total.update(name.encode())
        total.update(_source(place).read_bytes())
    return total.hexdigest()


def _source(place: str) -> Path:
    if place.endswith(".py"):
        return Path(place)
    try:
        found = importlib.util.find_spec(place)
    except (ImportError, ValueError):
        found = None
    if found is None or found.origin is None:
        raise InputError(f"the module {place!r} of the trainer is not found.")
    return Path(found.origin)


def _is_module(place: str) -> bool:
    return _MODULE.fullmatch(place) is not None


def _located(place: str) -> str:
    if not place.endswith(".py"):
        return place
    path = Path(place).absolute()
    if not path.is_file():
        raise InputError(f"{place}: no such file.", "Check the path of the training function.")
    return str(path)


def _reference(function: Any) -> str:
    name = getattr(function, "__qualname__", "")
    if not name.isidentifier() or name == "<lambda>":
        raise InputError(
            f"the training function {name or function!r} cannot be found by name from another "
            "process.",
            "Define it at the top level of a module or a file.",
        )
    import inspect

    if function.__module__ == "__main__" or function.__module__ not in sys.modules:
        return f"{Path(inspect.getfile(function)).absolute()}:{name}"
    return f"{function.__module__}:{name}"


def _from_name(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not name.startswith(error.name):
            raise
        raise InputError(
            f"the module {name!r} of the trainer is not found.",
            "Run from the folder that holds it, or write path/to/file.py:function.",
        ) from None


def _from_file(path: Path) -> Any:
    """The module of a file, imported once; its folder can be imported from."""
    name = f"flopcast_trainer_{str(path).encode().hex()}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise InputError(f"{path}: no such Python file.")
    module = importlib.util.module_from_spec(spec)
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
