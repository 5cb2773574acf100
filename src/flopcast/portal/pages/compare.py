"""Two models, or two benchmarks, side by side."""

from typing import Any

from flopcast.errors import InputError, Refused
from flopcast.figures.comparison_chart import WORDS as STEPS_WORDS
from flopcast.figures.plain.marks import MOST_POINTS
from flopcast.figures.plain.pair import pair_picture
from flopcast.figures.plain.steps import steps_picture
from flopcast.portal.charts import ALONE, Chart
from flopcast.portal.options import Choice, Options, State, Text
from flopcast.portal.site import Site
from flopcast.portal.view import Page, View
from flopcast.progress.burden import Burden
from flopcast.progress.comparison import Comparison, compare
from flopcast.progress.measures import MEASURES
from flopcast.records.models import models_of
from flopcast.records.query import BenchmarkRuns

_VERSION = Choice(
    name="version", label="Compute",
    values={"published": "as published", "corrected": "corrected, without search"},
    default="published",
)  # fmt: skip
_MODELS = Options(
    (
        Text(name="first", label="First model", default="alexnet"),
        Text(name="second", label="Second model", default="nasnet-a-6"),
        Text(name="benchmark", label="On", default="", hint="a benchmark that both share"),
        _VERSION,
    )
)
_LABELS = {
    "consolidated": "Hardware burden, imputed where unknown",
    "hardware": "Hardware burden as published",
    "network": "Counted operations as published",
    "preferred": "Operations, corrected",
    "forward": "One forward pass",
}
_BENCHMARKS = Options(
    (
        Text(name="first", label="First benchmark", default="imagenet-top1"),
        Text(name="second", label="Second benchmark", default="coco-box-ap"),
        Choice(
            name="measure", label="Compute",
            values={name: _LABELS[name] for name in sorted(MEASURES, key=list(_LABELS).index)},
            default="consolidated",
        ),
    )
)  # fmt: skip


def models(site: Site, state: State) -> View:
    """Two models: numbers side by side, factors, one chart."""
    names = (state["first"], state["second"])
    found, problem = None, None
    chart: Chart | None = None
    try:
        found = compare(
            site.catalogue, *names,
            benchmark=state["benchmark"] or None, corrected=state["version"] == "corrected",
            load=site.runs,
        )  # fmt: skip
    except InputError as error:
        problem = error
    title = "Compare"
    context: dict[str, Any] = {"found": found, "problem": problem, "chart": None, "sides": []}
    if found is not None:
        title = f"{found.second.name} against {found.first.name}"
        pair = ((found.first_benchmark, found.first), (found.second_benchmark, found.second))
        context["sides"] = [
            {"of": of.benchmark, "run": run, "model": models_of(site.catalogue, of.id)[run.id]}
            for of, run in pair
        ]
        if any(found.decompositions.values()):
            chart = _steps(found, title)
            context["chart"] = chart
    return View(
        title=title,
        description="Two models side by side: score, compute, and what the ratio is made of.",
        template="compare.html",
        context=context,
        name="compare",
        rows=found.to_rows if found is not None else None,
        result=found.to_dict if found is not None else None,
        picture=None if chart is None else lambda width: chart.sheet(site, width),
        status=404 if problem is not None else 200,
    )


def _steps(found: Comparison, title: str) -> Chart:
    return Chart("pair", title, (STEPS_WORDS,), lambda width: steps_picture(found, width),
                 broad=ALONE)  # fmt: skip


def benchmarks(site: Site, state: State) -> View:
    """Two benchmarks: numbers side by side, one chart."""
    problem, found = None, []
    for name in (state["first"], state["second"]):
        try:
            found.append(site.runs(site.catalogue.find(name).id))
        except InputError as error:
            problem = problem or error
    burdens = [_burden(site, of, state["measure"]) for of in found] if problem is None else []
    drawable = [each for each in burdens if isinstance(each, Burden)]
    title = " and ".join(of.benchmark.name for of in found) if problem is None else "Compare"
    distinct = len({each.source.id for each in drawable}) == 2
    chart = _pair(drawable, title) if distinct else None
    return View(
        title=title,
        description="Two benchmarks side by side: exponent, points, compute and best error.",
        template="compare_benchmarks.html",
        context={
            "problem": problem,
            "sides": list(zip(found, burdens, strict=False)),
            "chart": chart,
            "choices": [(item.id, item.name) for item in site.catalogue.benchmarks],
        },
        name="compare-benchmarks",
        rows=lambda: [
            {"benchmark": each.source.id, **row} for each in drawable for row in each.to_rows()
        ],
        result=lambda: {
            "schema": "flopcast.benchmarks/1",
            "benchmarks": [
                each.to_dict() if isinstance(each, Burden | Refused) else None for each in burdens
            ],
            "release": site.release,
        },
        picture=None if chart is None else lambda width: chart.sheet(site, width),
        status=404 if problem is not None else 200,
    )


def _burden(site: Site, of: BenchmarkRuns, measure: str) -> Burden | Refused:
    try:
        return site.burden(of, measure=measure)
    except Refused as refused:
        return refused


def _pair(burdens: list[Burden], title: str) -> Chart:
    many = any(each.n > MOST_POINTS for each in burdens)
    words = (
        "Darker cells hold more models." if many else "One mark per model.",
        "Lines are power laws by least squares, over the compute of their own points; there is "
        "none where the slope may be zero.",
    )
    return Chart("two", f"Error against compute: {title}", words,
                 lambda width: pair_picture(burdens, width), broad=ALONE)  # fmt: skip


_FORMATS = ("csv", "json", "svg", "png")
PAGES = (
    Page("/compare", models, _MODELS, nav="Compare", formats=_FORMATS),
    Page("/compare/benchmarks", benchmarks, _BENCHMARKS, formats=_FORMATS),
)
