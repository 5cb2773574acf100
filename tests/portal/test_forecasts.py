"""The page of forecasts shows the benchmark as the package holds it."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from tests.portal.running import awaited
from tests.test_json_schema import validator

from flopcast.figures.plain.calibration import Group, calibration_picture
from flopcast.figures.plain.linear import round_ticks
from flopcast.forecasting.benchmark import forecast_benchmark
from flopcast.portal import Settings, create_app
from flopcast.portal.export.asking import Answered, ask
from flopcast.records.query import Catalogue

Asked = Callable[[str], Answered]


@pytest.fixture(scope="module")
def answer(release: Catalogue) -> Iterator[Asked]:
    """Asks a portal."""
    app = create_app(Settings(catalogue=release.path, view_seconds=300))
    yield lambda address: awaited(ask(app, address))
    app.state.desk.close()


def test_the_document_follows_its_schema(repository: Path) -> None:
    """The package's file, with one share per level everywhere."""
    found = forecast_benchmark()
    schema = validator(repository, "forecast-benchmark")
    schema.validate(found)
    groups = ("calibration", "by_grid", "by_domain", "by_decades", "few", "splits")
    for row in (row for group in groups for row in found[group]):
        assert len(row["coverage"]) == len(found["levels"])
    points = sum(split["points"] for split in found["splits"])
    assert {row["points"] for row in found["calibration"]} == {points}
    assert sum(row["points"] for row in found["by_domain"]) == points


def test_the_page_has_every_split(answer: Asked) -> None:
    """Every form has the numbers of the document; the chart names every grid."""
    found = forecast_benchmark()
    page = unescape(answer("/forecasts").body.decode())
    assert json.loads(answer("/forecasts.json").body) == found
    rows = list(csv.DictReader(io.StringIO(answer("/forecasts.csv").body.decode())))
    assert [row["split"] for row in rows] == [split["split"] for split in found["splits"]]
    picture = unescape(answer("/forecasts.svg").body.decode())
    for split in found["splits"]:
        assert split["split"] in page
        assert f"{split['grid']}: " in picture
    at = found["levels"].index(0.9)
    everything = found["calibration"][0]["coverage"][at]
    assert f"<strong>{everything * 100:.0f}\u00a0%</strong>" in page
    for rival in found["rivals"]:
        assert rival["rival"] in page
    few = page.partition("From a few runs")[2]
    for row in found["few"]:
        assert row["grid"] in few
        assert f"{row['error'] * 100:.1f}\u00a0%" in few


def test_the_chart_is_where_the_shares_are() -> None:
    """A share of one half at the level one half lies on the diagonal, half-way up the plot."""
    picture = calibration_picture([0.5], [Group("all", [0.5])], [Group("grid <a>", [0.25])], 760)
    assert "all: 50% inside intervals of 50%" in picture.body
    assert "grid &lt;a&gt;: 25%" in picture.body
    assert f'cx="{picture.layout.inner_width / 2:g}"' in picture.body


@pytest.mark.parametrize(
    ("ends", "ticks"),
    [
        ((0.0, 1.0), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        ((5.6, 12.4), [6.0, 8.0, 10.0, 12.0]),
        ((1.0, 1.0), [1.0]),
        ((-0.02, 0.03), [-0.02, -0.01, 0.0, 0.01, 0.02, 0.03]),
    ],
)
def test_ticks_are_round(ends: tuple[float, float], ticks: list[float]) -> None:
    """Steps of 1, 2, 2.5 or 5 times a power of ten, within the ends."""
    assert round_ticks(*ends, 6 if ends[1] < 2 else 4) == pytest.approx(ticks)


def test_a_document_is_made_from_scored_splits(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Coverage over all points counts points; with every grid once it counts grids."""
    monkeypatch.syspath_prepend(str(repository) + "/benchmarks")
    from forecast_document import benchmark_document
    from forecast_scored import Scored, few_rows

    def split(name: str, grid: str, inside: list[float], drawn: int = 0) -> Scored:
        shares = np.array([inside, inside])
        return Scored(
            name=name, grid=grid, domain="language", listed=False, drawn=drawn, error=0.01,
            bias=0.0, inside=shares, ranks=shares[0], decades=np.linspace(0.5, 2.5, len(inside)),
            interval=0.1, width=0.1, crps=0.01, members={"a": 0.02, "b": 0.01},
        )  # fmt: skip

    found = benchmark_document(
        [split("x", "one", [1.0, 1.0, 1.0]), split("y", "two", [0.0])],
        date="2026-11-21", strict=True, levels=(0.5, 0.9), bands=((0.0, 1.0), (1.0, 9.0)),
        headline={"x": 0.01}, targets={"x": 0.02, "z": 0.03},
        few=few_rows([split("x", "one", [0.0], 3), split("x", "one", [1.0, 0.0], 6),
                      split("x", "one", [1.0], 9), split("y", "two", [1.0], 9)]),
    )  # fmt: skip
    validator(repository, "forecast-benchmark").validate(found)
    assert [row["coverage"] for row in found["calibration"]] == [[0.75, 0.75], [0.5, 0.5]]
    assert [row["points"] for row in found["by_decades"]] == [2, 2]
    assert found["splits"][0]["best_law"] == "b"
    few = [(row["fewest"], row["most"], row["grid"], row["coverage"]) for row in found["few"]]
    assert few == [
        (3, 3, "one", [0.0, 0.0]),
        (6, 9, "one", [0.75, 0.75]),
        (6, 9, "two", [1.0, 1.0]),
    ]
    assert found["asked"] == [{"split": "x", "error": 0.01, "asked": 0.02}]
