"""A server that strangers send tables to: it answers each in words, and stays up."""

import gzip
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from tests.test_json_schema import validator

from flopcast.portal.own_runs import reading
from flopcast.portal.own_runs.shown import EXAMPLE
from flopcast.portal.own_runs.visitors import MOST

PATH = "/your-runs"
CSV = {"content-type": "text/csv"}


def visitor(portal_url: str, number: int) -> httpx.Client:
    """A client with a loopback address of its own, so that each has its own share."""
    transport = httpx.HTTPTransport(local_address=f"127.0.0.{number}")
    return httpx.Client(base_url=portal_url, transport=transport, timeout=300)


@pytest.fixture(scope="module")
def asked(portal_url: str) -> Iterator[httpx.Client]:
    """A visitor with a table."""
    with visitor(portal_url, 7) as client:
        yield client


@pytest.fixture
def abuser(portal_url: str, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """A visitor with something else."""
    number = 20 + hash(request.node.name) % 200
    with visitor(portal_url, number) as client:
        yield client
        assert client.get("/robots.txt").status_code == 200


def test_a_table_is_kept_only_if_asked(asked: httpx.Client, repository: Path) -> None:
    """A kept result has a secret address with its page and files, and can be deleted."""
    kept = asked.post(PATH, files={"file": ("runs.csv", EXAMPLE)}, data={"as": "keep"})
    assert kept.status_code == 303, kept.text
    assert kept.headers["cache-control"] == "no-store"
    address = kept.headers["location"]
    assert re.fullmatch(r"/kept/[\w-]{32}", address)
    shown = asked.get(address)
    assert "noindex" in shown.headers["x-robots-tag"]
    assert "Fitted law" in shown.text
    assert "Delete this result" in shown.text
    document = asked.get(f"{address}.json").json()
    validator(repository, "own-runs").validate(document)
    assert document["runs"] == 10
    assert asked.get(f"{address}.csv").text.startswith("params,data,loss\n2")
    assert asked.get(f"{address}.svg").text.startswith("<svg")
    assert asked.post(f"{address}/delete").status_code == 200
    assert asked.get(address).status_code == 404
    assert asked.get(f"{address}.json").status_code == 404


@pytest.mark.parametrize(
    ("body", "headers", "status", "said"),
    [
        (b"params,data,loss\n1e7,1e9,oops\n", CSV, 422, "oops"),
        (b"params,data,loss\n1e7,1e9,=cmd|'/C calc'!A0\n", CSV, 422, "which is no number"),
        (b"<script>alert(1)</script>,b\n1,2\n", CSV, 422, "has no column"),
        (b"\x89PNG\r\n\x1a\n\xff\xff", CSV, 422, "not text in UTF-8"),
        (b"a,b\n1,\x002\n", CSV, 422, "NUL"),
        (b"{}", {"content-type": "application/json"}, 415, "not as"),
        (gzip.compress(b"0" * 10**7), {**CSV, "content-encoding": "gzip"}, 415, "Compressed"),
        (gzip.compress(b"0" * 10**7), CSV, 422, "gzip archive"),
        (b"a,b\n" + b"1,2\n" * 10**6, CSV, 413, "larger than"),
        (
            b"--x\r\nbroken",
            {"content-type": "multipart/form-data; boundary=y"},
            400,
            "cannot be read",
        ),
        (b"--x", {"content-type": "multipart/form-data"}, 400, "cannot be read"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(
    abuser: httpx.Client, body: bytes, headers: dict[str, str], status: int, said: str
) -> None:
    """Formulas, markup, other formats, archives and floods: a message, never a stack trace."""
    answer = abuser.post(PATH, content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert said in answer.text
    assert "Traceback" not in answer.text
    assert "<script>alert" not in answer.text


def test_a_refused_answer_follows_the_schema(abuser: httpx.Client, repository: Path) -> None:
    """Too few runs for a law are refused within the document, which keeps its shape."""
    few = "\n".join(EXAMPLE.splitlines()[:3])
    answer = abuser.post(PATH, data={"table": few, "as": "json"})
    assert answer.status_code == 200, answer.text
    validator(repository, "own-runs").validate(answer.json())
    assert answer.json()["fit"]["refused"]["code"]


def test_programs_get_problems(abuser: httpx.Client) -> None:
    """Where a file is asked for, the error is a problem document."""
    answer = abuser.post(PATH, data={"table": "a,b\n1,2\n", "as": "json"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 422


def test_an_endless_upload_is_cut_off(abuser: httpx.Client) -> None:
    """A body of unknown length is refused as soon as it is too long."""
    sent = 0

    def parts() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(10_000):
            sent += 1
            yield b"1,2\n" * 16_384

    try:
        answer = abuser.post(PATH, content=parts(), headers=CSV)
    except httpx.TransportError:
        pass
    else:
        assert answer.status_code == 413
    assert sent < 10_000


def test_a_slow_upload_is_given_up(
    portal_url: str, abuser: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sender who stops half-way is told so, and holds nobody up."""
    monkeypatch.setattr(reading, "PATIENCE", 0.5)
    place = urlsplit(portal_url)
    with socket.create_connection(
        (str(place.hostname), int(place.port or 0)), 60, ("127.0.0.9", 0)
    ) as slow:
        head = f"POST {PATH} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: text/csv\r\n"
        slow.sendall(f"{head}Content-Length: 100\r\n\r\nparams,".encode())
        assert abuser.get("/robots.txt").status_code == 200
        answer = slow.recv(65536)
    assert answer.startswith(b"HTTP/1.1 408")


def test_other_sites_send_nothing(abuser: httpx.Client) -> None:
    """A form of another site is refused."""
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://example.org"}):
        answer = abuser.post(PATH, data={"table": EXAMPLE}, headers=headers)
        assert answer.status_code == 403


def test_an_address_that_asks_too_often_waits(abuser: httpx.Client) -> None:
    """429 with the time to wait."""
    for _ in range(MOST):
        abuser.post(PATH, content=b"", headers=CSV)
    answer = abuser.post(PATH, content=b"", headers=CSV)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60


def test_unknown_kept_results_are_not_found(abuser: httpx.Client) -> None:
    """Guesses lead nowhere, whatever they hold."""
    for token in ("x", "%00", "..%2f..", "ä" * 300):
        assert abuser.get(f"/kept/{token}").status_code == 404
    assert json.loads(abuser.get("/kept/x.json").text)["status"] == 404
