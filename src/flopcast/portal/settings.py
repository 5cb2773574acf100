"""What an operator may set."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, final
from urllib.parse import urlsplit

from flopcast.errors import InputError

MEBIBYTE: Final = 1024 * 1024


@final
@dataclass(frozen=True)
class Settings:
    """How a portal runs; every default works without configuration.

    ``catalogue`` is a release's SQLite file, None for the bundled one. ``database`` is an
    SQLAlchemy URL of what visitors leave, None for SQLite in the user's data folder. ``base_url``
    is the public address ("https://example.org/flopcast") for feeds, pictures and a proxy's path.
    ``studies`` are folders of sweep studies to show. ``png_apart`` draws each PNG in a process of
    its own, so that nobody waits for it; where nobody asks, in this one, which is faster.
    ``cache_bytes`` bounds the rendered views held in memory, ``result_bytes`` the runs and results
    that they are made from (as estimated), ``view_seconds`` the time of one view, ``workers`` the
    threads that compute views, ``queue`` how many views may wait for them.
    """

    catalogue: Path | None = None
    database: str | None = None
    base_url: str = ""
    cache_bytes: int = 64 * MEBIBYTE
    result_bytes: int = 384 * MEBIBYTE
    view_seconds: float = 20.0
    workers: int = 2
    queue: int = 64
    studies: tuple[Path, ...] = ()
    png_apart: bool = True

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if self.base_url and (parts.scheme not in ("http", "https") or not parts.netloc):
            hint = "Give it as https://example.org or https://example.org/folder."
            raise InputError(f"The base URL is {self.base_url!r}.", hint)
        for name in ("cache_bytes", "result_bytes", "view_seconds", "workers", "queue"):
            if getattr(self, name) <= 0:
                raise InputError(f"{name} is {getattr(self, name)}; it must be above 0.")

    @property
    def root(self) -> str:
        """The path under which the site lies, without a slash at its end; "" for the top."""
        return urlsplit(self.base_url).path.rstrip("/")

    @property
    def origin(self) -> str:
        """Scheme and host of the public address; "" where none is set."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}" if self.base_url else ""
