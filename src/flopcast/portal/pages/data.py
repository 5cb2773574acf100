"""The release: what it holds, what was corrected, how to cite it, where to get it."""

from dataclasses import asdict
from typing import Any

from flopcast.portal import numbers
from flopcast.portal.options import Choice, Options, State
from flopcast.portal.site import Site
from flopcast.portal.tables import Column, leaf, table_options
from flopcast.portal.view import Page, View
from flopcast.records.check import Check
from flopcast.records.check import check as check_release
from flopcast.records.cite import bibtex
from flopcast.records.coverage import TABLES, coverage, table_counts
from flopcast.records.freshness import freshness
from flopcast.records.models import models_of

_BASES = {"peak": "hardware burden", "operations": "counted operations"}
_COLUMNS = (
    Column("run", "Result", link=lambda row: f"/models/{row['model']}"),
    Column("benchmark", "Benchmark", link=lambda row: f"/benchmarks/{row['benchmark']}"),
    Column("accounting", "Accounting"),
    Column("published_flop", "Published", write=numbers.flop, numeric=True),
    Column("recomputed_flop", "From ingredients", write=numbers.flop, numeric=True),
    Column("relative", "Differs by", write=lambda value: f"{value:+.1%}", numeric=True),
)
_SHOW = Choice(
    name="show", label="Figures",
    values={
        "all": "all", "differing": "differing by 1 % or more",
        "unknown": "with an unknown ingredient",
    },
    default="all",
)  # fmt: skip
_DIFFERENCES = Options((_SHOW, *table_options(_COLUMNS, sort="-relative")))


def view(site: Site, _: State) -> View:
    """The release."""
    about = site.catalogue.release
    counts = site.once("counts", lambda: table_counts(site.catalogue))
    benchmarks = site.once("coverage", lambda: coverage(site.catalogue))
    corrections = site.catalogue.corrections()
    sources = site.catalogue.sources
    return View(
        title="Data",
        description=f"Catalogue release {site.release}: contents, corrections, licence, files.",
        template="data.html",
        context={
            "about": about,
            "counts": [(TABLES[name], number) for name, number in counts.items()],
            "benchmarks": benchmarks,
            "corrections": [(item, sources[item.source]) for item in corrections],
            "ages": list(freshness(site.catalogue).values()),
            "bibtex": bibtex(site.catalogue),
            "bytes": site.catalogue.path.stat().st_size,
        },
        name="corrections",
        rows=lambda: [
            {**asdict(item), "where": "; ".join(f"{k}={v}" for k, v in item.where.items())}
            for item in corrections
        ],
        result=lambda: {
            "schema": "flopcast.release/1",
            "release": about,
            "records": counts,
            "benchmarks": benchmarks,
            "corrections": [asdict(item) for item in corrections],
        },
    )


def differences(site: Site, state: State) -> View:
    """Published compute against its ingredients, and what else the check found."""
    found: Check = site.once("check", lambda: check_release(site.catalogue))
    models = site.once("models of runs", lambda: _models(site))
    every: list[dict[str, Any]] = [
        {**asdict(row), "accounting": _BASES[row.basis], "model": models[row.benchmark][row.run]}
        for row in found.differences
    ]
    rows = [row for row in every if _wanted(row, state["show"])]
    return View(
        title="Differences from the published data",
        description="Every published figure of compute against what its ingredients come to.",
        template="differences.html",
        context={"found": leaf(rows, _COLUMNS, state), "findings": found.findings},
        name="differences",
        rows=lambda: rows,
        result=found.to_dict,
    )


def _models(site: Site) -> dict[str, dict[str, str]]:
    return {id: models_of(site.catalogue, id) for id in site.catalogue}


def _wanted(row: dict[str, Any], show: str) -> bool:
    if show == "unknown":
        return row["relative"] is None
    return show == "all" or (row["relative"] is not None and abs(row["relative"]) >= 0.01)


PAGES = (
    Page("/data", view, nav="Data", formats=("csv", "json")),
    Page("/differences", differences, _DIFFERENCES, formats=("csv", "json")),
)
