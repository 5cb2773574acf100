"""Answers requests for views: from the cache, or computed once in a thread with a time limit."""

import asyncio
import logging
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, final

from starlette.requests import Request
from starlette.responses import Response

from flopcast.portal.cache import Rendered
from flopcast.portal.failures import Busy
from flopcast.portal.formats import write_as
from flopcast.portal.options import State
from flopcast.portal.responses import respond
from flopcast.portal.site import Site
from flopcast.portal.view import Page, Shown

LOG: Final = logging.getLogger("flopcast.portal")


@final
class Desk:
    """Hands out rendered views; the same view is never computed twice at once."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._threads = ThreadPoolExecutor(site.settings.workers, "view")
        self._under_way: dict[Hashable, asyncio.Future[Rendered]] = {}

    async def view(
        self, request: Request, page: Page, suffix: str = "", *, embedded: bool = False
    ) -> Response:
        """The answer to a request for a page's view, as a page or in the format ``suffix``."""
        state = page.options.read(request.query_params.multi_items())
        params = dict(request.path_params)
        key = ("view", self.site.tag, page.path, *sorted(params.items()), suffix, embedded,
               state.key)  # fmt: skip
        make = lambda: self._render(page, params, state, suffix, embedded)  # noqa: E731
        return respond(request, await self.rendered(key, make))

    async def rendered(self, key: Hashable, make: Callable[[], Rendered]) -> Rendered:
        """The body under ``key``, or what ``make`` gives in a thread.

        Raises:
            Busy: where too many wait, or the time is over; the view is still finished and kept.
        """
        held = self.site.cache.get(key)
        if held is not None:
            return held
        if key not in self._under_way:
            if len(self._under_way) >= self.site.settings.queue:
                raise Busy("Too many new views are being asked for at once.")
            self._under_way[key] = self._start(key, make)
        limit = self.site.settings.view_seconds
        try:
            return await asyncio.wait_for(asyncio.shield(self._under_way[key]), limit)
        except TimeoutError:
            raise Busy(f"This view takes longer than {limit:g} seconds.") from None

    def _start(self, key: Hashable, make: Callable[[], Rendered]) -> "asyncio.Future[Rendered]":
        work = asyncio.get_running_loop().run_in_executor(self._threads, make)

        def done(finished: "asyncio.Future[Rendered]") -> None:
            self._under_way.pop(key, None)
            if not finished.cancelled() and finished.exception() is None:
                self.site.cache.put(key, finished.result())

        work.add_done_callback(done)
        return work

    def _render(
        self, page: Page, params: dict[str, Any], state: State, suffix: str, embedded: bool
    ) -> Rendered:
        view = page.view(self.site, state, **params)
        path = page.path.format(**params)
        return write_as(self.site, Shown(page, path, view.state or state, view, embedded), suffix)

    def warm(self) -> None:
        """Computes the first page in a thread, so that its first reader need not wait."""
        page = next((page for page in self.site.pages if page.path == "/"), None)
        if page is not None:
            self._threads.submit(page.view, self.site, page.options.read(()))

    def close(self) -> None:
        """Ends the views that have not begun; an application may be started again."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._threads = ThreadPoolExecutor(self.site.settings.workers, "view")
