"""Rendered views, kept in memory up to a number of bytes; the longest unused go first."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Final, final

#: What one entry takes beside its bodies, bytes.
_OVERHEAD: Final = 1024


@final
@dataclass(frozen=True)
class Rendered:
    """One body as sent: plain, compressed (None where that saves nothing), and its tag."""

    body: bytes
    compressed: bytes | None
    media_type: str
    etag: str
    status: int = 200
    filename: str | None = None
    framed: bool = False

    @property
    def size(self) -> int:
        """Bytes held."""
        return len(self.body) + len(self.compressed or b"") + _OVERHEAD


@final
class ViewCache:
    """Least recently used, bounded in bytes; safe between threads."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0
        self._views: OrderedDict[Hashable, Rendered] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._views)

    def get(self, key: Hashable) -> Rendered | None:
        """A view, now the most recently used; None where it is not held."""
        with self._lock:
            found = self._views.get(key)
            if found is not None:
                self._views.move_to_end(key)
            return found

    def put(self, key: Hashable, view: Rendered) -> None:
        """Keeps a view; one larger than a quarter of the limit is not kept."""
        with self._lock:
            old = self._views.pop(key, None)
            self.held -= old.size if old else 0
            if view.size * 4 > self.limit:
                return
            self._views[key] = view
            self.held += view.size
            while self.held > self.limit:
                self.held -= self._views.popitem(last=False)[1].size
