"""Writes pages from templates: everything is escaped unless it is markup of our own."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from flopcast.portal import numbers
from flopcast.portal.discovery.metadata import dataset

if TYPE_CHECKING:
    import jinja2

    from flopcast.portal.site import Site
    from flopcast.portal.view import Shown

_FILTERS: Final = (
    "amount", "bounds", "dex", "factor", "flop", "measured", "parameters", "percent", "plain",
    "power", "power10", "quantity", "rate", "share", "signed", "span", "times", "whole",
)  # fmt: skip


def write(site: "Site", template: str, context: dict[str, Any]) -> str:
    """A template as text, with what every page needs."""
    return _environment().get_template(template).render(
        site=site, url=site.url, absolute=site.absolute, asset=_asset(site),
        release=site.release, nav=[page for page in site.pages if page.nav], **context,
    )  # fmt: skip


def write_page(site: "Site", shown: "Shown") -> str:
    """A view as a whole page."""
    context: dict[str, Any] = {
        "shown": shown,
        "view": shown.view,
        "state": shown.state,
        "title": shown.view.title,
        "embedded": shown.embedded,
        "dataset": lambda: dataset(site, site.absolute),
        **shown.view.context,
    }
    return write(site, shown.view.template, context)


def _asset(site: "Site") -> Any:
    return lambda name: site.url(site.assets.path(name))


@lru_cache(maxsize=1)
def _environment() -> "jinja2.Environment":
    import jinja2

    found = jinja2.Environment(
        loader=jinja2.PackageLoader("flopcast.portal"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in _FILTERS:
        found.filters[name] = getattr(numbers, name)
    return found
