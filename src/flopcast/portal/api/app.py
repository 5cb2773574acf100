"""The API as an application of its own, to be mounted at ``/api/v1``."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from flopcast import __version__
from flopcast.portal.api import answers, charts, facts, laws, registers
from flopcast.portal.api.answering import Answering
from flopcast.portal.api.parameters import only_known
from flopcast.portal.api.problem import MEDIA_TYPE, Problem, add_handlers
from flopcast.portal.api.slots import Slots
from flopcast.portal.cache import ViewCache
from flopcast.portal.serving import Desk
from flopcast.portal.site import Site
from flopcast.records.query import Catalogue

#: Where the application is mounted.
PREFIX: Final = "/api/v1"
_CACHE_BYTES: Final = 32 * 1024 * 1024
_DESCRIPTION: Final = """Results of machine learning with the compute behind them, and what a
target would take.

**Stability.** Within `v1` no field, parameter or route is removed or changes its meaning; new ones
may be added. A document names the version of its schema in `schema`. What is going away is
announced by the headers `Deprecation` and `Sunset` at least six months ahead.

Units stand in the names of fields. Unknown is `null`, never zero. An uncertain quantity has
`median`, `p05`, `p25`, `p75` and `p95`. A refused answer has `refused` with a reason."""
_ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    404: {"model": Problem, "description": "No such thing; the nearest name is suggested."},
    422: {"model": Problem, "description": "A parameter cannot be used; each is named."},
    503: {"model": Problem, "description": "Too much heavy work at once; see Retry-After."},
}


def api_app(catalogue: Catalogue, *, cache: ViewCache | None = None) -> FastAPI:
    """The API over a catalogue release.

    Args:
        catalogue: the release that every answer comes from.
        cache: where answers are kept, bounded in bytes; None for one of its own.
    """
    app = FastAPI(
        title="flopcast",
        version=__version__,
        description=_DESCRIPTION,
        license_info={"name": "Catalogue: CC BY 4.0; code: Apache-2.0"},
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(only_known)],
        responses=_ERRORS,
    )
    slots = Slots()
    app.include_router(facts.router(catalogue))
    app.include_router(registers.router(catalogue))
    app.include_router(answers.router(catalogue, slots))
    app.include_router(charts.router(catalogue, slots))
    app.include_router(laws.router(catalogue.release["id"]))
    app.add_api_route("/", _index(app), include_in_schema=False)
    add_handlers(app)
    app.add_middleware(Answering, cache=cache or ViewCache(_CACHE_BYTES))
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD"],
        expose_headers=["ETag", "Retry-After"],
    )
    _name_media_type_of_errors(app)
    return app


def _index(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """What a visitor of the root is told: where the description and each resource are."""
    paths = list(app.openapi()["paths"])
    app.openapi_schema = None

    def index() -> dict[str, Any]:
        return {"openapi": f"{PREFIX}/openapi.json", "paths": [PREFIX + path for path in paths]}

    return index


def _name_media_type_of_errors(app: FastAPI) -> None:
    """Has the OpenAPI document say that errors are problem documents."""
    document = app.openapi()
    for path in document["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    response["content"] = {MEDIA_TYPE: response["content"]["application/json"]}
    # The address is told by the server that mounts the application.
    document["servers"] = [{"url": PREFIX}]


def register(app: FastAPI, site: Site, _: Desk) -> None:
    """Adds the API to a portal."""
    app.mount(PREFIX, api_app(site.catalogue))
