"""One model: every result, every claim of compute, where they disagree, against another model."""

from dataclasses import asdict
from typing import Any

from flopcast.errors import InputError
from flopcast.portal import claimed
from flopcast.portal.options import Choice, Options, State, Text
from flopcast.portal.site import Moved, NotFound, Site
from flopcast.portal.view import Page, View
from flopcast.progress.comparison import Comparison, compare
from flopcast.records.describe import describe_run
from flopcast.records.models import model_named, runs_of, totals
from flopcast.records.query import BenchmarkRuns, Run
from flopcast.records.schema import Model

_OPTIONS = Options(
    (
        Text(name="against", label="Against", default="", hint="a model's id or name"),
        Choice(
            name="version", label="Compute",
            values={"published": "as published", "corrected": "corrected, without search"},
            default="published",
        ),
    )
)  # fmt: skip


def view(site: Site, state: State, model: str) -> View:
    """The model's page."""
    found = _model(site, model)
    runs = [(site.runs(of), site.runs(of).run(run)) for of, run in runs_of(site.catalogue, model)]
    results = [_result(site, of, run) for of, run in runs]
    against, problem = _against(site, state, runs)
    document: dict[str, Any] = {
        "schema": "flopcast.model/1",
        **asdict(found),
        "results": [{**result["facts"], "totals": result["totals"]} for result in results],
        "comparison": None if against is None else against.to_dict(),
        "release": site.release,
    }
    return View(
        title=found.name,
        description=f"{found.name}: results, and every claim about the compute behind them.",
        template="model.html",
        context={"model": found, "results": results, "against": against, "problem": problem},
        name=found.id,
        rows=lambda: [row for result in results for row in claimed.rows(result["facts"])],
        result=lambda: document,
    )


def _model(site: Site, name: str) -> Model:
    try:
        found = model_named(site.catalogue, name)
    except InputError as error:
        raise NotFound(error.message, "The list of models can be searched.") from None
    if found.id != name:
        raise Moved(f"/models/{found.id}")
    return found


def _result(site: Site, of: BenchmarkRuns, run: Run) -> dict[str, Any]:
    facts = describe_run(site.catalogue, of, run)
    return {
        "of": of.benchmark,
        "run": run,
        "facts": facts,
        "totals": totals(site.catalogue, of, run),
        "claims": claimed.shown(facts),
    }


def _against(
    site: Site, state: State, runs: list[tuple[BenchmarkRuns, Run]]
) -> tuple[Comparison | None, InputError | None]:
    """The comparison with another model on the first benchmark that both were measured on."""
    if not state["against"] or not runs:
        return None, None
    corrected = state["version"] == "corrected"
    first: InputError | None = None
    for of, run in runs:
        try:
            left = f"{of.id}/{run.id}"
            found = compare(
                site.catalogue, state["against"], left, corrected=corrected, load=site.runs
            )
        except InputError as error:
            first = first or error
            continue
        if found.same_benchmark or (of, run) == runs[-1]:
            return _older_first(site, found), None
    return None, first


def _older_first(site: Site, found: Comparison) -> Comparison:
    if found.first.year <= found.second.year:
        return found
    pair = (
        f"{found.second_benchmark.id}/{found.second.id}",
        f"{found.first_benchmark.id}/{found.first.id}",
    )
    return compare(site.catalogue, *pair, corrected=found.corrected, load=site.runs)


def _paths(site: Site) -> list[str]:
    rows = site.catalogue._rows("SELECT id FROM models")
    return [f"/models/{row['id']}" for row in rows]


PAGES = (Page("/models/{model}", view, _OPTIONS, formats=("csv", "json"), paths=_paths),)
