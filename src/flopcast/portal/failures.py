"""What goes wrong, said plainly: a page for readers, one shape of JSON for programs."""

import logging
from typing import Any, Final, final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flopcast.errors import FlopcastError, InputError, Refused, nearest
from flopcast.portal.api.problem import problem
from flopcast.portal.assets import pack
from flopcast.portal.responses import respond
from flopcast.portal.site import Moved, NotFound, Site
from flopcast.portal.templating import write

LOG: Final = logging.getLogger("flopcast.portal")
_TITLES: Final = {
    400: "This cannot be read",
    404: "There is no such page",
    405: "This address takes no such request",
    413: "This is too large",
    422: "This cannot be used",
    503: "The portal is busy",
}


class Busy(Exception):
    """No time or no thread for a view now; it may be there in a moment."""


def add_failures(app: FastAPI, site: Site) -> None:
    """Handlers for everything that a view, a route or a reader may do wrong."""

    async def failed(request: Request, error: Exception) -> Response:
        return failure(request, site, error)

    for kind in (HTTPException, NotFound, Moved, Busy, FlopcastError, RequestValidationError):
        app.add_exception_handler(kind, failed)
    app.add_middleware(Guarded, site=site)


@final
class Guarded:
    """Answers what no handler foresaw: logged here, never shown."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app = app
        self.site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on; a failure before the answer began becomes an answer."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            await failure(Request(scope), self.site, error)(scope, receive, send)


def failure(request: Request, site: Site, error: Exception) -> Response:
    """The answer to an error: its status, a message, what may help; never a stack trace."""
    if isinstance(error, Moved):
        query = f"?{request.url.query}" if request.url.query else ""
        return Response(status_code=308, headers={"location": site.url(error.path) + query})
    status, code, message, hint = _described(request, site, error)
    if status == 500:
        LOG.error("%s %s", request.method, request.url.path, exc_info=error)
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if status == 503:
        headers["retry-after"] = "2"
    if wants_json(request, site):
        return problem(status, code, message, hint=hint, headers=headers)
    title = _TITLES.get(status, "Something went wrong")
    context = {"title": title, "message": message, "hint": hint, "status": status}
    body = write(site, "failure.html", context)
    found = pack(body.encode(), "text/html; charset=utf-8", status=status)
    answer = respond(request, found)
    answer.headers.update(headers)
    return answer


def wants_json(request: Request, site: Site) -> bool:
    """Whether a program asks: under ``/api``, or for a file of data."""
    path = request.url.path.removeprefix(site.settings.root)
    return path.startswith("/api/") or path.endswith((".json", ".csv"))


def _described(request: Request, site: Site, error: Exception) -> tuple[int, str, str, str | None]:
    """Status, code, message and hint of an error."""
    if isinstance(error, NotFound):
        return 404, "not_found", error.message, error.hint
    if isinstance(error, Busy):
        return 503, "busy", str(error), "Try again in a moment."
    if isinstance(error, Refused):
        return 422, error.code, error.reason, error.hint
    if isinstance(error, InputError):
        return 422, error.code, error.message, error.hint
    if isinstance(error, RequestValidationError):
        found = "; ".join(_place(item) for item in error.errors())
        return 422, "bad_input", found, None
    if isinstance(error, HTTPException):
        if error.status_code == 404:
            path = request.url.path.removeprefix(site.settings.root)
            known = nearest(path, (p for page in site.pages for p in page.all_paths(site)))
            return 404, "not_found", f"There is nothing at {path[:200]!r}.{known}", None
        return error.status_code, "http_error", f"{error.detail}.", None
    return 500, "internal", "The portal failed to answer. The failure has been logged.", None


def _place(item: Any) -> str:
    where = ".".join(str(part) for part in item["loc"] if part not in ("query", "path", "body"))
    return f"{where}: {item['msg']}"
