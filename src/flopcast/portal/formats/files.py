"""A view as a file: its data, its result object, its picture."""

import json
import math
from typing import TYPE_CHECKING, Any, Final

from flopcast.figures.plain.pixels import pixels
from flopcast.portal.site import NotFound
from flopcast.tables import to_csv

if TYPE_CHECKING:
    from flopcast.portal.site import Site
    from flopcast.portal.view import Shown

#: Width of a picture, px; PNG has twice as many.
WIDTH: Final = 720
PNG_SCALE: Final = 2.0


def csv(_: "Site", shown: "Shown") -> bytes:
    """The rows of a view, in UTF-8."""
    rows = shown.view.rows
    return to_csv(_known(rows)()).encode()


def json_text(_: "Site", shown: "Shown") -> bytes:
    """The result object of a view; what is not finite is null."""
    found = _finite(_known(shown.view.result)())
    text = json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def vega_lite(_: "Site", shown: "Shown") -> bytes:
    """The picture of a view as a Vega-Lite specification."""
    return json.dumps(_known(shown.view.specification)(), ensure_ascii=False).encode()


def svg(_: "Site", shown: "Shown") -> bytes:
    """The picture of a view."""
    picture: str = _known(shown.view.picture)(WIDTH)
    return picture.encode()


def png(site: "Site", shown: "Shown") -> bytes:
    """The picture of a view as pixels.

    Raises:
        MissingExtra: without the extra ``plot``.
    """
    picture: str = _known(shown.view.picture)(WIDTH)
    return png_of(picture, PNG_SCALE, apart=site.settings.png_apart)


def png_of(picture: str, scale: float, *, apart: bool = True) -> bytes:
    """An SVG as PNG, drawn in a process ``apart`` or in this one.

    Raises:
        MissingExtra: without the extra ``plot``.
        TimeoutError: where drawing takes too long.
    """
    if apart:
        return pixels(picture, scale)
    from flopcast.figures.save import converter

    found: bytes = converter().svg_to_png(picture, scale=scale)
    return found


def _known(source: Any) -> Any:
    if source is None:
        raise NotFound("This view has no such form.")
    return source


def _finite(value: Any) -> Any:
    """The same with null for numbers that JSON has no word for."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(name): _finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
