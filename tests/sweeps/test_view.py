"""A study seen from outside, without writing and without its training code."""

from pathlib import Path

import pytest
from tests.sweeps.studies import TOY, run, written

from flopcast.errors import InputError
from flopcast.sweeps.view import read_study

BATCH = {"kind": "factorial", "batch": 16}


def test_a_study_is_seen_whole(tmp_path: Path) -> None:
    """Every cell with its state and loss; cells that never ran are waiting."""
    run(written(tmp_path, grid=BATCH, stop={"width": 5.0}))
    seen = read_study(tmp_path)
    assert not seen.running
    assert len(seen.cells) == 17
    states = [one.state for one in seen.cells]
    assert (states.count("done"), states.count("waiting")) == (9, 8)
    assert all((one.loss is None) == (one.state == "waiting") for one in seen.cells)
    assert seen.cells[-1].role == "target"
    assert seen.cells[-1].amounts == {"params": 640.0, "data": 6400.0}
    assert seen.status.forecast is not None
    assert seen.status.counts["waiting"] == 7


def test_failures_are_seen(tmp_path: Path) -> None:
    """A diverged cell has its reason and no loss."""
    run(written(tmp_path, train=f"{TOY}:sometimes", grid=BATCH, stop={"width": 5.0}))
    wrong = [one for one in read_study(tmp_path).cells if one.state == "diverged"]
    assert wrong
    assert all(one.loss is None and "nan" in one.reason for one in wrong)


def test_the_training_code_may_be_gone(tmp_path: Path) -> None:
    """Cells are recognised by the code version that they were run with."""
    code = tmp_path / "code.py"
    code.write_text(TOY.read_text(encoding="utf-8"), encoding="utf-8")
    run(written(tmp_path / "study", train=f"{code}:train", grid=BATCH, stop={"width": 5.0}))
    code.unlink()
    assert sum(one.state == "done" for one in read_study(tmp_path / "study").cells) == 9


def test_folders_without_a_study_say_so(tmp_path: Path) -> None:
    """An empty folder, and one with a study that was never run."""
    with pytest.raises(InputError, match="holds no runs"):
        read_study(tmp_path)
    written(tmp_path)
    with pytest.raises(InputError, match="holds no runs"):
        read_study(tmp_path)
