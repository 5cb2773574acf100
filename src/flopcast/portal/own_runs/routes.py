"""The routes of a visitor's own runs: send a table, see the result, keep it, delete it."""

from functools import cached_property
from typing import Any, Final, final

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from flopcast.errors import FlopcastError
from flopcast.portal.api.problem import problem
from flopcast.portal.own_runs.answers import FORMS, PRIVATE, as_file
from flopcast.portal.own_runs.process import Workshop
from flopcast.portal.own_runs.question import Question
from flopcast.portal.own_runs.reading import received
from flopcast.portal.own_runs.shown import result_context, start_context
from flopcast.portal.own_runs.store import DAYS, Kept, Store
from flopcast.portal.own_runs.table import columns
from flopcast.portal.own_runs.visitors import Visitors, require_same_site
from flopcast.portal.serving import Desk
from flopcast.portal.site import NotFound, Site
from flopcast.portal.templating import write

PATH: Final = "/your-runs"
KEPT: Final = "/kept"


def register(app: FastAPI, site: Site, _: Desk) -> None:
    """Adds the routes to a portal."""
    own = OwnRuns(site)
    app.router.add_route(PATH, own.ask, methods=["POST"])
    for suffix in FORMS:
        app.router.add_route(f"{KEPT}/{{token}}.{suffix}", own.kept_file(suffix))
    app.router.add_route(f"{KEPT}/{{token}}", own.kept)
    app.router.add_route(f"{KEPT}/{{token}}/delete", own.delete, methods=["POST"])


@final
class OwnRuns:
    """Handles the requests; a place to work and a store to keep in."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.workshop = Workshop()
        self.visitors = Visitors()

    @cached_property
    def store(self) -> Store:
        """The store, opened when it is first needed."""
        return Store.at(self.site.settings.database)

    async def ask(self, request: Request) -> Response:
        """Fits and forecasts a table: a page, a file where ``as`` names one, or a kept result."""
        require_same_site(request)
        self.visitors.admit(request.client.host if request.client else "")
        form, text = await received(request)
        wanted = form.get("as", "page")
        try:
            question = Question.read(form)
            await run_in_threadpool(columns, text)  # what is no table takes no process
            found = await self.workshop.answer(text, question)
        except FlopcastError as error:
            if wanted in FORMS:
                return problem(422, error.code, error.message, hint=error.hint)
            return self._page(start_context(form, text, error), status=422)
        if wanted == "keep":
            token = await run_in_threadpool(lambda: self.store.keep(found))
            return RedirectResponse(self.site.url(f"{KEPT}/{token}"), 303, PRIVATE)
        if wanted in FORMS:
            return await run_in_threadpool(as_file, found, wanted)
        return self._page(start_context(form, text) | result_context(found))

    async def kept(self, request: Request) -> Response:
        """The page of a kept result."""
        found = await self._found(request)
        token = request.path_params["token"]
        context = result_context(found.result) | {
            "title": "A kept result", "token": token, "expires": f"{found.expires:%-d %B %Y}",
        }  # fmt: skip
        return self._page(context, "kept.html")

    def kept_file(self, suffix: str) -> Any:
        """The handler of a kept result's file."""

        async def answer(request: Request) -> Response:
            found = await self._found(request)
            return await run_in_threadpool(as_file, found.result, suffix)

        return answer

    async def delete(self, request: Request) -> Response:
        """Deletes a kept result."""
        require_same_site(request)
        token = request.path_params["token"]
        if not await run_in_threadpool(lambda: self.store.delete(token)):
            raise NotFound("There is no such result.")
        context = {"title": "Deleted", "message": "The result is deleted.", "hint": None}
        return self._page({**context, "status": 200}, "failure.html")

    async def _found(self, request: Request) -> Kept:
        token = request.path_params["token"]
        found = await run_in_threadpool(lambda: self.store.find(token))
        if found is None:
            raise NotFound(
                "There is no such result.", f"Results are kept for {DAYS} days, then deleted."
            )
        return found

    def _page(
        self, context: dict[str, Any], template: str = "own_runs.html", status: int = 200
    ) -> Response:
        body = write(self.site, template, {"path": PATH, **context})
        return Response(body, status, PRIVATE, "text/html; charset=utf-8")
