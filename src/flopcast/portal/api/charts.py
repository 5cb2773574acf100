"""Routes to a benchmark's charts, as pictures and as Vega-Lite specifications."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from flopcast.portal.api.problem import named_in_path
from flopcast.portal.api.questions import MOST, BurdenQuestion, PriceQuestion, Seed
from flopcast.portal.api.slots import Slots
from flopcast.records.query import Catalogue
from flopcast.units import parse_error

_MEDIA_TYPES: Final = {"svg": "image/svg+xml", "png": "image/png", "json": "application/json"}
_FORMATS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The chart; `json` is its Vega-Lite specification.",
        "content": {
            "image/svg+xml": {"schema": {"type": "string"}},
            "image/png": {"schema": {"type": "string", "format": "binary"}},
            "application/json": {"schema": {"type": "object"}},
        },
    }
}


def router(catalogue: Catalogue, slots: Slots) -> APIRouter:
    """The routes over one release; ``slots`` bounds how many are drawn at once."""
    routes = APIRouter(tags=["answers"])

    @routes.get(
        "/benchmarks/{benchmark}/chart.{format}", response_class=Response, responses=_FORMATS
    )
    def get_chart(
        benchmark: str,
        format: Literal["svg", "png", "json"],
        question: Annotated[BurdenQuestion, Depends()],
        pricing: Annotated[PriceQuestion, Depends()],
        kind: Literal["burden", "residuals", "forms", "targets"] = "burden",
        width: Annotated[int, Query(ge=240, le=1600, description="Pixels.")] = 720,
        error: Annotated[
            list[str], Query(max_length=MOST, description="Target errors: 5% or 0.05.")
        ] = [],  # noqa: B006
        seed: Seed = 0,
    ) -> Response:
        """A benchmark's chart. A refusal is answered with 422 here, for it cannot be drawn."""
        from flopcast.figures import chart
        from flopcast.figures.save import encoded

        with named_in_path():
            id = catalogue.find(benchmark).id
        wanted = [parse_error(text) for text in error]
        assumptions = pricing.assumptions(catalogue)
        with slots.taken():
            found = question.answer(catalogue[id])
            targets = [found.target(e, assumptions=assumptions, seed=seed) for e in wanted]
            picture = chart(found, kind=kind, targets=tuple(targets), width=width)
            body = encoded(picture, f".{format}")
        return Response(body, media_type=_MEDIA_TYPES[format])

    return routes
