"""A benchmark's results as columns: sorted and searched as a table of rows is."""

from itertools import product

import numpy as np
import pytest

from flopcast.portal.ledger import Ledger
from flopcast.portal.options import Options
from flopcast.portal.pages.benchmark import COLUMNS
from flopcast.portal.questions import PLAIN, asked
from flopcast.portal.settings import Settings
from flopcast.portal.site import Site
from flopcast.portal.tables import leaf, table_options
from flopcast.records.query import Catalogue

_OPTIONS = Options(table_options(COLUMNS, sort="error"))


@pytest.fixture(scope="module")
def ledger(release: Catalogue) -> Ledger:
    """ImageNet with consolidated compute: some results have none."""
    site = Site(Settings(catalogue=release.path), ())
    return Ledger(asked(site, site.runs("imagenet-top1"), PLAIN))


@pytest.mark.parametrize("sort", [f"{sign}{c.key}" for sign in ("", "-") for c in COLUMNS])
def test_leaves_are_those_of_a_table_of_rows(ledger: Ledger, sort: str) -> None:
    """Order, ties, unknown values, search and number of leaves."""
    places = ledger.inside(None)
    rows = ledger.rows(places)
    assert any(row["flop"] is None for row in rows)
    for wanted, number in product(("", "ResNet", "processors ×", "nothing at all"), ("1", "3")):
        state = _OPTIONS.read([("sort", sort), ("q", wanted), ("leaf", number)])
        assert ledger.leaf(places, COLUMNS, state, 20) == leaf(rows, COLUMNS, state, size=20)


def test_a_part_of_the_chart_holds_its_points(ledger: Ledger) -> None:
    """Only results with compute and error within the window."""
    left, right, low, high = window = (18.0, 20.0, -0.7, -0.6)
    rows = ledger.rows(ledger.inside(window))
    wanted = [
        row
        for row in ledger.rows(ledger.inside(None))
        if row["flop"] is not None
        and left <= np.log10(row["flop"]) <= right
        and low <= np.log10(row["error"]) <= high
    ]
    assert rows == wanted != []
