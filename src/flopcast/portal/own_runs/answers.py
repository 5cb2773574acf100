"""What a result is sent as: a page, or one of its files."""

import json
from typing import Any, Final

from starlette.responses import Response

from flopcast.portal.formats.files import PNG_SCALE, png_of
from flopcast.portal.site import NotFound
from flopcast.tables import to_csv

#: A result is nobody's but the visitor's: never cached, never indexed, its address never told.
PRIVATE: Final = {
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow",
    "referrer-policy": "no-referrer",
}
FORMS: Final = ("csv", "json", "svg", "png")
_NAME: Final = "own-runs"


def as_file(found: dict[str, Any], suffix: str) -> Response:
    """A result's runs (csv), documents (json) or picture (svg, png).

    Raises:
        NotFound: for another suffix, or a result without a picture.
    """
    picture = found["svg"]
    if suffix not in FORMS or (suffix in ("svg", "png") and picture is None):
        raise NotFound(f"This result has no form .{suffix}.")
    body, kind = _body(found, suffix, picture)
    headers = {**PRIVATE, "content-disposition": f'attachment; filename="{_NAME}.{suffix}"'}
    return Response(body, headers=headers, media_type=kind)


def _body(found: dict[str, Any], suffix: str, picture: str) -> tuple[bytes, str]:
    if suffix == "csv":
        return to_csv(found["rows"]).encode(), "text/csv; charset=utf-8"
    if suffix == "json":
        text = json.dumps(found["document"], indent=2, ensure_ascii=False, allow_nan=False)
        return text.encode(), "application/json"
    if suffix == "svg":
        return picture.encode(), "image/svg+xml"
    return png_of(picture, PNG_SCALE), "image/png"
