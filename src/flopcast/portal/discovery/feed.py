"""An Atom feed per benchmark (RFC 4287): the results that lowered its best error."""

from collections.abc import Callable, Iterator
from typing import Final
from xml.etree import ElementTree as Xml

from flopcast.figures.words import percent
from flopcast.records.query import BenchmarkRuns, Run

MEDIA_TYPE: Final = "application/atom+xml; charset=utf-8"
_ATOM: Final = "http://www.w3.org/2005/Atom"
#: Entries of a feed, the newest first.
MOST: Final = 50


def feed(source: BenchmarkRuns, released: str, absolute: Callable[[str], str]) -> bytes:
    """The feed of one benchmark.

    The catalogue knows the year of a result and no day, so every entry carries the date of the
    release in which it is published, and the year in its title.

    Args:
        source: the benchmark's runs.
        released: date of the release, 2026-11 or 2026-11-02.
        absolute: makes an address of a path of the site.
    """
    Xml.register_namespace("", _ATOM)
    moment = f"{(released + '-01-01')[:10]}T00:00:00Z"
    root = Xml.Element(_tag("feed"))
    page = f"/benchmarks/{source.id}"
    _text(root, "id", f"urn:flopcast:benchmark:{source.id}")
    _text(root, "title", f"{source.benchmark.name}: the best error")
    _text(root, "updated", moment)
    _text(Xml.SubElement(root, _tag("author")), "name", "The flopcast contributors")
    Xml.SubElement(root, _tag("link"), {"rel": "self", "href": absolute(f"{page}.atom")})
    Xml.SubElement(root, _tag("link"), {"rel": "alternate", "href": absolute(page)})
    for run, before in reversed(list(records(source))[-MOST:]):
        entry = Xml.SubElement(root, _tag("entry"))
        _text(entry, "id", f"urn:flopcast:result:{source.id}:{run.id}")
        _text(entry, "title", f"{run.name} ({run.year}): {percent(run.error or 0.0)} error")
        _text(entry, "updated", moment)
        Xml.SubElement(entry, _tag("link"), {"href": run.source.url or absolute(page)})
        was = "the first result" if before is None else f"the best was {percent(before)}"
        _text(entry, "summary", f"{was}. {run.source.title}. Catalogue {source.release}.")
    Xml.indent(root)
    found: bytes = Xml.tostring(root, "utf-8", xml_declaration=True)
    return found


def records(source: BenchmarkRuns) -> Iterator[tuple[Run, float | None]]:
    """The runs that were the best of their year and of all years before, oldest first.

    Each comes with the best error of earlier years; None for the first.
    """
    best: float | None = None
    scored = [run for run in source.runs if run.error is not None]
    for year in sorted({run.year for run in scored}):
        found = min((r for r in scored if r.year == year), key=lambda run: run.error or 0.0)
        if best is None or (found.error or 0.0) < best:
            yield found, best
            best = found.error


def _tag(name: str) -> str:
    return f"{{{_ATOM}}}{name}"


def _text(parent: Xml.Element, name: str, text: str) -> None:
    Xml.SubElement(parent, _tag(name)).text = text
