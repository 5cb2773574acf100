"""Sends rendered bodies: compressed where wanted, not at all where the reader has them."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from flopcast.portal.cache import Rendered
from flopcast.portal.headers import policy

#: A view may be kept a minute without asking, one that changes while it is read only with asking;
#: an asset for good, for its address is its content.
LIVE: Final = "no-cache"
FRESH: Final = "public, max-age=60"
FOR_GOOD: Final = "public, max-age=31536000, immutable"


def respond(request: Request, found: Rendered, *, keep: str = FRESH) -> Response:
    """The answer to a request: 304 where ``If-None-Match`` names the tag, else the body."""
    compress = found.compressed is not None and accepts_gzip(request)
    etag = f'"{found.etag}{"-gz" if compress else ""}"'
    headers = {"etag": etag, "vary": "Accept-Encoding", "cache-control": keep}
    if found.framed:
        headers["content-security-policy"] = policy(framed=True)
    if found.status != 200:
        headers["cache-control"] = "no-store"
    elif names(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    if found.filename is not None:
        headers["content-disposition"] = f'inline; filename="{found.filename}"'
    body = found.body
    if compress and found.compressed is not None:
        body = found.compressed
        headers["content-encoding"] = "gzip"
    return Response(body, found.status, headers, found.media_type)


def accepts_gzip(request: Request) -> bool:
    """Whether the reader takes gzip."""
    for part in request.headers.get("accept-encoding", "").split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def names(header: str, etag: str) -> bool:
    """Whether an ``If-None-Match`` header names a tag, compared weakly as the standard asks."""
    wanted = [part.strip().removeprefix("W/") for part in header.split(",")]
    return "*" in wanted or etag in wanted
