"""What visitors send is read with care: kinds, sizes, encodings, forms; and answered in words."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from tests.portal.running import awaited

from flopcast.errors import InputError
from flopcast.fitting.fit import fit
from flopcast.observations import read_runs
from flopcast.portal.own_runs.process import Workshop
from flopcast.portal.own_runs.question import Question
from flopcast.portal.own_runs.reading import decoded
from flopcast.portal.own_runs.shown import EXAMPLE
from flopcast.portal.own_runs.store import DAYS, Store
from flopcast.portal.own_runs.table import MOST_COLUMNS, MOST_ROWS, columns
from flopcast.portal.own_runs.visitors import Visitors
from flopcast.portal.own_runs.work import answer, further


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"PK\x03\x04rest", "Excel"),
        (b"\x1f\x8b\x08rest", "gzip"),
        (b"PAR1rest", "Parquet"),
        ("params,data\n1,2".encode("utf-16"), "UTF-16"),
        ("größe,loss\n1,2".encode("latin-1"), "not text in UTF-8"),
        (b"params,loss\n1,\x002\n", "Line 2 holds a NUL"),
    ],
)
def test_what_is_not_text_is_named(body: bytes, said: str) -> None:
    """Archives, workbooks, other encodings and NUL characters are told apart."""
    with pytest.raises(InputError, match=said):
        decoded(body)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("params,data,loss\n", "no rows"),
        ("a,a\n1,2\n", "Two columns are called 'a'"),
        ("a,,b\n1,2,3\n", "Column 2 has no name"),
        ("a,b\n1,2,3\n", "Row 1 has 3 cells"),
        (",".join(f"c{k}" for k in range(MOST_COLUMNS + 1)) + "\n", "columns"),
        ("a,b\n" + "1,2\n" * (MOST_ROWS + 1), "rows"),
    ],
)
def test_broken_tables_are_named(text: str, said: str) -> None:
    """Shape and size of a table are checked before anything is computed."""
    with pytest.raises(InputError, match=said):
        columns(text)


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_cells_may_be_parted_by_other_signs(sign: str) -> None:
    """Semicolons and tabs, as spreadsheets write them."""
    assert columns(f"a{sign}b\r\n1{sign}2\r\n\r\n") == {"a": ["1"], "b": ["2"]}


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"metric": "los"}, "Did you mean 'loss'?"),
        ({"at_params": "many"}, "no number"),
        ({"at_params": "nan"}, "above 0"),
        ({"at_params": "-1"}, "above 0"),
        ({"convention": "all"}, "counted as"),
        ({"law": "x" * 101}, "101 characters"),
    ],
)
def test_nonsense_in_the_form_is_named(form: dict[str, str], said: str) -> None:
    """Fields are read strictly."""
    with pytest.raises(InputError, match=said):
        Question.read(form)


def test_a_formula_is_no_number() -> None:
    """A cell with a formula is refused by its row and column."""
    with pytest.raises(InputError, match=r"row 1, column 'loss' is '=1\+1'"):
        answer("params,data,loss\n1e7,1e9,=1+1\n", Question())


def test_the_answer_is_the_librarys() -> None:
    """The fitted parameters are those of ``flopcast.fit`` on the same table."""
    found = answer(EXAMPLE, Question())
    runs = read_runs(columns(EXAMPLE), duplicates="keep")
    expected = fit(runs, "chinchilla", bootstrap=0)
    estimates = {
        row["parameter"]: row["estimate"] for row in found["document"]["fit"]["parameters"]
    }
    assert estimates == pytest.approx(dict(expected.params), rel=1e-6)
    assert estimates["alpha"] == pytest.approx(0.34, abs=0.01)
    at, compute = further(runs), runs.compute
    assert compute is not None
    assert 6 * at["params"] * at["data"] == pytest.approx(10 * float(compute.max()))
    point = found["document"]["forecast"]["points"][0]
    assert point["inputs"] == pytest.approx(at)
    low, high = point["interval"]
    law = 1.69 + 406.4 * at["params"] ** -0.34 + 410.7 * at["data"] ** -0.28
    assert low < law < high
    assert found["svg"].startswith("<svg")
    assert json.dumps(found, allow_nan=False)


def test_work_that_takes_too_long_is_stopped() -> None:
    """The process is killed and the visitor is told."""
    with pytest.raises(InputError, match=r"takes longer than 0\.2 seconds"):
        awaited(Workshop(seconds=0.2).answer(EXAMPLE, Question()))


def test_a_kept_result_opens_by_its_token_alone(tmp_path: Path) -> None:
    """Nothing in the database opens a result; it expires, and can be deleted."""
    import sqlalchemy as sql

    url = f"sqlite:///{tmp_path / 'kept.sqlite'}"
    store = Store.at(url)
    result: dict[str, Any] = {"document": {"runs": 3}}
    now = datetime(2026, 1, 1, tzinfo=UTC)
    token = store.keep(result, now)
    assert len(token) >= 32
    kept = store.find(token, now)
    assert kept is not None
    assert kept.result == result
    assert kept.expires == now + timedelta(days=DAYS)
    with sql.create_engine(url).connect() as connection:
        assert token not in str(connection.execute(sql.text("SELECT * FROM kept_results")).all())
        assert connection.execute(sql.text("PRAGMA journal_mode")).scalar() == "wal"
    assert store.find("other", now) is None
    assert store.find(token, now + timedelta(days=DAYS)) is None
    assert store.delete(token)
    assert not store.delete(token)


def test_a_database_that_cannot_be_used_is_named() -> None:
    """A wrong URL is bad input."""
    with pytest.raises(InputError, match="database cannot be used"):
        Store.at("nonsense")


def test_one_address_gets_its_share() -> None:
    """Too many requests are refused with the time to wait; others go on."""
    now = 0.0
    visitors = Visitors(most=2, within=60.0, clock=lambda: now)
    visitors.admit("a")
    visitors.admit("a")
    with pytest.raises(HTTPException) as refused:
        visitors.admit("a")
    assert refused.value.status_code == 429
    assert refused.value.headers == {"Retry-After": "60"}
    visitors.admit("b")
    now = 60.0
    visitors.admit("a")
