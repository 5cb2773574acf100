"""What all pages share: the catalogue, its results as the library computes them, the caches."""

import hashlib
from collections.abc import Callable, Hashable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar, final

from flopcast.errors import InputError
from flopcast.portal.cache import ResultCache, ViewCache
from flopcast.portal.settings import Settings
from flopcast.records.query import BenchmarkRuns, Catalogue
from flopcast.records.query import catalogue as open_catalogue

if TYPE_CHECKING:
    from flopcast.portal.assets import Assets
    from flopcast.portal.view import Page
    from flopcast.progress.burden import Burden

T = TypeVar("T")
#: What a run with its claims takes in memory, and what a regression takes per point, bytes.
_PER_RUN: Final = 1600
_PER_POINT: Final = 120


@final
class NotFound(Exception):
    """There is no such page or thing: what was asked for, and what is near."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        self.message = message
        self.hint = hint
        super().__init__(message)


@final
class Moved(Exception):
    """The thing has another, lasting address: a path without the site's root."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)


@final
class Site:
    """One catalogue release as pages see it.

    Raises:
        InputError: where the release is missing or is not one.
    """

    def __init__(self, settings: Settings, pages: tuple["Page", ...]) -> None:
        self.settings = settings
        self.pages = pages
        self.catalogue: Catalogue = open_catalogue(settings.catalogue)
        self.cache = ViewCache(settings.cache_bytes)
        self.results = ResultCache(settings.result_bytes)

    @property
    def release(self) -> str:
        """Id of the catalogue release."""
        return self.catalogue.release["id"]

    @cached_property
    def tag(self) -> str:
        """What tells this release and this version of the package from all others."""
        from flopcast import __version__

        text = f"{sorted(self.catalogue.release.items())}{__version__}{self.assets.digest}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @cached_property
    def assets(self) -> "Assets":
        """Style sheet and scripts."""
        from flopcast.portal.assets import Assets

        return Assets.of(self)

    @cached_property
    def years(self) -> tuple[int, int]:
        """First and last year of any result: every chart's colours run between them."""
        return self.catalogue.years or (2012, 2012)

    @cached_property
    def counts(self) -> dict[str, int]:
        """Number of results per benchmark."""
        return self.catalogue.counts()

    def heaviest(self, least: int) -> list[str]:
        """Benchmarks of more than so many results, the largest first.

        Together their runs take at most half of the memory for results.
        """
        room = self.settings.result_bytes // 2
        found = []
        for id, count in sorted(self.counts.items(), key=lambda item: -item[1]):
            if count > least and _PER_RUN * count <= room:
                found.append(id)
                room -= _PER_RUN * count
        return found

    def url(self, path: str) -> str:
        """A path of the site as links hold it, under the site's root."""
        return f"{self.settings.root}{path}"

    def absolute(self, path: str) -> str:
        """A path with scheme and host where a base URL is set; as :meth:`url` elsewhere."""
        return f"{self.settings.origin}{self.url(path)}"

    def benchmark(self, name: str) -> BenchmarkRuns:
        """A benchmark with its runs, by id.

        Raises:
            Moved: where ``name`` is an alias.
            NotFound: for an unknown name, with the nearest ones.
        """
        try:
            found = self.catalogue.find(name)
        except InputError as error:
            raise NotFound(error.message, error.hint) from None
        if found.id != name:
            raise Moved(f"/benchmarks/{found.id}")
        return self.runs(found.id)

    def runs(self, id: str) -> BenchmarkRuns:
        """The runs of a benchmark whose id is known to be one."""
        return self.once(
            "runs", lambda: self.catalogue[id], of=id, weigh=lambda f: _PER_RUN * len(f.runs)
        )

    def burden(self, source: BenchmarkRuns, part: Hashable = None, **options: Any) -> "Burden":
        """The library's regression of some runs of a benchmark, computed once.

        Args:
            source: the runs, possibly only some of them.
            part: what tells these runs from others of the benchmark.
            options: of :func:`flopcast.burden`.

        Raises:
            InputError: for options that do not go together.
            Refused: with too few points.
        """
        from flopcast.progress.burden import burden

        return self.once(
            ("burden", part, *sorted(options.items())),
            lambda: burden(source, **options),
            of=source.id,
            weigh=lambda found: _PER_POINT * found.n,
        )

    def once(
        self,
        key: Hashable,
        make: Callable[[], T],
        *,
        of: str = "",
        weigh: Callable[[T], int] | None = None,
    ) -> T:
        """What ``make`` gives, held for later, up to ``Settings.result_bytes`` in all.

        Args:
            key: of the result among those of the same benchmark.
            make: gives it; never called by two threads at once for one key.
            of: the benchmark whose runs it holds, "" for none.
            weigh: estimates its bytes beside the runs; None where it is small.
        """
        return self.results.once(of, key, make, weigh or (lambda _: 0))
