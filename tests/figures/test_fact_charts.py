"""Comparisons, processors and pairs of benchmarks: what their charts show."""

import itertools
import math
from typing import Any

import pytest
from tests.figures.reading import marks

from flopcast.errors import InputError, Refused
from flopcast.figures import chart
from flopcast.figures.benchmarks_chart import benchmarks_chart
from flopcast.figures.hardware_chart import KINDS, decimal_year, hardware_chart
from flopcast.figures.save import svg
from flopcast.progress.burden import Burden, burden
from flopcast.progress.comparison import compare
from flopcast.records.processors import processor_rows
from flopcast.records.query import Catalogue


@pytest.fixture(scope="module")
def processors(release: Catalogue) -> list[dict[str, Any]]:
    """The rows of every processor."""
    return processor_rows(release)


def test_factors_step_from_one_to_the_whole(release: Catalogue) -> None:
    """Each bar begins where the one before ends; the last of them ends at the compute ratio."""
    found = compare(release, "alexnet", "nasnet-a-6")
    (bars,) = marks(chart(found).to_dict(), "bar")
    *factors, compute, error = bars["rows"]
    assert factors[0]["from"] == 1
    for one, following in itertools.pairwise(factors):
        assert following["from"] == pytest.approx(one["to"])
    assert factors[-1]["to"] == pytest.approx(compute["to"])
    assert compute["text"] == "× 1,005"
    assert error["to"] == pytest.approx(0.367 / 0.173)
    assert [row["kind"] for row in factors] == ["more", "more", "less"]


def test_a_comparison_without_factors_has_no_chart(release: Catalogue) -> None:
    """What is not known is not drawn, and an unknown kind is named."""
    with pytest.raises(Refused, match="not known on one accounting"):
        chart(compare(release, "alexnet", "nasnet-a-6", corrected=True))
    with pytest.raises(Refused):
        chart(compare(release, "alexnet", "nasnet-a-6"), kind="operations")
    with pytest.raises(InputError, match="Unknown kind"):
        chart(compare(release, "alexnet", "nasnet-a-6"), kind="factor")


@pytest.mark.parametrize("kind", KINDS)
def test_every_processor_with_a_date_is_drawn(processors: list[dict[str, Any]], kind: str) -> None:
    """A mark per processor and series, at the catalogue's own value."""
    (points,) = marks(hardware_chart(processors, kind=kind).to_dict(), "point")
    columns = [name for part in KINDS[kind][2].values() for name in part]
    known = [row for row in processors if row["released"] and any(row[c] for c in columns)]
    assert len({row["spoken"].split(" (")[0] for row in points["rows"]}) == len(
        {row["name"] for row in known}
    )
    values = {row[c] for row in known for c in columns}
    assert all(row["value"] in values for row in points["rows"])


def test_a_chart_of_nothing_is_refused() -> None:
    """No processor, no chart; an unknown kind comes with the known ones."""
    with pytest.raises(Refused):
        hardware_chart([])
    with pytest.raises(InputError, match="Did you mean 'price'"):
        hardware_chart([], kind="prise")


@pytest.mark.parametrize(
    ("text", "year"), [("2020", 2020.5), ("2020-01", 2020.042), ("2020-07-02", 2020.501)]
)
def test_dates_become_years(text: str, year: float) -> None:
    """A year alone stands for its middle, a month for its own."""
    assert math.isclose(decimal_year(text), year, abs_tol=1e-3)


def test_two_benchmarks_share_their_axes(release: Catalogue, imagenet: Burden) -> None:
    """All points of both, a line for each with an exponent and none for one without."""
    coco, refused = burden(release["coco"]), burden(release["wmt14-en-de"])
    spec = benchmarks_chart([imagenet, coco]).to_dict()
    (points,) = marks(spec, "point")
    assert len(points["rows"]) == imagenet.n + coco.n
    assert len(marks(spec, "line")) == 2
    assert len(marks(benchmarks_chart([imagenet, refused]).to_dict(), "line")) == 1
    end = marks(spec, "line")[0]["rows"][-1]
    assert math.log10(end["flop"]) == pytest.approx(imagenet.at_error(end["error"]))


def test_charts_fit_a_phone(processors: list[dict[str, Any]], imagenet: Burden) -> None:
    """Drawn 340 px wide, a chart is not wider than that."""
    for found in (
        hardware_chart(processors, width=340),
        benchmarks_chart([imagenet] * 2, width=340),
    ):
        width = float(svg(found).split('width="', 1)[1].split('"', 1)[0])
        assert width <= 345
