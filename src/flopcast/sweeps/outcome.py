"""What came of one attempt at a cell, always one of a few typed kinds."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self, final, get_args

from flopcast.sweeps.state import State

Code = Literal[
    "exception",  # the function raised
    "bad_result",  # it returned something other than numbers by name
    "no_result",  # it ended without a result
    "non_finite",  # a reported or returned number was NaN or infinite
    "loss_exploded",  # the loss rose and stayed up
    "out_of_memory",  # an allocation failed, or the system killed the run for memory
    "memory_limit",  # the run went over the limit of the study
    "time_limit",  # likewise
    "crashed",  # the process died of a signal or an unexpected exit
    "killed",  # somebody else killed the process
    "lost",  # the worker, the scheduler or the node died
    "not_started",  # it died before the run began
    "disk_full",
    "storage",  # a file of the run could not be written
    "import_failed",  # the training function was not found
    "command_failed",  # the command ended with a status other than 0
    "stopped",  # asked to stop, and did so with what it had
    "paused",  # asked to stop because the study pauses; it goes on later
    "over_budget",  # it would have cost more than was reserved
    "cancelled",
]
CODES: Final[tuple[str, ...]] = get_args(Code)

MAX_METRICS: Final = 256
MAX_POINTS: Final = 4096
_MAX_NAME = 100
_MAX_REASON = 2000


@final
@dataclass(frozen=True)
class Outcome:
    """The end of one attempt.

    `state` is a final state and `code` its cause, None when the run is done. `metrics` are finite
    numbers by name and `points` several such rows of one run. `seconds` is wall time, `peak_bytes`
    the largest resident memory, `flop` what the run reported or returned; None is unknown.
    """

    state: State
    code: Code | None = None
    reason: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    points: tuple[Mapping[str, float], ...] = ()
    seconds: float | None = None
    cpu_seconds: float | None = None
    peak_bytes: int | None = None
    flop: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """The outcome as JSON-ready data."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain["state"] = str(self.state)
        plain["metrics"] = dict(self.metrics)
        plain["points"] = [dict(point) for point in self.points]
        return plain

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The outcome that `to_dict` wrote."""
        known: dict[str, Any] = {n: data[n] for n in cls.__dataclass_fields__ if n in data}
        known["state"] = State(data["state"])
        known["points"] = tuple(data.get("points") or ())
        return cls(**known)


def failed(code: Code, reason: str, **measured: Any) -> Outcome:
    """A failed attempt; reasons longer than 2,000 characters are cut."""
    return Outcome(State.FAILED, code, reason[:_MAX_REASON], **measured)


def not_started(reason: str) -> Outcome:
    """An attempt that ended before it began: it has cost nothing, and does not count."""
    return failed("not_started", reason, seconds=0.0, flop=0.0)


def judged(returned: object, **measured: Any) -> Outcome:
    """The outcome of a function that returned `returned`.

    Done when that is a mapping of names to finite numbers, with at most 256 entries; ``points``
    may hold a list of such mappings. Diverged when a number is not finite; failed with
    ``no_result`` for None or nothing, and ``bad_result`` for any other type, which is named.
    """
    if returned is None:
        return failed("no_result", "the function returned None, not its metrics", **measured)
    if not isinstance(returned, Mapping):
        kind = type(returned).__name__
        return failed("bad_result", f"the function returned a {kind}, not metrics", **measured)
    rows = returned.get("points", ())
    if not isinstance(rows, (list, tuple)) or len(rows) > MAX_POINTS:
        return failed("bad_result", f"points is not a list of up to {MAX_POINTS}", **measured)
    try:
        metrics = _numbers({k: returned[k] for k in returned if k != "points"}, "metrics")
        points = tuple(_numbers(row, f"points[{k}]") for k, row in enumerate(rows))
    except (TypeError, OverflowError) as error:
        return failed("bad_result", str(error), **measured)
    if not metrics and not points:
        return failed("no_result", "the function returned no metric", **measured)
    for row in (metrics, *points):
        for name, value in row.items():
            if not math.isfinite(value):
                reason = f"{name} is {value}"
                return Outcome(State.DIVERGED, "non_finite", reason, **measured)
    if "flop" in metrics:
        measured["flop"] = metrics["flop"]
    return Outcome(State.DONE, metrics=metrics, points=points, **measured)


def _numbers(row: object, where: str) -> dict[str, float]:
    """`row` as floats by name; TypeError says what is not a number."""
    if not isinstance(row, Mapping):
        raise TypeError(f"{where} is a {type(row).__name__}, not numbers by name")
    if len(row) > MAX_METRICS:
        raise TypeError(f"{where} has {len(row)} entries; at most {MAX_METRICS} are kept")
    found = {}
    for name, value in row.items():
        if not isinstance(name, str) or not 0 < len(name) <= _MAX_NAME:
            raise TypeError(f"{where} has a name that is no short text")
        found[name] = number(value, f"{where}[{name!r}]")
    return found


def number(value: object, where: str) -> float:
    """`value` as a float: int, float, or a scalar with ``item()``; TypeError for the rest."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "ndim", None) == 0:
        return number(item(), where)
    shown = repr(value[:40]) if isinstance(value, str) else f"a {type(value).__name__}"
    raise TypeError(f"{where} is {shown}, not a number")
