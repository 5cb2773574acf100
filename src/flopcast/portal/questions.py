"""What pages ask of the library: a benchmark's regression under the options of an address."""

from dataclasses import dataclass
from typing import Any, Final, final

from flopcast.errors import Refused
from flopcast.portal.options import Choice, Number, Options, State
from flopcast.portal.site import Site
from flopcast.progress.burden import Burden
from flopcast.progress.measures import MEASURES, Points, points
from flopcast.progress.selection import compute_frontier, in_years, with_runs, year_frontier
from flopcast.records.query import BenchmarkRuns

#: With more points than this the portal makes no forecast while a reader waits.
MOST_FORECAST: Final = 1500

#: Results that an overview of benchmarks reads at most.
MOST_READ: Final = 20_000

#: What a choice of runs takes in memory per run, its columns included, bytes.
_PER_CHOICE: Final = 64

MEASURE_LABELS: Final = {
    "consolidated": "Hardware burden, else imputed",
    "hardware": "Hardware burden: chips × peak × time",
    "network": "Operations counted",
    "preferred": "Operations, corrected",
    "forward": "One forward pass",
}
REGRESSION_LABELS: Final = {
    "ols": "Least squares",
    "quantile": "Lowest tenth of errors (quantile)",
    "inverse": "Compute on error (inverse)",
    "orthogonal": "Error in both (orthogonal)",
}
FORM_LABELS: Final = {
    "power": "Power law",
    "power-floor": "Power law with a floor",
    "error-log": "Error against log compute",
    "inverse-log": "1/error against log compute",
    "all": "All four",
}

MEASURE: Final = Choice(
    name="measure", label="Compute", default="consolidated",
    values={name: label for name, label in MEASURE_LABELS.items() if name in MEASURES},
)  # fmt: skip
OPTIONS: Final = (
    Choice(name="x", label="Error against", default="compute",
           values={"compute": "Compute", "year": "Year"}),
    MEASURE,
    Choice(name="regress", label="Regression", default="ols", values=REGRESSION_LABELS),
    Choice(name="form", label="Curve", default="power", values=FORM_LABELS),
    Choice(name="show", label="Models", default="all",
           values={"all": "All", "frontier": "Frontier only"}),
    Number(name="from", label="From", low=1950, high=2100, whole=True),
    Number(name="to", label="To", low=1950, high=2100, whole=True),
    Choice(name="search", label="Architecture search", default="out",
           values={"out": "Not counted", "in": "Counted"}),
    Choice(name="pretraining", label="Inherited pre-training", default="in",
           values={"in": "Counted", "out": "Not counted"}),
    Choice(name="yearterm", label="Year as a regressor", default="no",
           values={"no": "No", "yes": "Yes"}),
    Choice(name="errors", label="Standard errors", default="classical",
           values={"classical": "Classical", "hc3": "Uneven scatter (HC3)",
                   "cluster": "By paper"}),
)  # fmt: skip
#: A benchmark as it opens.
PLAIN: Final = State(Options(OPTIONS), {})
#: The benchmark of the first page, where the release has it and its points can be fitted.
LEAD: Final = "imagenet-top1"


@final
@dataclass(frozen=True)
class Question:
    """A benchmark under options: the runs chosen, their points, the regression or its refusal."""

    source: BenchmarkRuns
    points: Points
    burden: Burden | None
    refusal: Refused | None

    @property
    def many(self) -> bool:
        """Whether there are too many points to forecast from while a reader waits."""
        return self.points.n > MOST_FORECAST


def consistent(state: State) -> State:
    """The state without options that do not go with others; each is listed as ignored."""
    if state["measure"] != "preferred":
        state = state.without(
            "search", "pretraining", reason="only the measure “preferred” tells phases apart."
        )
    if state["regress"] not in ("ols", "quantile"):
        reason = "it goes with least squares and quantile regression only."
        state = state.without("yearterm", reason=reason)
    if state["regress"] != "ols":
        state = state.without("errors", reason="it goes with least squares only.")
    first, last = state["from"], state["to"]
    if first is not None and last is not None and first > last:
        state = state.without("from", "to", reason="the first year is after the last.")
    return state


def bounded(state: State, results: int) -> State:
    """The state without what takes too long with so many results; each is listed as ignored."""
    if results <= MOST_FORECAST:
        return state
    reason = f"with more than {MOST_FORECAST:,} results the portal answers by {{}} only."
    if state["regress"] != "ols":
        state = state.without("regress", reason=reason.format("least squares"))
    if state["form"] != "power":
        state = state.without("form", reason=reason.format("the power law"))
    return state


def first_benchmarks(site: Site) -> tuple[list[str], list[str]]:
    """Benchmarks whose results are few enough to be read for an overview, and the others."""
    counts = site.counts
    total = 0
    near: list[str] = []
    far: list[str] = []
    for id in sorted(counts, key=lambda id: counts[id]):
        total += counts[id]
        (near if total <= MOST_READ else far).append(id)
    order = list(counts)
    return sorted(near, key=order.index), sorted(far, key=order.index)


def leading(site: Site) -> Question | None:
    """What the first page is about: ImageNet, or else the benchmark with most to show.

    That is one with an answer before one without, then the one with most points; None where the
    release has no benchmark.
    """
    if LEAD in site.catalogue:
        question = asked(site, site.runs(LEAD), PLAIN)
        if question.refusal is None:
            return question
    found = [asked(site, site.runs(id), PLAIN) for id in first_benchmarks(site)[0]]
    return max(found, key=lambda q: (q.refusal is None, q.points.n), default=None)


def asked(site: Site, source: BenchmarkRuns, state: State) -> Question:
    """The library's answer for a benchmark under the options of a consistent state."""
    part = (
        state["from"],
        state["to"],
        state["show"],
        state["x"] if state["show"] != "all" else "",
    )
    scope = {
        "include_search": state["search"] == "in",
        "include_pretraining": state["pretraining"] == "in",
    }
    measure = state["measure"]
    chosen = site.once(
        ("chosen", part, measure, *scope.values()),
        lambda: _chosen(source, state, scope),
        of=source.id,
        weigh=lambda found: 0 if found is source else _PER_CHOICE * len(found.runs),
    )
    try:
        burden = site.burden(
            chosen, (part, *scope.values()), measure=measure, regress=state["regress"],
            errors=state["errors"], with_year=state["yearterm"] == "yes", **scope,
        )  # fmt: skip
    except Refused as refusal:
        return Question(chosen, points(chosen, measure, **scope), None, refusal)
    return Question(chosen, burden.points, burden, burden.refusal)


def _chosen(source: BenchmarkRuns, state: State, scope: dict[str, Any]) -> BenchmarkRuns:
    chosen = in_years(source, state["from"], state["to"])
    if state["show"] == "all":
        return chosen
    if state["x"] == "year":
        return with_runs(chosen, year_frontier(chosen))
    return with_runs(chosen, compute_frontier(points(chosen, state["measure"], **scope)))
