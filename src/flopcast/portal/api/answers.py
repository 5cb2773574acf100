"""Routes to answers of the library: a benchmark's burden with targets and budgets, and bills."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, final

from fastapi import APIRouter, Depends, Query

from flopcast.accounting.bill import bill
from flopcast.errors import Refused
from flopcast.portal.api.models import bill as priced
from flopcast.portal.api.models.burden import Burden as ShownBurden
from flopcast.portal.api.models.common import Refusing
from flopcast.portal.api.problem import named_in_path
from flopcast.portal.api.questions import (
    MOST,
    BurdenQuestion,
    Positive,
    PriceQuestion,
    Seed,
    Words,
)
from flopcast.portal.api.slots import Slots
from flopcast.progress.burden import Burden
from flopcast.progress.reach import Reach
from flopcast.progress.target import Target
from flopcast.records.query import Catalogue
from flopcast.units import parse_error

Several = Annotated[list[str], Query(max_length=MOST)]
Draws = Annotated[int, Query(ge=100, le=20_000, description="Number of Monte Carlo draws.")]


@final
@dataclass(frozen=True)
class BillQuestion:
    """What is to be priced: FLOP, or parameters and tokens, or hours on chips; and how."""

    flop: Annotated[Words, Query(description="3.14e23, or 5000 PF-days.")] = None
    params: Annotated[float | None, Query(gt=0, le=1e18)] = None
    tokens: Annotated[float | None, Query(gt=0, le=1e21)] = None
    chip: Words = None
    chip_format: Words = None
    chips: Positive = None
    hours: Positive = None
    utilisation: Annotated[Words, Query(description="A share, a rate, or a model family.")] = None
    price: Annotated[Positive, Query(description="USD per chip-hour.")] = None
    pue: Annotated[float | None, Query(ge=1, le=100)] = None
    grid: Annotated[Words, Query(description="kgCO2e per kWh, or a zone.")] = None
    market: Annotated[float | None, Query(ge=0, le=100)] = None
    year: Annotated[int | None, Query(ge=1950, le=2100)] = None
    provider: Words = None
    power: Annotated[Words, Query(description="W of a chip, server, or tdp.")] = None
    cost: Annotated[Words, Query(description="on-demand, 1-year, 3-year, spot or owned.")] = None
    electricity: Positive = None
    development: Annotated[bool, Query(description="Count failed runs and experiments.")] = False
    embodied: Annotated[bool, Query(description="Count making the hardware.")] = False
    preset: Words = None
    draws: Draws = 20_000
    seed: Seed = 0

    def terms(self) -> dict[str, Any]:
        """The arguments of :func:`flopcast.accounting.bill.bill`."""
        given = dict(vars(self))
        given["hardware"], given["format"] = given.pop("chip"), given.pop("chip_format")
        for name in ("utilisation", "grid", "power"):
            given[name] = _number_or_text(given[name])
        return given


def router(catalogue: Catalogue, slots: Slots) -> APIRouter:
    """The routes over one release; ``slots`` bounds how many are computed at once."""
    routes = APIRouter(tags=["answers"])

    @routes.get("/benchmarks/{benchmark}/burden", response_model_exclude_unset=True)
    def get_burden(
        benchmark: str,
        question: Annotated[BurdenQuestion, Depends()],
        pricing: Annotated[PriceQuestion, Depends()],
        error: Annotated[Several, Query(description="Target errors: 5% or 0.05.")] = [],  # noqa: B006
        budget: Annotated[Several, Query(description="Budgets: $1M, 10 MWh, 100 t.")] = [],  # noqa: B006
        draws: Annotated[int, Query(ge=100, le=2000, description="Draws per form.")] = 2000,
        seed: Seed = 0,
    ) -> ShownBurden | Refusing:
        """How error falls with compute, what targets would take and what budgets reach."""
        with named_in_path():
            id = catalogue.find(benchmark).id
        wanted = [parse_error(text) for text in error]
        assumptions = pricing.assumptions(catalogue)
        bought = [pricing.affordable(text, catalogue, seed) for text in budget]
        with slots.taken():
            try:
                found = question.answer(catalogue[id])
            except Refused as refusal:
                return Refusing.model_validate(refusal.to_dict())
            targets = [
                _or_refused(
                    partial(found.target, goal, assumptions=assumptions, draws=draws, seed=seed),
                    error=goal,
                )
                for goal in wanted
            ]
            budgets = [
                _or_refused(partial(found.reach, each, draws=draws, seed=seed), budget=text)
                for text, each in zip(budget, bought, strict=True)
            ]
            return _shown(found, targets, budgets)

    @routes.get("/bill")
    def get_bill(question: Annotated[BillQuestion, Depends()]) -> priced.Bill:
        """What compute takes in chip-hours, energy, carbon and money, with every assumption."""
        with slots.taken():
            found = bill(**question.terms(), catalogue=catalogue)
        return priced.Bill.model_validate(found.to_dict())

    @routes.get("/affordable")
    def get_affordable(
        budget: Annotated[str, Query(max_length=100, description="$1M, 10 MWh or 100 t.")],
        pricing: Annotated[PriceQuestion, Depends()],
        seed: Seed = 0,
    ) -> priced.Affordable:
        """The compute that a budget of money, energy, carbon or time buys."""
        with slots.taken():
            found = pricing.affordable(budget, catalogue, seed)
        return priced.Affordable.model_validate(found.to_dict())

    return routes


def _shown(
    found: Burden, targets: list[dict[str, Any]], budgets: list[dict[str, Any]]
) -> ShownBurden:
    return ShownBurden.model_validate(found.to_dict() | {"targets": targets, "budgets": budgets})


def _or_refused(ask: Callable[[], Target | Reach], **of: Any) -> dict[str, Any]:
    """An answer, or the refusal beside what was asked for."""
    try:
        return ask().to_dict()
    except Refused as refusal:
        return {**of, **refusal.to_dict()}


def _number_or_text(text: str | None) -> float | str | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return text
