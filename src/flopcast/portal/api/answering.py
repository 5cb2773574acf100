"""Answers are kept and tagged: an unchanged one is sent as 304, a repeated one is not recomputed.

Every answer follows from the release, the package and the address alone, so that the address is
the key. Only GET and HEAD are answered from here; anything else passes through.
"""

import hashlib
from typing import Final, final
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flopcast.portal.cache import Rendered, ViewCache

#: Seconds that a browser or proxy may keep an answer without asking again.
FRESH_SECONDS: Final = 300


@final
class Answering:
    """Wraps an application whose GET answers never change while it runs."""

    def __init__(self, app: ASGIApp, cache: ViewCache) -> None:
        self.app = app
        self.cache = cache

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        key = ("api", scope["path"], _canonical(scope["query_string"]))
        found = self.cache.get(key)
        if found is None:
            answer = _Recorded(send)
            await self.app({**scope, "method": "GET"}, receive, answer)
            if answer.status != 200:
                await answer.replay(without_body=scope["method"] == "HEAD")
                return
            found = Rendered(answer.body, None, answer.header(b"content-type"), _tag(answer.body))
            self.cache.put(key, found)
        await _send(found, Headers(scope=scope), scope["method"], send)


class _Recorded:
    """Collects an answer instead of sending it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message = {}
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    @property
    def status(self) -> int:
        """The status of the response."""
        return int(self._start["status"])

    def header(self, name: bytes) -> str:
        """A header of the response; empty where it has none."""
        value: bytes = dict(self._start["headers"]).get(name, b"")
        return value.decode("latin-1")

    async def replay(self, *, without_body: bool) -> None:
        """Sends what was held back, perhaps without its body."""
        await self._send(self._start)
        body = b"" if without_body else self.body
        await self._send({"type": "http.response.body", "body": body})


async def _send(found: Rendered, headers: Headers, method: str, send: Send) -> None:
    fields = [
        (b"etag", found.etag.encode()),
        (b"cache-control", f"public, max-age={FRESH_SECONDS}".encode()),
    ]
    if _matches(headers.get("if-none-match"), found.etag):
        await send({"type": "http.response.start", "status": 304, "headers": fields})
        await send({"type": "http.response.body", "body": b""})
        return
    fields += [
        (b"content-type", found.media_type.encode("latin-1")),
        (b"content-length", str(len(found.body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": fields})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else found.body})


def _matches(wanted: str | None, tag: str) -> bool:
    """Whether If-None-Match names the tag, or anything (RFC 9110, 13.1.2: weak comparison)."""
    if wanted is None:
        return False
    names = [name.strip().removeprefix("W/") for name in wanted.split(",")]
    return "*" in names or tag in names


def _tag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _canonical(query: bytes) -> str:
    """The query with its names in order; repeated values keep theirs."""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return urlencode(sorted(pairs, key=lambda pair: pair[0]))
