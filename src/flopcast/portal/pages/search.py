"""Benchmarks, models, hardware and papers by a part of their name."""

from flopcast.portal.options import Options, State, Text
from flopcast.portal.site import Site
from flopcast.portal.view import Page, View
from flopcast.records.find import LIMIT, find

_OPTIONS = Options((Text(name="q", label="Search", default=""),))
_PATHS = {"benchmarks": "/benchmarks/", "models": "/models/", "hardware": "/hardware/"}


def view(site: Site, state: State) -> View:
    """What holds the text."""
    text = state["q"]
    found = find(site.catalogue, text) if text else {}
    number = sum(len(rows) for rows in found.values())
    return View(
        title=f"Search: {text}" if text else "Search",
        description="Search benchmarks, models, hardware and papers.",
        template="search.html",
        context={"found": found, "number": number, "paths": _PATHS, "limit": LIMIT},
        name="search",
    )


PAGES = (Page("/search", view, _OPTIONS),)
