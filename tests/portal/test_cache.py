"""Rendered views in memory: bounded in bytes, the longest unused go first."""

from hypothesis import given
from hypothesis import strategies as st

from flopcast.portal.assets import pack
from flopcast.portal.cache import ViewCache


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
