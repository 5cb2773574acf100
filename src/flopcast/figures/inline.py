"""SVG to stand inside a page: one image to screen readers, tooltips without JavaScript."""

import re
from collections.abc import Iterable
from typing import Any, Final
from xml.etree import ElementTree

from flopcast.figures.save import svg
from flopcast.figures.theme import DARK, SHADES, dark_year_colours, year_colours

_SVG: Final = "http://www.w3.org/2000/svg"
_HREF: Final = "{http://www.w3.org/1999/xlink}href"
_DROPPED: Final = ("role", "aria-roledescription", "aria-hidden", "class", "font-family")
_GEOMETRY: Final = ("d", "transform", "x1", "x2", "y1", "y2", "font-size", "opacity")
_LONG: Final = re.compile(r"-?\d+\.\d{2,}(?:e-?\d+)?")


def inline_svg(chart: Any, *, id: str, title: str, description: str) -> str:
    """The chart as an SVG element that fills its container's width.

    To assistive technology it is one image with a title and a description; the links of its
    points stay for the pointer but out of the tab order, for a page gives them in a table. What a
    point is shows as the browser's own tooltip.

    Args:
        chart: what :func:`flopcast.figures.chart` returns.
        id: prefix of all ids inside, unique on the page.
        title: what the picture is, in a few words.
        description: what it shows.

    Raises:
        MissingExtra: without the extra ``plot``.
    """
    return inlined(svg(chart), id=id, title=title, description=description)


def inlined(picture: str, *, id: str, title: str, description: str) -> str:
    """A chart that was drawn already as :func:`inline_svg` gives it."""
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(picture)
    for element in root.iter():
        _simplify(element, id)
    for name, text in (("desc", description), ("title", title)):
        words = ElementTree.Element(f"{{{_SVG}}}{name}", {"id": f"{id}-{name}"})
        words.text = text
        root.insert(0, words)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.set("role", "img")
    root.set("aria-labelledby", f"{id}-title {id}-desc")
    return ElementTree.tostring(root, encoding="unicode")


def dark_colours(years: Iterable[int]) -> str:
    """CSS rules that give an inline chart the colours of a dark page.

    Besides those of the years, the shades by which fits tell sizes and budgets apart.
    """
    pairs = dict(DARK)
    for listed in (range(SHADES), sorted(set(years))):
        if listed:
            light, dark = year_colours(listed), dark_year_colours(listed)
            pairs |= {light[at]: dark[at] for at in light}
    return "\n".join(
        f'svg [{part}="{day}"] {{ {part}: {night} }}'
        for day, night in pairs.items()
        for part in ("fill", "stroke")
    )


def _simplify(element: ElementTree.Element, id: str) -> None:
    label = element.attrib.pop("aria-label", None)
    if label and element.tag == f"{{{_SVG}}}path":
        title = ElementTree.Element(f"{{{_SVG}}}title")
        title.text = label
        element.insert(0, title)
    for name in _DROPPED:
        element.attrib.pop(name, None)
    if link := element.attrib.pop(_HREF, None):
        element.set("href", link)
        element.set("rel", "noopener")
        element.set("tabindex", "-1")
    for name, value in element.attrib.items():
        if name == "id":
            element.set(name, f"{id}-{value}")
        elif "url(#" in value:
            element.set(name, value.replace("url(#", f"url(#{id}-"))
        elif name in _GEOMETRY:
            element.set(name, _LONG.sub(_shorter, value))


def _shorter(match: re.Match[str]) -> str:
    return f"{float(match[0]):.2f}".rstrip("0").rstrip(".")
