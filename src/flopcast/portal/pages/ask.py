"""What will it take? A target on a benchmark, priced under the reader's own assumptions."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flopcast.accounting.assumed import assumed
from flopcast.accounting.assumptions import Assumptions
from flopcast.accounting.equivalents import EQUIVALENTS
from flopcast.accounting.presets import DEFAULT_PRESET, PRESETS
from flopcast.errors import FlopcastError, InputError, Refused
from flopcast.figures.captions import caption, title
from flopcast.figures.plain.burden import Look, burden_picture
from flopcast.figures.target_chart import CAUSES
from flopcast.portal.charts import Chart, specification
from flopcast.portal.options import Choice, Number, Options, State, Text
from flopcast.portal.questions import MEASURE, asked, consistent, leading
from flopcast.portal.questions import OPTIONS as QUESTION
from flopcast.portal.site import Moved, NotFound, Site
from flopcast.portal.view import Page, View
from flopcast.progress.burden import Burden
from flopcast.progress.forms import FORMS
from flopcast.progress.target import Target
from flopcast.records.schema import Grid

#: The assumptions of the portal that this one follows, shown beside the reader's own.
ORIGINAL: Final = "computer-progress-2022"
PRICING: Final = (
    Choice(name="preset", label="Assumptions from", default=DEFAULT_PRESET,
           values={name: name for name in PRESETS}),
    Text(name="chip", label="Chip", default="", longest=60, hint="preset’s"),
    Number(name="price", label="Price", unit="USD per chip-hour", low=0.0, high=1e6,
           hint="preset’s"),
    Number(name="utilisation", label="Utilisation", unit="share of peak", low=1e-6, high=1.0,
           hint="preset’s"),
    Number(name="pue", label="PUE", low=1.0, high=10.0, hint="preset’s"),
    Text(name="grid", label="Grid", default="", longest=40, hint="country, or kg CO₂e/kWh"),
    Number(name="year", label="Prices and grid of", low=1990, high=2100, whole=True,
           hint="newest"),
)  # fmt: skip
_OPTIONS: Final = Options(
    (
        Text(name="benchmark", label="Benchmark", default="", longest=80),
        Number(name="error", label="Target error", unit="%", low=0.001, high=99.9),
        MEASURE,
        *PRICING,
    )
)
#: Quantities of a bill, what they are called, and their units.
QUANTITIES: Final[Mapping[str, tuple[str, str]]] = {
    "chip_hours": ("Chip-hours", ""),
    "usd": ("Money", "USD"),
    "energy_kwh": ("Energy", "kWh"),
    "carbon_kgco2e": ("Carbon", "kgCO2e"),
}


def view(site: Site, state: State) -> View:
    """What a target takes."""
    state, id = _benchmark(site, state)
    source = site.runs(id)
    question = asked(site, source, consistent(_as_question(state)))
    state, priced = _assumptions(site, state)
    burden, refusal = question.burden, question.refusal
    error = _error(state, burden)
    target = original = None
    if burden is not None and refusal is None and not question.many:
        try:
            target = burden.target(error, assumptions=priced)
            original = burden.target(error, assumptions=ORIGINAL)
        except Refused as refused:
            refusal = refused
    if question.many:
        reason = f"{source.id} has {question.points.n:,} points: too many for a forecast here."
        refusal = Refused("too_many_points", reason, f"Run: flopcast burden {source.id}")
    chart = None
    if burden is not None:
        targets = () if target is None else (target,)
        chart = Chart(
            "chart", title(burden, "burden"), caption(burden, "burden", targets),
            lambda width: burden_picture(burden, targets, Look(site.years), width),
        )  # fmt: skip
    return View(
        title="What will it take?" if target is None else _title(source.benchmark.name, error),
        description=f"What an error of {error:.2%} on {source.benchmark.name} would take in "
        "FLOP, money, energy and carbon.",
        template="ask.html",
        context={
            "source": source, "question": question, "burden": burden, "refusal": refusal,
            "target": target, "original": original, "error": error, "chart": chart,
            "priced": priced, "quantities": QUANTITIES, "causes": CAUSES,
            "yardsticks": EQUIVALENTS,
            "benchmarks": site.catalogue.benchmarks, "chips": _chips(site), "zones": _zones(site),
            "sources": _sources(priced), "shapes": {form.name: form.label for form in FORMS},
        },
        name=f"{source.id}-target",
        rows=None if target is None else lambda: rows(target),
        result=lambda: _result(site, burden, target, refusal),
        picture=None if chart is None else lambda width: chart.sheet(site, width),
        specification=_specification(burden, target),
        state=state,
        benchmark=source.id,
    )  # fmt: skip


def _specification(
    burden: Burden | None, target: Target | None
) -> Callable[[], dict[str, Any]] | None:
    if burden is None or target is None:
        return None
    return lambda: specification(burden, (target,))


def _title(name: str, error: float) -> str:
    return f"What would {error * 100:.3g} % error take? {name}"


def _benchmark(site: Site, state: State) -> tuple[State, str]:
    if state["benchmark"]:
        try:
            return state, site.benchmark(state["benchmark"]).id
        except Moved as moved:
            return state, moved.path.rpartition("/")[2]
        except NotFound as error:
            state = state.without("benchmark", reason=error.message)
    question = leading(site)
    if question is None:
        raise NotFound("This catalogue release holds no benchmark.", "Serve one that has some.")
    return state, question.source.id


def _as_question(state: State) -> State:
    given = {"measure": state["measure"]} if "measure" in state.given else {}
    return State(Options(QUESTION), given)


def _error(state: State, burden: Any) -> float:
    """The target asked for; without one 5 %, or half the lowest error where that is met."""
    if state["error"] is not None:
        return float(state["error"]) / 100
    best = None if burden is None else burden.best_of_benchmark.error
    if best is None or best > 0.05:
        return 0.05
    return float(f"{best / 2:.1g}")


def _assumptions(site: Site, state: State) -> tuple[State, Assumptions]:
    """Assumptions from the options; those that cannot be used are dropped with the reason."""
    given: dict[str, Any] = {"preset_name": state["preset"]}
    for name in ("year", "chip", "price", "utilisation", "pue", "grid"):
        value = state[name]
        if value in (None, ""):
            continue
        trial = {**given, name: _zone(value) if name == "grid" else value}
        if name == "chip":
            trial["format"] = _format(site, value)
        try:
            assumed(site.catalogue, **trial)
        except InputError as error:
            state = state.without(name, reason=error.message)
        else:
            given = trial
    return state, assumed(site.catalogue, **given)


def _format(site: Site, chip: str) -> str:
    """The first of the formats that training uses for which a chip has a peak."""
    try:
        peaks = site.catalogue.peaks(chip)
    except InputError:
        return "bf16"
    return next((name for name in ("bf16", "fp16", "fp32") if name in peaks), "bf16")


def _zone(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def _chips(site: Site) -> list[tuple[str, str]]:
    """Chips that training could run on, with their names."""
    return site.once(
        "chips",
        lambda: [
            (item.id, item.name)
            for item in sorted(site.catalogue.hardware.values(), key=lambda h: h.name)
            if item.kind != "cpu" and {"bf16", "fp16", "fp32"} & set(site.catalogue.peaks(item.id))
        ],
    )


def _zones(site: Site) -> list[str]:
    return site.once(
        "zones", lambda: sorted({grid.name for grid in site.catalogue.table("grids", Grid)})
    )


_FIELDS: Final = {
    "peak": "Peak rate", "utilisation": "Utilisation", "usd_per_hour": "Price of a chip-hour",
    "watts": "Power of a chip", "pue": "PUE", "kg_per_kwh": "Carbon of electricity",
    "kg_per_hour": "Carbon of a chip-hour",
}  # fmt: skip


def _sources(priced: Assumptions) -> list[tuple[str, str, str]]:
    """Each assumption: what it is, its value, its source."""
    written = {
        "peak": f"{priced.peak / 1e12:,.4g} TFLOP/s, {priced.format}",
        "utilisation": None if priced.utilisation is None else f"{priced.utilisation:.3g}",
        "usd_per_hour": _of(priced.usd_per_hour, "USD"),
        "watts": _of(priced.watts, "W"),
        "pue": _of(priced.pue, ""),
        "kg_per_kwh": _of(priced.kg_per_kwh, "kg CO₂e per kWh"),
        "kg_per_hour": _of(priced.kg_per_hour, "kg CO₂e"),
    }
    return [
        (label, written[name] or "not counted", priced.sources.get(name, ""))
        for name, label in _FIELDS.items()
        if written[name] is not None or name in priced.sources
    ]


def _of(value: float | None, unit: str) -> str | None:
    return None if value is None else f"{value:.4g} {unit}".strip()


def rows(target: Target) -> list[dict[str, Any]]:
    """One record per quantity, by all forms together and by the power law alone."""
    found: list[dict[str, Any]] = []
    everything = {"flop": target.flop, **{name: getattr(target, name) for name in QUANTITIES}}
    for form, amounts in (("all", everything), ("power", target.power_law_bill)):
        found += [
            {"error": target.error, "form": form, "quantity": name, **value.to_dict()}
            for name, value in amounts.items()
            if value is not None
        ]
    return found


def _result(
    site: Site, burden: Any, target: Target | None, refusal: FlopcastError | None
) -> dict[str, Any]:
    if burden is None or burden.n > 5000:
        base: dict[str, Any] = {"schema": "flopcast.burden/1", "release": site.release}
    else:
        base = burden.to_dict()
    if target is None:
        return {**base, **(refusal.to_dict() if refusal else {})}
    return {**base, "targets": [target.to_dict()], "budgets": []}


PAGES = (
    Page("/what-will-it-take", view, _OPTIONS, nav="What will it take?",
         formats=("csv", "json", "svg", "png", "vl.json"), embeds=True),
)  # fmt: skip
