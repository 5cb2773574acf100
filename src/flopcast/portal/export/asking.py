"""Asks an ASGI application for a path, without a network."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final, final
from urllib.parse import unquote

from starlette.types import ASGIApp, Message

_HOST: Final = ("export.invalid", 80)


@final
@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    media_type: str
    body: bytes


async def ask(app: ASGIApp, address: str, root: str = "") -> Answered:
    """The answer to GET of a path with its query.

    Args:
        app: the application.
        address: path and query, without the site's root.
        root: the path under which the site lies.
    """
    path, _, query = address.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(root + path),
        "raw_path": (root + path).encode(),
        "query_string": query.encode(),
        "root_path": root,
        "headers": [(b"host", _HOST[0].encode())],
        "client": ("127.0.0.1", 0),
        "server": _HOST,
    }
    status, headers, body = 500, {}, bytearray()
    asked = False

    async def receive() -> Message:
        nonlocal asked
        if asked:  # the reader stays until the answer is whole
            await asyncio.Event().wait()
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], dict(message["headers"])
        elif message["type"] == "http.response.body":
            body.extend(message.get("body", b""))

    await app(scope, receive, send)
    return Answered(status, headers.get(b"content-type", b"").decode("latin-1"), bytes(body))
