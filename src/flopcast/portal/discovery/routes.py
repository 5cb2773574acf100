"""The routes of everything that programs find the portal by."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from flopcast.portal.assets import pack
from flopcast.portal.cache import Rendered
from flopcast.portal.discovery import citing, metadata
from flopcast.portal.discovery.card import card
from flopcast.portal.discovery.feed import MEDIA_TYPE, feed
from flopcast.portal.discovery.sitemap import robots, sitemap
from flopcast.portal.responses import respond
from flopcast.portal.serving import Desk
from flopcast.portal.site import Site
from flopcast.records.cite import bibtex
from flopcast.records.listing import flat_rows
from flopcast.tables import to_csv

Absolute = Callable[[str], str]
#: What a route gives: the body and its media type.
Made = tuple[bytes, str]
_TEXT: Final = "text/plain; charset=utf-8"
_CSV: Final = "text/csv; charset=utf-8"
_BIBTEX: Final = "application/x-bibtex; charset=utf-8"
_CFF: Final = "application/yaml; charset=utf-8"
_LD: Final = "application/ld+json"


def register(app: FastAPI, site: Site, desk: Desk) -> None:
    """Adds the routes to a portal."""
    for path, make in ROUTES.items():
        app.router.add_route(path, _endpoint(site, desk, path, make))


def absolute_from(site: Site, request: Request) -> Absolute:
    """Addresses with the base URL that is set, or else with the one of the request."""
    if site.settings.origin:
        return site.absolute
    origin = f"{request.url.scheme}://{request.url.netloc}"
    return lambda path: f"{origin}{site.url(path)}"


def _endpoint(
    site: Site, desk: Desk, path: str, make: Callable[..., Made]
) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        absolute = absolute_from(site, request)
        params = dict(request.path_params)
        key = ("discovery", site.tag, path, absolute(""), *sorted(params.items()))

        def made() -> Rendered:
            body, media_type = make(site, absolute, **params)
            return pack(body, media_type)

        return respond(request, await desk.rendered(key, made))

    return answer


def _feed(site: Site, absolute: Absolute, benchmark: str) -> Made:
    source = site.benchmark(benchmark)
    return feed(source, site.catalogue.release["released"], absolute), MEDIA_TYPE


def _sitemap(site: Site, absolute: Absolute) -> Made:
    return sitemap(site, absolute), "application/xml; charset=utf-8"


def _robots(_: Site, absolute: Absolute) -> Made:
    return robots(absolute).encode(), _TEXT


def _bib(site: Site, absolute: Absolute) -> Made:
    return bibtex(site.catalogue, url=absolute("/data")).encode(), _BIBTEX


def _bib_of_benchmark(site: Site, absolute: Absolute, benchmark: str) -> Made:
    source = site.benchmark(benchmark)
    return citing.of_benchmark(site, source, absolute("/data")).encode(), _BIBTEX


def _bib_of_source(site: Site, _: Absolute, source: str) -> Made:
    return citing.of_source(site, source).encode(), _BIBTEX


def _cff(site: Site, absolute: Absolute) -> Made:
    return citing.citation_file(site, absolute("/data")).encode(), _CFF


def _dataset(site: Site, absolute: Absolute) -> Made:
    return _json(metadata.dataset(site, absolute)), _LD


def _croissant(site: Site, absolute: Absolute) -> Made:
    files = {}
    for benchmark in site.catalogue:
        rows = flat_rows(site.runs(benchmark))
        files[benchmark] = (hashlib.sha256(to_csv(rows).encode()).hexdigest(), rows)
    return _json(metadata.croissant(site, absolute, files)), metadata.CROISSANT_TYPE


def _results(site: Site, _: Absolute, benchmark: str) -> Made:
    return to_csv(flat_rows(site.benchmark(benchmark))).encode(), _CSV


def _card(site: Site, _: Absolute) -> Made:
    about = f"Catalogue {site.release}: {sum(site.catalogue.counts().values()):,} results"
    return card("How does performance scale? What will it take?", about), "image/png"


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, indent=2, ensure_ascii=False).encode()


ROUTES: Final[dict[str, Callable[..., Made]]] = {
    "/benchmarks/{benchmark}.atom": _feed,
    "/benchmarks/{benchmark}.bib": _bib_of_benchmark,
    "/data/{benchmark}.csv": _results,
    "/cite.bib": _bib,
    "/cite/{source}.bib": _bib_of_source,
    "/CITATION.cff": _cff,
    "/dataset.jsonld": _dataset,
    "/croissant.json": _croissant,
    "/sitemap.xml": _sitemap,
    "/robots.txt": _robots,
    "/opengraph.png": _card,
}
