"""The style sheet, scripts and icons, each under an address that changes with its content."""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, final

from flopcast.portal.cache import Rendered

if TYPE_CHECKING:
    from flopcast.portal.site import Site

FOLDER: Final = Path(__file__).with_name("static")
#: Bundled interactive charts, where they have been built.
BUNDLE: Final = "interactive.js"
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@final
@dataclass(frozen=True)
class Assets:
    """Files by name, and a digest over all of them that their addresses carry."""

    files: Mapping[str, Rendered]
    digest: str

    @classmethod
    def of(cls, site: "Site") -> "Assets":
        """The package's static files, the style sheet with the colours of charts at its end."""
        bodies = {
            path.relative_to(FOLDER).as_posix(): path.read_bytes()
            for path in sorted(FOLDER.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }
        bodies["site.css"] += chart_colours(*site.years).encode()
        digest = hashlib.sha256()
        for name, body in bodies.items():
            digest.update(name.encode() + b"\0" + body)
        return cls({name: pack(body, _type(name)) for name, body in bodies.items()},
                   digest.hexdigest()[:12])  # fmt: skip

    def path(self, name: str) -> str:
        """The path of a file, which never changes its content."""
        return f"/static/{self.digest}/{name}"

    def __contains__(self, name: str) -> bool:
        return name in self.files


def chart_colours(first: int, last: int) -> str:
    """CSS that gives charts the colours of a dark page where the reader prefers one."""
    from flopcast.figures.inline import dark_colours

    rules = dark_colours(range(first, last + 1))
    return f"@media screen and (prefers-color-scheme: dark) {{\n{rules}\n}}\n"


def pack(body: bytes, media_type: str, *, status: int = 200, filename: str | None = None,
         framed: bool = False) -> Rendered:  # fmt: skip
    """A body with its tag, and compressed where that makes it smaller."""
    compressed = gzip.compress(body, 6, mtime=0) if len(body) > 512 else body
    etag = hashlib.sha256(body + media_type.encode()).hexdigest()[:24]
    smaller = compressed if len(compressed) < len(body) else None
    return Rendered(body, smaller, media_type, etag, status, filename, framed)


def _type(name: str) -> str:
    found = _TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0]
    if found is None:
        return "application/octet-stream"
    text = found.startswith("text/") or found == "image/svg+xml"
    return f"{found}; charset=utf-8" if text else found
