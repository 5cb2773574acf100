"""SVG elements as text. Presentation attributes only: pages forbid styles in markup."""

import math
import re
from collections.abc import Iterable, Sequence
from html import escape

Place = tuple[float, float]

#: What no XML document may hold: control characters, and halves of surrogate pairs.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text_of(words: str) -> str:
    """Words as the content of an element."""
    return escape(_FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", words), quote=False)


def number(value: float) -> str:
    """A coordinate in px to a tenth."""
    return f"{value:.1f}".removesuffix(".0")


def element(tag: str, *content: str, **attributes: "str | float | None") -> str:
    """One element. ``stroke_width`` becomes ``stroke-width``; None leaves an attribute out."""
    inner = "".join(content)
    return f"<{tag}{_attributes(attributes)}{f'>{inner}</{tag}>' if inner else '/>'}"


def _attributes(given: dict[str, "str | float | None"]) -> str:
    found = []
    for name, value in given.items():
        if value is not None:
            text = number(value) if isinstance(value, (int, float)) else _quoted(value)
            found.append(f' {name.rstrip("_").replace("_", "-")}="{text}"')
    return "".join(found)


def _quoted(value: str) -> str:
    return escape(_FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", value), quote=True)


def path(places: Iterable[Place], *, closed: bool = False) -> str:
    """Path data through places in px; places that are not finite are left out."""
    parts = [f"{number(x)},{number(y)}" for x, y in places if math.isfinite(x + y)]
    return f"M{'L'.join(parts)}{'Z' if closed else ''}" if parts else ""


def label(
    words: str, x: float, y: float, *, fill: str, anchor: str | None = None,
    size: float | None = None, weight: str | None = None, halo: str | None = None,
) -> str:  # fmt: skip
    """Words on the picture, at their middle height; ``halo`` is a colour behind them."""
    behind = {"stroke": halo, "stroke-width": "3", "stroke-linejoin": "round",
              "paint-order": "stroke"} if halo else {}  # fmt: skip
    return element(
        "text", text_of(words), x=x, y=y, dy=".35em", fill=fill, text_anchor=anchor,
        font_size=size, font_weight=weight, **behind,
    )  # fmt: skip


def lines(
    words: Sequence[str], x: float, y: float, *, leading: float, fill: str, size: float,
    weight: str | None = None, anchor: str | None = None,
) -> str:  # fmt: skip
    """Lines of words one under the other, the first on the base line ``y``."""
    return "".join(
        element("text", text_of(line), x=x, y=y + leading * i, fill=fill, font_size=size,
                font_weight=weight, text_anchor=anchor)
        for i, line in enumerate(words)
    )  # fmt: skip
