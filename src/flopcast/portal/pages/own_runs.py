"""Your own runs: the form; what it sends is answered in ``own_runs/``."""

from flopcast.portal.options import Choice, Options, State
from flopcast.portal.own_runs.routes import PATH
from flopcast.portal.own_runs.shown import EXAMPLE, start_context
from flopcast.portal.site import Site
from flopcast.portal.view import Page, View

_OPTIONS = Options(
    (
        Choice(
            name="example", label="Table", values={"no": "empty", "yes": "example"}, default="no"
        ),
    )
)


def view(_: Site, state: State) -> View:
    """The form, empty or with an example."""
    table = EXAMPLE if state["example"] == "yes" else ""
    return View(
        title="Your own runs",
        description="Fit a scaling law to your own training runs and forecast larger ones.",
        template="own_runs.html",
        context={**start_context({}, table), "path": PATH},
        name="own-runs",
    )


PAGES = (Page(PATH, view, _OPTIONS, nav="Your runs"),)
