"""The static copy: whole, without dead links, the same every time, and careful with folders."""

import hashlib
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from tests.portal.running import apart
from tests.portal.small_release import small_release
from tests.test_json_schema import validator

from flopcast.cli.app import main
from flopcast.errors import InputError
from flopcast.portal.export.places import Places
from flopcast.portal.export.rewriting import Page, relative
from flopcast.portal.export.write import MANIFEST, export, require_ours
from flopcast.portal.pages import all_pages
from flopcast.portal.settings import Settings
from flopcast.portal.site import Site
from flopcast.records.query import Catalogue


class Links(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.forms = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collects."""
        self.forms += tag in ("form", "input", "button", "select", "textarea")
        for name, value in attrs:
            if value and name in ("href", "src", "xlink:href"):
                self.links.append(value)
            if value and name == "id":
                self.anchors.add(value)


@pytest.fixture(scope="module")
def copy(
    release: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    """A copy of a small portal, and its manifest."""
    folder = tmp_path_factory.mktemp("export")
    catalogue = small_release(release.path, folder / "small.sqlite")
    settings = Settings(catalogue=catalogue)
    manifest = apart(
        lambda: export(settings, folder / "site", formats=("csv", "json"), views=False)
    )
    return folder / "site", manifest


def test_no_link_is_dead(copy: tuple[Path, dict[str, Any]]) -> None:
    """Every link within the copy leads to a file of it, and to an anchor that is there."""
    folder, manifest = copy
    pages = {path: Links(path.read_text("utf-8")) for path in folder.rglob("*.html")}
    assert len(pages) > 100
    dead = set()
    for path, page in pages.items():
        assert not page.forms, path
        for link in page.links:
            if link.startswith(("http://", "https://", "data:", "mailto:")):
                continue
            name, _, anchor = link.partition("#")
            target = (path.parent / name).resolve() if name else path
            there = target.is_relative_to(folder) and target.is_file()
            lost = anchor and target in pages and anchor not in pages[target].anchors
            if not there or lost:
                dead.add((str(path.relative_to(folder)), link))
    assert dead == set()
    assert "benchmarks/coco-box-ap.csv" in manifest["files"]
    assert "embed/benchmarks/coco-box-ap/index.html" in manifest["files"]
    assert "benchmarks/coco-box-ap.atom" in manifest["files"]


def test_the_manifest_holds_every_file(
    copy: tuple[Path, dict[str, Any]], repository: Path
) -> None:
    """Each file with its digest, and nothing else."""
    folder, manifest = copy
    validator(repository, "export").validate(manifest)
    assert json.loads((folder / MANIFEST).read_text("utf-8")) == manifest
    found = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }
    assert found == manifest["files"]


def test_a_foreign_folder_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder with other files is refused, and nothing in it changes."""
    (tmp_path / "mine.txt").write_text("mine")
    assert apart(lambda: main(["portal", "export", str(tmp_path)])) == 2
    assert "no export wrote" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    with pytest.raises(InputError, match="is a file"):
        require_ours(tmp_path / "mine.txt")
    require_ours(tmp_path / "new")


def test_a_failure_leaves_the_old_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: Catalogue
) -> None:
    """The folder changes as a whole or not at all."""
    from flopcast.portal.export import write

    (tmp_path / "site").mkdir()
    (tmp_path / "site" / MANIFEST).write_text("{}")

    def broken(*_: Any) -> None:
        raise InputError("broken")

    monkeypatch.setattr(write, "_written", broken)
    with pytest.raises(InputError, match="broken"):
        export(Settings(catalogue=release.path), tmp_path / "site")
    assert (tmp_path / "site" / MANIFEST).read_text() == "{}"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("/", "index.html"),
        ("/index.csv", "index.csv"),
        ("/benchmarks/coco-box-ap", "benchmarks/coco-box-ap/index.html"),
        ("/benchmarks/coco-box-ap.svg", "benchmarks/coco-box-ap.svg"),
        ("/benchmarks/coco-box-ap.vl.json", "benchmarks/coco-box-ap.vl.json"),
        ("/benchmarks/coco-box-ap.atom", "benchmarks/coco-box-ap.atom"),
        (
            "/benchmarks/coco-box-ap?measure=network",
            "benchmarks/coco-box-ap/view-measure-network/index.html",
        ),
        (
            "/benchmarks/coco-box-ap.csv?measure=network",
            "benchmarks/coco-box-ap/view-measure-network.csv",
        ),
        ("/benchmarks/coco-box-ap?measure=consolidated", "benchmarks/coco-box-ap/index.html"),
        ("/embed/benchmarks/coco-box-ap", "embed/benchmarks/coco-box-ap/index.html"),
        ("/static/abc/site.css", "static/abc/site.css"),
        ("/benchmarks/coco-box-ap?from=2019", None),
        ("/benchmarks/coco-box-ap?measure=network&regress=quantile", None),
        ("/benchmarks/coco-box-ap?sort=-year", None),
        ("/api/v1/release", None),
        ("/kept/token", None),
    ],
)
def test_addresses_become_files(release: Catalogue, address: str, file: str | None) -> None:
    """Pages, their files, and views with one option changed have a place; others have none."""
    site = Site(Settings(catalogue=release.path), all_pages())
    assert Places(site).file(address) == file


def test_each_choice_of_a_page_is_a_view(release: Catalogue) -> None:
    """The views with one option changed are listed by option, each with a file of its own."""
    places = Places(Site(Settings(catalogue=release.path), all_pages()))
    found = dict(places.variants("/benchmarks/coco-box-ap"))
    assert len(found["Compute"]) == 4
    addresses = [address for values in found.values() for _, address in values]
    files = {places.file(address) for address in addresses}
    assert None not in files
    assert len(files) == len(addresses)
    assert places.variants(addresses[0]) == []


def test_pages_are_rewritten() -> None:
    """Links become relative, lost ones lose their address, forms become a note."""
    places = {"/b": "b/index.html", "/a.csv": "a.csv", "/a?x=1": "a/view-x-1/index.html"}
    variants = [("X", [("one", "/a?x=1"), ("two", "/a?x=2")])]
    page = Page("a/index.html", places.get, variants=variants, root="/base")
    text = page.written(
        '<a href="/base/b#x">b</a> <a href="/base/c?q=1">c</a> <a href="https://d.org/?e&amp;f">d</a>'
        '<form action="/base/b"><input name="q"><button>Go</button></form>'
        '<link href="/base/a.csv">'
    )
    assert '<a href="../b/index.html#x">b</a>' in text
    assert '<a title="Not in this copy">c</a>' in text
    assert '<a href="https://d.org/?e&amp;f">d</a>' in text
    assert '<link href="../a.csv">' in text
    assert "static copy" in text
    assert "<form" not in text
    assert "<input" not in text
    assert "Go" not in text
    assert '<ul><li>X: <a href="view-x-1/index.html">one</a></li></ul>' in text
    assert page.found == ["/b", "/a?x=1", "/a.csv"]
    assert relative("index.html", "index.html") == "index.html"
