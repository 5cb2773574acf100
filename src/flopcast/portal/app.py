"""The portal as an ASGI application."""

import importlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from flopcast import __version__
from flopcast.portal.failures import add_failures
from flopcast.portal.headers import SecurityHeaders
from flopcast.portal.pages import all_pages
from flopcast.portal.responses import FOR_GOOD, respond
from flopcast.portal.rooted import Rooted
from flopcast.portal.serving import Desk
from flopcast.portal.settings import Settings
from flopcast.portal.site import NotFound, Site
from flopcast.portal.view import Page

#: Modules beside the pages that add routes of their own: each has ``register(app, site, desk)``.
PARTS: Final[tuple[str, ...]] = (
    "flopcast.portal.release_file",
    "flopcast.portal.api.app",
    "flopcast.portal.own_runs.routes",
    "flopcast.portal.discovery.routes",
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application: pages, their files, the API, style sheet and scripts.

    Args:
        settings: what the operator sets; None for an embedded portal without configuration.

    Raises:
        InputError: where the catalogue release is missing or is not one.
        MissingExtra: without the extra ``portal``.
    """
    found = Settings() if settings is None else settings
    site = Site(found, all_pages(studies=bool(found.studies)))
    desk = Desk(site)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        desk.warm()
        yield
        desk.close()

    app = FastAPI(
        title="flopcast",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.site = site
    app.state.desk = desk
    add_failures(app, site)
    app.add_middleware(Rooted, root=found.root)
    app.add_middleware(SecurityHeaders)
    for name in PARTS:
        importlib.import_module(name).register(app, site, desk)
    for page in site.pages:
        _add_page(app, desk, page)
    _add_assets(app, site)
    return app


Endpoint = Callable[[Request], Awaitable[Response]]


def _add_page(app: FastAPI, desk: Desk, page: Page) -> None:
    """Routes of a page: its files, its frame for other sites, and itself."""
    stem = "/index" if page.path == "/" else page.path
    # The longest first: {benchmark}.json would take benchmark.vl.json, too.
    for suffix in sorted(page.formats, key=len, reverse=True):
        app.router.add_route(f"{stem}.{suffix}", _endpoint(desk, page, suffix))
    if page.embeds:
        app.router.add_route(f"/embed{page.path}", _endpoint(desk, page, embedded=True))
    app.router.add_route(page.path, _endpoint(desk, page))


def _endpoint(desk: Desk, page: Page, suffix: str = "", *, embedded: bool = False) -> Endpoint:
    async def answer(request: Request) -> Response:
        return await desk.view(request, page, suffix, embedded=embedded)

    return answer


def _add_assets(app: FastAPI, site: Site) -> None:
    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in site.assets:
            raise NotFound(f"There is no file {name!r}.")
        return respond(request, site.assets.files[name], keep=FOR_GOOD)

    app.router.add_route("/static/{digest}/{name:path}", asset)
