"""Charts of the library inside a page: a wide and a narrow drawing, of which one shows."""

from collections.abc import Callable
from typing import Any, Final

from markupsafe import Markup

from flopcast.figures.inline import inline_svg
from flopcast.figures.save import svg

#: Widths of the two drawings, px.
WIDE: Final = 1000
SLIM: Final = 340


def both(chart: Callable[..., Any], id: str, title: str) -> Markup:
    """Both drawings as markup; ``chart(width, caption)`` makes an Altair chart."""
    found = [
        f'<div class="{name}">'
        + inline_svg(
            chart(width, caption=False), id=f"{id}-{name}", title=title,
            description="The table on this page has the same numbers.",
        )
        + "</div>"
        for name, width in (("wide", WIDE), ("slim", SLIM))
    ]  # fmt: skip
    return Markup("".join(found))


def whole(chart: Any) -> str:
    """A chart as an SVG file."""
    return svg(chart)
