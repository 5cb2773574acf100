"""Study files: what is read, and errors that name key, value and rule."""

from pathlib import Path
from typing import Any

import pytest
from tests.sweeps.studies import BASE, written

from flopcast.errors import InputError
from flopcast.sweeps.study import parse_study, read_study
from flopcast.sweeps.template import EXAMPLES, write_template


def test_a_file_is_read(tmp_path: Path) -> None:
    """From the file or its folder, with defaults filled in."""
    written(tmp_path, seeds=[0, 1])
    study = read_study(tmp_path)
    assert study == read_study(tmp_path / "study.toml")
    assert study.seeds == (0, 1)
    assert study.roles == {"params": "n", "data": "d"}
    assert study.amounts(study.target) == {"params": 640.0, "data": 6400.0}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"naem": "x"}, "naem.*no such key.*Did you mean 'name'"),
        ({"axes": {}}, "axes"),
        ({"axes": {"n": {"rol": "params"}}}, r"axes\.n\.rol.*Did you mean 'role'"),
        ({"axes": {"n": {"role": "size"}}}, r"axes\.n\.role = 'size'.*'params'"),
        ({"axes": {"n": {"values": [1]}}, "target": {"n": 2}}, "needs a role"),
        ({"axes": {"n": {"role": "data", "values": [1, 1]}}, "target": {"n": 2}}, "differ"),
        ({"axes": {"n": {"role": "data", "low": 3, "high": 2, "levels": 4}}}, "low is below high"),
        ({"axes": {"n": {"role": "data", "amount": "import os"}}}, "not an expression"),
        ({"target": {"n": 640}}, "'d' is missing"),
        ({"target": {"n": 640, "d": 1, "dd": 2}}, "'dd', which is no axis.*Did you mean 'd'"),
        ({"grid": {"kind": "cube"}}, "grid.kind = 'cube'"),
        ({"grid": {"kind": "isoflop"}}, "needs flop"),
        ({"grid": {"kind": "pool"}}, "needs cells"),
        ({"rules": {"rate": {}}}, r"rules\.rate.*one of fixed, law, or table"),
        ({"rules": {"rate": {"table": {"1": 2}}}}, "needs by"),
        ({"rules": {"n": {"fixed": 1}}}, "both an axis and a rule"),
        ({"budget": {"cap": -1}}, r"budget\.cap = -1"),
        ({"budget": {"cap": 1, "unit": "usd"}}, "per_second"),
        ({"seeds": []}, "seeds"),
        ({"stop": {"level": 2}}, r"stop\.level = 2"),
    ],
)
def test_errors_name_key_value_and_rule(changes: dict[str, Any], said: str) -> None:
    """One line that says where, what was seen, and the rule."""
    with pytest.raises(InputError, match=said) as caught:
        parse_study({**BASE, **changes}, "study.toml")
    assert caught.value.message.startswith("study.toml")
    assert "\n" not in caught.value.message


def test_files_that_are_none(tmp_path: Path) -> None:
    """No file, no TOML: what to do is said."""
    with pytest.raises(InputError, match="no such file"):
        read_study(tmp_path)
    (tmp_path / "study.toml").write_text("name = ", encoding="utf-8")
    with pytest.raises(InputError, match="not TOML"):
        read_study(tmp_path)


@pytest.mark.parametrize("example", EXAMPLES)
def test_templates_are_studies(tmp_path: Path, example: str) -> None:
    """What `init` writes is read, and not written over."""
    write_template(tmp_path, example)
    assert read_study(tmp_path).seeds
    with pytest.raises(InputError, match="there already"):
        write_template(tmp_path, example)
    with pytest.raises(InputError, match="no example 'owm'"):
        write_template(tmp_path / "other", "owm")
