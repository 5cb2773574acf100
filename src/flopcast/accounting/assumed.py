"""Assumptions put together from a preset, the catalogue's chips, prices and grids, and the user.

The command line and the portal ask here, so that both give the same bill.
"""

import dataclasses
from statistics import median

from flopcast.accounting.assumptions import Assumptions, for_chip
from flopcast.accounting.presets import DEFAULT_PRESET, preset
from flopcast.errors import InputError, nearest
from flopcast.records.grids import grid as intensity
from flopcast.records.prices import quotes
from flopcast.records.query import Catalogue


def assumed(
    catalogue: Catalogue,
    *,
    preset_name: str = DEFAULT_PRESET,
    chip: str | None = None,
    format: str = "bf16",
    price: float | None = None,
    utilisation: float | None = None,
    pue: float | None = None,
    grid: "float | str | None" = None,
    year: int | None = None,
) -> Assumptions:
    """What compute costs under these choices; what is not chosen is the preset's.

    Args:
        catalogue: the release with chips, prices and grids.
        preset_name: one of :data:`flopcast.accounting.presets.PRESETS`.
        chip: another chip, by id or alias; its price is the median of the newest on-demand quotes
            unless one is given, and unknown where there are none.
        format: numeric format of the arithmetic on that chip.
        price: USD per chip-hour.
        utilisation: share of the chip's peak, in (0, 1].
        pue: power usage effectiveness, at least 1.
        grid: kgCO2e per kWh, or a zone ("FRA", "France").
        year: of the zone's intensity and the latest of the chip's prices; None for the newest.

    Raises:
        InputError: for an unknown preset, chip, format or zone, or a value out of range.
    """
    base = preset(preset_name)
    if chip is not None:
        base = _on_chip(base, catalogue, chip, format)
        if price is None:
            base = _at_list_price(base, catalogue, year)
    zone = intensity(catalogue, grid, year) if isinstance(grid, str) else None
    known = zone.kg_per_kwh if zone else grid
    changed = base.replace(
        usd_per_hour=price, utilisation=utilisation, pue=pue,
        kg_per_kwh=known if isinstance(known, int | float) else None,
    )  # fmt: skip
    if zone is None:
        return changed
    source = f"{zone.name} {zone.year}, {zone.basis}; {catalogue.sources[zone.source].title}"
    return _sourced(changed, "kg_per_kwh", source)


def _on_chip(base: Assumptions, catalogue: Catalogue, name: str, format: str) -> Assumptions:
    peaks = catalogue.peaks(name)
    if format not in peaks:
        known = f"{nearest(format, peaks)} It has {', '.join(peaks) or 'none'}."
        raise InputError(f"{name} has no peak rate for {format!r}.{known}")
    peak = peaks[format]
    source = catalogue.sources[peak.source].title
    found = catalogue.processor(name)
    return for_chip(base, found.id, format, peak.peak, found.tdp, source, found.kind)


def _at_list_price(base: Assumptions, catalogue: Catalogue, year: int | None) -> Assumptions:
    found = quotes(catalogue, base.chip, "on-demand", year=year)
    if found is None:
        return base
    price = float(median(found.usd))
    count = len(found.prices)
    source = (
        f"median of {count} on-demand quotes of the year to {found.newest}, "
        f"{found.usd[0]:.2f} to {found.usd[-1]:.2f} USD; the catalogue's prices"
    )
    if count == 1:
        source = f"the one on-demand quote, {found.newest}; the catalogue's prices"
    priced = base.replace(usd_per_hour=price)
    return _sourced(priced, "usd_per_hour", source, base.name, "cloud, on-demand list price")


def _sourced(
    found: Assumptions, field: str, source: str, name: str | None = None, cost: str | None = None
) -> Assumptions:
    """The same with the source of one value."""
    return dataclasses.replace(
        found,
        name=name or found.name,
        cost_concept=cost or found.cost_concept,
        sources={**found.sources, field: source},
    )
