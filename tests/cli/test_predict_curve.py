"""``predict-curve`` as a user would run it, and the schedules that it knows by name."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from tests.cli.grid_file import Columns, write

from flopcast.cli.app import main
from flopcast.errors import InputError
from flopcast.forecasting.curve_schedule import schedule
from flopcast.laws.registry import get_law
from flopcast.laws.schedule import schedule_inputs

LAW = {"L0": 2.4, "A": 0.6, "C": 0.5, "alpha": 0.5}
ENDS = {"small": (3000, 2.6), "mid": (4000, 2.5), "big": (5000, 2.4)}
ASKED = ["--end", "5000", "--draws", "500"]


def run(total: int, floor: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Steps, losses and learning rates of a cosine down to a tenth."""
    steps = np.arange(1.0, total + 1.0)
    rates = 1e-3 * (0.1 + 0.45 * (1.0 + np.cos(np.pi * steps / total)))
    loss = get_law("tissue").predict({**LAW, "L0": floor}, schedule_inputs(rates))
    return steps[19::20], loss[19::20], rates[19::20]


@pytest.fixture
def curves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two finished runs and half of a third, with their rates, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    table: Columns = {"run": [], "steps": [], "loss": [], "learning_rate": []}
    for name, (total, floor) in ENDS.items():
        seen = 125 if name == "big" else None
        steps, loss, rates = (column[:seen] for column in run(total, floor))
        columns = {"steps": steps.tolist(), "loss": loss.tolist(), "learning_rate": rates.tolist()}
        rows: Columns = {"run": [name] * len(steps), **columns}
        table = {key: [*table[key], *values] for key, values in rows.items()}
    write(tmp_path / "rates.csv", table)
    write(tmp_path / "curves.csv", {k: v for k, v in table.items() if k != "learning_rate"})
    big = [k for k, name in enumerate(table["run"]) if name == "big"]
    write(tmp_path / "one.csv", {k: [table[k][row] for row in big] for k in ("steps", "loss")})
    return tmp_path


def answer(capsys: pytest.CaptureFixture[str], *args: str) -> dict[str, Any]:
    """The JSON document, which follows the published schema."""
    assert main(["predict-curve", *args, *ASKED, "--json"]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    folder = Path(__file__).parents[2] / "docs" / "schema" / "predict-curve.json"
    Draft202012Validator(json.loads(folder.read_text("utf-8"))).validate(document)
    return document


@pytest.mark.parametrize(
    "args",
    [
        ["curves.csv", "--run", "big"],
        ["curves.csv", "--run", "big", "--schedule", "cosine:0.1", "--laws", "tissue"],
        ["rates.csv", "--run", "big", "--schedule", "cosine:0.1", "--laws", "tissue"],
    ],
)
def test_the_end_is_predicted(
    curves: Path, capsys: pytest.CaptureFixture[str], args: list[str]
) -> None:
    """Siblings, alone or with the schedule, lead from half of a cosine to its end."""
    found = answer(capsys, *args)
    end = run(5000, 2.4)[1][-1]
    assert found["loss_read_off"] > 1.1 * end
    assert found["loss"]["median"] == pytest.approx(end, rel=0.015)
    assert found["interval"][0] < end < found["interval"][1]
    assert found["run"] == "big"
    assert found["siblings"] == ["small", "mid"]
    names = {method["name"] for method in found["methods"]}
    assert names == ({"siblings", "tissue"} if "--schedule" in args else {"siblings"})
    codes = [finding["code"] for finding in found["findings"]]
    assert codes == (["not_annealed"] if "--schedule" in args else ["schedule_unknown"])


def test_text(curves: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What people read fits a terminal, and says what was left out and why."""
    assert main(["predict-curve", "one.csv", *ASKED]) == 0
    out = capsys.readouterr().out
    assert max(len(line) for line in out.splitlines()) <= 80
    for words in ("2500 of 5000 (50%)", "90 % interval", "trend", "no finished", "serious"):
        assert words in out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["curves.csv"], "holds 3 runs: small, mid, big"),
        (["curves.csv", "--run", "bgi"], "Did you mean 'big'"),
        (["one.csv", "--run", "big"], "no column 'run'"),
        (["one.csv", "--end", "100"], "has reached 2500"),
        (["one.csv", "--end", "nan"], "above 0"),
        (["one.csv", "--schedule", "cosin:0.1"], "Did you mean 'cosine'"),
        (["one.csv", "--columns", "los=x"], "Did you mean 'loss'"),
        (["one.csv", "--level", "2"], "between 0 and 1"),
        (["one.csv", "--laws", "tissu"], "no law of schedules"),
        (["none.csv"], "no such file"),
    ],
)
def test_wrong_input(
    curves: Path, capsys: pytest.CaptureFixture[str], args: list[str], words: str
) -> None:
    """Every mistake is named, with the way out; exit code 2."""
    end = [] if "--end" in args else ["--end", "5000"]
    assert main(["predict-curve", *args, *end]) == 2
    assert words in capsys.readouterr().err


def test_repeated_steps_name_their_run(curves: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A step that a run has twice, with two losses, is refused."""
    write(Path("twice.csv"), {"run": ["a"] * 3, "steps": [1, 2, 2], "loss": [3.0, 2.0, 2.5]})
    assert main(["predict-curve", "twice.csv", "--end", "9"]) == 2
    assert "run 'a' of twice.csv: steps do not rise" in capsys.readouterr().err


def test_schedules_by_name() -> None:
    """Each begins at the peak after its warm-up and ends where its name says."""
    for text, last in (
        ("constant", 1.0),
        ("cosine:0.1", 0.1),
        ("linear:0.2", 0.2),
        ("wsd:0.3", 0),
    ):
        steps, rates = schedule(text, 1000.0, warmup=100.0)
        assert rates[-1] == pytest.approx(last, abs=1e-5)
        assert rates[steps <= 100].max() == pytest.approx(1.0, abs=0.01)
        assert rates[0] == pytest.approx(0.01, rel=0.01)
        assert np.all(np.diff(rates[steps > 100]) <= 1e-12)
    steps, rates = schedule("wsd:0.3", 1000.0)
    assert rates[steps == 600] == pytest.approx(1.0)
    assert rates[steps == 850] == pytest.approx(0.5)


@pytest.mark.parametrize("text", ["cosine", "cosine:2", "constant:1", "step:0.1", "wsd:x"])
def test_schedules_that_are_none(text: str) -> None:
    """An unknown name, or a number that is missing, out of range or too many."""
    with pytest.raises(InputError):
        schedule(text, 1000.0)


def test_a_warm_up_ends_before_the_run() -> None:
    """A warm-up as long as the run is refused."""
    with pytest.raises(InputError, match="ends before the run"):
        schedule("constant", 100.0, warmup=100.0)
