"""A study as its file states it: axes, grid, seeds, target, rules, cost, budget, stop rules."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from flopcast.errors import InputError, nearest
from flopcast.sweeps.budget import Budget, BudgetUnit
from flopcast.sweeps.expression import Expression

FILE: Final = "study.toml"
Role = Literal["params", "data", "compute", "unique_data", "steps", "other"]
GridKind = Literal["factorial", "isoflop", "ladder", "lattice", "pool", "active"]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Value = int | float | str | bool


def _expression(text: object) -> object:
    """An expression from its text; InputError becomes pydantic's ValueError."""
    if isinstance(text, int | float) and not isinstance(text, bool):
        text = repr(text)
    if not isinstance(text, str):
        return text
    try:
        return Expression(text)
    except InputError as error:
        raise ValueError(str(error)) from None


Formula = Annotated[Expression, BeforeValidator(_expression)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Axis(_Part):
    """One setting that the grid varies, and what it means to a law.

    `amount` is what a law sees of it, an expression of settings; by default the setting itself.
    Levels are `values`, or `levels` numbers from `low` to `high` in equal ratios, or `fractions`
    of the target's setting (for a lattice).
    """

    role: Role = "other"
    amount: Formula | None = None
    values: tuple[Value, ...] = ()
    low: Positive | None = None
    high: Positive | None = None
    levels: Annotated[int, Field(ge=2, le=1000)] | None = None
    fractions: tuple[Annotated[float, Field(gt=0, le=1)], ...] = ()
    whole: bool = True

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ranged = (self.low, self.high, self.levels)
        if any(v is not None for v in ranged) and None in ranged:
            raise ValueError("a range needs low, high and levels")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("low is below high")
        ways = bool(self.values) + bool(self.fractions) + (self.low is not None)
        if ways > 1:
            raise ValueError("levels are given once: by values, by low/high/levels or fractions")
        if len(set(self.values)) < len(self.values):
            raise ValueError("values differ from each other")
        return self


class Grid(_Part):
    """How cells are made from the axes; see `flopcast.sweeps.grid`."""

    kind: GridKind = "factorial"
    flop: tuple[Positive, ...] = ()
    cells: tuple[dict[str, Value], ...] = ()
    decay: Annotated[float, Field(ge=0, le=1)] = 0.2
    corner: Annotated[int, Field(ge=1)] = 3
    batch: Annotated[int, Field(ge=1)] | None = None
    explore: Annotated[float, Field(ge=0, le=1)] = 0.2

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind == "isoflop" and not self.flop:
            raise ValueError("an isoflop grid needs flop, its levels of compute")
        if self.kind == "pool" and not self.cells:
            raise ValueError("a pool needs cells, a list of tables of settings")
        return self


class Rule(_Part):
    """How one hyper-parameter follows from the axes: `fixed`, a `table` by an axis, or a `law`."""

    fixed: Value | None = None
    law: Formula | None = None
    by: str | None = None
    table: dict[str, Value] = {}
    whole: bool = False

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        ways = (self.fixed is not None) + (self.law is not None) + bool(self.table)
        if ways != 1:
            raise ValueError("a rule is one of fixed, law, or table with by")
        if bool(self.table) != (self.by is not None):
            raise ValueError("a table needs by, the axis whose values it lists")
        return self


class Cost(_Part):
    """What a cell costs: FLOP by a formula, and seconds where the budget counts time."""

    flop: Formula | None = None
    seconds: Formula | None = None
    flop_per_second: Positive | None = None


class Spending(_Part):
    """The budget: `cap` in `unit`; for usd and kwh what one running cell costs a second."""

    cap: Positive | None = None
    unit: BudgetUnit = "flop"
    per_second: Positive | None = None
    margin: Annotated[float, Field(ge=1)] = 1.25

    def budget(self) -> Budget:
        """The budget that the store keeps."""
        return Budget(self.cap, self.unit, self.per_second, self.margin)


class Stop(_Part):
    """When no more cells are run.

    `width` is the relative width, (high - low) / median, of the target's interval that is narrow
    enough. `least_gain` is the share of the width that a cell must be expected to take off, per
    1 % of the target's cost.
    """

    width: Positive | None = None
    least_gain: Annotated[float, Field(ge=0)] = 0.0
    level: Annotated[float, Field(gt=0, lt=1)] = 0.9


class Limit(_Part):
    """Limits on every run."""

    seconds: Positive | None = None
    memory_bytes: Annotated[int, Field(gt=0)] | None = None


class Study(_Part):
    """A whole study file. Numbers are in SI units, compute in FLOP."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    train: str | tuple[str, ...]
    metric: str = "loss"
    direction: Literal["lower", "higher"] | None = None
    best: float | None = None
    floor: Positive | None = None
    baseline: Positive | None = None
    params_convention: Literal["total", "non-embedding", "active"] | None = None
    data_id: str = ""
    code_version: str | None = None
    code_files: tuple[str, ...] = ()
    seeds: Annotated[tuple[int, ...], Field(min_length=1)] = (0,)
    axes: Annotated[dict[str, Axis], Field(min_length=1)]
    target: dict[str, Value]
    grid: Grid = Grid()
    rules: dict[str, Rule] = {}
    cost: Cost = Cost()
    budget: Spending = Spending()
    stop: Stop = Stop()
    limits: Limit = Limit()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for key in self.target:
            _known("target", key, self.axes)
        if missing := [key for key in self.axes if key not in self.target]:
            raise ValueError(f"target needs a value of every axis; {missing[0]!r} is missing")
        if clash := set(self.rules) & set(self.axes):
            raise ValueError(f"{sorted(clash)[0]!r} is both an axis and a rule")
        for name, rule in self.rules.items():
            if rule.by is not None:
                _known(f"rules.{name}.by", rule.by, self.axes)
        for cell in self.grid.cells:
            for key in cell:
                _known("grid.cells", key, self.axes)
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("seeds differ from each other")
        roles = [axis.role for axis in self.axes.values() if axis.role != "other"]
        if not roles:
            raise ValueError("at least one axis needs a role: params, data or compute")
        if len(set(roles)) < len(roles):
            raise ValueError("two axes have the same role")
        self.budget.budget()
        return self

    @property
    def roles(self) -> dict[str, str]:
        """The axis behind every input of a law: ``{"params": "width"}``."""
        return {axis.role: key for key, axis in self.axes.items() if axis.role != "other"}

    def amounts(self, settings: Mapping[str, Any]) -> dict[str, float]:
        """What a law sees of a configuration: ``{"params": ..., "data": ...}``.

        Raises InputError for a setting that is missing or no number.
        """
        found = {}
        for role, key in self.roles.items():
            amount = self.axes[key].amount or _itself(key)
            found[role] = amount(settings)
            if found[role] <= 0.0:
                raise InputError(
                    f"{role} is {found[role]:g} where {key} is {settings.get(key)!r}; "
                    "amounts are above 0.",
                    f"Correct axes.{key}.",
                )
        return found


@cache
def _itself(key: str) -> Expression:
    return Expression(key)


def _known(place: str, key: str, axes: Mapping[str, Axis]) -> None:
    if key not in axes:
        raise ValueError(f"{place} names {key!r}, which is no axis.{nearest(key, axes)}")


def read_study(path: str | Path) -> Study:
    """The study of a TOML file, or of the ``study.toml`` in a folder, checked.

    Raises InputError for a file that cannot be read, naming the key, its value and the rule.
    """
    path = Path(path)
    path = path / FILE if path.is_dir() else path
    if not path.is_file():
        raise InputError(f"{path}: no such file.", "Write one with: flopcast sweep init FOLDER")
    try:
        text = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} is not TOML: {error}.") from None
    return parse_study(text, path.name)


def parse_study(content: Mapping[str, Any], source: str = "study") -> Study:
    """The study of a mapping, checked. Raises InputError naming key, value and rule."""
    try:
        return Study.model_validate(content)
    except ValidationError as error:
        raise _input_error(source, error) from None
    except InputError as error:
        raise InputError(f"{source}: {error.message}", error.hint) from None


def _input_error(source: str, error: ValidationError) -> InputError:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    rule = first["msg"].removeprefix("Value error, ").rstrip(".")
    if first["type"] == "extra_forbidden":
        rule = f"there is no such key.{nearest(str(first['loc'][-1]), _keys(first['loc']))}"
    elif first["type"] == "missing":
        return InputError(f"{source}: {key} is missing.", "Every study needs it.")
    more = len(error.errors()) - 1
    hint = f"{more} more to correct after this." if more else None
    if not key:
        return InputError(f"{source}: {rule}.", hint)
    shown = repr(first["input"])
    return InputError(f"{source}: {key} = {shown[:80]}: {rule}.", hint)


def _keys(place: tuple[int | str, ...]) -> tuple[str, ...]:
    """The keys that a table of the file may have."""
    parts: dict[str, type[_Part]] = {
        "axes": Axis, "grid": Grid, "rules": Rule, "cost": Cost, "budget": Spending,
        "stop": Stop, "limits": Limit,
    }  # fmt: skip
    owner = parts.get(str(place[0]), Study) if len(place) > 1 else Study
    return tuple(owner.model_fields)
