"""A bill, and what a budget buys, as ``flopcast bill --json`` prints them."""

from flopcast.portal.api.models.burden import Budget
from flopcast.portal.api.models.common import Assumption, Document, Notice, Plain, Quantiles


class Priced(Document):
    """What a bill and a budget share."""

    name: str
    chip: str | None
    format: str | None
    chips: float | None
    cost_concept: str
    assumptions: list[Assumption]
    findings: list[Notice]
    leaves_out: list[str]
    release: str
    draws: int
    seed: int
    version: str


class Bill(Priced):
    """What compute takes in hours, energy, carbon and money; null is unknown."""

    flop: Quantiles | None
    chip_hours: Quantiles
    wall_seconds: Quantiles | None
    energy_kwh: Quantiles | None
    carbon_kgco2e: Quantiles | None
    carbon_market_kgco2e: Quantiles | None
    usd: Quantiles | None
    shares: dict[str, dict[str, float]]
    derivation: Plain | None


class Affordable(Priced):
    """The compute that a budget buys."""

    flop: Quantiles
    budget: Budget
    shares: Plain
