"""What a visitor asks of a table, read from a form."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, Self, final

from flopcast.errors import InputError, nearest

#: Columns that a table may call otherwise, and places where a forecast may be asked for.
ROLES: Final = ("params", "data", "compute")
METRICS: Final = ("loss", "error", "perplexity", "accuracy")
CONVENTIONS: Final = ("", "total", "non-embedding", "active")
_LONGEST: Final = 100
_FIELDS: Final = (
    "metric", "best", "law", "convention", *ROLES, "metric_column",
    *(f"at_{role}" for role in ROLES),
)  # fmt: skip


@final
@dataclass(frozen=True)
class Question:
    """How a table is read, which law is fitted, and where a forecast is wanted.

    ``columns`` maps names of :data:`ROLES` and the metric to names in the table; ``at`` holds the
    inputs of the point forecast, empty for one of ten times the largest run's compute; ``law`` is
    "" for one that suits the columns.
    """

    metric: str = "loss"
    best: float | None = None
    law: str = ""
    convention: Literal["", "total", "non-embedding", "active"] = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    at: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Self:
        """The question that a form's fields put; unknown fields are left alone.

        Raises:
            InputError: naming the field and the rule.
        """
        given = {name: _short(name, form.get(name, "")) for name in _FIELDS}
        metric = given["metric"] or "loss"
        if metric not in METRICS:
            known = f"it is one of {', '.join(METRICS)}.{nearest(metric, METRICS)}"
            raise InputError(f"The metric is {metric!r}; {known}")
        if given["convention"] not in CONVENTIONS:
            known = ", ".join(CONVENTIONS[1:])
            raise InputError(f"Parameters are counted as {known}, not {given['convention']!r}.")
        names = {role: given[role] for role in ROLES} | {metric: given["metric_column"]}
        points = {role: given[f"at_{role}"] for role in ROLES}
        return cls(
            metric=metric,
            best=_number("best", given["best"]) if given["best"] else None,
            law=given["law"],
            convention=given["convention"],  # type: ignore[arg-type]
            columns={role: name for role, name in names.items() if name},
            at={role: _number(f"at {role}", text) for role, text in points.items() if text},
        )

    def to_dict(self) -> dict[str, Any]:
        """The question as JSON-ready data."""
        return asdict(self) | {"columns": dict(self.columns), "at": dict(self.at)}


def _short(name: str, text: str) -> str:
    found = "".join(c for c in text if c.isprintable()).strip()
    if len(found) > _LONGEST:
        raise InputError(f"{name} has {len(found)} characters; {_LONGEST} are enough.")
    return found


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{name} is {text!r}, which is no number.", "Write 7e10.") from None
    if not 0.0 < value < 1e60:
        raise InputError(f"{name} is {value:g}; it must be a number above 0.")
    return value
