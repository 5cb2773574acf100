"""``predict``, ``backtest``, ``register`` and ``score`` as a user would run them."""

import json
from pathlib import Path

import pytest
from tests.cli.grid_file import grid, write

from flopcast.cli.app import main

FAR = ["--at", "params=1e10,data=1e12"]
FEW = ["--draws", "200"]


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A grid as runs.csv in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return write(tmp_path / "runs.csv", grid())


def printed(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    """What a successful command prints; the text fits a terminal."""
    assert main(args) == 0
    out = capsys.readouterr().out
    if "--json" not in args:
        assert max(len(line) for line in out.splitlines()) <= 80
    return out


def test_predict(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Median, interval, causes, members and a target; the law behind the runs lies inside."""
    out = printed(capsys, "predict", "runs.csv", *FAR, *FEW, "--target", "2.0")
    for word in ("90 % interval", "distance", "additive", "loss 2 takes compute", "one new run"):
        assert word in out
    args = ("predict", "runs.csv", *FAR, *FEW, "--json", "--target", "2", "--held", "params=1e10")
    found = json.loads(printed(capsys, *args))
    truth = 1.7 + 400.0 * 1e10**-0.34 + 2000.0 * 1e12**-0.37
    low, high = found["points"][0]["interval"]
    assert low < truth < high
    assert found["targets"][0]["of"] == "data"
    assert found["conventions"].startswith("loss: lower is better")


def test_several_files(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each file has its answer or its error, in order; where is local or ray."""
    write(runs.parent / "few.csv", {k: v[:2] for k, v in grid().items()})
    args = ("predict", "runs.csv", "few.csv", "none.csv", *FAR, *FEW, "--json")
    first, second, third = json.loads(printed(capsys, *args))["forecasts"]
    assert first["points"]
    assert second["refused"]["code"] == "too_few_runs"
    assert third["error"]["code"] == "bad_input"
    assert main(["predict", "runs.csv", "few.csv", *FAR, "--on", "mars"]) == 2
    assert "local or ray" in capsys.readouterr().err


def test_backtest(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A table by fold and by distance; official marks are read from a column."""
    out = printed(capsys, "backtest", "runs.csv", "--origins", "2", *FEW)
    for word in ("trained on", "beyond by", "compute ≤", "90 %", "bias"):
        assert word in out
    marks = ["train"] * 30 + ["test"] * 6
    write(runs, {**grid(), "part": marks})
    found = json.loads(printed(capsys, "backtest", "runs.csv", "--split", "part", *FEW, "--json"))
    assert found["summary"]["forecasts"] == 6
    assert found["options"]["split"] == "official"


def test_register_and_score(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A forecast is written once, settled once, and refused when it was changed."""
    args = ["register", "runs.csv", *FAR, *FEW, "--out", "f.json", "--date", "2026-01-31"]
    assert "SHA-256" in printed(capsys, *args)
    assert main(args) == 2
    assert "never overwritten" in capsys.readouterr().err
    score = ["score", "f.json", "--outcome", "1.95", "--date", "2026-03-01"]
    assert "in 90 %" in printed(capsys, *score)
    lines = Path("scores.jsonl").read_text("utf-8")
    assert main(score) == 3
    assert "was settled" in capsys.readouterr().err
    text = Path("f.json").read_text("utf-8")
    Path("g.json").write_text(text.replace("2026-01-31", "2026-01-30"), "utf-8")
    assert main(["score", "g.json", "--outcome", "1.95"]) == 2
    assert "was changed" in capsys.readouterr().err
    assert Path("scores.jsonl").read_text("utf-8") == lines
    assert json.loads(printed(capsys, "score", "--json"))["summary"]["forecasts"] == 1


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["predict", *FAR], "no file of runs"),
        (["predict", "runs.csv"], "nothing was asked"),
        (["predict", "runs.csv", "--at", "parms=1e9,data=1e10"], "Did you mean 'params'"),
        (["predict", "runs.csv", "--at", "params=1e9,data=1e10,group=a"], "names a group"),
        (["predict", "runs.csv", *FAR, "--at", "params=1e9"], "same inputs"),
        (["predict", "runs.csv", *FAR, "--kind", "median"], "kind is 'median'"),
        (["predict", "runs.csv", *FAR, "--chance", "0.25"], "for scores"),
        (["predict", "runs.csv", *FAR, "--target", "2", "--held", "flop=1"], "--held names"),
        (["predict", "runs.csv", *FAR, "--seed", "-1"], "--seed is -1"),
        (["backtest", "runs.csv", "--split", "part"], "no column 'part'"),
        (["backtest", "runs.csv", "--reach", "0"], "reach is 0"),
        (["register", "runs.csv", *FAR, "--out", "f.txt"], "is a .json file"),
        (["score"], "no such score sheet"),
        (["score", "none.json", "--outcome", "2"], "no such file"),
        (["score", "runs.csv", "--outcome", "2"], "is not JSON"),
    ],
)
def test_wrong_input(
    runs: Path, capsys: pytest.CaptureFixture[str], args: list[str], words: str
) -> None:
    """Each mistake is named, with exit code 2 and nothing on stdout."""
    assert main(args) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.out == ""
