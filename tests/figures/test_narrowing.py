"""The chart of a forecast that narrows: its marks stand at its numbers, names are only text."""

import re
from typing import Any
from xml.etree import ElementTree

from flopcast.figures.plain.narrowing import narrowing_picture
from flopcast.figures.plain.picture import sheet


def outlook(runs: int, low: float, median: float, high: float) -> dict[str, Any]:
    """A forecast as a study records it."""
    middle = {"median": median, "p25": (low + median) / 2, "p75": (median + high) / 2}
    return {"runs": runs, "interval": [low, high], "forecast": middle, "level": 0.9}


def test_marks_stand_in_order() -> None:
    """Later forecasts stand further right, higher medians further up; refused ones nowhere."""
    found = [outlook(6, 1.0, 2.0, 3.0), {"refused": {"reason": "no"}}, outlook(9, 2.0, 2.5, 3.0)]
    for width in (760, 344):
        body = narrowing_picture(found, "loss", 2.4, width).body
        places = [(float(x), float(y)) for x, y in re.findall(r'cx="(.*?)" cy="(.*?)"', body)]
        assert len(places) == 2
        assert places[0][0] < places[1][0]
        assert places[0][1] > places[1][1]
        assert "measured 2.4" in body
        assert "6 runs: loss 2, 90% interval 1 to 3" in body


def test_nothing_and_one_forecast_can_be_drawn() -> None:
    """Without spread or without any forecast the scales still hold."""
    for found in ([], [outlook(3, 1.0, 1.0, 1.0)]):
        picture = narrowing_picture(found, "loss", None, 760)
        assert "nan" not in picture.body
        assert picture.height > 300


def test_names_are_text() -> None:
    """A metric of any name is shown as it is."""
    picture = narrowing_picture([outlook(3, 1.0, 1.5, 2.0)], "<b>&", 1.2, 760)
    text = sheet(picture, title="<b>&", words=["<b>&"], foot="<b>&")
    found = ElementTree.fromstring(text)
    assert "<b>& of the target" in "".join(found.itertext())
