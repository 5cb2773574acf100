"""Writes a chart to a file: HTML that needs no network, PNG, SVG, or the specification."""

import html
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import altair as alt

from flopcast.errors import InputError, MissingExtra

#: Pixels of a PNG per pixel of the chart.
PNG_SCALE: Final = 2.0
_CLIP: Final = re.compile(r'(id="|url\(#)clip(\d+)')


def save_chart(chart: Any, path: str | os.PathLike[str]) -> Path:
    """Writes an Altair chart; the suffix of ``path`` chooses the format.

    ``.html`` is one file that draws itself without a network and shows a still picture where
    JavaScript is off; ``.png`` has twice the chart's pixels; ``.svg`` keeps links; ``.json`` is
    the Vega-Lite specification.

    Args:
        chart: what :func:`flopcast.figures.chart` returns.
        path: the file, in an existing folder.

    Raises:
        InputError: for another suffix or a file that cannot be written; nothing is written then.
        MissingExtra: without the extra ``plot``, which all formats but JSON need.
    """
    file = Path(path)
    if file.suffix.lower() not in _WRITERS:
        hint = f"Choose one of {', '.join(_WRITERS)}."
        raise InputError(f"A chart cannot be written as {file.name!r}.", hint)
    require_folder(file)
    return write_file(file, encoded(chart, file.suffix.lower()))


def encoded(chart: Any, suffix: str) -> bytes:
    """What :func:`save_chart` writes to a file with one of its suffixes, ".svg" for example.

    Raises:
        MissingExtra: without the extra ``plot``, which all formats but JSON need.
    """
    return _WRITERS[suffix](chart)


def require_folder(file: Path) -> None:
    """Checks that a file's folder is there, before anything is drawn.

    Raises:
        InputError: where it is not.
    """
    if not file.parent.is_dir():
        raise InputError(f"There is no folder {str(file.parent)!r}.", "Make it first.")


def write_file(file: Path, content: bytes) -> Path:
    """Writes a whole file.

    Raises:
        InputError: where it cannot be written.
    """
    try:
        file.write_bytes(content)
    except OSError as error:
        raise InputError(f"{str(file)!r} cannot be written: {error.strerror}.") from None
    return file


def svg(chart: Any) -> str:
    """The chart as SVG text, the same for the same chart.

    Raises:
        MissingExtra: without the extra ``plot``.
    """
    # Altair has checked every part as it was made; the converter reports what it cannot draw.
    found: str = converter().vegalite_to_svg(
        chart.to_dict(validate=False), vl_version=_version(), allowed_base_urls=[]
    )
    # The converter numbers clip paths on from chart to chart.
    numbers: dict[str, int] = {}
    return _CLIP.sub(
        lambda match: f"{match[1]}clip{numbers.setdefault(match[2], len(numbers))}", found
    )


def converter() -> ModuleType:
    """The module that turns specifications and SVG into pictures.

    Raises:
        MissingExtra: without the extra ``plot``.
    """
    try:
        import vl_convert
    except ImportError:
        raise MissingExtra("Drawing charts as HTML, PNG or SVG", "plot") from None
    module: ModuleType = vl_convert
    return module


def _version() -> str:
    """The Vega-Lite version that Altair writes, as the converter names it."""
    return ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])


def _png(chart: Any) -> bytes:
    found: bytes = converter().vegalite_to_png(
        chart.to_dict(), vl_version=_version(), scale=PNG_SCALE, allowed_base_urls=[]
    )
    return found


def _svg(chart: Any) -> bytes:
    return svg(chart).encode()


def _json(chart: Any) -> bytes:
    text = json.dumps(chart.to_dict(), indent=1, ensure_ascii=False)
    return text.encode()


def _html(chart: Any) -> bytes:
    snippet = "window.vegaEmbed = vegaEmbed;"
    bundle = converter().javascript_bundle(snippet=snippet, vl_version=_version())
    specification = chart.to_dict()
    # "<" is escaped, for a name may hold "</script>".
    spec = json.dumps(specification).replace("<", "\\u003c")
    page = _PAGE.format(
        title=html.escape(" ".join(specification["title"]["text"])),
        still=svg(chart),
        bundle=bundle.replace("</script", "<\\/script"),
        spec=spec,
    )
    return page.encode()


_PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
body {{ margin: 1rem; }}
#chart {{ max-width: 100%; overflow-x: auto; }}
</style>
</head>
<body>
<main id="chart">{still}</main>
<script>{bundle}</script>
<script>
vegaEmbed("#chart", {spec}, {{renderer: "svg", actions: false}});
</script>
</body>
</html>
"""
_WRITERS: Final[dict[str, Callable[[Any], bytes]]] = {
    ".html": _html,
    ".png": _png,
    ".svg": _svg,
    ".json": _json,
}
