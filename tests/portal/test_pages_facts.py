"""Models, pairs, hardware, methods, data: what these pages show is what the library says."""

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flopcast.laws.registry import get_law, law_names
from flopcast.portal import Settings, create_app
from flopcast.progress.comparison import compare
from flopcast.progress.methods import FORMULAS, WEAKNESSES, constants
from flopcast.records.processors import processor_rows
from flopcast.records.query import Catalogue


@pytest.fixture(scope="module")
def client(release: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of a portal on the release of this checkout."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from starlette.testclient import TestClient

    database = tmp_path_factory.mktemp("facts") / "visitors.sqlite"
    settings = Settings(catalogue=release.path, database=f"sqlite:///{database}")
    with TestClient(create_app(settings), follow_redirects=False) as found:
        yield found


def text(html: str) -> str:
    """The words of a page, spaces as one."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\xa0", " ")


def rows(body: str) -> list[dict[str, str]]:
    """A CSV file's rows."""
    return list(csv.DictReader(io.StringIO(body)))


def test_the_list_of_models_is_searched_sorted_and_turned(client: Any, release: Catalogue) -> None:
    """A search leaves what holds it, an order orders, leaves hold a hundred, the file has all."""
    found = client.get("/models", params={"q": "nasnet", "sort": "name"}).text
    names = re.findall(r'<th scope="row"><a href="/models/[^"]+">([^<]+)', found)
    assert names == sorted(names, key=str.casefold)
    assert "NASNET-A(6)" in names
    assert "AlexNet" not in names
    first, second = (client.get(f"/models?leaf={n}&sort=name").text for n in (1, 2))
    assert first.count('<th scope="row">') == 100
    assert set(re.findall('/models/[^"]+', first)) != set(re.findall('/models/[^"]+', second))
    listed = rows(client.get("/models.csv").text)
    assert len(listed) == release._rows("SELECT count(*) AS n FROM models")[0]["n"]
    known = rows(client.get("/models.csv?compute=burden").text)
    assert 0 < len(known) < len(listed)
    assert all(row["hardware_burden_flop"] for row in known)


def test_a_model_shows_every_claim(client: Any) -> None:
    """Scores, both accountings, inputs, sources, implied utilisation and the known defect."""
    page = text(client.get("/models/nasnet-a-6").text)
    for words in (
        "82.7 %",
        "1.6 × 10²¹ FLOP",
        "500 ×",
        "4 days",
        "architecture search",
        "Learning Transferable Architectures",
        "stated by a compilation",
    ):
        assert words in page, words  # fmt: skip
    assert "33.6 %" in text(client.get("/models/alexnet").text)
    document = client.get("/models/alexnet.json").json()
    assert document["results"][0]["implied_utilisation"]["published"] == pytest.approx(
        0.336, abs=1e-3
    )
    claims = rows(client.get("/models/alexnet.csv").text)
    assert {row["method"] for row in claims} == {"hardware_time", "operation_count", "third_party"}
    assert all(row["source"] for row in claims)  # fmt: skip


def test_a_model_against_another_is_what_the_library_says(client: Any, release: Catalogue) -> None:
    """The factors on the page and in the file are those of ``compare``."""
    page = text(client.get("/models/nasnet-a-6?against=alexnet").text)
    for words in ("1,005 times the compute of AlexNet", "× 6.03", "× 250", "× 0.667", "80 %"):
        assert words in page, words
    document = client.get("/compare.json?first=alexnet&second=nasnet-a-6").json()
    assert document == json.loads(compare(release, "alexnet", "nasnet-a-6").to_json())


def test_unknown_things_come_with_near_names(client: Any) -> None:
    """Unknown models, processors and laws are 404 with what is near; pairs say what is wrong."""
    for path, near in (
        ("/models/alexnett", "alexnet"),
        ("/hardware/v1000", "v100"),
        ("/methods/laws/chinchila", "chinchilla"),
        ("/compare?first=alexnett", "alexnet"),
        ("/compare/benchmarks?first=imagnet", "imagenet"),
    ):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert near in text(answer.text), path
    assert "several runs" in text(client.get("/compare?second=resnet-50").text)
    assert client.get("/models/AlexNet").headers["location"].endswith("/models/alexnet")
    assert client.get("/hardware/TPU%20v3").status_code in (307, 308)


@pytest.mark.parametrize(
    "value", ["%00", "<script>alert(1)</script>", "'; DROP TABLE x", "x" * 5000]
)
def test_nonsense_is_told_and_escaped(client: Any, value: str) -> None:
    """Whatever stands in an option, the page answers below 500 and never echoes markup."""
    for path, name in (
        ("/models", "q"),
        ("/models", "sort"),
        ("/search", "q"),
        ("/compare", "first"),
        ("/models/alexnet", "against"),
        ("/hardware", "show"),
    ):
        answer = client.get(path, params={name: value})
        assert answer.status_code < 500
        assert "<script>alert" not in answer.text  # fmt: skip


def test_two_benchmarks_show_their_fits_and_refusals(client: Any) -> None:
    """Exponents with intervals where there are any; a refusal is told as one."""
    page = text(client.get("/compare/benchmarks").text)
    assert "11.0 [9.7, 12.7]" in page
    assert "16.4 [13.3, 21.5]" in page
    refused = text(client.get("/compare/benchmarks?second=wmt14-en-de-bleu").text)
    assert "covers zero" in refused


def test_hardware_shows_every_processor_with_sources(client: Any, release: Catalogue) -> None:
    """The table holds every processor, its file every figure, a page every price with its page."""
    listed = rows(client.get("/hardware.csv").text)
    expected = processor_rows(release)
    assert [row["id"] for row in listed] == [row["id"] for row in expected]
    facts = client.get("/hardware/v100-sxm2-16gb.json").json()
    assert facts["peaks"]
    assert facts["prices"]
    assert all(peak["source"]["title"] for peak in facts["peaks"])
    assert all(price["url"].startswith("http") for price in facts["prices"])
    for kind in ("peak", "power", "price"):
        assert client.get(f"/hardware.svg?show={kind}").text.startswith("<svg")


def test_methods_are_read_from_the_library(client: Any, release: Catalogue) -> None:
    """Every formula, constant, weakness and law is on the pages, by the library's own words."""
    page = client.get("/methods").text
    import html

    shown = html.unescape(text(page))
    for formula in (formula for part in FORMULAS.values() for formula in part):
        assert formula.equation in shown, formula.name
    for item in constants(release):
        assert " ".join(item.source.split()) in shown, item.name
    for weakness in WEAKNESSES:
        assert weakness in shown
    laws = html.unescape(text(client.get("/methods/laws").text))
    for name in law_names():
        assert " ".join(get_law(name).equation.split()) in laws, name
        assert client.get(f"/methods/laws/{name}").status_code == 200


def test_data_has_releases_changes_licence_and_citation(
    client: Any, release: Catalogue, tmp_path: Path
) -> None:
    """The page states them, and the release can be taken away whole."""
    page = text(client.get("/data").text)
    for words in (release.release["id"], "CC BY 4.0", "@misc", release.release["text_sha256"]):
        assert words in page
    for correction in release.corrections():
        assert " ".join(correction.reason.split())[:60] in page, correction.id
    path = tmp_path / "taken.sqlite"
    path.write_bytes(client.get("/data/catalogue.sqlite").content)
    counted = sqlite3.connect(path).execute("SELECT count(*) FROM results").fetchone()[0]
    assert counted == sum(release.counts().values())
    differing = rows(client.get("/differences.csv?show=differing").text)
    assert differing
    assert all(abs(float(row["relative"])) >= 0.01 for row in differing)


def test_search_finds_benchmarks_models_hardware_and_papers(client: Any) -> None:
    """A part of a name leads to the thing; signs of patterns are letters; nothing is said."""
    for query, path in (
        ("imagenet", "/benchmarks/imagenet-top1"), ("nasnet-a", "/models/nasnet-a-6"),
        ("V100", "/hardware/v100-sxm2-16gb"), ("Transferable Arch", "arxiv.org/abs/1707.07012"),
    ):  # fmt: skip
        assert path in client.get("/search", params={"q": query}).text, query
    assert "Nothing holds" in client.get("/search", params={"q": "%_%"}).text
    assert client.get("/search").status_code == 200
