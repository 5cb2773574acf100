"""Processors as rows: peak rates by format, power, price, and where the runs used them."""

from collections import Counter, defaultdict
from statistics import median
from typing import Any, Final, get_args

from flopcast.records.prices import quotes
from flopcast.records.query import Catalogue
from flopcast.records.schema import Format, Hardware, Peak, Price, Server

#: Formats from the widest to the narrowest.
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
#: The formats of training, the first that a processor has.
TRAINING_FORMATS: Final = ("bf16", "fp16", "fp32")


def processor_rows(catalogue: Catalogue) -> list[dict[str, Any]]:
    """One flat record per processor, oldest first; unknown is None.

    ``peak_flop_per_s`` is the dense rate in ``training_format``, the 16-bit format where there is
    one; ``NAME_flop_per_s`` that of each format; ``flop_per_joule`` the peak over the TDP;
    ``usd_per_hour`` the median of the newest on-demand quotes, each seller's last within twelve
    months of ``priced``; ``flop_per_usd`` the peak for an hour over that price; ``runs`` counts
    the catalogue's runs that were charged with it.
    """
    peaks: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for peak in catalogue.table("hardware_peaks", Peak):
        peaks[peak.hardware][peak.format] = peak.peak
    used = _used(catalogue)
    rows = [
        _row(catalogue, item, peaks[item.id], used[item.id])
        for item in catalogue.hardware.values()
    ]
    return sorted(rows, key=lambda row: (row["released"] or "9999", row["id"]))


def processor_facts(catalogue: Catalogue, id: str) -> dict[str, Any]:
    """One processor in full: its row, every peak with its source, servers, and price quotes.

    Raises:
        InputError: for an unknown processor, with the nearest one.
    """
    item = catalogue.processor(id)
    peaks = catalogue.peaks(item.id)
    rates = {name: peak.peak for name, peak in peaks.items()}
    return {
        **_row(catalogue, item, rates, _used(catalogue)[item.id]),
        "aliases": list(item.aliases),
        "source": _source(catalogue, item.source),
        "peaks": [
            {"format": p.format, "peak_flop_per_s": p.peak, "source": _source(catalogue, p.source)}
            for p in peaks.values()
        ],
        "servers": [
            {
                "name": s.name, "processors": s.processors, "power_w": s.power,
                "source": _source(catalogue, s.source),
            }
            for s in catalogue.table("servers", Server, "hardware", item.id)
        ],
        "prices": [
            {
                "date": p.date, "provider": p.provider, "region": p.region,
                "commitment": p.commitment, "usd": p.price, "url": p.url,
                "source": _source(catalogue, p.source),
            }
            for p in sorted(
                catalogue.table("prices", Price, "hardware", item.id),
                key=lambda price: (price.commitment, price.date),
            )
        ],
        "charged_in": _charged_in(catalogue, item.id),
    }  # fmt: skip


def _row(
    catalogue: Catalogue, item: Hardware, peaks: dict[str, float], runs: int
) -> dict[str, Any]:
    format = next((name for name in TRAINING_FORMATS if name in peaks), None)
    peak = None if format is None else peaks[format]
    found = quotes(catalogue, item.id, "on-demand")
    price = None if found is None else median(found.usd)
    return {
        "id": item.id,
        "name": item.name,
        "vendor": item.vendor,
        "kind": item.kind,
        "chips": item.chips,
        "released": item.released,
        "training_format": format,
        "peak_flop_per_s": peak,
        **{f"{name}_flop_per_s": peaks.get(name) for name in FORMATS},
        "tdp_w": item.tdp,
        "flop_per_joule": peak / item.tdp if peak and item.tdp else None,
        "memory_bytes": item.memory_bytes,
        "release_price_usd": item.release_price,
        "usd_per_hour": price,
        "priced": None if found is None else found.newest,
        "flop_per_usd": peak * 3600 / price if peak and price else None,
        "runs": runs,
        "source": item.source,
    }


def _used(catalogue: Catalogue) -> Counter[str]:
    counted = "SELECT hardware, count(DISTINCT benchmark || '/' || run) AS n FROM claims"
    rows = catalogue._rows(f"{counted} WHERE hardware IS NOT NULL GROUP BY hardware")
    return Counter({row["hardware"]: row["n"] for row in rows})


def _charged_in(catalogue: Catalogue, id: str) -> list[dict[str, Any]]:
    found = """
        SELECT DISTINCT c.benchmark AS benchmark, c.run AS run, m.id AS model, m.name AS name
        FROM claims c JOIN results r ON r.benchmark = c.benchmark AND r.run = c.run
        JOIN models m ON m.id = r.model WHERE c.hardware = ? ORDER BY c.benchmark, c.run
    """
    return [dict(row) for row in catalogue._rows(found, (id,))]


def _source(catalogue: Catalogue, id: str) -> dict[str, Any]:
    source = catalogue.sources[id]
    return {"id": source.id, "title": source.title, "url": source.url, "licence": source.licence}
