"""Answers to requests: tags, compression, headers, failures, limits of time and memory."""

import time
from collections.abc import Iterator

import pytest
from httpx import Client
from tests.portal.running import running

from flopcast.portal import Settings, create_app
from flopcast.portal.site import Site
from flopcast.portal.view import Shown
from flopcast.records.query import Catalogue

PAGE = "/benchmarks/coco-box-ap"


@pytest.fixture(scope="module")
def client(release: Catalogue) -> Iterator[Client]:
    """A visitor of a portal on this checkout's release."""
    with running(create_app(Settings(catalogue=release.path))) as found:
        yield found


def test_who_has_the_view_gets_304(client: Client) -> None:
    """The tag of one answer spares the body of the next, also in a list and weakly."""
    first = client.get(PAGE)
    assert first.status_code == 200
    for header in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
        again = client.get(PAGE, headers={"if-none-match": header})
        assert (again.status_code, again.content) == (304, b"")
    assert client.get(PAGE, headers={"if-none-match": '"other"'}).status_code == 200


def test_compressed_only_where_wanted(client: Client) -> None:
    """Both forms hold the same text under different tags."""
    packed = client.get(PAGE, headers={"accept-encoding": "br, gzip"})
    plain = client.get(PAGE, headers={"accept-encoding": "gzip;q=0"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert packed.headers["etag"] != plain.headers["etag"]


@pytest.mark.parametrize("path", ["/", PAGE, "/nothing", "/static/0/site.css"])
def test_every_answer_is_under_the_policy(client: Client, path: str) -> None:
    """Nothing from elsewhere, nothing evaluated, nothing inline, no frames."""
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"


def test_an_embedded_view_may_be_framed(client: Client) -> None:
    """Only under /embed, and there without navigation."""
    answer = client.get(f"/embed{PAGE}")
    assert "frame-ancestors *" in answer.headers["content-security-policy"]
    assert "masthead" not in answer.text


def test_first_view_is_small(client: Client) -> None:
    """Page, style sheet and script together stay under 150 KB as sent."""
    for path in ("/", "/benchmarks/imagenet-top1", "/what-will-it-take"):
        total = int(client.get(path).headers["content-length"])
        for name in ("site.css", "site.js", "icon.svg"):
            total += int(client.get(f"/static/0/{name}").headers["content-length"])
        assert total < 150 * 1024


def test_an_alias_leads_to_the_benchmark(client: Client) -> None:
    """With its options."""
    answer = client.get("/benchmarks/imagenet?measure=network", follow_redirects=False)
    assert answer.status_code == 308
    assert answer.headers["location"] == "/benchmarks/imagenet-top1?measure=network"


def test_unknown_things_are_404_with_near_names(client: Client) -> None:
    """For readers as a page, for programs as JSON."""
    page = client.get("/benchmarks/imagnet-top1")
    assert page.status_code == 404
    assert "imagenet-top1" in page.text
    found = client.get("/benchmarks/imagnet-top1.json")
    assert found.status_code == 404
    assert "imagenet-top1" in found.json()["detail"]
    assert "/benchmarks" in client.get("/benchmark").text


def test_ignored_options_are_said(client: Client) -> None:
    """What was given, and why it was not used; markup in it is only text."""
    text = client.get(f"{PAGE}?measure=<script>&nothing=1&from=2020&to=2019&search=in").text
    assert "&lt;script&gt;" in text
    assert "<script>" not in text
    assert "no such option" in text
    assert "first year is after the last" in text
    assert "tells phases apart" in text


def test_a_failure_shows_no_trace(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged; the reader gets a page, a status and the same headers."""

    def fail(site: Site, shown: Shown) -> str:
        raise RuntimeError("a secret")

    with monkeypatch.context() as patch:
        patch.setattr("flopcast.portal.formats.write_page", fail)
        answer = client.get("/benchmarks?sort=-year")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "content-security-policy" in answer.headers
    assert "a secret" in caplog.text


@pytest.fixture
def hurried(release: Catalogue) -> Iterator[Client]:
    """A portal that gives a view no time."""
    settings = Settings(catalogue=release.path, view_seconds=0.01)
    with running(create_app(settings)) as found:
        yield found


def test_a_slow_view_is_finished_for_later(hurried: Client) -> None:
    """The first reader is told to come back; the view is there when they do."""
    first = hurried.get(PAGE)
    assert first.status_code == 503
    assert first.headers["retry-after"] == "2"
    for _ in range(400):
        time.sleep(0.05)
        if hurried.get(PAGE).status_code == 200:
            return
    pytest.fail("the view never came")


def test_a_site_under_a_path(release: Catalogue) -> None:
    """Behind a proxy's folder every link has it, and both kinds of proxy find the page."""
    settings = Settings(catalogue=release.path, base_url="https://example.org/flopcast/")
    with running(create_app(settings)) as client:
        for path in ("/benchmarks", "/flopcast/benchmarks"):
            text = client.get(path).text
            assert 'href="/flopcast/benchmarks/coco-box-ap"' in text
            assert 'href="https://example.org/flopcast/benchmarks"' in text
