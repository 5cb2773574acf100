"""Processors over time: peak rate by format, power, price; and each processor in full."""

import math
from typing import Any

from flopcast.errors import InputError
from flopcast.figures.hardware_chart import KINDS, words
from flopcast.figures.plain.processors import processor_marks, processors_picture
from flopcast.portal import numbers
from flopcast.portal.charts import ALONE, Chart
from flopcast.portal.options import Choice, Options, State
from flopcast.portal.site import Moved, NotFound, Site
from flopcast.portal.tables import Column, leaf, table_options
from flopcast.portal.view import Page, View
from flopcast.records.processors import FORMATS, processor_facts, processor_rows
from flopcast.units import format_quantity


def _rate(value: float) -> str:
    return format_quantity(value, "FLOP/s")


def _date(text: str) -> str:
    return text.replace("-", "\N{NON-BREAKING HYPHEN}")


def _bytes(value: float) -> str:
    return f"{value / 1e9:g} GB"


def _power(value: float) -> str:
    return numbers.power(math.log10(value))


_COLUMNS = (
    Column("name", "Processor", link=lambda row: f"/hardware/{row['id']}"),
    Column("vendor", "Maker"),
    Column("released", "Released", write=_date),
    Column("fp32_flop_per_s", "fp32", write=_rate, numeric=True, hint="Dense peak rate in fp32"),
    Column("peak_flop_per_s", "Training peak", write=_rate, numeric=True,
           hint="Dense, in bf16, else fp16, else fp32"),
    Column("fp8_flop_per_s", "fp8", write=_rate, numeric=True, hint="Dense peak rate in fp8"),
    Column("tdp_w", "TDP", write=lambda value: f"{value:g} W", numeric=True),
    Column("memory_bytes", "Memory", write=_bytes, numeric=True),
    Column("flop_per_joule", "FLOP per joule", write=_power, numeric=True,
           hint="Training peak over TDP"),
    Column("usd_per_hour", "USD per hour", write=lambda value: f"{value:.2f}", numeric=True,
           hint="Median of the newest on-demand quotes"),
    Column("priced", "Priced", write=_date),
    Column("runs", "Runs", numeric=True, hint="Results of the catalogue charged with it"),
)  # fmt: skip
_KIND = Choice(
    name="show", label="Chart",
    values={"peak": "Peak rate by format", "power": "Rate per watt", "price": "Rate per dollar"},
    default="peak",
)  # fmt: skip
_OPTIONS = Options((_KIND, *table_options(_COLUMNS, sort="-released")))


def view(site: Site, state: State) -> View:
    """The chart and the table of processors."""
    rows = site.once("hardware", lambda: processor_rows(site.catalogue))
    kind = state["show"]
    chart = _chart(rows, kind)
    return View(
        title="Hardware",
        description=f"{len(rows)} processors: peak rate by format, power and price, with sources.",
        template="hardware.html",
        context={
            "found": leaf(rows, _COLUMNS, state),
            "count": len(rows),
            "chart": chart,
            "newest": {
                name: site.catalogue.release.get(f"newest_{name}")
                for name in ("hardware", "prices")
            },
        },
        name="hardware",
        rows=lambda: rows,
        result=lambda: {
            "schema": "flopcast.hardware/1",
            "release": site.release,
            "hardware": rows,
        },
        picture=None if chart is None else lambda width: chart.sheet(site, width),
    )


def _chart(rows: list[dict[str, Any]], kind: str) -> Chart | None:
    """The chart of a kind; None where no processor has its figure and a date."""
    found = processor_marks(rows, kind)
    if not found:
        return None
    return Chart("hardware", KINDS[kind][0], (words(kind),),
                 lambda width: processors_picture(found, kind, width),
                 broad=ALONE)  # fmt: skip


def view_one(site: Site, _: State, processor: str) -> View:
    """One processor: every peak, server and price, with its source."""
    try:
        item = site.catalogue.processor(processor)
    except InputError as error:
        raise NotFound(error.message, "The list of hardware can be searched.") from None
    if item.id != processor:
        raise Moved(f"/hardware/{item.id}")
    facts = processor_facts(site.catalogue, item.id)
    return View(
        title=item.name,
        description=f"{item.name} of {item.vendor}: peak rates, power and prices, with sources.",
        template="processor.html",
        context={"item": item, "facts": facts, "formats": FORMATS},
        name=item.id,
        rows=lambda: [
            {"hardware": item.id, **price, "source": price["source"]["title"]}
            for price in facts["prices"]
        ],
        result=lambda: {
            "schema": "flopcast.processor/1", "release": site.release, **facts,
        },
    )  # fmt: skip


def _paths(site: Site) -> list[str]:
    return [f"/hardware/{id}" for id in site.catalogue.hardware]


PAGES = (
    Page("/hardware", view, _OPTIONS, nav="Hardware", formats=("csv", "json", "svg", "png")),
    Page("/hardware/{processor}", view_one, formats=("csv", "json"), paths=_paths),
)
