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
        groups.setdefault(dot.year, []).append(named(dot.words, dot.url, shape))
    drawn = [
        element("g", *groups[year], fill=colours[year], stroke=colours[year])
        for year in sorted(groups)
    ]
    return element("g", *drawn, stroke_width=1.4, class_="dots", role="list") if drawn else ""


def named(words: str, url: str | None, shape: str) -> str:
    """A shape as an item of a list, with what it is in words; a link where it leads somewhere."""
    title = f"<title>{text_of(words)}</title>"
    address = web_address(url)
    if address is None:
        inner = element("g", title, shape, role="graphics-symbol", aria_label=words,
                        tabindex="-1", class_="dot")  # fmt: skip
    else:
        inner = element("a", title, shape, href=address, rel="noopener", tabindex="-1",
                        class_="dot")  # fmt: skip
    return element("g", inner, role="listitem")


def density(x: FloatArray, y: FloatArray, frame: Frame, colour: str = BLUE) -> str:
    """Cells of 5 px, darker the more points they hold: one path for each doubling."""
    columns, rows = (max(1, round(side / _CELL)) for side in (frame.width, frame.height))
    counts = counted(x, y, frame, (columns, rows)).T
    levels = np.searchsorted(_LEVELS, counts, side="right")
    across, up = frame.width / columns, frame.height / rows
    drawn = []
    for level in range(1, len(_LEVELS) + 1):
        d = [
            f"M{number(start * across)},{number(frame.height - (row + 1) * up)}"
            f"h{number((end - start) * across)}v{up:.2f}h-{number((end - start) * across)}z"
            for row, start, end in _stretches(levels == level)
        ]
        if d:
            opacity = f"{0.14 + 0.86 * (level - 1) / (len(_LEVELS) - 1):.2f}"
            drawn.append(element("path", d="".join(d), fill_opacity=opacity))
    return element("g", *drawn, fill=colour, class_="density")


def counted(
    x: FloatArray, y: FloatArray, frame: Frame, cells: tuple[int, int]
) -> npt.NDArray[np.intp]:
    """How many of the points within a plot lie in each of its cells, shape ``cells``."""
    columns, rows = cells
    (left, right), (low, high) = frame.x, frame.y
    column = ((x - left) / (right - left) * columns).astype(np.intp)
    row = ((y - low) / (high - low) * rows).astype(np.intp)
    # A point on the far edge belongs to the last cell.
    place = np.clip(column, 0, columns - 1) * rows + np.clip(row, 0, rows - 1)
    return np.bincount(place, minlength=columns * rows).reshape(cells)


def _stretches(marked: npt.NDArray[np.bool_]) -> list[tuple[int, int, int]]:
    """Row, start and end of every stretch of marked cells that stand side by side."""
    edges = np.diff(np.pad(marked, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    (row, start), (_, end) = np.nonzero(edges == 1), np.nonzero(edges == -1)
    return list(zip(row.tolist(), start.tolist(), end.tolist(), strict=True))


def doors(x: FloatArray, y: FloatArray, frame: Frame, address: Callable[[Window], str]) -> str:
    """Parts of the plot as links to a view of that part alone, each saying what it holds."""
    columns, rows = _DOORS
    counts = counted(x, y, frame, _DOORS)
    xs, ys = (np.linspace(*ends, cells + 1) for ends, cells in zip((frame.x, frame.y), _DOORS,
                                                                   strict=True))  # fmt: skip
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
