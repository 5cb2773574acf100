"""Lists and finds what a catalogue holds: flat rows of a benchmark, names, a search."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flopcast.errors import InputError, nearest
from flopcast.records import schema
from flopcast.records.check import counts
from flopcast.records.claims import forward_flop, recomputed, stated
from flopcast.records.differences import utilisation
from flopcast.records.query import BenchmarkRuns, Catalogue, Run


def flat_rows(benchmark: BenchmarkRuns) -> list[dict[str, Any]]:
    """One flat record per run, in catalogue order, each with its source.

    Scores are in percent, compute in FLOP; ``implied_utilisation`` is the share of the published
    burden that the published operations make up. Unknown is None.
    """
    return [_row(benchmark, run) for run in benchmark.runs]


def _row(benchmark: BenchmarkRuns, run: Run) -> dict[str, Any]:
    share = utilisation(benchmark, run, corrected=False)
    return {
        "benchmark": benchmark.id,
        "run": run.id,
        "name": run.name,
        "year": run.year,
        "value": run.value,
        "error": run.error,
        **{metric: run.scores.get(metric) for metric in benchmark.benchmark.other_metrics},
        "params": run.params,
        "hardware_burden_flop": stated(run.claims, "peak"),
        "hardware_burden_recomputed_flop": recomputed(run.claims, "peak", benchmark.cores),
        "network_operations_flop": stated(run.claims, "operations"),
        "network_operations_recomputed_flop": recomputed(
            run.claims, "operations", benchmark.cores
        ),
        "forward_flop": forward_flop(run.claims),
        "implied_utilisation": None if share is None else share.utilisation,
        "source": run.source.id,
        "paper": run.source.title,
        "url": run.source.url,
        "release": benchmark.release,
    }


def runs_named(
    catalogue: Catalogue, name: str, load: Callable[[str], BenchmarkRuns] | None = None
) -> list[tuple[BenchmarkRuns, Run]]:
    """The runs that ``benchmark/run``, a run id, a model id or a model's name stands for.

    Args:
        catalogue: the release.
        name: what to look for, upper and lower case alike.
        load: gives a benchmark's runs by id, where they are held already.

    Raises:
        InputError: for an unknown name, with the nearest one.
    """
    load = load or catalogue.__getitem__
    if "/" in name:
        left, right = name.split("/", 1)
        benchmark = load(catalogue.find(left).id)
        return [(benchmark, benchmark.run(right))]
    folded = name.casefold()
    models = catalogue._rows("SELECT id, name FROM models")
    wanted = {row["id"] for row in models if folded in (row["id"], row["name"].casefold())}
    found = []
    for id in catalogue:
        query = "SELECT run, model FROM results WHERE benchmark = ?"
        results = catalogue._rows(query, (id,))
        of = {row["run"] for row in results if row["run"] == folded or row["model"] in wanted}
        if of:
            benchmark = load(id)
            found += [(benchmark, run) for run in benchmark.runs if run.id in of]
    if not found:
        hint = "See: flopcast catalogue search TEXT, or flopcast catalogue list"
        known = nearest(name, names(catalogue))
        raise InputError(f"The catalogue has no benchmark, run or model {name!r}.{known}", hint)
    return found


def names(catalogue: Catalogue) -> list[str]:
    """Every name that leads somewhere: benchmarks and aliases, models by id and name, runs."""
    benchmarks = [name for item in catalogue.benchmarks for name in (item.id, *item.aliases)]
    models = [
        name
        for model in catalogue.table("models", schema.Model)
        for name in (model.id, model.name)
    ]
    runs = [result.run for result in catalogue.table("results", schema.Result)]
    return [*benchmarks, *models, *runs]


def is_benchmark(catalogue: Catalogue, name: str) -> bool:
    """Whether a benchmark has this id, name or alias."""
    folded = name.casefold()
    return any(
        folded in (known.casefold() for known in (item.id, item.name, *item.aliases))
        for item in catalogue.benchmarks
    )


def search(catalogue: Catalogue, text: str) -> dict[str, list[dict[str, Any]]]:
    """Models, runs, hardware and sources whose id, name or address holds ``text``, case ignored.

    Raises:
        InputError: where there is nothing to look for.
    """
    folded = text.strip().casefold()
    if not folded:
        raise InputError(f"The text to search for is {text!r}.", "Give at least one letter.")

    def holds(*fields: str | None) -> bool:
        return any(folded in field.casefold() for field in fields if field)

    models = [
        {"id": model.id, "name": model.name, "params": model.params}
        for model in catalogue.table("models", schema.Model)
        if holds(model.id, model.name)
    ]
    runs = [
        {"id": f"{id}/{run.id}", "name": run.name, "year": run.year, "value": run.value}
        for id in catalogue
        for run in catalogue[id].runs
        if holds(f"{id}/{run.id}", run.name)
    ]
    sources = [
        {"id": source.id, "title": source.title, "year": source.year, "url": source.url}
        for source in catalogue.sources.values()
        if holds(source.id, source.title, source.url)
    ]
    processors = [
        {"id": item.id, "name": item.name, "released": item.released, "aliases": [*item.aliases]}
        for item in catalogue.hardware.values()
        if holds(item.id, item.name, item.vendor, *item.aliases)
    ]
    return {"models": models, "runs": runs, "hardware": processors, "sources": sources}


def by_score(rows: list[dict[str, Any]], direction: schema.Direction) -> list[dict[str, Any]]:
    """Flat rows, best first; those without a score last."""
    sign = -1 if direction == "higher" else 1
    return sorted(rows, key=lambda row: (row["value"] is None, sign * (row["value"] or 0.0)))


def overview(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Every benchmark with its names, its years, and how many results have which measure."""
    rows = []
    for id in catalogue:
        runs = catalogue[id]
        years = [run.year for run in runs.runs]
        about = runs.benchmark
        rows.append(
            {
                "id": id,
                "name": about.name,
                "metric": about.metric,
                "error": about.error,
                "aliases": list(about.aliases),
                "first_year": min(years, default=None),
                "last_year": max(years, default=None),
                **{k: v for k, v in asdict(counts(runs)).items() if k != "benchmark"},
            }
        )
    return rows
