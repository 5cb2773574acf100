"""Routes to the scaling laws that can be fitted."""

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends

from flopcast.errors import nearest
from flopcast.portal.api.models.common import Page
from flopcast.portal.api.models.law import Law, LawInFull
from flopcast.portal.api.paging import Paging
from flopcast.portal.api.problem import NotFound, named_in_path

if TYPE_CHECKING:
    from flopcast.laws.law import Law as ScalingLaw

#: What laws of one axis may be read along; every other text would be a law of its own.
_AXES: Final = ("", "params", "data", "compute")
_HINT: Final = "See /api/v1/laws; laws of one axis take @params, @data or @compute."


def router(release: str) -> APIRouter:
    """The routes; ``release`` names the catalogue release on pages of a list."""
    routes = APIRouter(tags=["laws"])

    @lru_cache(maxsize=1)
    def every_law() -> list[Law]:
        from flopcast.laws.registry import get_law, law_names

        return [Law(**_summary(get_law(name))) for name in law_names()]

    @routes.get("/laws")
    def list_laws(paging: Annotated[Paging, Depends()]) -> Page[Law]:
        """The scaling laws that fit tables of runs, with equations and sources."""
        return paging.page(every_law(), release, lambda law: law)

    @routes.get("/laws/{law}")
    def find_law(law: str) -> LawInFull:
        """A law by name, with its parameters; laws of one axis take it as `m2@params`."""
        from flopcast.laws.registry import get_law, law_names

        name, _, axis = law.partition("@")
        if name not in law_names() or axis not in _AXES:
            raise NotFound(f"There is no law {law!r}.{nearest(name, law_names())}", _HINT)
        with named_in_path():
            found = get_law(law)
        parameters = [
            {
                "parameter": item.name,
                "meaning": item.meaning,
                "unit": item.unit,
                "lower": _finite(item.lower),
                "upper": _finite(item.upper),
            }
            for item in found.parameters
        ]
        monotone = {"falls_with": list(found.falls_with), "rises_with": list(found.rises_with)}
        return LawInFull.model_validate(_summary(found) | {"parameters": parameters} | monotone)

    return routes


def _summary(law: "ScalingLaw") -> dict[str, Any]:
    return {
        "law": law.name,
        "title": law.title,
        "equation": law.equation,
        "inputs": list(law.inputs),
        "source": law.source,
    }


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None
