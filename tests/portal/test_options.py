"""Options of an address: what is read, what is ignored and why, and the canonical query."""

from hypothesis import given
from hypothesis import strategies as st

from flopcast.portal.options import Choice, ErrorRate, Number, Options, State, Text

OPTIONS = Options(
    (
        Choice(name="measure", label="", values={"a": "A", "b": "B"}, default="a"),
        Number(name="price", label="", low=0.0, high=10.0, unit="USD"),
        Number(name="year", label="", low=1950, high=2100, whole=True),
        ErrorRate(name="error", label="", default=0.05),
        Text(name="q", label="", default="", longest=5),
    )
)


def _ignored(query: list[tuple[str, str]]) -> dict[str, str]:
    return {item.name: item.reason for item in OPTIONS.read(query).ignored}


def test_what_is_given_is_read_and_the_rest_is_by_default() -> None:
    """Values have their types; blank ones count as not given."""
    state = OPTIONS.read([("measure", "B"), ("price", "2.50"), ("error", "3%"), ("year", "")])
    assert state["measure"] == "b"
    assert state["price"] == 2.5
    assert state["error"] == 0.03
    assert state["year"] is None
    assert state.ignored == ()


def test_nonsense_is_ignored_with_its_reason() -> None:
    """Each reason says the rule, and an unknown name has a near one."""
    assert "one of a, b" in _ignored([("measure", "c")])["measure"]
    assert "a number" in _ignored([("price", "cheap")])["price"]
    assert "between 0 and 10 USD" in _ignored([("price", "11")])["price"]
    assert "between" in _ignored([("price", "nan")])["price"]
    assert "whole" in _ignored([("year", "2020.5")])["year"]
    assert "price" in _ignored([("prise", "1")])["prise"]
    assert "5 characters" in _ignored([("q", "abcdef")])["q"]
    assert "twice" in _ignored([("q", "a"), ("q", "b")])["q"]


def test_the_canonical_query_leaves_defaults_out() -> None:
    """Order is that of declaration; a change replaces, None takes back."""
    state = OPTIONS.read([("q", "x y"), ("measure", "b"), ("error", "5%")])
    assert state.query == "measure=b&q=x+y"
    assert state.query_with(q=None, error=0.01) == "measure=b&error=1%25"


def test_dropped_options_are_listed() -> None:
    """An option that does not go with another is at its default, with the reason."""
    state = OPTIONS.read([("price", "2")]).without("price", "year", reason="no chips.")
    assert state["price"] is None
    assert [(i.name, i.value, i.reason) for i in state.ignored] == [("price", "2", "no chips.")]


def _read(query: str) -> State:
    from urllib.parse import parse_qsl

    return OPTIONS.read(parse_qsl(query, keep_blank_values=True))


@given(st.lists(st.tuples(st.sampled_from(["measure", "price", "year", "error", "q", "z"]),
                          st.text(max_size=8))))  # fmt: skip
def test_any_address_is_read(pairs: list[tuple[str, str]]) -> None:
    """No text fails, and the canonical query reads as the same state."""
    state = OPTIONS.read(pairs)
    again = _read(state.query)
    assert again.ignored == ()
    assert again.query == state.query
    assert all(again[option.name] == state[option.name] for option in OPTIONS)
