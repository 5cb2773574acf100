"""Charts of the library's results as pages and files hold them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

from markupsafe import Markup

from flopcast import __version__
from flopcast.figures.plain.picture import Picture, inline, sheet
from flopcast.portal.site import Site
from flopcast.progress.burden import Burden
from flopcast.progress.target import Target

#: Widths, px, that each chart is drawn for; the style sheet shows the one that fits. ``ALONE`` is
#: that of a chart with nothing beside it.
WIDE: Final = 760
ALONE: Final = 1080
SLIM: Final = 344


@final
@dataclass(frozen=True)
class Chart:
    """A chart drawn for any width, with its title and the sentences that explain it.

    ``foot`` says where its numbers are from; None for the catalogue release. ``broad`` is the
    width in px that it is drawn for on a screen.
    """

    id: str
    title: str
    words: Sequence[str]
    draw: Callable[[int], Picture]
    foot: str | None = None
    broad: int = WIDE

    def markup(self, width: int) -> Markup:
        """The chart inside a page; the id says for which width it is drawn."""
        return Markup(
            inline(
                self.draw(width), id=f"{self.id}-{width}", title=self.title,
                description=" ".join(self.words) + " The table on this page holds the numbers.",
            )
        )  # fmt: skip

    @property
    def wide(self) -> Markup:
        """For a screen."""
        return self.markup(self.broad)

    @property
    def slim(self) -> Markup:
        """For a phone."""
        return self.markup(SLIM)

    def sheet(self, site: Site, width: int) -> str:
        """The chart as a file that stands alone, with where it is from."""
        foot = f"flopcast {__version__}, " + (
            self.foot
            or f"catalogue release {site.release} (CC BY 4.0). "
            "Each fact is credited to its source there."
        )
        picture = self.draw(width - 24)
        return sheet(picture, title=self.title, words=self.words, foot=foot)


def specification(burden: Burden, targets: Sequence[Target]) -> dict[str, Any]:
    """The main chart in Vega-Lite; ``usermeta.dark`` says what its colours are on a dark page."""
    from flopcast.figures.burden_chart import burden_chart
    from flopcast.figures.theme import DARK, dark_year_colours, year_colours

    drawn: dict[str, Any] = burden_chart(burden, targets, width=WIDE, caption=False).to_dict()
    own = sorted({run.year for run in burden.points.runs})
    dark = {**DARK}
    if own:
        light, night = year_colours(own), dark_year_colours(own)
        dark |= {light[year]: night[year] for year in light}
    return {**drawn, "usermeta": {"dark": dark}}
