"""The list of all pages for search engines, and what they may read."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as Xml

if TYPE_CHECKING:
    from flopcast.portal.site import Site

_NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
#: What the standard allows in one file.
MOST: Final = 50_000


def sitemap(site: "Site", absolute: Callable[[str], str]) -> bytes:
    """Every page's address; pages come in the order of the navigation."""
    Xml.register_namespace("", _NAMESPACE)
    root = Xml.Element(f"{{{_NAMESPACE}}}urlset")
    paths = [path for page in site.pages for path in page.all_paths(site)]
    for path in paths[:MOST]:
        place = Xml.SubElement(root, f"{{{_NAMESPACE}}}url")
        Xml.SubElement(place, f"{{{_NAMESPACE}}}loc").text = absolute(path)
    Xml.indent(root)
    found: bytes = Xml.tostring(root, "utf-8", xml_declaration=True)
    return found


def robots(absolute: Callable[[str], str]) -> str:
    """Everything may be read but results that a visitor keeps, and endless combinations."""
    return (
        f"User-agent: *\nDisallow: {_path(absolute('/kept/'))}\n"
        f"Disallow: {_path(absolute('/search'))}\nSitemap: {absolute('/sitemap.xml')}\n"
    )


def _path(address: str) -> str:
    """The path of an address."""
    return "/" + address.partition("://")[2].partition("/")[2]
