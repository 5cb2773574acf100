"""A release with little in it is shown with what is known; what is not has a stated reason."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any, Final

import pytest
from tests.portal.running import awaited
from tests.portal.small_release import small_release

from flopcast.portal import Settings, create_app
from flopcast.portal.api.app import PREFIX
from flopcast.portal.export.asking import Answered, ask
from flopcast.portal.export.places import FILES
from flopcast.portal.site import Site
from flopcast.records.query import Catalogue

_FACTS: Final = ("results", "claims", "claims_corrected", "scores")
#: What is taken out of a small release.
_TAKEN: Final = {
    "one accounting": [f"DELETE FROM {t} WHERE basis = 'operations'" for t in _FACTS[1:3]],
    "an empty benchmark": [f"DELETE FROM {t} WHERE benchmark = 'imagenet-top1'" for t in _FACTS],
    "no results": [f"DELETE FROM {t}" for t in (*_FACTS, "models")],
    "no benchmarks": [f"DELETE FROM {t}" for t in (*_FACTS, "models", "benchmarks")],
}
Asked = Callable[[str], Answered]


@pytest.fixture(scope="module", params=list(_TAKEN))
def meagre(
    request: pytest.FixtureRequest, release: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Site, Asked]]:
    """What was taken out, the portal on what is left, and a way to ask it."""
    folder = tmp_path_factory.mktemp("meagre")
    path = without(request.param, release.path, folder / "release.sqlite")
    kept = f"sqlite:///{folder / 'visitors.sqlite'}"
    app = create_app(Settings(catalogue=path, database=kept, view_seconds=300))
    yield request.param, app.state.site, lambda address: awaited(ask(app, address))
    app.state.desk.close()


def without(kind: str, source: Path, target: Path) -> Path:
    """A small release without what ``kind`` names."""
    small_release(source, target)
    with sqlite3.connect(target) as facts:
        for statement in _TAKEN[kind]:
            facts.execute(statement)
    facts.close()
    return target


def test_no_page_fails(meagre: tuple[str, Site, Asked]) -> None:
    """Pages and their files are answered, or say that there is nothing of the kind."""
    kind, site, answer = meagre
    for address in _addresses(site):
        found = answer(address)
        assert found.status in (200, 404), (kind, address, found.status)


def test_no_route_of_the_api_fails(meagre: tuple[str, Site, Asked]) -> None:
    """Every route answers, with things that the release has and with others."""
    kind, site, answer = meagre
    schema = json.loads(answer(f"{PREFIX}/openapi.json").body)
    some = next(iter(site.catalogue), "none")
    names = {"benchmark": some, "run": "none", "model": "none", "hardware": "h100-sxm",
             "source": "none", "law": "chinchilla", "format": "json"}  # fmt: skip
    for path in schema["paths"]:
        found = answer(PREFIX + path.format(**names))
        assert found.status in (200, 404, 422), (kind, path, found.status)


def test_the_first_page_says_why_there_is_no_answer(meagre: tuple[str, Site, Asked]) -> None:
    """The refusal has a code and stands on the page; an answer of another benchmark is shown."""
    kind, _, answer = meagre
    document = json.loads(answer("/index.json").body)
    page = unescape(answer("/").body.decode())
    if kind == "an empty benchmark":
        assert document["benchmark"] == "coco-box-ap"
        assert "0 of 0 results" in page
        return
    codes = {"one accounting": "no_conversion", "no benchmarks": "no_benchmark"}
    assert document["refused"]["code"] == codes.get(kind, "too_few_points")
    assert document["refused"]["reason"] in page


def test_what_is_known_stays(meagre: tuple[str, Site, Asked]) -> None:
    """Without a second accounting the results of a benchmark and its points are shown."""
    kind, site, answer = meagre
    if kind != "one accounting":
        return
    rows: list[Any] = json.loads(answer("/benchmarks.json").body)["benchmarks"]
    assert {row["exponent"] for row in rows} == {None}
    assert all(row["n"] > 6 for row in rows)
    assert answer("/benchmarks/imagenet-top1.csv").body.count(b"\n") > site.counts["coco-box-ap"]


def _addresses(site: Site) -> Iterator[str]:
    """Some paths of every page, with all their files but pixels, and what is beside the pages."""
    for page in site.pages:
        for path in page.all_paths(site)[:1]:
            yield path
            stem = "/index" if path == "/" else path
            yield from (f"{stem}.{suffix}" for suffix in page.formats if suffix != "png")
            if page.embeds:
                yield f"/embed{path}"
    yield from (name for name in FILES if not name.endswith((".png", ".sqlite")))
    yield "/sitemap.xml"
    for benchmark in site.catalogue:
        yield from (f"/benchmarks/{benchmark}.{suffix}" for suffix in ("atom", "bib"))
        yield f"/data/{benchmark}.csv"
