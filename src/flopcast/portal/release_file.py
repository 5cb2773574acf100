"""The catalogue release itself, as one SQLite file."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from flopcast.portal.serving import Desk
from flopcast.portal.site import Site

PATH = "/data/catalogue.sqlite"


def register(app: FastAPI, site: Site, _: Desk) -> None:
    """Adds the route of the file."""

    async def release(_: Request) -> Response:
        return FileResponse(
            site.catalogue.path,
            media_type="application/vnd.sqlite3",
            filename=f"flopcast-catalogue-{site.release}.sqlite",
        )

    app.router.add_route(PATH, release)
