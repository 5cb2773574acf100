"""Which addresses a static copy holds, and the file that each becomes."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, final
from urllib.parse import parse_qsl, quote, unquote, urlencode

from flopcast.portal.options import Choice

if TYPE_CHECKING:
    from flopcast.portal.options import State
    from flopcast.portal.site import Site
    from flopcast.portal.view import Page

#: What a view can be written as, beside a page.
FORMATS: Final = ("csv", "json", "svg", "png", "vl.json")
#: Routes beside the pages that are files already.
FILES: Final = (
    "/cite.bib", "/CITATION.cff", "/dataset.jsonld", "/croissant.json", "/opengraph.png",
    "/robots.txt", "/data/catalogue.sqlite", "/api/v1/openapi.json",
)  # fmt: skip
#: Options that order or search a table: every order would be a page of its own.
_OF_TABLES: Final = ("sort", "q", "leaf")
_SUFFIX: Final = re.compile(r"\.(csv|vl\.json|json|svg|png)$")


@final
class Places:
    """Maps addresses of the site (without its root) to files of the copy.

    A copy holds every page with its files, and each page's views with one option changed to one
    of its named values; a view with several changes, or with a number or text that a reader
    chose, is left to the live portal.
    """

    def __init__(
        self, site: "Site", formats: tuple[str, ...] = FORMATS, *, views: bool = True
    ) -> None:
        self.site = site
        self._formats = formats
        self._views = views
        self._patterns = [(_pattern(page.path), page) for page in site.pages]

    def seeds(self) -> Iterator[str]:
        """The addresses to begin with: pages, their files, frames for other sites, metadata."""
        for page in self.site.pages:
            for path in page.all_paths(self.site):
                yield path
                stem = "/index" if path == "/" else path
                yield from (
                    f"{stem}.{suffix}" for suffix in page.formats if suffix in self._formats
                )
                if page.embeds:
                    yield f"/embed{path}"
        for benchmark in self.site.catalogue:
            yield f"/benchmarks/{benchmark}.atom"
            yield f"/benchmarks/{benchmark}.bib"
            yield f"/data/{benchmark}.csv"
        yield from FILES
        if self.site.settings.origin:
            yield "/sitemap.xml"

    def variants(self, address: str) -> list[tuple[str, list[tuple[str, str]]]]:
        """The views of a page with one option changed, by option: (label, address) of each value.

        Empty for such a view itself: one with two options changed is not in the copy.
        """
        page = self._page(address)
        if page is None or not self._views or "?" in address or address.startswith("/embed/"):
            return []
        choices = [o for o in page.options if isinstance(o, Choice) and o.name not in _OF_TABLES]
        return [
            (option.label, [
                (label, f"{address}?{urlencode({option.name: value})}")
                for value, label in option.values.items()
                if value != option.default
            ])
            for option in choices
        ]  # fmt: skip

    def file(self, address: str) -> str | None:
        """The file of an address; None for one that the copy does not hold."""
        path, _, query = address.partition("?")
        suffix = _SUFFIX.search(path)
        stem = path[: suffix.start()] if suffix else path
        page = self._page(stem)
        if page is None or "." in stem.rpartition("/")[2]:
            is_file = "." in path.rpartition("/")[2] and not query
            return unquote(path).lstrip("/") if is_file else None
        place = unquote(stem).strip("/")
        if suffix and suffix[1] not in self._formats:
            return None
        if query:
            state = page.options.read(parse_qsl(query))
            if not _is_one_choice(state):
                return None
            name, value = next(iter(parse_qsl(state.query)), ("", ""))
            if name and not self._views:
                return None
            if name:
                place = f"{place}/view-{_safe(name)}-{_safe(value)}".lstrip("/")
        if suffix:
            return f"{place or 'index'}{suffix[0]}"
        return f"{place}/index.html".lstrip("/")

    def _page(self, path: str) -> "Page | None":
        inside = path.removeprefix("/embed") if path.startswith("/embed/") else path
        inside = "/" if inside == "/index" else inside
        return next((page for pattern, page in self._patterns if pattern.fullmatch(inside)), None)


def stem(address: str) -> str:
    """What all forms of a view have in common: its path without suffix or frame, and its query."""
    path, _, query = address.partition("?")
    return f"{_SUFFIX.sub('', path.removeprefix('/embed')) or '/'}?{query}"


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{\w+\}", path)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))


def _safe(text: str) -> str:
    """Text as part of a file's name."""
    return quote(text, safe="").replace("%", "_")


def _is_one_choice(state: "State") -> bool:
    """Whether at most one option differs from its default, to one of its named values."""
    changed = [name for name, value in state.given.items() if value != state.options[name].default]
    if state.ignored or len(changed) > 1:
        return False
    return all(n not in _OF_TABLES and isinstance(state.options[n], Choice) for n in changed)
