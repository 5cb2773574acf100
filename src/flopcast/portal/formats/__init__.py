"""The forms in which a view can be had: a page, and one file per suffix."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from flopcast.portal.assets import pack
from flopcast.portal.cache import Rendered
from flopcast.portal.formats import files
from flopcast.portal.site import NotFound
from flopcast.portal.templating import write_page

if TYPE_CHECKING:
    from flopcast.portal.site import Site
    from flopcast.portal.view import Shown

#: Suffix to (writer, media type). A writer takes the site and the view and gives the body.
WRITERS: Final[Mapping[str, tuple[Callable[["Site", "Shown"], bytes], str]]] = {
    "csv": (files.csv, "text/csv; charset=utf-8"),
    "json": (files.json_text, "application/json"),
    "svg": (files.svg, "image/svg+xml"),
    "png": (files.png, "image/png"),
    "vl.json": (files.vega_lite, "application/json"),
}


def write_as(site: "Site", shown: "Shown", suffix: str) -> Rendered:
    """A view as a page (``suffix`` "") or a file.

    Raises:
        NotFound: where the view has no such form.
    """
    if not suffix:
        body = write_page(site, shown).encode()
        return pack(body, "text/html; charset=utf-8", status=shown.view.status,
                    framed=shown.embedded)  # fmt: skip
    if suffix not in shown.view.formats or suffix not in WRITERS:
        raise NotFound(f"This view has no form .{suffix}.")
    writer, media_type = WRITERS[suffix]
    return pack(writer(site, shown), media_type, filename=f"{shown.view.name}.{suffix}")
