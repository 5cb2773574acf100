"""What this is, what to trust and what not."""

from flopcast.portal.options import State
from flopcast.portal.site import Site
from flopcast.portal.view import Page, View
from flopcast.progress.methods import WEAKNESSES


def view(site: Site, _: State) -> View:
    """The page."""
    from flopcast import __version__

    return View(
        title="About",
        description="What flopcast answers, from which facts, and what not to trust.",
        template="about.html",
        context={"version": __version__, "weaknesses": WEAKNESSES, "about": site.catalogue.release,
                 "results": sum(site.catalogue.counts().values())},
        name="about",
    )  # fmt: skip


PAGES = (Page("/about", view, nav="About"),)
