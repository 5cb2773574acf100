"""The work itself: a table is fitted and forecast by the library."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from flopcast.errors import FlopcastError, InputError, Refused
from flopcast.observations import Runs, read_runs
from flopcast.portal.own_runs.question import ROLES, Question
from flopcast.portal.own_runs.table import columns

if TYPE_CHECKING:
    from flopcast.fitting.result import FitResult

SCHEMA: Final = "flopcast.own-runs/1"
RESAMPLES: Final = 300
DRAWS: Final = 1000
WIDTH: Final = 720
SLIM: Final = 340
#: How much more compute than the largest run a forecast is for, where no point is given.
FURTHER: Final = 10.0


def answer(text: str, question: Question) -> dict[str, Any]:
    """Fit, forecast and picture of a table.

    Returns:
        ``document``, with ``fit`` and ``forecast`` as their own documents or refused; ``rows``,
        the runs as read; ``svg`` and ``slim``, the picture in two widths, or None where nothing
        can be drawn.

    Raises:
        InputError: for a table or a question that cannot be used.
    """
    table = columns(text)
    runs = read_runs(
        table,
        columns=question.columns,
        metric=question.metric,
        best=question.best,
        params_convention=question.convention or None,
        duplicates="keep",
    )
    fitted = _or_refused(lambda: _fit(runs, question))
    at = dict(question.at) or further(runs)
    forecast = _or_refused(lambda: _forecast(runs, at))
    document = {
        "schema": SCHEMA,
        "runs": len(runs),
        "data_sha256": runs.digest,
        "metric": runs.metric,
        "question": question.to_dict(),
        "fit": fitted if isinstance(fitted, dict) else json.loads(fitted.to_json()),
        "forecast": forecast,
    }
    pictures = {"svg": WIDTH, "slim": SLIM}
    drawn = {
        name: None if isinstance(fitted, dict) else _drawn(fitted, width)
        for name, width in pictures.items()
    }
    return {"document": document, "rows": _rows(runs), **drawn}


def further(runs: Runs) -> dict[str, float]:
    """Inputs of a run with ten times the compute of the largest, at its tokens per parameter."""
    if runs.compute is None:
        return {name: float(column.max() * FURTHER) for name, column in runs.inputs.items()}
    largest = int(runs.compute.argmax())
    both = "params" in runs and "data" in runs
    share = {"params": 0.5, "data": 0.5} if both else {"params": 0.0, "data": 0.0}
    share["compute"] = 1.0
    names = ("params", "data") if both else ("compute",)
    return {name: float(runs[name][largest] * FURTHER ** share[name]) for name in names}


def _or_refused(ask: Callable[[], Any]) -> Any:
    """What is asked, or ``{"refused": ...}`` for a statistical reason."""
    try:
        return ask()
    except Refused as refusal:
        return refusal.to_dict()


def _fit(runs: Runs, question: Question) -> "FitResult":
    from flopcast.fitting.fit import fit
    from flopcast.laws.registry import get_law

    law = get_law(question.law or _suiting(runs))
    missing = [name for name in law.inputs if name not in runs and name != "compute"]
    if missing:
        raise InputError(
            f"The law {law.name!r} needs {', '.join(law.inputs)}; the table has no "
            f"{', '.join(missing)}.",
            "Choose another law, or say what the columns are called.",
        )
    return fit(runs, law, bootstrap=RESAMPLES, throw=True)


def _suiting(runs: Runs) -> str:
    """A law for the columns at hand: of size and data, or of the one axis there is."""
    if "params" in runs and "data" in runs:
        return "chinchilla"
    axis = next((name for name in ("compute", *ROLES) if name in runs), None)
    if axis is None:
        raise InputError(
            "The table has none of the columns params, data and compute.",
            "Say what they are called in it.",
        )
    return f"m2@{axis}"


def _forecast(runs: Runs, at: Mapping[str, float]) -> dict[str, Any]:
    from flopcast.forecasting.forecast import forecast

    found: dict[str, Any] = json.loads(forecast(runs, at, draws=DRAWS).to_json())
    return found


def _drawn(fitted: "FitResult", width: int) -> str | None:
    """The fit's chart; None where it has none."""
    from flopcast.figures.draw import chart
    from flopcast.figures.save import svg

    try:
        return svg(chart(fitted, width=width, caption=width > SLIM))
    except FlopcastError:
        return None


def _rows(runs: Runs) -> list[dict[str, Any]]:
    """The runs as they were read, one record each."""
    found = runs.to_dict()["columns"]
    return [dict(zip(found, values, strict=True)) for values in zip(*found.values(), strict=True)]
