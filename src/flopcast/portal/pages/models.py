"""Every model of the catalogue: searched, sorted, a hundred at a time."""

import math
from typing import Any

from flopcast.portal import numbers
from flopcast.portal.options import Choice, Options, State
from flopcast.portal.site import Site
from flopcast.portal.tables import Column, leaf, table_options
from flopcast.portal.view import Page, View
from flopcast.records.models import model_rows


def _params(value: float) -> str:
    return numbers.power(math.log10(value))


_COLUMNS = (
    Column("name", "Model", link=lambda row: f"/models/{row['id']}"),
    Column("year", "Year", numeric=True, hint="Year of its first result"),
    Column("shown", "Benchmarks"),
    Column("params", "Parameters", write=_params, numeric=True),
    Column(
        "hardware_burden_flop", "Hardware burden", write=numbers.flop, numeric=True,
        hint="Processors × peak rate × time, the largest published of its results",
    ),
    Column(
        "network_operations_flop", "Counted operations", write=numbers.flop, numeric=True,
        hint="Operations of training, the largest published of its results",
    ),
)  # fmt: skip
_KNOWN = Choice(
    name="compute", label="Compute",
    values={"any": "known or not", "known": "known", "burden": "hardware burden", "operations":
            "counted operations", "both": "both"},
    default="any",
)  # fmt: skip
_OPTIONS = Options((_KNOWN, *table_options(_COLUMNS, sort="-year")))


def view(site: Site, state: State) -> View:
    """The table of models."""
    every = site.once("models", lambda: _rows(site))
    rows = [row for row in every if _wanted(row, state["compute"])]
    return View(
        title="Models",
        description=f"{len(every)} models with their results and the compute behind them.",
        template="models.html",
        context={"found": leaf(rows, _COLUMNS, state), "every": len(every)},
        name="models",
        rows=lambda: [{k: v for k, v in row.items() if k != "benchmarks"} for row in rows],
    )


def _rows(site: Site) -> list[dict[str, Any]]:
    names = {item.id: item.name for item in site.catalogue.benchmarks}
    return [
        {**row, "shown": ", ".join(names[id] for id in row["benchmarks"])}
        for row in model_rows(site.catalogue)
    ]


def _wanted(row: dict[str, Any], compute: str) -> bool:
    burden = row["hardware_burden_flop"] is not None
    operations = row["network_operations_flop"] is not None
    return {
        "any": True,
        "known": burden or operations,
        "burden": burden,
        "operations": operations,
        "both": burden and operations,
    }[compute]


PAGES = (Page("/models", view, _OPTIONS, nav="Models", formats=("csv",)),)
