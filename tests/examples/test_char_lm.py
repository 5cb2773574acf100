"""The character model of examples/char_lm in miniature: it learns, goes on, and is counted."""

import csv
import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from flopcast.errors import InputError
from flopcast.observations import read_runs
from flopcast.sweeps.opened import open_study

ON_CI = os.environ.get("CI") == "true"
TINY = {"width": 16, "data": 8192, "batch": 1, "validation_windows": 64, "reports": 4}


class Context:
    """What a run gets, stopping after `most` reports if asked to."""

    def __init__(self, folder: Path, most: int = 1000) -> None:
        self.seed, self.checkpoint_dir, self.most = 0, folder, most
        self.reports: list[tuple[float, ...]] = []

    def report(self, *values: float, flop: float) -> None:
        """Keep step, samples, loss and FLOP."""
        self.reports.append((*values, flop))

    def should_stop(self) -> bool:
        """Whether enough reports came."""
        return len(self.reports) >= self.most


@pytest.fixture(scope="module")
def example(repository: Path) -> Iterator[ModuleType]:
    """The module train.py; skipped without PyTorch, which CI has."""
    if find_spec("torch") is None:
        if ON_CI:
            pytest.fail("PyTorch is not installed, and CI needs it for examples/char_lm")
        pytest.skip("PyTorch is not installed; pip install torch")
    folder = str(repository / "examples" / "char_lm")
    sys.path.insert(0, folder)
    before = set(sys.modules)
    import train  # type: ignore[import-not-found]

    yield train
    sys.path.remove(folder)
    for name in {"train", "model", "corpus"} - before:
        sys.modules.pop(name, None)


def test_it_learns_and_goes_on(example: ModuleType, tmp_path: Path) -> None:
    """Better than guessing after 64 updates; cut off and resumed it ends at the same loss."""
    whole = Context(tmp_path / "whole")
    cut = Context(tmp_path / "cut", most=2)
    for context in (whole, cut):
        context.checkpoint_dir.mkdir()
    result = example.train(TINY, whole)
    assert result["loss"] < 3.4  # ln 97 = 4.57 is guessing
    assert result["data"] == 8192
    assert result["params"] == 24 * 16**2 + 202 * 16
    part = example.train(TINY, cut)
    assert part["steps"] == 32
    resumed = example.train(TINY, Context(tmp_path / "cut"))
    assert resumed["loss"] == pytest.approx(result["loss"], rel=1e-4)


def test_flop_are_those_of_the_study(example: ModuleType, repository: Path) -> None:
    """The formula of study.toml is the count of the accounting layer; pilots cost 1/50."""
    opened = open_study(repository / "examples" / "char_lm")
    first = [one for one in opened.cells if one.cell.seed == 0]
    for one in (*first, opened.goal):
        counted = example.training_flop({**example.DEFAULTS, **one.settings}, one.settings["data"])
        assert one.flop == pytest.approx(counted, rel=1e-9)
    assert len(first) == 17
    assert sum(one.flop for one in first) <= opened.goal.flop / 50


def test_the_text_is_seen_once(example: ModuleType, tmp_path: Path) -> None:
    """More data than there is text is an error before any training."""
    with pytest.raises(ValueError, match="sees each once"):
        example.train({**TINY, "data": 10**10}, Context(tmp_path))


def test_measurements_are_runs(repository: Path) -> None:
    """The published table is one that fits read, with three seeds of every cell of the study."""
    path = repository / "examples" / "char_lm" / "measurements.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    pilots = [row for row in rows if row["role"] == "pilot"]
    cells = {
        (one.cell.seed, one.points[0]["params"], one.points[0]["data"])
        for one in open_study(path.parent).cells
    }
    assert {(int(r["seed"]), float(r["params"]), float(r["data"])) for r in pilots} == cells
    assert len(cells) == 51
    assert len({row["data_id"] for row in rows}) == 1
    assert len(read_runs(path, params_convention="total")) == len(rows)


def test_the_pilots_predict_the_target(repository: Path) -> None:
    """Inside the 90 % interval and within 3 % for each seed, at 1/50 of the cost."""
    path = repository / "examples" / "char_lm" / "measurements.csv"
    spec = spec_from_file_location("char_lm_check", path.parent / "check.py")
    assert spec is not None
    assert spec.loader is not None
    check = module_from_spec(spec)
    sys.modules["char_lm_check"] = check
    spec.loader.exec_module(check)
    found = list(check.checks(path, check.TARGET))
    assert len(found) == 3
    for one in found:
        assert one.cost_ratio >= 50.0, one.line()
        assert one.low <= one.measured <= one.high, one.line()
        assert one.median == pytest.approx(one.measured, rel=0.03), one.line()


def test_a_study_without_its_code_says_so(tmp_path: Path, repository: Path) -> None:
    """A study copied away from its training code names the file it looked for."""
    text = (repository / "examples" / "char_lm" / "study.toml").read_text("utf-8")
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"train\.py"):
        open_study(tmp_path)
