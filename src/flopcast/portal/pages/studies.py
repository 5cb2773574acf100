"""Studies of sweeps as they stand: cells, spend, the forecast as it narrowed, what went wrong."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final

from flopcast.errors import FlopcastError, InputError
from flopcast.figures.plain.narrowing import narrowing_picture
from flopcast.portal import numbers
from flopcast.portal.charts import Chart
from flopcast.portal.options import Choice, Options, State
from flopcast.portal.site import NotFound, Site
from flopcast.portal.studies.folders import named, stamp
from flopcast.portal.studies.grid import grid_of
from flopcast.portal.studies.paths import cleaned, without_paths
from flopcast.portal.tables import Column, leaf, table_options
from flopcast.portal.view import Page, View
from flopcast.sweeps.state import FINAL
from flopcast.sweeps.view import CellView, StudyView, read_study
from flopcast.units import Unit, format_quantity

#: Seconds after which a page of a study that still runs asks again.
REFRESH: Final = 10
_FOOT: Final = "from the folder of a study; not part of the catalogue."
_UNITS: Final[Mapping[str, Unit]] = {"flop": "FLOP", "seconds": "s", "usd": "USD", "kwh": "kWh"}
_ENDED: Final = tuple(str(state) for state in sorted(FINAL))
_REFRESH: Final = Choice(name="refresh", label="Refresh by itself", default="on",
                         values={"on": "While it runs", "off": "No"})  # fmt: skip
COLUMNS: Final = (
    Column("cell", "Cell", lambda id: str(id)[:8]),
    Column("role", "Role"),
    Column("settings", "Settings"),
    Column("seed", "Seed", numeric=True),
    Column("state", "State"),
    Column("loss", "Result", lambda value: f"{value:.5g}", numeric=True),
    Column("flop", "FLOP", numbers.power10, numeric=True),
    Column("seconds", "Seconds", lambda value: f"{value:.3g}", numeric=True),
    Column("attempts", "Attempts", numeric=True),
    Column("reason", "Why it ended without a result"),
)
_OF_ONE: Final = Options((_REFRESH, *table_options(COLUMNS, sort="flop")))
_OF_ALL: Final = Options((_REFRESH,))


def one(site: Site, state: State, study: str) -> View:
    """The page of one study.

    Raises:
        NotFound: where the operator names no such study.
    """
    try:
        seen = read_study(_folder(site, study))
    except FlopcastError as error:
        return _unreadable(study, error)
    status = cleaned(seen.status.to_dict())
    rows = [_row(cell) for cell in seen.cells]
    chart = _chart(status)
    return View(
        title=status["study"],
        description=f"A study of {status['metric']}: its runs, what they cost, and its forecast.",
        template="study.html",
        context={
            "name": study,
            "status": status,
            "grid": grid_of(seen),
            "chart": chart,
            "headline": _headline(status),
            "ended": _ended(status),
            "stopped": _stopped(seen),
            "amounts": _amounts(status["budget"]),
            "table": leaf(rows, COLUMNS, state),
            "refresh": _refresh(state, _stopped(seen) is None),
        },
        name=study,
        rows=lambda: rows,
        result=lambda: dict(status),
        picture=None if chart is None else lambda width: chart.sheet(site, width),
        state=state,
    )


def listed(site: Site, state: State) -> View:
    """Every study that the operator names."""
    found = [_summary(name, folder) for name, folder in named(site.settings.studies).items()]
    going = any(row["state"] == "running" for row in found)
    return View(
        title="Studies",
        description="Sweeps of small runs that forecast a large one, as they stand.",
        template="studies.html",
        context={"studies": found, "refresh": _refresh(state, going)},
        name="studies",
        rows=lambda: found,
        result=lambda: {"schema": "flopcast.studies/1", "studies": found},
        state=state,
    )


def _folder(site: Site, study: str) -> Any:
    folders = named(site.settings.studies)
    if study not in folders:
        hint = f"The studies are {', '.join(folders)}." if folders else None
        raise NotFound(f"There is no study {study!r}.", hint)
    return folders[study]


def _unreadable(name: str, error: FlopcastError) -> View:
    """The page of a study whose folder cannot be read; as data it is the error itself."""

    def fail() -> Any:
        raise InputError(without_paths(error.message), without_paths(error.hint or "") or None)

    return View(
        title=name,
        description=f"The study {name}, which cannot be read now.",
        template="study_unreadable.html",
        context={
            "name": name,
            "message": without_paths(error.message),
            "hint": without_paths(error.hint or ""),
            "refresh": REFRESH,
        },
        name=name,
        rows=fail,
        result=fail,
        status=503,
    )


def _row(cell: CellView) -> dict[str, Any]:
    """A cell as a row of the table."""
    return {
        "cell": cell.id,
        "role": cell.role,
        "settings": without_paths(_written(cell.settings)),
        **cell.amounts,
        "seed": cell.seed,
        "state": cell.state,
        "loss": cell.loss,
        "flop": cell.flop,
        "seconds": cell.seconds,
        "charged": cell.charged,
        "attempts": cell.attempts,
        "code": cell.code,
        "reason": without_paths(cell.reason) or None,
    }


def _written(settings: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in settings.items()
    )


def _summary(name: str, folder: Any) -> dict[str, Any]:
    """A study as a row of the list; one that cannot be read has a message instead."""
    empty = dict.fromkeys(("metric", "ended", "cells", "spent", "cap", "unit", "median", "low",
                           "high", "level", "reason"))  # fmt: skip
    try:
        seen = read_study(folder)
    except FlopcastError as error:
        reason = without_paths(error.message)
        return {"study": name, "title": name, **empty, "state": "unreadable", "reason": reason}
    status = cleaned(seen.status.to_dict())
    stopped, forecast = _stopped(seen), _headline(status)
    ended, total = _ended(status)
    return {
        "study": name,
        "title": status["study"],
        "metric": status["metric"],
        "ended": ended,
        "cells": total,
        **{key: status["budget"][key] for key in ("spent", "cap", "unit")},
        "median": None if forecast is None else forecast["forecast"]["median"],
        "low": None if forecast is None else forecast["interval"][0],
        "high": None if forecast is None else forecast["interval"][1],
        "level": None if forecast is None else forecast["level"],
        "reason": stopped,
        "state": "running" if stopped is None else "stopped",
    }


def _ended(status: Mapping[str, Any]) -> tuple[int, int]:
    """Cells that ended, and all."""
    return sum(status["cells"][name] for name in _ENDED), sum(status["cells"].values())


def _stopped(seen: StudyView) -> str | None:
    """Why the study stopped; None while it goes on."""
    last = seen.status.stopped
    return None if last is None or seen.running else without_paths(last["reason"])


def _headline(status: Mapping[str, Any]) -> dict[str, Any] | None:
    """The latest forecast; None before the first, and where it is refused."""
    forecasts: Sequence[dict[str, Any]] = status["forecasts"]
    return forecasts[-1] if forecasts and "refused" not in forecasts[-1] else None


def _amounts(budget: Mapping[str, Any]) -> dict[str, str | None]:
    """Spend, what is set aside for cells that run, and the cap, as a page writes them."""
    unit = _UNITS[budget["unit"]]
    return {
        name: None if budget[name] is None else format_quantity(budget[name], unit)
        for name in ("spent", "reserved", "cap")
    }


def _chart(status: Mapping[str, Any]) -> Chart | None:
    """The forecast as it narrowed; None before the first."""
    forecasts = [one for one in status["forecasts"] if "refused" not in one]
    if not forecasts:
        return None
    held = (status["outcome"] or {}).get("held_out") or [{}]
    measured = held[0].get("measured")
    words = [
        f"Blue line and points: median of the forecast {status['metric']} of the target; thick: "
        f"the middle half; grey: the {forecasts[-1]['level']:.0%} interval."
    ]
    words += ["Dashed orange: what the target measured."] if measured is not None else []
    return Chart(
        "narrowing",
        f"{status['study']}: how the forecast narrowed",
        words,
        lambda width: narrowing_picture(forecasts, status["metric"], measured, width),
        _FOOT,
    )


def _refresh(state: State, going: bool) -> int | None:
    """Seconds after which the page asks again by itself; None where it does not."""
    return REFRESH if going and state["refresh"] == "on" else None


def _version(site: Site, study: str) -> Hashable:
    return stamp(_folder(site, study))


def _version_of_all(site: Site) -> Hashable:
    return tuple(stamp(folder) for folder in named(site.settings.studies).values())


def _paths(site: Site) -> list[str]:
    return [f"/studies/{name}" for name in named(site.settings.studies)]


PAGES = (
    Page("/studies", listed, _OF_ALL, nav="Studies", formats=("csv", "json"),
         version=_version_of_all),
    Page("/studies/{study}", one, _OF_ONE, formats=("csv", "json", "svg", "png"), paths=_paths,
         version=_version),
)  # fmt: skip
