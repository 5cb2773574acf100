"""What a page shows, apart from how it is written; and how a page declares itself."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

from flopcast.portal.options import Ignored, Options, State

if TYPE_CHECKING:
    from flopcast.portal.site import Site


@final
@dataclass(frozen=True)
class View:
    """One view of the library's objects.

    ``template`` with ``context`` writes it as a page. ``rows`` are its data for ``.csv``,
    ``result`` the result object for ``.json``, ``picture`` the chart as a whole SVG file of a
    width in px for ``.svg`` and ``.png``, ``specification`` the chart in Vega-Lite for
    ``.vl.json``; None where a view has no such form. ``name`` is the stem of downloaded files.
    ``state`` is the state without options that did not go with others, None where all did;
    ``ignored`` are further options that the view could not use. ``status`` is the HTTP status of
    the page. ``benchmark`` is the id of the benchmark it is about, if any.
    """

    title: str
    description: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    name: str = "view"
    rows: Callable[[], list[dict[str, Any]]] | None = None
    result: Callable[[], dict[str, Any]] | None = None
    picture: Callable[[int], str] | None = None
    specification: Callable[[], dict[str, Any]] | None = None
    state: State | None = None
    ignored: tuple[Ignored, ...] = ()
    status: int = 200
    benchmark: str | None = None

    @property
    def formats(self) -> tuple[str, ...]:
        """The suffixes under which it can be had."""
        found = {
            "csv": self.rows, "json": self.result, "svg": self.picture, "png": self.picture,
            "vl.json": self.specification,
        }  # fmt: skip
        return tuple(suffix for suffix, source in found.items() if source is not None)


@final
@dataclass(frozen=True)
class Page:
    """A page: its path ("/benchmarks/{benchmark}"), its options, and what makes its view.

    ``view`` is called with the site, the state and the path's parameters, in a worker thread.
    ``nav`` is its name in the navigation, None where it is not listed there. ``formats`` are the
    suffixes that its views can have. ``paths`` lists every path the page has (for a sitemap and
    the static export); None where the path has no parameters. ``embeds`` says whether the view
    may be framed by other sites under ``/embed``. ``version``, called with the site and the path's
    parameters, tells one state of what is shown from the next; None for what the release alone
    decides, which never changes while the portal runs.
    """

    path: str
    view: "Callable[..., View]"
    options: Options = field(default_factory=Options)
    nav: str | None = None
    formats: tuple[str, ...] = ()
    paths: "Callable[[Site], list[str]] | None" = None
    embeds: bool = False
    version: "Callable[..., Hashable] | None" = None

    def all_paths(self, site: "Site") -> list[str]:
        """Every path of the page."""
        return [self.path] if self.paths is None else self.paths(site)


@final
@dataclass(frozen=True)
class Shown:
    """A view with the address it has: what templates and writers get."""

    page: Page
    path: str
    state: State
    view: View
    embedded: bool = False

    @property
    def address(self) -> str:
        """Path and canonical query, without the site's root."""
        return self.path_as("")

    def path_as(self, suffix: str, **changes: Any) -> str:
        """The address in another format ("csv") or with options changed."""
        query = self.state.query_with(**changes)
        dot = f".{suffix}" if suffix else ""
        stem = "/index" if dot and self.path == "/" else self.path
        return f"{stem}{dot}{f'?{query}' if query else ''}"

    @property
    def ignored(self) -> tuple[Ignored, ...]:
        """What was ignored, by the address or by the view."""
        return self.state.ignored + self.view.ignored
