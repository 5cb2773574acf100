"""A benchmark: its chart, the numbers beside it, and every result under it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flopcast.errors import InputError
from flopcast.figures.captions import caption, title
from flopcast.figures.plain.burden import Look, burden_picture
from flopcast.figures.plain.marks import MOST_POINTS, Window
from flopcast.figures.plain.picture import Picture
from flopcast.figures.plain.years import places_of, years_picture
from flopcast.portal import numbers
from flopcast.portal.charts import Chart, specification
from flopcast.portal.ledger import Ledger
from flopcast.portal.options import Options, State, Text
from flopcast.portal.questions import FORM_LABELS, OPTIONS, Question, asked, bounded, consistent
from flopcast.portal.site import Site
from flopcast.portal.tables import Column, table_options
from flopcast.portal.view import Page, View
from flopcast.portal.window import read_window, write_window
from flopcast.records.query import BenchmarkRuns

COLUMNS: Final = (
    Column("name", "Model", link=lambda row: row["url"]),
    Column("year", "Year", numeric=True),
    Column("error", "Error", numbers.percent, numeric=True),
    Column("flop", "Compute, FLOP", numbers.power10, numeric=True),
    Column("method", "Compute from"),
    Column("residual", "Residual", numbers.signed, numeric=True,
           hint="Orders of magnitude of 1/error above the fitted line"),
    Column("paper", "Paper", link=lambda row: row["url"]),
)  # fmt: skip
#: What a row of the ledger takes in memory, bytes.
_PER_ROW: Final = 60
#: Rows of the table on one page.
_LEAF: Final = 50
_OPTIONS: Final = Options(
    (*OPTIONS, Text(name="zoom", label="Part of the chart"), *table_options(COLUMNS, sort="error"))
)


def view(site: Site, state: State, benchmark: str) -> View:
    """The view of one benchmark.

    Raises:
        NotFound: for an unknown benchmark.
    """
    source = site.benchmark(benchmark)
    state = bounded(consistent(state), len(source.runs))
    window: Window | None = None
    if state["zoom"]:
        try:
            window = read_window(state["zoom"])
        except InputError as error:
            state = state.without("zoom", reason=error.message)
    try:
        question = asked(site, source, state)
    except InputError as error:
        # What the runs cannot bear: errors by paper from two papers, a year term in one year.
        state = state.without("errors", "yearterm", reason=error.message)
        question = asked(site, source, state)
    ledger = site.once(
        ("ledger", state.part(OPTIONS)), lambda: Ledger(question),
        of=source.id, weigh=lambda found: _PER_ROW * len(found),
    )  # fmt: skip
    seen = ledger.inside(window)
    chart = _chart(site, state, question, window, benchmark)
    known = question.points
    context = {
        "source": source,
        "question": question,
        "burden": question.burden,
        "chart": chart,
        "table": ledger.leaf(seen, COLUMNS, state, _LEAF),
        "window": window,
        "many": known.n > MOST_POINTS,
        "imputed": int(known.imputed.sum()),
        "halving": _halving(question),
        "forms": _forms(question),
        "last_year": last_year(question.source),
    }
    return View(
        title=source.benchmark.name,
        description=_described(question),
        template="benchmark.html",
        context=context,
        name=benchmark,
        rows=lambda: ledger.rows(seen),
        result=lambda: _result(site, question, ledger),
        picture=lambda width: chart.sheet(site, width),
        specification=_specification(question, state),
        state=state,
        benchmark=benchmark,
    )


def last_year(source: BenchmarkRuns) -> int | None:
    """The year of the newest result; None where there is none."""
    return int(source.columns.year.max()) if source.runs else None


def _chart(
    site: Site, state: State, question: Question, window: Window | None, benchmark: str
) -> Chart:
    by_year = state["x"] == "year" or question.burden is None
    if by_year:
        source = question.source
        x = places_of(source)
        return Chart(
            "chart",
            f"Error by year: {source.benchmark.name}",
            _YEAR_WORDS,
            lambda width: years_picture(source, question.points, x, site.years, width),
        )
    burden = question.burden
    assert burden is not None
    look = Look(
        years=site.years,
        form=state["form"],
        down_to=None if question.refusal else float(burden.points.error.min()) / 2,
        window=window,
        door=lambda part: site.url(f"/benchmarks/{benchmark}?") + _zoomed(state, part),
    )

    def draw(width: int) -> Picture:
        return burden_picture(burden, (), look, width)

    return Chart("chart", title(burden, "burden"), _words(question, state), draw)


def _specification(question: Question, state: State) -> Callable[[], dict[str, Any]] | None:
    """The chart in Vega-Lite; None where it is by year, of another curve, or too full."""
    burden = question.burden
    plain = state["x"] == "compute" and state["form"] == "power"
    if burden is None or not plain or question.points.n > MOST_POINTS:
        return None
    return lambda: specification(burden, ())


def _zoomed(state: State, part: Window) -> str:
    return state.query_with(zoom=write_window(part), leaf=None)


_YEAR_WORDS: Final = (
    "Each point is a published model and links to its paper; within a year its place means "
    "nothing. Filled: compute known. Hollow: compute unknown. Grey line: the best so far.",
)


def _words(question: Question, state: State) -> list[str]:
    burden = question.burden
    assert burden is not None
    if question.points.n > MOST_POINTS:
        points = ["Darker cells hold more models. Choose a part of the chart to look closer."]
    else:
        points = caption(burden, "burden")[:1]
    if question.refusal is not None:
        return points
    if state["form"] == "power":
        return [*points, *caption(burden, "burden")[1:], _THEORY]
    if state["form"] == "all":
        names = "solid black the power law, dashed orange with a floor, dotted blue error against "
        names += "log compute, dash-dotted green 1/error against log compute"
        return [*points, f"Curves by least squares: {names}.", _THEORY]
    label = FORM_LABELS[state["form"]].lower()
    band = "Grey: 90 % band, from resampled papers, imputation and ways of measuring compute."
    return [*points, f"Curve: {label}, by least squares. {band}", _THEORY]


_THEORY: Final = (
    "Dashed blue: what theory asks from today's lowest error on (compute grows as k⁴)."
)


def _halving(question: Question) -> Mapping[str, float] | None:
    """What half the lowest error would take, by the line and by theory; None if refused."""
    burden = question.burden
    if burden is None or question.refusal is not None:
        return None
    error = float(burden.points.error.min())
    theory = burden.theory(error / 2)
    return {
        "error": error / 2,
        "line": burden.at_error(error / 2) - burden.at_error(error),
        "theory": theory.log10_flop - theory.anchor_log10_flop,
    }


def _forms(question: Question) -> Any:
    """How the shapes predicted later models; None where that is not asked here."""
    burden = question.burden
    if burden is None or question.refusal is not None or question.many:
        return None
    return burden.forms


def _described(question: Question) -> str:
    name = question.source.benchmark.name
    burden = question.burden
    if burden is None or question.refusal is not None:
        return f"{name}: {len(question.source.runs)} results and the compute behind them."
    low, high = burden.exponent_interval
    return (
        f"{name}: error falls as compute to the power 1/{burden.exponent:.1f} "
        f"[1/{low:.1f} to 1/{high:.1f}], from {burden.n} models."
    )


def _result(site: Site, question: Question, ledger: Ledger) -> dict[str, Any]:
    if question.burden is None:
        assert question.refusal is not None
        about = {"benchmark": question.source.id, "release": site.release}
        return {"schema": "flopcast.burden/1", **about, **question.refusal.to_dict()}
    if question.many:
        found = question.burden
        return {"schema": "flopcast.burden/1", "benchmark": question.source.id, "n": found.n,
                "release": site.release, "slope": found.slope,
                "points": ledger.rows(ledger.inside(None))}  # fmt: skip
    return question.burden.to_dict()


def _paths(site: Site) -> list[str]:
    return [f"/benchmarks/{id}" for id in site.catalogue]


PAGES = (
    Page(
        "/benchmarks/{benchmark}",
        view,
        _OPTIONS,
        formats=("csv", "json", "svg", "png", "vl.json"),
        paths=_paths,
        embeds=True,
    ),
)
