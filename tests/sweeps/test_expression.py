"""Arithmetic in study files: values, refusals."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flopcast.errors import InputError
from flopcast.sweeps.expression import Expression


@given(st.floats(0.1, 1e6), st.floats(0.1, 1e6))
def test_it_is_python_arithmetic(width: float, data: float) -> None:
    """Values agree with the same arithmetic in Python."""
    found = Expression("6 * (24 * width**2 + 194 * width) * data / 3 - -1")
    assert found({"width": width, "data": data}) == pytest.approx(
        6 * (24 * width**2 + 194 * width) * data / 3 + 1
    )


def test_functions_and_names() -> None:
    """Functions have their usual meaning; names are those whose values are needed."""
    found = Expression("max(1, round(sqrt(data))) + log2(8)")
    assert found({"data": 30.0}) == 8.0
    assert found.names == {"data"}


@pytest.mark.parametrize(
    "text",
    ["__import__('os')", "a.b", "[1]", "a if b else c", "x = 1", "lambda: 1", "'text'", "f(1)",
     "a < b", "", "max(1, key=2)", "True"],
)  # fmt: skip
def test_nothing_but_arithmetic(text: str) -> None:
    """Anything else is rejected when it is read."""
    with pytest.raises(InputError, match=r"no arithmetic|not an expression"):
        Expression(text)


@pytest.mark.parametrize("text", ["1 / (a - a)", "sqrt(0 - a)", "log(a - a)", "10.0 ** 400 ** a"])
def test_impossible_values_are_errors(text: str) -> None:
    """A result that is no finite number names the expression."""
    with pytest.raises(InputError, match="expression"):
        Expression(text)({"a": 2.0})


def test_an_unknown_name_suggests_another() -> None:
    """The message says what is known."""
    with pytest.raises(InputError, match="Did you mean 'width'"):
        Expression("widht * 2")({"width": 3})
    assert math.isclose(Expression("width * 2")({"width": 3}), 6.0)
