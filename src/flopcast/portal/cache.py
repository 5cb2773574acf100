"""What is kept in memory up to a number of bytes; the longest unused goes first.

Rendered views in one cache, results of the library in another.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final, TypeVar, final

T = TypeVar("T")
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


@final
@dataclass
class _Shelf:
    """What is held of one benchmark, the longest unused first, each with its bytes."""

    results: OrderedDict[Hashable, tuple[Any, int]] = field(default_factory=OrderedDict)
    size: int = 0

    def drop(self) -> int:
        """Drops the longest unused; gives its bytes."""
        _, size = self.results.popitem(last=False)[1]
        self.size -= size
        return size


@final
class ResultCache:
    """Results by benchmark, bounded in bytes as estimated; safe between threads.

    The benchmark that was longest unused leaves as a whole, for its results share its runs; of
    the only one left, the results that were longest unused go.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0
        self._shelves: OrderedDict[str, _Shelf] = OrderedDict()
        self._lock = Lock()
        self._making: dict[Hashable, Lock] = {}

    def once(self, of: str, key: Hashable, make: Callable[[], T], weigh: Callable[[T], int]) -> T:
        """What ``make`` gives, held for later.

        Args:
            of: the benchmark whose runs the result holds, or any other name.
            key: of the result.
            make: gives it; called by one thread while others wait for the same result.
            weigh: estimates its bytes.
        """
        with self._lock:
            making = self._making.setdefault((of, key), Lock())
        try:
            with making:
                with self._lock:
                    shelf = self._shelves.get(of)
                    if shelf is not None and key in shelf.results:
                        self._shelves.move_to_end(of)
                        shelf.results.move_to_end(key)
                        found: T = shelf.results[key][0]
                        return found
                made = make()
                with self._lock:
                    self._hold(of, key, made, weigh(made) + _OVERHEAD)
                return made
        finally:
            with self._lock:
                self._making.pop((of, key), None)

    def _hold(self, of: str, key: Hashable, made: Any, size: int) -> None:
        if size > self.limit:
            return
        shelf = self._shelves.setdefault(of, _Shelf())
        self._shelves.move_to_end(of)
        self.held += size
        while self.held > self.limit and len(self._shelves) > 1:
            self.held -= self._shelves.popitem(last=False)[1].size
        while self.held > self.limit:
            self.held -= shelf.drop()
        shelf.results[key] = made, size
        shelf.size += size
