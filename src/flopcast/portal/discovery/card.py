"""The picture that stands for a page where a link to it is shared (OpenGraph)."""

from typing import Final
from xml.sax.saxutils import escape

from flopcast.portal.formats.files import png_of

WIDTH: Final = 1200
HEIGHT: Final = 630
_LINE: Final = 26


def card(title: str, below: str) -> bytes:
    """A PNG with a title of up to three lines, and a line under it."""
    lines = _broken(title)
    top = 300 - 45 * (len(lines) - 1)
    words = "".join(
        f'<text x="90" y="{top + 90 * k}" font-size="78" font-weight="600" fill="#1c2126">'
        f"{escape(line)}</text>"
        for k, line in enumerate(lines)
    )
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fefefe"/>'
        f'<rect width="{WIDTH}" height="14" fill="#1c2126"/>{words}'
        f'<text x="90" y="{top + 90 * len(lines)}" font-size="36" fill="#59636d">'
        f"{escape(below)}</text>"
        f'<text x="90" y="565" font-size="40" font-weight="600" fill="#59636d">flopcast</text>'
        "</svg>"
    )
    return png_of(picture, 1.0)


def _broken(title: str) -> list[str]:
    """Lines of at most 26 characters where words allow it, three at most."""
    lines = [""]
    for word in title.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > _LINE:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines[:3]
