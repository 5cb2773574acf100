"""The first page: the question with its most striking answer, and every benchmark at a glance."""

from dataclasses import dataclass
from typing import Any, Final, final

from markupsafe import Markup

from flopcast.errors import Refused
from flopcast.figures.captions import caption, title
from flopcast.figures.plain.burden import Look, burden_picture
from flopcast.figures.plain.multiple import multiple_picture
from flopcast.figures.plain.picture import inline
from flopcast.portal.charts import Chart, specification
from flopcast.portal.options import Number, Options, State
from flopcast.portal.questions import PLAIN, Question, asked, first_benchmarks, leading
from flopcast.portal.site import Site
from flopcast.portal.view import Page, View
from flopcast.progress.burden import Burden
from flopcast.progress.target import Target

_OPTIONS: Final = Options(
    (
        Number(
            name="error", label="Target error", unit="%", low=0.1, high=99.9, step=0.1, default=5.0
        ),
    )
)
_DESCRIPTION: Final = (
    "How machine-learning performance scales with compute, and what a target would take in FLOP, "
    "money, energy and carbon, with how sure anyone can be."
)
_REASONS: Final = {
    "too_few_points": "too few points",
    "slope_covers_zero": "slope may be zero",
    "no_conversion": "no run has both accountings",
}
_NOTHING: Final = Refused(
    "no_benchmark", "This catalogue release holds no benchmark with results.",
    "Serve a release that has some.",
)  # fmt: skip


@final
@dataclass(frozen=True)
class Glance:
    """One benchmark among the small multiples."""

    id: str
    name: str
    question: Question
    first: int | None
    last: int | None
    known: int
    results: int
    picture: Markup

    @property
    def unanswered(self) -> str:
        """Why there is no exponent, in a few words; "" where there is one."""
        refusal = self.question.refusal
        return "" if refusal is None else _REASONS.get(refusal.code, refusal.reason)


def view(site: Site, state: State) -> View:
    """The first page with one target error; without one where no benchmark gives an answer."""
    question = leading(site)
    burden = None if question is None else question.burden
    if burden is None or burden.refusal is not None:
        return _unanswered(site, question)
    target, refusal = _target(site, burden, state["error"] / 100)
    targets = () if target is None else (target,)
    look = Look(site.years)
    chart = Chart(
        "chart", title(burden, "burden"), caption(burden, "burden", targets),
        lambda width: burden_picture(burden, targets, look, width),
    )  # fmt: skip
    best = burden.best_of_benchmark.error or 1.0
    return View(
        title="What will it take?",
        description=_DESCRIPTION,
        template="home.html",
        context={
            "burden": burden,
            "target": target,
            "refusal": refusal,
            "chart": chart,
            "ceiling": max(0.1, round(best * 1000 - 0.5) / 10),
            **_overview(site),
        },
        name=f"{burden.source.id}-target",
        rows=burden.to_rows,
        result=lambda: _result(burden, targets),
        picture=lambda width: chart.sheet(site, width),
        specification=lambda: specification(burden, targets),
    )


def _unanswered(site: Site, question: Question | None) -> View:
    """The first page of a release that leaves nothing to answer: what it has, and why."""
    refusal = _NOTHING if question is None or question.refusal is None else question.refusal
    about = {} if question is None else {"benchmark": question.source.id}
    return View(
        title="What will it take?",
        description=_DESCRIPTION,
        template="home.html",
        context={"burden": None, "refusal": refusal, **_overview(site)},
        name="target",
        result=lambda: {"schema": "flopcast.burden/1", **about, "release": site.release,
                        **refusal.to_dict()},
    )  # fmt: skip


def _overview(site: Site) -> dict[str, Any]:
    glances = site.once("glances", lambda: _glances(site))
    return {
        "glances": glances,
        "others": len(first_benchmarks(site)[1]),
        "newest": max((each.last for each in glances if each.last is not None), default=None),
    }


def _target(site: Site, burden: Burden, error: float) -> tuple[Target | None, Refused | None]:
    try:
        key = ("target", burden.source.id, error)
        return site.once(key, lambda: burden.target(error)), None
    except Refused as refusal:
        return None, refusal


def _result(burden: Burden, targets: tuple[Target, ...]) -> dict[str, Any]:
    found = [target.to_dict() for target in targets]
    return {**burden.to_dict(), "targets": found, "budgets": []}


def _glances(site: Site) -> list[Glance]:
    found = []
    for id in first_benchmarks(site)[0]:
        source = site.runs(id)
        question = asked(site, source, PLAIN)
        years = [run.year for run in source.runs]
        picture = inline(
            multiple_picture(question.points, question.burden),
            id=f"glance-{id}", title=source.benchmark.name,
            description=f"Error against compute, {question.points.n} models.",
        )  # fmt: skip
        found.append(
            Glance(
                id=id,
                name=source.benchmark.name,
                question=question,
                first=min(years, default=None),
                last=max(years, default=None),
                known=question.points.n,
                results=len(source.runs),
                picture=Markup(picture),
            )
        )
    return found


PAGES = (
    Page(
        "/",
        view,
        _OPTIONS,
        nav="Home",
        formats=("csv", "json", "svg", "png", "vl.json"),
        embeds=True,
    ),
)
