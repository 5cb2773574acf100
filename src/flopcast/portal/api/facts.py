"""Routes to the release, its benchmarks, their results and claims, and the models."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import lru_cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from flopcast import __version__
from flopcast.errors import nearest
from flopcast.portal.api.models import facts as shown
from flopcast.portal.api.models.common import Page
from flopcast.portal.api.paging import Paging
from flopcast.portal.api.problem import NotFound, named_in_path
from flopcast.records import schema
from flopcast.records.describe import describe_run
from flopcast.records.listing import by_score, flat_rows, overview, runs_named, search
from flopcast.records.query import Catalogue

Paged = Annotated[Paging, Depends()]
Year = Annotated[int | None, Query(ge=1950, le=2100)]
_RELEASE_FIELDS = tuple(shown.Release.model_fields)


def router(catalogue: Catalogue) -> APIRouter:
    """The routes over one release."""
    routes = APIRouter(tags=["facts"])
    release = catalogue.release["id"]

    @lru_cache(maxsize=16)
    def rows_of(benchmark: str) -> list[dict[str, Any]]:
        runs = catalogue[benchmark]
        return by_score(flat_rows(runs), runs.benchmark.direction)

    @lru_cache(maxsize=1)
    def covered() -> list[dict[str, Any]]:
        return overview(catalogue)

    @lru_cache(maxsize=1)
    def every_claim() -> list[dict[str, Any]]:
        return list(_claims(catalogue))

    @routes.get("/release")
    def get_release() -> shown.Release:
        """The catalogue release that every answer comes from."""
        counts = catalogue.counts()
        known = {name: catalogue.release.get(name) for name in _RELEASE_FIELDS}
        return shown.Release.model_validate(
            known
            | {
                "package_version": __version__,
                "benchmarks": len(counts),
                "results": sum(counts.values()),
            }
        )

    @routes.get("/benchmarks")
    def list_benchmarks(paging: Paged) -> Page[shown.Coverage]:
        """Every benchmark: its years, and how many results have which measure of compute."""
        show = shown.Coverage.model_validate
        return paging.page(covered(), release, show)

    @routes.get("/benchmarks/{benchmark}")
    def get_benchmark(benchmark: str) -> shown.Benchmark:
        """A benchmark by id or alias."""
        with named_in_path():
            found = catalogue.find(benchmark)
        coverage = next(row for row in covered() if row["id"] == found.id)
        about = asdict(found) | coverage | {"release": release}
        return shown.Benchmark.model_validate(about)

    @routes.get("/benchmarks/{benchmark}/results")
    def list_results(
        benchmark: str, paging: Paged, from_year: Year = None, to_year: Year = None
    ) -> Page[shown.Result]:
        """The results on a benchmark, best first, with compute as published."""
        with named_in_path():
            found = catalogue.find(benchmark)
        first, last = from_year or 0, to_year or 9999
        rows = [row for row in rows_of(found.id) if first <= row["year"] <= last]
        return paging.page(rows, release, _result)

    @routes.get("/benchmarks/{benchmark}/results/{run}")
    def get_result(benchmark: str, run: str) -> shown.Run:
        """One run in full: compute on both bases, every claim, every correction."""
        with named_in_path():
            runs = catalogue[benchmark]
            found = runs.run(run)
        return _run(describe_run(catalogue, runs, found))

    @routes.get("/claims")
    def list_claims(
        paging: Paged,
        benchmark: Annotated[str | None, Query(max_length=100)] = None,
        run: Annotated[str | None, Query(max_length=100)] = None,
        method: schema.Method | None = None,
        basis: schema.Basis | None = None,
    ) -> Page[shown.Claim]:
        """Every claim of compute: method, inputs, source, and what corrections change."""
        wanted = {
            "benchmark": benchmark and catalogue.find(benchmark).id,
            "run": run, "method": method, "basis": basis,
        }  # fmt: skip
        rows = [
            row
            for row in every_claim()
            if all(value is None or row[name] == value for name, value in wanted.items())
        ]
        return paging.page(rows, release, shown.Claim.model_validate)

    @routes.get("/models")
    def list_models(
        paging: Paged, q: Annotated[str | None, Query(max_length=100)] = None
    ) -> Page[shown.Model]:
        """Every model; `q` is part of its id or name."""
        part = (q or "").strip().casefold()
        models = [
            model
            for model in catalogue.table("models", schema.Model)
            if part in model.id.casefold() or part in model.name.casefold()
        ]
        return paging.page(models, release, _model)

    @routes.get("/models/{model}")
    def get_model(model: str) -> shown.ModelInFull:
        """A model by id or name, with all its runs."""
        about = _find_model(catalogue, model)
        runs = [
            _run(describe_run(catalogue, benchmark, run))
            for benchmark, run in runs_named(catalogue, about.id)
        ]
        return shown.ModelInFull(**asdict(about), runs=runs)

    @routes.get("/search")
    def find(q: Annotated[str, Query(min_length=1, max_length=100)]) -> shown.Matches:
        """Models, runs, hardware and sources whose id, name or address holds `q`."""
        return shown.Matches.model_validate({"text": q, **search(catalogue, q)})

    return routes


def _result(row: dict[str, Any]) -> shown.Result:
    """A flat row, with the further metrics of its benchmark under ``scores``."""
    fields = set(shown.Result.model_fields)
    scores = {name: value for name, value in row.items() if name not in fields}
    known = {name: value for name, value in row.items() if name in fields}
    return shown.Result.model_validate(known | {"scores": scores})


def _run(row: dict[str, Any]) -> shown.Run:
    of = {"benchmark": row["benchmark"], "run": row["run"]}
    return shown.Run.model_validate(row | {"claims": [of | claim for claim in row["claims"]]})


def _model(model: schema.Model) -> shown.Model:
    return shown.Model(**asdict(model))


def _find_model(catalogue: Catalogue, name: str) -> schema.Model:
    """A model by id or name, case ignored."""
    models = catalogue.table("models", schema.Model)
    for model in models:
        if name.casefold() in (model.id, model.name.casefold()):
            return model
    known = nearest(name, (text for model in models for text in (model.id, model.name)))
    raise NotFound(f"The catalogue has no model {name!r}.{known}")


def _claims(catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    for benchmark in (catalogue[id] for id in catalogue):
        for run in benchmark.runs:
            for claim in describe_run(catalogue, benchmark, run)["claims"]:
                yield {"benchmark": benchmark.id, "run": run.id, **claim}
