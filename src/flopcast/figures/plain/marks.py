"""Points of a plot: each a link with a name; or, where they are many, how many lie where."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np
import numpy.typing as npt

from flopcast.figures.labels import Frame
from flopcast.figures.plain.elements import element, number, text_of
from flopcast.figures.theme import BLUE, INK, PAPER, Layout
from flopcast.figures.words import web_address

FloatArray = npt.NDArray[np.float64]
Window = tuple[float, float, float, float]

#: More points than this in view are drawn as densities.
MOST_POINTS: Final = 1500
_CELL: Final = 5.0
_LEVELS: Final = (1, 2, 4, 8, 16, 32, 64, 128)
_DOORS: Final = (12, 8)


@final
@dataclass(frozen=True)
class Dot:
    """One point: its place on the scales, what it is in words, where it leads, how it looks."""

    x: float
    y: float
    words: str
    url: str | None
    year: int
    hollow: bool = False


def dots(found: Sequence[Dot], frame: Frame, layout: Layout, colours: Mapping[int, str]) -> str:
    """Points as links, newest on top; hollow ones are outlined."""
    radius = 3.2 if layout.compact else 3.8
    groups: dict[int, list[str]] = {}
    for dot in found:
        x, y = frame.px(dot.x, dot.y)
        shape = element("circle", cx=x, cy=y, r=radius, fill=PAPER if dot.hollow else None)
        groups.setdefault(dot.year, []).append(_named(dot, shape))
    drawn = [
        element("g", *groups[year], fill=colours[year], stroke=colours[year])
        for year in sorted(groups)
    ]
    return element("g", *drawn, stroke_width=1.4, class_="dots", role="list") if drawn else ""


def _named(dot: Dot, shape: str) -> str:
    title = f"<title>{text_of(dot.words)}</title>"
    url = web_address(dot.url)
    if url is None:
        inner = element("g", title, shape, role="graphics-symbol", aria_label=dot.words,
                        tabindex="-1", class_="dot")  # fmt: skip
    else:
        inner = element("a", title, shape, href=url, rel="noopener", tabindex="-1", class_="dot")
    return element("g", inner, role="listitem")


def density(x: FloatArray, y: FloatArray, frame: Frame, colour: str = BLUE) -> str:
    """Cells of 5 px, darker the more points they hold: one path for each doubling."""
    columns, rows = (max(1, round(side / _CELL)) for side in (frame.width, frame.height))
    counts, _, _ = np.histogram2d(x, y, (columns, rows), (frame.x, frame.y))
    across, up = frame.width / columns, frame.height / rows
    drawn = []
    for index, least in enumerate(_LEVELS):
        above = _LEVELS[index + 1] if index + 1 < len(_LEVELS) else np.inf
        d = []
        for column, row in np.argwhere((counts >= least) & (counts < above)):
            top = frame.height - (row + 1) * up
            d.append(
                f"M{number(column * across)},{number(top)}h{across:.2f}v{up:.2f}h-{across:.2f}z"
            )
        if d:
            opacity = f"{0.14 + 0.86 * index / (len(_LEVELS) - 1):.2f}"
            drawn.append(element("path", d="".join(d), fill_opacity=opacity))
    return element("g", *drawn, fill=colour, class_="density")


def doors(x: FloatArray, y: FloatArray, frame: Frame, address: Callable[[Window], str]) -> str:
    """Parts of the plot as links to a view of that part alone, each saying what it holds."""
    columns, rows = _DOORS
    counts, xs, ys = np.histogram2d(x, y, _DOORS, (frame.x, frame.y))
    across, up = frame.width / columns, frame.height / rows
    drawn = []
    for column, row in np.argwhere(counts > 0):
        window = (xs[column], xs[column + 1], ys[row], ys[row + 1])
        words = f"{counts[column, row]:,.0f} results here: look closer"
        box = element("rect", x=column * across, y=frame.height - (row + 1) * up,
                      width=across, height=up)  # fmt: skip
        drawn.append(
            element("a", f"<title>{text_of(words)}</title>", box, href=address(window),
                    tabindex="-1", class_="door")
        )  # fmt: skip
    return element("g", *drawn, fill="none", pointer_events="all")


def inside(x: FloatArray, y: FloatArray, frame: Frame) -> npt.NDArray[np.bool_]:
    """Which points a plot shows, shape (n,)."""
    (left, right), (low, high) = frame.x, frame.y
    return np.asarray((x >= left) & (x <= right) & (y >= low) & (y <= high))


def year_key(years: Sequence[int], layout: Layout, colours: Mapping[int, str], top: float) -> str:
    """The colours of years in rows, and how high they are."""
    room = 48.0
    columns = max(1, int(layout.inner_width / room))
    drawn = []
    for index, year in enumerate(years):
        x, y = (index % columns) * room + 5, top + (index // columns) * layout.font * 1.6
        drawn.append(element("circle", cx=x, cy=y, r=4, fill=colours[year]))
        drawn.append(element("text", str(year), x=x + 8, y=y, dy=".35em", fill=INK))
    return "".join(drawn)


def key_height(years: Sequence[int], layout: Layout) -> float:
    """Height of :func:`year_key` in px."""
    columns = max(1, int(layout.inner_width / 48.0))
    return -(-len(years) // columns) * layout.font * 1.6
