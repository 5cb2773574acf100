"""What is held in memory: bounded in bytes, the longest unused goes first."""

import gc
import time
import tracemalloc
import weakref
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.portal.large_release import large_release

from flopcast.portal.assets import pack
from flopcast.portal.cache import ResultCache, ViewCache
from flopcast.portal.questions import PLAIN, asked
from flopcast.portal.settings import MEBIBYTE, Settings
from flopcast.portal.site import Site
from flopcast.records.query import Catalogue


def test_the_longest_unused_goes_first() -> None:
    """A view that was asked for again outlives one that was not."""
    cache = ViewCache(12_000)
    for name in "ab":
        cache.put(name, pack(b"x" * 1000, "text/plain"))
    assert cache.get("a") is not None
    for name in "cdefgh":
        cache.get("a")
        cache.put(name, pack(b"x" * 1000, "text/plain"))
    assert cache.get("a") is not None
    assert cache.get("b") is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5000)), max_size=60))
def test_the_limit_holds(puts: list[tuple[int, int]]) -> None:
    """Whatever is put, no more than the limit is held, and the sum of what is held is right."""
    cache = ViewCache(10_000)
    for key, size in puts:
        cache.put(key, pack(b"x" * size, "text/plain"))
        assert cache.held <= cache.limit
    assert cache.held == sum(v.size for v in cache._views.values())


def test_bodies_are_compressed_where_that_helps() -> None:
    """The tag follows the content; a small body is sent as it is."""
    long, short = pack(b"x" * 5000, "text/plain"), pack(b"xy", "text/plain")
    assert long.compressed is not None
    assert short.compressed is None
    assert long.etag != short.etag == pack(b"xy", "text/plain").etag


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 9), st.integers(0, 5000)),
                max_size=60))  # fmt: skip
def test_the_limit_of_results_holds(wanted: list[tuple[str, int, int]]) -> None:
    """Whatever is made, no more than the limit is held, and the sum of what is held is right."""
    cache = ResultCache(12_000)
    for of, key, size in wanted:

        def weigh(_: str, size: int = size) -> int:
            return size

        assert cache.once(of, (key, size), lambda: "made", weigh) == "made"
        assert cache.held <= cache.limit
    sizes = [size for shelf in cache._shelves.values() for _, size in shelf.results.values()]
    assert cache.held == sum(sizes)


def test_a_benchmark_leaves_as_a_whole() -> None:
    """Its results hold its runs, so that dropping some of them would free nothing."""
    cache = ResultCache(20_000)
    made: list[str] = []

    def ask(of: str, key: str) -> None:
        cache.once(of, key, lambda: made.append(of + key), lambda _: 4000)

    for of, key in (("a", "runs"), ("a", "fit"), ("b", "runs"), ("b", "fit")):
        ask(of, key)
    made.clear()
    ask("b", "runs")
    ask("a", "runs")
    assert made == ["aruns"]
    ask("a", "fit")
    assert made == ["aruns", "afit"]


def test_one_thread_makes_while_others_wait() -> None:
    """A result that several readers wait for is made once."""
    cache, made = ResultCache(10_000), []

    def make() -> str:
        time.sleep(0.05)
        made.append(1)
        return "made"

    with ThreadPoolExecutor(8) as threads:
        waiting = [threads.submit(cache.once, "a", "b", make, lambda _: 1) for _ in range(8)]
        assert {each.result() for each in waiting} == {"made"}
    assert made == [1]


def test_a_failure_is_not_held() -> None:
    """What could not be made is tried again."""
    cache = ResultCache(10_000)

    def fail() -> str:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        cache.once("a", "b", fail, lambda _: 1)
    assert cache.once("a", "b", lambda: "made", lambda _: 1) == "made"
    assert cache._making == {}


@pytest.fixture(scope="module")
def many(release: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with a benchmark of 6,000 results."""
    return large_release(release.path, tmp_path_factory.mktemp("many") / "many.sqlite", 6000)


def test_estimates_are_not_below_what_is_held(many: Path) -> None:
    """The runs of a benchmark take about as much memory as the cache believes."""
    site = Site(Settings(catalogue=many), ())
    site.runs("imagenet-top1")
    before = site.results.held
    tracemalloc.start()
    held = site.runs("many")
    real = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(held.runs) == 6000
    believed = site.results.held - before
    assert 0.6 * real < believed < 2.5 * real


def test_what_leaves_the_cache_is_freed(many: Path) -> None:
    """Nothing else keeps regressions alive, whatever is asked: memory is bounded in fact."""
    site = Site(Settings(catalogue=many, result_bytes=12 * MEBIBYTE), ())
    site.runs("many")
    room = site.results.limit - site.results.held
    asked_for = []
    for first, last in product((2012, 2013, 2014), (2022, 2023, 2024, 2025)):
        state = PLAIN.options.read((("from", str(first)), ("to", str(last))))
        burden = asked(site, site.runs("many"), state).burden
        assert burden is not None
        asked_for.append((weakref.ref(burden), burden.n))
        del burden
    gc.collect()
    alive = [n for found, n in asked_for if found() is not None]
    assert site.results.held <= site.results.limit
    assert 0 < len(alive) < len(asked_for)
    assert 120 * sum(alive) <= room
