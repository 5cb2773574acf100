"""Every benchmark in one table."""

from typing import Any, Final

from flopcast.portal import numbers
from flopcast.portal.options import Options, State
from flopcast.portal.questions import OPTIONS, asked, first_benchmarks
from flopcast.portal.site import Site
from flopcast.portal.tables import Column, leaf, table_options
from flopcast.portal.view import Page, View

COLUMNS: Final = (
    Column("name", "Benchmark", link=lambda row: f"/benchmarks/{row['id']}"),
    Column("domain", "Domain"),
    Column("metric", "Metric"),
    Column("results", "Results", numbers.whole, numeric=True),
    Column("n", "With compute", numbers.whole, numeric=True),
    Column("exponent", "Exponent", numeric=True, hint="A k-fold better result takes k^exponent"),
    Column("best", "Lowest error", numbers.percent, numeric=True),
    Column("first", "From", numeric=True),
    Column("last", "To", numeric=True),
)  # fmt: skip
_OPTIONS: Final = Options(table_options(COLUMNS, sort="name"))


def view(site: Site, state: State) -> View:
    """The table of benchmarks."""
    rows = site.once("benchmarks", lambda: _rows(site))
    return View(
        title="Benchmarks",
        description=f"{len(rows)} benchmarks with their results and the compute behind them.",
        template="benchmarks.html",
        context={"table": leaf(rows, COLUMNS, state)},
        name="benchmarks",
        rows=lambda: rows,
        result=lambda: {"schema": "flopcast.benchmarks/1", "release": site.release,
                        "benchmarks": rows},
        state=state,
    )  # fmt: skip


def _rows(site: Site) -> list[dict[str, Any]]:
    near, far = first_benchmarks(site)
    return [_row(site, id) for id in near] + [_counted(site, id) for id in far]


def _counted(site: Site, id: str) -> dict[str, Any]:
    """A benchmark too large to be read for an overview: what it is, and how many results."""
    about = site.catalogue.find(id)
    named = {"id": id, "name": about.name, "domain": about.domain, "metric": about.metric}
    unknown = dict.fromkeys(("n", "exponent", "best", "first", "last"))
    return {**named, "results": site.counts[id], **unknown}


def _row(site: Site, id: str) -> dict[str, Any]:
    source = site.runs(id)
    found = asked(site, source, State(Options(OPTIONS), {}))
    errors = [run.error for run in source.runs if run.error is not None]
    years = [run.year for run in source.runs]
    exponent = None
    if found.burden is not None and found.refusal is None:
        low, high = found.burden.exponent_interval
        exponent = f"{found.burden.exponent:.1f} [{low:.1f}, {high:.1f}]"
    about = source.benchmark
    return {
        "id": id, "name": about.name, "domain": about.domain, "metric": about.metric,
        "results": len(source.runs), "n": found.points.n, "exponent": exponent,
        "best": min(errors, default=None), "first": min(years, default=None),
        "last": max(years, default=None),
    }  # fmt: skip


PAGES = (Page("/benchmarks", view, _OPTIONS, nav="Benchmarks", formats=("csv", "json")),)
