"""``flopcast sweep``: the verbs as a new user calls them, right and wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.sweeps.studies import TOY, written

from flopcast.cli.app import main
from flopcast.cli.sweep import demonstrate
from flopcast.observations import read_runs

QUICK = {"kind": "factorial", "batch": 16}


def sweep(*args: object) -> int:
    """One command line."""
    return main(["sweep", *map(str, args)])


def validated(repository: Path, name: str, text: str) -> dict[str, Any]:
    """A document that follows its published schema."""
    schema = json.loads((repository / f"docs/schema/{name}.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    document: dict[str, Any] = json.loads(text, parse_constant=pytest.fail)
    Draft202012Validator(schema).validate(document)
    return document


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that ran to the end."""
    folder = tmp_path_factory.mktemp("finished")
    study = written(folder, grid=QUICK, seeds=[0, 1], budget={"cap": 1e9, "margin": 1.0})
    assert sweep("run", study, "--executor", "inline", "--quiet") == 0
    return folder


def test_a_first_study(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A study is written and planned in an empty folder; nothing is written over."""
    folder = tmp_path / "mine"
    assert sweep("init", folder, "--example", "teacher-student") == 0
    assert sweep("plan", folder, "--quick") == 0
    out = capsys.readouterr().out
    for word in ("16 cells", "small corner", "held out", "times all cells", "cap"):
        assert word in out
    assert max(len(line) for line in out.splitlines()) <= 80 + len(str(tmp_path))
    assert sweep("init", folder, "--example", "teacher-student") == 2
    assert "there already" in capsys.readouterr().err


def test_the_demonstration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The teacher-student study with its target, which the forecast holds; twice is the same."""
    demonstrate(tmp_path / "demo")
    out = capsys.readouterr().out
    for word in ("17 of 17 cells ended", "the target itself", "inside", "1/51.0 of the target"):
        assert word in out
    demonstrate(tmp_path / "demo")
    assert capsys.readouterr().out == out


def test_the_template_says_what_to_fill_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The user's own study plans at once and fails with the line to write."""
    assert sweep("init", tmp_path / "own") == 0
    assert sweep("plan", tmp_path / "own", "--quick") == 0
    text = (tmp_path / "own/study.toml").read_text("utf-8")
    small = text.replace("64, 96]", "64]").replace("seeds = [0, 1]", "seeds = [0]")
    (tmp_path / "own/study.toml").write_text(small, encoding="utf-8")
    assert sweep("run", tmp_path / "own", "--executor", "inline", "--quiet") == 3
    assert "write the training of one run" in capsys.readouterr().err


def test_plan_json(repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Cells, costs, stages and what the rehearsal expects, by the schema."""
    assert sweep("plan", written(tmp_path), "--json") == 0
    document = validated(repository, "sweep-plan", capsys.readouterr().out)
    assert len(document["cells"]) == 16
    assert document["cost"] == sum(cell["cost"] for cell in document["cells"])
    widths = [stage["width"] for stage in document["rehearsal"]["stages"]]
    assert widths[-1] < widths[0]


def test_status_json(repository: Path, finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Everything that the loop recorded, by the schema, from a folder that is only read."""
    assert sweep("status", finished, "--json") == 0
    document = validated(repository, "sweep-status", capsys.readouterr().out)
    assert document["cells"]["done"] == 32
    assert document["backtest"]["covered"] >= 1
    assert document["budget"]["spent"] <= document["budget"]["cap"]


def test_status_for_people(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Progress, spend, the interval as it narrowed and why it stopped, in 80 columns."""
    assert sweep("status", finished) == 0
    out = capsys.readouterr().out
    assert max(len(line) for line in out.splitlines()) <= 80
    for word in ("32 of 32 cells ended", "spent", "90% interval", "●", "back-test", "Stopped: "):
        assert word in out
    assert sweep("status", finished, "--watch") == 0
    assert "stop: every cell" in capsys.readouterr().out


def test_export_and_fit(
    repository: Path, finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table is one that fits read; the law's parameters come out."""
    assert sweep("export", finished, "--out", tmp_path / "runs.csv") == 0
    runs = read_runs(tmp_path / "runs.csv")
    assert len(runs) == 32
    assert set(runs.inputs) >= {"params", "data"}
    capsys.readouterr()
    assert sweep("export", finished, "--json") == 0
    document = validated(repository, "sweep-export", capsys.readouterr().out)
    assert len(document["runs"]) == 32
    assert sweep("fit", finished, "--json") == 0
    fitted = validated(repository, "fit", capsys.readouterr().out)
    values = {row["parameter"]: row["estimate"] for row in fitted["parameters"]}
    assert values["alpha"] == pytest.approx(0.4, abs=0.1)
    assert sweep("fit", finished) == 0
    assert "alpha" in capsys.readouterr().out


def test_runs_go_to_another_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--out leaves the study's own folder clean and is a study folder of its own."""
    study = written(tmp_path / "source", grid=QUICK, stop={"width": 9.0})
    args = ("run", study, "--out", tmp_path / "runs", "--executor", "inline", "--json")
    assert sweep(*args) == 0
    assert json.loads(capsys.readouterr().out)["cells"]["done"] == 9
    assert [path.name for path in (tmp_path / "source").iterdir()] == ["study.toml"]
    assert sweep("status", tmp_path / "runs") == 0


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("run", "nowhere"), "no such file"),
        (("status", "{study}"), "holds no study"),
        (("run", "{study}", "--executor", "cloud"), "executor 'cloud'"),
        (("run", "{study}", "--slots", "0"), "slots is 0"),
        (("plan", "{bad}"), "grid.kind = 'cube'"),
        (("fit", "{study}"), "holds no study"),
        (("init", "{tmp}/new", "--example", "teacher"), "Did you mean 'teacher-student'"),
    ],
)
def test_wrong_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], args: tuple[str, ...], said: str
) -> None:
    """Exit code 2 and one message that says what is wrong."""
    study = written(tmp_path / "good").parent
    bad = written(tmp_path / "bad", grid={"kind": "cube"})
    filled = [one.format(study=study, bad=bad, tmp=tmp_path) for one in args]
    assert sweep(*filled) == 2
    assert said in capsys.readouterr().err


def test_nothing_finished_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A training function that always fails: its message, exit code 3."""
    study = written(tmp_path, train=f"{TOY}:broken", grid=QUICK)
    assert sweep("run", study, "--executor", "inline") == 3
    captured = capsys.readouterr()
    assert "no GPU here" in captured.err
    assert "forecast after 0 runs: none yet" in captured.out
