"""A drawn plot, and the two ways it is sent: inside a page, or as a file that stands alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

from flopcast.figures.plain.elements import element, lines, text_of
from flopcast.figures.theme import FONT, INK, MUTED, PAPER, Layout

_XMLNS: Final = "http://www.w3.org/2000/svg"
_PADDING: Final = 12.0


@final
@dataclass(frozen=True)
class Picture:
    """A drawing ``width`` × ``height`` px from the origin on, as SVG text."""

    body: str
    width: float
    height: float
    layout: Layout


def inline(picture: Picture, *, id: str, title: str, description: str) -> str:
    """The picture as an element of a page, as wide as what holds it.

    To assistive technology it is a document of symbols, each with its name; a page gives the same
    in a table.
    """
    return element(
        "svg",
        element("title", text_of(title), id=f"{id}-title"),
        element("desc", text_of(description), id=f"{id}-desc"),
        picture.body,
        id=id,
        viewBox=f"0 0 {picture.width:g} {picture.height:g}",
        role="graphics-document",
        aria_labelledby=f"{id}-title",
        aria_describedby=f"{id}-desc",
        font_size=picture.layout.font,
        class_="chart",
    )


def sheet(picture: Picture, *, title: str, words: Sequence[str], foot: str) -> str:
    """The picture as a whole SVG file: title, drawing, what it shows, and where it is from."""
    layout = picture.layout
    leading = layout.font * 1.4
    heading = layout.wrap(title, character=0.75)
    under = [line for sentence in words for line in layout.wrap(sentence, character=0.52)]
    credit = layout.wrap(foot, character=0.52)
    top = _PADDING + (layout.font + 5) * 1.25 * len(heading) + 12
    below = top + picture.height + leading
    height = below + leading * (len(under) + len(credit) + 0.5) + _PADDING - leading
    width = picture.width + 2 * _PADDING
    return element(
        "svg",
        element("title", text_of(title)),
        element("rect", width=width, height=height, fill=PAPER),
        lines(heading, _PADDING, _PADDING + layout.font + 4, leading=(layout.font + 5) * 1.25,
              fill=INK, size=layout.font + 4, weight="bold"),
        element("g", picture.body, transform=f"translate({_PADDING:g},{top:g})"),
        lines(under, _PADDING, below, leading=leading, fill=INK, size=layout.font),
        lines(credit, _PADDING, below + leading * (len(under) + 0.5), leading=leading, fill=MUTED,
              size=layout.font),
        xmlns=_XMLNS, width=width, height=height,
        viewBox=f"0 0 {width:g} {height:g}", font_family=FONT, font_size=layout.font,
    )  # fmt: skip
