"""Charts written as SVG at once: what they hold, and that they are sound documents."""

import struct
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

from flopcast.figures.hardware_chart import KINDS
from flopcast.figures.labels import Frame
from flopcast.figures.plain import pixels as drawing
from flopcast.figures.plain.marks import counted, density
from flopcast.figures.plain.pair import pair_picture
from flopcast.figures.plain.picture import Picture, sheet
from flopcast.figures.plain.pixels import pixels
from flopcast.figures.plain.processors import processor_marks, processors_picture
from flopcast.figures.plain.steps import steps_picture
from flopcast.figures.plain.years import places_of, years_picture
from flopcast.progress.burden import Burden, burden
from flopcast.progress.comparison import compare
from flopcast.records.processors import processor_rows
from flopcast.records.query import Catalogue

_SVG = "{http://www.w3.org/2000/svg}"


def _document(picture: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(sheet(picture, title="A title", words=("Words.",), foot="Foot"))


def _marks(picture: Picture) -> list[str]:
    found = _document(picture).iter()
    return [each.findtext(f"{_SVG}title") or "" for each in found if each.get("class") == "dot"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [344, 1080])
def test_every_processor_with_a_figure_has_a_mark(
    release: Catalogue, kind: str, width: int
) -> None:
    """One per processor and series, each with its words."""
    rows = processor_rows(release)
    columns = KINDS[kind][2].values()
    known = sum(
        row["released"] is not None and any(row[name] is not None for name in names)
        for names in columns
        for row in rows
    )
    marks = _marks(processors_picture(processor_marks(rows, kind), kind, width))
    assert len(marks) == known > 0
    assert all(marks)


def test_the_steps_of_a_comparison_are_its_factors(release: Catalogue) -> None:
    """A bar for each factor, the whole and the error."""
    found = compare(release, "alexnet", "nasnet-a-6")
    parts = next(parts for parts in found.decompositions.values() if parts is not None)
    words = _marks(steps_picture(found, 760))
    assert len(words) == len(parts.factors) + 2
    assert any(text.startswith("compute: ×") for text in words)


def test_a_pair_shows_every_point_and_each_line(release: Catalogue, imagenet: Burden) -> None:
    """Points of both benchmarks, linked to their papers."""
    other = burden(release["coco-box-ap"])
    picture = pair_picture([imagenet, other], 760)
    assert len(_marks(picture)) == imagenet.n + other.n
    lines = [e for e in _document(picture).iter(f"{_SVG}path") if e.get("stroke-width") == "2"]
    assert len(lines) == 2


def test_by_year_every_scored_result_is_shown(release: Catalogue, imagenet: Burden) -> None:
    """Also those without compute, which are hollow."""
    source = release["imagenet-top1"]
    scored = [run for run in source.runs if run.error]
    x = places_of(source)
    assert np.array_equal(np.round(x), [run.year for run in scored])
    assert len(_marks(years_picture(source, imagenet.points, x, (2012, 2026), 760))) == len(scored)


def test_a_density_counts_every_point() -> None:
    """Cells add up to the points, those on the edges included; the picture is sound."""
    rng = np.random.default_rng(0)
    x, y = np.r_[rng.uniform(0, 2, 5000), 0, 2], np.r_[rng.normal(0.5, 0.1, 5000) % 1, 0, 1]
    frame = Frame(300, 200, (0.0, 2.0), (0.0, 1.0))
    cells = counted(x, y, frame, (12, 8))
    assert cells.shape == (12, 8)
    assert cells.sum() == 5002
    known, _, _ = np.histogram2d(x, y, (12, 8), ((0, 2), (0, 1)))
    assert np.abs(cells - known).sum() <= 2
    drawn = ElementTree.fromstring(density(x, y, frame))
    assert 1 < len(drawn) <= 8


def test_pixels_are_those_of_the_picture() -> None:
    """A PNG of twice the size."""
    png = pixels('<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"/>', 2.0)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (60, 40)


def test_pixels_that_take_too_long_are_given_up() -> None:
    """The process is ended; the caller goes on."""
    with pytest.raises(TimeoutError, match="longer than"):
        pixels("<svg/>", 1.0, seconds=0.001)


def test_what_cannot_be_drawn_is_said() -> None:
    """The converter's reason, not a broken picture."""
    with pytest.raises(RuntimeError, match="cannot be drawn"):
        pixels("no picture", 1.0)


def test_no_picture_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to install."""
    monkeypatch.setattr(drawing, "find_spec", lambda _: None)
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(Exception, match=r"flopcast\[plot\]"):
        pixels("<svg/>", 1.0)
