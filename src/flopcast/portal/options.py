"""The options of a view as its address holds them: typed, with defaults, canonical.

An address never fails for its options. What cannot be read, or is not known, is ignored; the
page says which and why.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, final
from urllib.parse import urlencode

from flopcast.errors import InputError, nearest
from flopcast.units import parse_error

#: Characters of a value that is quoted back.
_QUOTED: Final = 60


@final
@dataclass(frozen=True)
class Ignored:
    """An option that was not used, and why."""

    name: str
    value: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Option(ABC):
    """One option: its name in the address, its label in forms, what it is without being given."""

    name: str
    label: str
    default: Any = None
    hint: str = ""

    @abstractmethod
    def read(self, text: str) -> Any:
        """The value that ``text`` states.

        Raises:
            InputError: where it states none.
        """

    def write(self, value: Any) -> str:
        """The value as the address holds it."""
        return f"{value:g}" if isinstance(value, float) else str(value)


@final
@dataclass(frozen=True, kw_only=True)
class Choice(Option):
    """One of several values, each with its label."""

    values: Mapping[str, str]

    def read(self, text: str) -> str:
        """The value, upper and lower case alike."""
        folded = {value.casefold(): value for value in self.values}
        if text.casefold() not in folded:
            known = nearest(text, self.values)
            raise InputError(f"it must be one of {', '.join(self.values)}.{known}")
        return folded[text.casefold()]


@final
@dataclass(frozen=True, kw_only=True)
class Number(Option):
    """A number between two ends, ends included."""

    low: float = -math.inf
    high: float = math.inf
    unit: str = ""
    whole: bool = False
    step: float | None = None

    def read(self, text: str) -> float | int:
        """The number; a comma within it is not read."""
        try:
            value = float(text)
        except ValueError:
            raise InputError("it must be a number.") from None
        if not math.isfinite(value) or not self.low <= value <= self.high:
            raise InputError(f"it must be {self.rule}.")
        if self.whole and value != int(value):
            raise InputError("it must be a whole number.")
        return int(value) if self.whole else value

    def write(self, value: Any) -> str:
        """The shortest text that reads as the same number."""
        return str(value) if self.whole else f"{value:.12g}"

    @property
    def rule(self) -> str:
        """What the number must be, in words."""
        unit = f" {self.unit}" if self.unit else ""
        if math.isinf(self.high):
            return f"at least {self.low:g}{unit}"
        return f"between {self.low:g} and {self.high:g}{unit}"


@final
@dataclass(frozen=True, kw_only=True)
class ErrorRate(Option):
    """A target error: ``5%`` or ``0.05``; a fraction inside."""

    def read(self, text: str) -> float:
        """The fraction."""
        return parse_error(text)

    def write(self, value: Any) -> str:
        """In percent."""
        return f"{value * 100:.6g}%"


@final
@dataclass(frozen=True, kw_only=True)
class Text(Option):
    """A few words; ``longest`` characters at most."""

    longest: int = 100

    def read(self, text: str) -> str:
        """The words without control characters and spaces around."""
        found = "".join(c for c in text if c.isprintable()).strip()
        if len(found) > self.longest:
            raise InputError(f"it must have at most {self.longest} characters.")
        return found


@final
@dataclass(frozen=True)
class State:
    """Options read from an address. ``state["measure"]`` is a value, given or by default."""

    options: "Options"
    given: Mapping[str, Any]
    ignored: tuple[Ignored, ...] = ()

    def __getitem__(self, name: str) -> Any:
        return self.given.get(name, self.options[name].default)

    @property
    def query(self) -> str:
        """The canonical query: what differs from the defaults, in the order of declaration."""
        return self.query_with()

    def query_with(self, **changes: Any) -> str:
        """The canonical query after ``changes``; None takes an option back to its default."""
        values = {**self.given, **changes}
        pairs = []
        for option in self.options:
            value = values.get(option.name)
            if value is not None and value != option.default:
                pairs.append((option.name, option.write(value)))
        return urlencode(pairs)

    def written(self, name: str) -> str:
        """A value as a form shows it; "" where there is none."""
        value = self[name]
        return "" if value is None else self.options[name].write(value)

    def hidden(self, *but: str) -> list[tuple[str, str]]:
        """Name and text of the options given, except some: what a form beside must carry on."""
        kept = [o for o in self.options if o.name not in but and o.name in self.given]
        return [(o.name, self.written(o.name)) for o in kept if self[o.name] != o.default]

    def without(self, *names: str, reason: str) -> "State":
        """The same with some options at their defaults, each listed as ignored for ``reason``."""
        dropped = [name for name in names if name in self.given]
        more = tuple(Ignored(name, self.written(name), reason) for name in dropped)
        kept = {name: value for name, value in self.given.items() if name not in dropped}
        return State(self.options, kept, self.ignored + more)

    def part(self, some: Iterable[Option]) -> str:
        """The canonical query of some of the options alone."""
        names = {option.name for option in some}
        kept = {name: value for name, value in self.given.items() if name in names}
        return State(self.options, kept).query

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells this state's view apart in a cache."""
        return (self.query, self.ignored)


@final
@dataclass(frozen=True)
class Options:
    """The options of one view, in order."""

    listed: tuple[Option, ...] = field(default=())

    def __iter__(self) -> Iterator[Option]:
        return iter(self.listed)

    def __getitem__(self, name: str) -> Option:
        return next(option for option in self.listed if option.name == name)

    def __contains__(self, name: str) -> bool:
        return any(option.name == name for option in self.listed)

    def with_(self, *more: Option) -> "Options":
        """These and some more."""
        return Options((*self.listed, *more))

    def read(self, pairs: Iterable[tuple[str, str]]) -> State:
        """The state that name-value pairs of a query give; blank values are not given."""
        given: dict[str, Any] = {}
        ignored = []
        for name, text in pairs:
            if name not in self:
                known = nearest(name, (option.name for option in self.listed))
                ignored.append(_ignored(name, text, f"this page has no such option.{known}"))
            elif name in given:
                ignored.append(_ignored(name, text, "it is given twice; the first counts."))
            elif text.strip():
                try:
                    given[name] = self[name].read(text.strip())
                except InputError as error:
                    ignored.append(_ignored(name, text, error.message))
        return State(self, given, tuple(ignored))


def _ignored(name: str, text: str, reason: str) -> Ignored:
    return Ignored(_cut(name), _cut(text), reason)


def _cut(text: str) -> str:
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return shown if len(shown) <= _QUOTED else f"{shown[:_QUOTED]}…"
