"""The options of every verb that reads RUNS, and how texts like ``name=value`` are taken apart."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar, cast

from cyclopts import Parameter

from flopcast.errors import FlopcastError, InputError, nearest

if TYPE_CHECKING:
    from flopcast.observations import Direction, Duplicates, Operations, ParamsConvention, Runs

T = TypeVar("T")
_KEYWORD: Final = re.compile(
    r"\b(columns|metric|best|direction|duplicates|params_convention|objective|tail|bootstrap)="
    r"(?:\{'?(?P<role>\w+|\.{3})'?: '?(?P<column>[\w.]+)'?\}|'?(?P<value>\w[\w.-]*)?'?)"
)


@Parameter(name="*")
@dataclass(frozen=True)
class Reading:
    """How a table of runs is read.

    Attributes:
        columns: What columns are called in the file: loss=val_loss,params=n_params.
        metric: The column to fit.
        direction: Whether lower or higher values of it are better.
        best: The perfect score where higher is better: 1 for a fraction, 100 for percent.
        params_convention: What params counts: total, non-embedding or active.
        operations: What compute counts: FLOP or MAC.
        duplicates: Rows that repeat another: refuse, drop or keep.
        derive_data: Take data to be compute / (6 * params), where the file has no data.
        schedules: Rows are points of loss curves, one curve a group; work out what the laws tissue
            and multi-power need from the columns steps and learning_rate.
        warmup: Steps of linear warm-up that those curves began with.
    """

    columns: tuple[str, ...] = ()
    metric: str = "loss"
    direction: str | None = None
    best: float | None = None
    params_convention: str | None = None
    operations: str = "FLOP"
    duplicates: str = "refuse"
    derive_data: bool = False
    schedules: bool = False
    warmup: float = 0.0

    def read(self, path: Path, inputs: Iterable[str] = ()) -> "Runs":
        """The runs of a file; `inputs` of a law that are not read by default are looked for too.

        Raises:
            InputError: for whatever :func:`flopcast.observations.read_runs` rejects.
        """
        from flopcast.laws.schedule import SCHEDULE_INPUTS
        from flopcast.observations import INPUTS, read_runs

        given = pairs(self.columns, "--columns", str)
        _check_roles(given, {*INPUTS, "group", "seed", "loss", "learning_rate", self.metric})
        columns = {name: name for name in inputs if name not in INPUTS}
        if self.schedules:
            columns = {k: v for k, v in columns.items() if k not in SCHEDULE_INPUTS}
            columns["learning_rate"] = "learning_rate"
        with _advising_schedules():
            runs = read_runs(
                path,
                columns={**columns, **given},
                metric=self.metric,
                direction=cast("Direction | None", self.direction),
                best=self.best,
                params_convention=cast("ParamsConvention | None", self.params_convention),
                operations=cast("Operations", self.operations),
                duplicates=cast("Duplicates", self.duplicates),
            )
        if self.derive_data:
            runs = _with_data(runs)
        return _with_schedules(runs, self.warmup) if self.schedules else runs


def _check_roles(given: Iterable[str], known: set[str]) -> None:
    """Rejects a column for something that no law, and no reader of runs, has a use for."""
    from flopcast.laws.registry import get_law, law_names

    unknown = [name for name in given if name not in known]
    if not unknown:
        return
    known |= {name for law in law_names() for name in get_law(law).inputs}
    for name in unknown:
        if name not in known:
            raise InputError(
                f"--columns names {name!r}, which no law uses.{nearest(name, sorted(known))}",
                "Write --columns params=NAME,data=NAME,loss=NAME.",
            )


def _with_data(runs: "Runs") -> "Runs":
    """The runs with data from compute and params (Kaplan et al. 2020: C = 6·N·D)."""
    if "data" in runs:
        raise InputError(
            f"{runs.source} has a column for data already.", "Leave out --derive-data."
        )
    data = runs["compute"] / (6.0 * runs["params"])
    note = "data is compute / (6 · params)"
    return replace(runs, inputs={**runs.inputs, "data": data}, notes=(*runs.notes, note))


@contextmanager
def _advising_schedules() -> Iterator[None]:
    """Has the want of an input of schedule laws name the option that works it out."""
    try:
        yield
    except InputError as error:
        if "no column 'lr_" in error.message:
            error.hint = "Say --schedules, and the file needs steps and learning_rate only."
        raise


def _with_schedules(runs: "Runs", warmup: float) -> "Runs":
    """The points of loss curves with what schedule laws read."""
    from flopcast.fitting.schedules import with_schedules

    begun = f" after {warmup:g} steps of warm-up" if warmup else ""
    note = f"learning rates summed over every step{begun}"
    return replace(with_schedules(runs, warmup=warmup), notes=(*runs.notes, note))


def pairs(texts: Iterable[str], option: str, read: Callable[[str], T]) -> dict[str, T]:
    """The ``name=value`` pairs of an option that may be repeated, or separated by commas.

    Raises:
        InputError: for a part without ``=`` or a name, a repeated name, or a value that `read`
            rejects with a ValueError.
    """
    found: dict[str, T] = {}
    for part in names(texts):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not (name and equals and value):
            raise InputError(
                f"{option} {part!r} is not of the form name=value.",
                f"Write {option} name=value,name=value.",
            )
        if name in found:
            raise InputError(f"{option} names {name!r} twice.", "Give each name once.")
        try:
            found[name] = read(value)
        except ValueError:
            form = "low:high" if read is span else "a number"
            raise InputError(f"{option} {name}={value}: {value!r} is not {form}.") from None
    return found


def names(texts: Iterable[str]) -> tuple[str, ...]:
    """The parts of an option that may be repeated, or separated by commas."""
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


def span(text: str) -> tuple[float, float]:
    """Two numbers with a colon between them; an end left out is infinite. Raises ValueError."""
    low, colon, high = text.partition(":")
    if not colon:
        raise ValueError(text)
    return float(low or "-inf"), float(high or "inf")


@contextmanager
def in_options() -> Iterator[None]:
    """Has the advice of errors name options of the command line in place of Python arguments."""
    try:
        yield
    except FlopcastError as error:
        error.hint = error.hint and as_options(error.hint)
        raise


def as_options(text: str) -> str:
    """``columns={'params': 'n'}`` and ``tail=1`` as ``--columns params=n`` and ``--tail 1``."""
    return _KEYWORD.sub(_option, text)


def _option(match: re.Match[str]) -> str:
    name = f"--{match[1].replace('_', '-')}"
    if match["role"]:
        return f"{name} {match['role']}={match['column']}"
    return f"{name} {match['value']}" if match["value"] else name


def checked_seed(seed: int) -> int:
    """The seed, if it is one. Raises InputError for a negative number."""
    if seed < 0:
        raise InputError(f"--seed is {seed}; seeds are 0 or more.")
    return seed


def conventions(runs: "Runs") -> str:
    """What the columns mean, in a line: metric and direction, params, compute, notes."""
    better = "" if runs.direction == "lower" else f", of {runs.best:g}"
    parts = [f"{runs.metric}: {runs.direction} is better{better}"]
    if "params" in runs:
        parts.append(f"params: {runs.params_convention or 'nobody said which'}")
    if "compute" in runs:
        parts.append("compute as given, FLOP")
    elif runs.compute is not None:
        parts.append("compute = 6 · params · data")
    return "; ".join((*parts, *runs.notes))


def point(text: str) -> tuple[dict[str, float], str | None]:
    """The inputs and the group of one ``--at params=7e10,data=1.4e12,group=x``.

    Raises:
        InputError: for parts that are not ``name=number``, or a number that is not above 0.
    """
    given: Mapping[str, str] = pairs([text], "--at", str)
    group = given.get("group")
    numbers = [f"{name}={value}" for name, value in given.items() if name != "group"]
    inputs = pairs(numbers, "--at", float)
    for name, value in inputs.items():
        if not 0.0 < value < float("inf"):
            raise InputError(f"--at {name} is {value:g}; inputs are finite numbers above 0.")
    return inputs, group
