"""The API: facts and answers as the library has them, in pages, with tags and one error shape."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from flopcast.portal.api.app import PREFIX
from flopcast.progress.burden import burden
from flopcast.records.listing import flat_rows
from flopcast.records.query import Catalogue
from flopcast.tables import to_csv

Ask = httpx.Client


@pytest.fixture(scope="module")
def api(portal_url: str) -> Any:
    """A client of the API."""
    with httpx.Client(base_url=portal_url + PREFIX, timeout=60) as client:
        yield client


def test_every_result_is_on_some_page(api: Ask, release: Catalogue) -> None:
    """Cursors lead through all results, each once, best first."""
    rows: list[dict[str, Any]] = []
    cursor: dict[str, Any] = {}
    while True:
        page = api.get("/benchmarks/coco/results", params={"limit": 50, **cursor}).json()
        rows += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    expected = flat_rows(release["coco-box-ap"])
    assert sorted(row["run"] for row in rows) == sorted(row["run"] for row in expected)
    assert page["total"] == len(rows) == 116
    scores = [row["value"] for row in rows if row["value"] is not None]
    assert scores == sorted(scores, reverse=True)
    known = {row["run"]: row for row in expected}
    assert all(
        row[name] == known[row["run"]][name]
        for row in rows
        for name in ("hardware_burden_flop", "network_operations_flop", "url")
    )


def test_a_burden_is_the_librarys(api: Ask, release: Catalogue) -> None:
    """Exponent, targets and refusals are those of ``flopcast.burden``."""
    found = api.get("/benchmarks/conll2003/burden", params={"error": ["2%", "0.5"]}).json()
    expected = burden(release["conll2003-f1"])
    assert found["exponent"] == expected.exponent
    assert found["points"] == expected.to_rows()
    target, met = found["targets"]
    assert target["usd"] == expected.target(0.02).to_dict()["usd"]
    assert met["error"] == 0.5
    assert met["refused"]["code"] == "already_met"


def test_a_refusal_is_an_answer(api: Ask) -> None:
    """No slope: 200 with the reason, and the rest of the document."""
    answer = api.get("/benchmarks/wmt14-en-fr/burden")
    assert answer.status_code == 200
    assert answer.json()["refused"]["code"] == "slope_covers_zero"
    assert "exponent" not in answer.json()


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/benchmarks/imagnet", 404, "Did you mean 'imagenet'?"),
        ("/models/alexnt", 404, "Did you mean 'alexnet'?"),
        ("/hardware/v1000", 404, "v100"),
        ("/laws/chinchila", 404, "Did you mean 'chinchilla'?"),
        ("/sources/thompson-202", 404, "thompson-2022"),
        ("/benchmarks/coco/burden?mesure=network", 422, "Did you mean 'measure'?"),
        ("/benchmarks/coco/burden?measure=netwerk", 422, "network"),
        ("/benchmarks/coco/burden?error=5", 422, "ambiguous"),
        ("/benchmarks/coco/burden?draws=1e9", 422, "draws"),
        ("/models?limit=5000", 422, "limit"),
        ("/models?cursor=nonsense", 422, "cursor"),
        ("/bill?flop=much", 422, "not an amount of compute"),
        ("/nothing", 404, "Not Found"),
    ],
)
def test_errors_have_one_shape(api: Ask, path: str, status: int, said: str) -> None:
    """A problem document that names what is wrong and what is near."""
    answer = api.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "code", "detail", "hint", "errors"}
    assert problem["status"] == status
    assert said in f"{problem['detail']} {problem['hint']}"


def test_nothing_but_reading(api: Ask) -> None:
    """Other methods are refused in the same shape."""
    answer = api.post("/release")
    assert answer.status_code == 405
    assert answer.json()["code"] == "method_not_allowed"


def test_an_unchanged_answer_is_not_sent_again(api: Ask) -> None:
    """304 for the tag of the answer, whatever the order of parameters; HEAD has no body."""
    first = api.get("/prices?limit=3&commitment=spot")
    tag = first.headers["etag"]
    again = api.get("/prices?commitment=spot&limit=3", headers={"if-none-match": f'"x", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    head = api.head("/prices?limit=3&commitment=spot")
    assert (head.headers["content-length"], head.content) == (str(len(first.content)), b"")


def test_any_site_may_read(api: Ask) -> None:
    """CORS allows reading from everywhere."""
    answer = api.get("/release", headers={"origin": "https://example.org"})
    assert answer.headers["access-control-allow-origin"] == "*"


def test_charts_are_pictures_and_specifications(api: Ask) -> None:
    """SVG, and Vega-Lite; a chart that cannot be drawn is refused."""
    drawn = api.get("/benchmarks/conll2003/chart.svg", params={"width": 400})
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert drawn.text.startswith("<svg")
    assert "$schema" in api.get("/benchmarks/conll2003/chart.json").json()
    refused = api.get("/benchmarks/wmt14-en-fr/chart.svg", params={"kind": "forms"})
    assert (refused.status_code, refused.json()["code"]) == (422, "slope_covers_zero")


def test_every_route_is_documented(api: Ask) -> None:
    """Each route and parameter of the OpenAPI document says what it is; errors are problems."""
    document = api.get("/openapi.json").json()
    assert document["servers"] == [{"url": PREFIX}]
    assert len(document["paths"]) > 20
    for path, item in document["paths"].items():
        operation = item["get"]
        assert operation["description"], path
        for status in ("404", "422", "503"):
            assert list(operation["responses"][status]["content"]) == ["application/problem+json"]


def test_every_route_is_in_the_docs(api: Ask, repository: Path) -> None:
    """docs/api.md names every route."""
    text = (repository / "docs" / "api.md").read_text("utf-8")
    paths = api.get("/openapi.json").json()["paths"]
    assert [path for path in paths if f"`{path}`" not in text] == []


def test_files_of_results_are_the_flat_rows(portal_url: str, release: Catalogue) -> None:
    """The CSV that the metadata point to is what ``catalogue export`` writes."""
    answer = httpx.get(f"{portal_url}/data/squad11-em.csv")
    assert answer.text == to_csv(flat_rows(release["squad11-em"]))


def test_the_root_tells_where_everything_is(api: Ask) -> None:
    """The index names the description and every path of it."""
    found = api.get("/").json()
    document = httpx.get(
        f"{str(api.base_url).removesuffix(PREFIX + '/')}{found['openapi']}"
    ).json()
    assert found["paths"] == [PREFIX + path for path in document["paths"]]
