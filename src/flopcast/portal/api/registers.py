"""Routes to the tables beside the results: hardware, prices, grids, sources, training runs."""

from collections import defaultdict
from dataclasses import asdict
from functools import lru_cache
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from flopcast.errors import nearest
from flopcast.portal.api.models import facts as shown
from flopcast.portal.api.models.common import Page
from flopcast.portal.api.paging import Paging
from flopcast.portal.api.problem import NotFound, named_in_path
from flopcast.records import schema
from flopcast.records.grids import grid
from flopcast.records.query import Catalogue

Paged = Annotated[Paging, Depends()]
Part = Annotated[str | None, Query(max_length=100)]


def router(catalogue: Catalogue) -> APIRouter:
    """The routes over one release."""
    routes = APIRouter(tags=["registers"])
    release = catalogue.release["id"]

    @lru_cache(maxsize=1)
    def peaks() -> dict[str, list[shown.Peak]]:
        found: dict[str, list[shown.Peak]] = defaultdict(list)
        for peak in catalogue.table("hardware_peaks", schema.Peak):
            found[peak.hardware].append(
                shown.Peak(format=peak.format, flop_per_s=peak.peak, source=peak.source)
            )
        return found

    def in_full(item: schema.Hardware) -> shown.Hardware:
        return _hardware(item, peaks().get(item.id, []))

    @routes.get("/hardware")
    def list_hardware(
        paging: Paged, kind: Literal["cpu", "gpu", "tpu", "asic"] | None = None
    ) -> Page[shown.Hardware]:
        """Every processor, with its dense peak rates."""
        found = [item for item in catalogue.hardware.values() if kind in (None, item.kind)]
        return paging.page(found, release, in_full)

    @routes.get("/hardware/{hardware}")
    def get_hardware(hardware: str) -> shown.Hardware:
        """A processor by id or alias."""
        with named_in_path():
            return in_full(catalogue.processor(hardware))

    @routes.get("/prices")
    def list_prices(
        paging: Paged, hardware: Part = None, commitment: schema.Commitment | None = None
    ) -> Page[shown.Price]:
        """Prices of processors, in the catalogue's order; USD of their day."""
        of = None if hardware is None else catalogue.processor(hardware).id
        found = [
            price
            for price in catalogue.table("prices", schema.Price)
            if of in (None, price.hardware) and commitment in (None, price.commitment)
        ]
        return paging.page(found, release, _price)

    @routes.get("/grids")
    def list_grids(
        paging: Paged,
        zone: Part = None,
        year: Annotated[int | None, Query(ge=1950, le=2100)] = None,
        basis: Literal["life-cycle", "direct"] | None = None,
    ) -> Page[shown.Grid]:
        """Carbon intensity of electricity; `zone` is a code or name of a country, EU or WORLD."""
        of = None if zone is None else grid(catalogue, zone).zone
        found = [
            item
            for item in catalogue.table("grids", schema.Grid)
            if of in (None, item.zone)
            and year in (None, item.year)
            and basis in (None, item.basis)
        ]
        return paging.page(found, release, _grid)

    @routes.get("/sources")
    def list_sources(paging: Paged) -> Page[shown.Source]:
        """Every source of a fact."""
        found = list(catalogue.sources.values())
        return paging.page(found, release, _source)

    @routes.get("/sources/{source}")
    def get_source(source: str) -> shown.Source:
        """A source by id."""
        if source not in catalogue.sources:
            known = nearest(source, catalogue.sources)
            raise NotFound(f"The catalogue has no source {source!r}.{known}")
        return _source(catalogue.sources[source])

    @routes.get("/training-runs")
    def list_training_runs(paging: Paged) -> Page[shown.TrainingRun]:
        """Training runs with stated parameters, tokens and hours: utilisation comes from them."""
        found = catalogue.table("training_runs", schema.TrainingRun)
        return paging.page(found, release, _training_run)

    @routes.get("/corrections")
    def list_corrections(paging: Paged) -> Page[shown.Correction]:
        """Every known defect with its reason and what replaces it."""
        return paging.page(catalogue.corrections(), release, _correction)

    return routes


def _hardware(item: schema.Hardware, peaks: list[shown.Peak]) -> shown.Hardware:
    return shown.Hardware(
        id=item.id,
        name=item.name,
        vendor=item.vendor,
        kind=item.kind,
        chips=item.chips,
        cores=item.cores,
        released=item.released,
        tdp_watts=item.tdp,
        memory_bytes=item.memory_bytes,
        release_price_usd=item.release_price,
        aliases=list(item.aliases),
        peaks=peaks,
        source=item.source,
    )


def _price(item: schema.Price) -> shown.Price:
    fields = asdict(item)
    return shown.Price(usd=fields.pop("price"), **fields)


def _grid(item: schema.Grid) -> shown.Grid:
    fields = asdict(item)
    return shown.Grid(kgco2e_per_kwh=fields.pop("kg_per_kwh"), **fields)


def _source(item: schema.Source) -> shown.Source:
    return shown.Source(**asdict(item))


def _training_run(item: schema.TrainingRun) -> shown.TrainingRun:
    return shown.TrainingRun(**asdict(item))


def _correction(item: schema.Correction) -> shown.Correction:
    return shown.Correction(**asdict(item))
