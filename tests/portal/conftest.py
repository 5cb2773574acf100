"""What tests of the portal share: one server for the session, and visitors with real browsers."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

import pytest

from flopcast.records.query import Catalogue

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Request


#: Time for a page to load, ms: a slow machine is not a failing test.
_PATIENCE = 120_000


@pytest.fixture(scope="session")
def portal_url(release: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a portal on the release of this checkout, one for all tests."""
    import uvicorn

    from flopcast.portal import Settings, create_app

    database = tmp_path_factory.mktemp("portal") / "visitors.sqlite"
    kept = f"sqlite:///{database}"
    app = create_app(
        Settings(catalogue=release.path, database=kept, view_seconds=_PATIENCE / 1000)
    )
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listening.close()


@final
@dataclass
class Visit:
    """A page in a browser, with what went wrong on it and whom it asked."""

    page: "Page"
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


Visitor = Callable[..., Visit]


@pytest.fixture
def visit(browser: "Browser", portal_url: str) -> Iterator[Visitor]:
    """Opens a path of the portal: ``visit(path, width=1280, dark=False, js=True)``."""
    contexts: dict[tuple[bool, bool], BrowserContext] = {}

    def open_path(path: str, width: int = 1280, dark: bool = False, js: bool = True) -> Visit:
        if (dark, js) not in contexts:
            scheme = "dark" if dark else "light"
            contexts[dark, js] = browser.new_context(
                color_scheme=scheme, java_script_enabled=js  # type: ignore[arg-type]
            )  # fmt: skip
            contexts[dark, js].set_default_timeout(_PATIENCE)
        page = contexts[dark, js].new_page()
        page.set_viewport_size({"width": width, "height": 900})
        found = Visit(page)
        page.on("pageerror", lambda error: found.errors.append(str(error)))
        page.on("console", lambda said: _note(found, said.type, said.text))
        page.on("request", lambda request: _ask(found, request))
        page.goto(portal_url + path)
        return found

    yield open_path
    for context in contexts.values():
        context.close()


def _note(found: Visit, kind: str, text: str) -> None:
    if kind in ("error", "warning"):
        found.errors.append(text)


def _ask(found: Visit, request: "Request") -> None:
    found.requests.append(request.url)
