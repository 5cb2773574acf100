"""A view's address gives its files, too; and programs find feeds, citations and metadata."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator
from xml.etree import ElementTree as Xml

import httpx
import pytest
import yaml

from flopcast.portal.discovery.card import HEIGHT, WIDTH
from flopcast.portal.discovery.feed import feed, records
from flopcast.progress.burden import burden
from flopcast.records.query import Catalogue

PAGE = "/benchmarks/conll2003-f1"
ATOM = "{http://www.w3.org/2005/Atom}"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def portal(portal_url: str) -> Iterator[httpx.Client]:
    """A reader of the portal."""
    with httpx.Client(base_url=portal_url, timeout=120) as client:
        yield client


def test_every_format_of_a_view(portal: httpx.Client, release: Catalogue) -> None:
    """Data, result and picture are those of the view with the same options."""
    query = {"measure": "hardware"}
    rows = list(csv.DictReader(io.StringIO(portal.get(f"{PAGE}.csv", params=query).text)))
    expected = burden(release["conll2003-f1"], measure="hardware")
    assert {row["run"] for row in rows} >= {run.id for run in expected.points.runs}
    document = portal.get(f"{PAGE}.json", params=query).json()
    assert f'"n": {expected.n}' in json.dumps(document)
    drawn = portal.get(f"{PAGE}.svg", params=query)
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    Xml.fromstring(drawn.text)
    assert portal.get(f"{PAGE}.png", params=query).content.startswith(PNG)


def test_only_embedded_views_may_be_framed(portal: httpx.Client) -> None:
    """The policy lets other sites frame ``/embed`` and nothing else."""
    assert "frame-ancestors *" in portal.get(f"/embed{PAGE}").headers["content-security-policy"]
    assert "frame-ancestors 'none'" in portal.get(PAGE).headers["content-security-policy"]


def test_pages_say_where_their_files_are(portal: httpx.Client) -> None:
    """Alternates, the feed, the preview picture and the metadata are named in the head."""
    head = portal.get(PAGE).text.partition("<body")[0]
    for named in (".csv", ".json", ".svg", ".png", ".atom", ".bib", "/dataset.jsonld"):
        assert re.search(rf'href="[^"]*{re.escape(named)}"', head), named
    assert 'property="og:image"' in head


def test_feeds_hold_the_records(portal: httpx.Client, release: Catalogue) -> None:
    """One entry per result that lowered the best error, the newest first."""
    answer = portal.get(f"{PAGE}.atom")
    root = Xml.fromstring(answer.content)
    assert answer.headers["content-type"].startswith("application/atom+xml")
    source = release["conll2003-f1"]
    best = list(records(source))
    errors = [run.error for run, _ in best]
    assert errors == sorted(errors, reverse=True)  # type: ignore[type-var]
    assert errors[-1] == min(run.error for run in source.runs if run.error is not None)
    titles = [entry.findtext(f"{ATOM}title") or "" for entry in root.iter(f"{ATOM}entry")]
    assert [title.partition(" (")[0] for title in titles] == [r.name for r, _ in reversed(best)]
    assert root.findtext(f"{ATOM}updated") == "2026-11-01T00:00:00Z"
    same = feed(source, "2026-11", lambda path: f"{portal.base_url}".rstrip("/") + path)
    assert same == answer.content


def test_citations(portal: httpx.Client, release: Catalogue) -> None:
    """BibTeX of the release, of a benchmark with each source once, of a source; CITATION.cff."""
    assert portal.get("/cite.bib").text.startswith("@misc{flopcast202611,")
    entries = re.findall(r"^@misc\{(.*),$", portal.get(f"{PAGE}.bib").text, re.MULTILINE)
    sources = {run.source.id for run in release["conll2003-f1"].runs}
    assert sorted(entries) == sorted({"flopcast202611", *sources})
    assert "NASNet" not in portal.get("/cite/arxiv-1707-07012.bib").text
    assert portal.get("/cite/arxiv-1707-0701.bib").status_code == 404
    cited = yaml.safe_load(portal.get("/CITATION.cff").text)
    assert (cited["cff-version"], cited["version"]) == ("1.2.0", "2026.11")
    assert cited["license"] == "CC-BY-4.0"


def test_metadata_point_to_what_is_there(portal: httpx.Client) -> None:
    """Croissant's files have the digests and columns that it says."""
    found = portal.get("/croissant.json").json()
    assert found["conformsTo"] == "http://mlcommons.org/croissant/1.1"
    file = next(item for item in found["distribution"] if item["@id"] == "conll2003-f1.csv")
    body = portal.get(file["contentUrl"]).content
    assert hashlib.sha256(body).hexdigest() == file["sha256"]
    fields = next(item for item in found["recordSet"] if item["@id"] == "conll2003-f1")["field"]
    columns = next(csv.reader(io.StringIO(body.decode())))
    assert [field["source"]["extract"]["column"] for field in fields] == columns
    types = {field["name"]: field["dataType"] for field in fields}
    assert (types["year"], types["error"], types["url"]) == ("sc:Integer", "sc:Float", "sc:Text")


def test_search_engines_find_every_page(portal: httpx.Client) -> None:
    """The sitemap has absolute addresses; robots.txt names it; the home page holds the dataset."""
    locations = re.findall("<loc>(.*?)</loc>", portal.get("/sitemap.xml").text)
    assert len(locations) > 500
    assert f"{portal.base_url}".rstrip("/") + PAGE in locations
    assert "/sitemap.xml" in portal.get("/robots.txt").text
    block = re.search(
        r'<script type="application/ld\+json">(.*?)</script>', portal.get("/").text, re.DOTALL
    )
    assert block
    assert json.loads(block[1])["@type"] == "Dataset"


def test_the_preview_picture_has_the_size_that_sites_ask_for(portal: httpx.Client) -> None:
    """1200 by 630 pixels."""
    body = portal.get("/opengraph.png").content
    assert body.startswith(PNG)
    assert int.from_bytes(body[16:20]) == WIDTH == 1200
    assert int.from_bytes(body[20:24]) == HEIGHT == 630
