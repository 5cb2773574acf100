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
from flopcast.portal.responses import FRESH, LIVE, respond
from flopcast.portal.site import Site
from flopcast.portal.view import Page, Shown

LOG: Final = logging.getLogger("flopcast.portal")
BENCHMARK: Final = "/benchmarks/{benchmark}"
#: Benchmarks with more results are read before anybody asks for them.
LARGE: Final = 20_000


@final
class Desk:
    """Hands out rendered views; the same view is never computed twice at once.

    Views as pixels take long and wait for each other in a thread of their own.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self._open()
        self._under_way: dict[Hashable, asyncio.Future[Rendered]] = {}

    async def view(
        self, request: Request, page: Page, suffix: str = "", *, embedded: bool = False
    ) -> Response:
        """The answer to a request for a page's view, as a page or in the format ``suffix``."""
        state = page.options.read(request.query_params.multi_items())
        params = dict(request.path_params)
        version = None if page.version is None else page.version(self.site, **params)
        key = ("view", self.site.tag, page.path, *sorted(params.items()), suffix, embedded,
               state.key, version)  # fmt: skip
        make = lambda: self._render(page, params, state, suffix, embedded)  # noqa: E731
        keep = FRESH if page.version is None else LIVE
        found = await self.rendered(key, make, pixels=suffix == "png")
        return respond(request, found, keep=keep)

    async def rendered(
        self, key: Hashable, make: Callable[[], Rendered], *, pixels: bool = False
    ) -> Rendered:
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
            threads = self._pictures if pixels else self._threads
            self._under_way[key] = self._start(key, make, threads)
        limit = self.site.settings.view_seconds
        try:
            return await asyncio.wait_for(asyncio.shield(self._under_way[key]), limit)
        except TimeoutError:
            raise Busy(f"This view takes longer than {limit:g} seconds.") from None

    def _start(
        self, key: Hashable, make: Callable[[], Rendered], threads: ThreadPoolExecutor
    ) -> "asyncio.Future[Rendered]":
        work = asyncio.get_running_loop().run_in_executor(threads, make)

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
        """Computes in one thread what first readers would wait for.

        That is the first page, then the largest benchmarks of more than :data:`LARGE` results,
        as far as half of the memory for results goes.
        """
        self._threads.submit(self._warm)

    def _warm(self) -> None:
        pages = {page.path: page for page in self.site.pages}
        if "/" in pages:
            self._prepare(pages["/"])
        if BENCHMARK in pages:
            for id in self.site.heaviest(LARGE):
                self._prepare(pages[BENCHMARK], benchmark=id)
                self._prepare(pages[BENCHMARK], ("measure", "preferred"), benchmark=id)

    def _prepare(self, page: Page, *query: tuple[str, str], **params: Any) -> None:
        try:
            page.view(self.site, page.options.read(query), **params)
        except Exception:
            LOG.exception("%s could not be prepared", page.path.format(**params))

    def close(self) -> None:
        """Ends the views that have not begun; an application may be started again."""
        for threads in (self._threads, self._pictures):
            threads.shutdown(wait=False, cancel_futures=True)
        self._open()

    def _open(self) -> None:
        self._threads = ThreadPoolExecutor(self.site.settings.workers, "view")
        self._pictures = ThreadPoolExecutor(1, "picture")
