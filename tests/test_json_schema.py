"""The published JSON schemas describe what the verbs print."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.cli.grid_file import grid, write

from flopcast.cli.app import main
from flopcast.records.query import Catalogue


def validator(repository: Path, name: str) -> Draft202012Validator:
    """The validator of one published schema."""
    schema = json.loads((repository / "docs" / "schema" / f"{name}.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def printed(capsys: pytest.CaptureFixture[str], *args: str) -> Any:
    """What a command line prints, parsed; NaN and infinity are not JSON."""
    main([*args, "--json"])
    return json.loads(capsys.readouterr().out, parse_constant=pytest.fail)


@pytest.mark.parametrize(
    "args",
    [
        ["imagenet-top1", "--error", "5%", "--error", "1%"],
        ["imagenet-top1", "--measure", "preferred", "--error", "5%"],
        ["imagenet-top1", "--measure", "forward", "--error", "5%"],
        ["conll", "--error", "2%", "--preset", "computer-progress-2022"],
        ["imagenet-top1", "--budget", "$10M", "--budget", "1 GWh"],
        ["coco", "--year"],
        ["wmt14-en-fr"],
    ],
)
def test_burden(
    repository: Path, release: Catalogue, capsys: pytest.CaptureFixture[str], args: list[str]
) -> None:
    """Answers and refusals of the burden verb follow its schema."""
    document = printed(capsys, "burden", *args, "--catalogue", str(release.path))
    validator(repository, "burden").validate(document)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("catalogue-check", ["check"]),
        ("catalogue-list", ["list"]),
        ("catalogue-show-benchmark", ["show", "squad"]),
        ("catalogue-show-run", ["show", "imagenet-top1/nasnet-a-6"]),
        ("catalogue-show-run", ["show", "luke"]),
        ("catalogue-search", ["search", "bert"]),
        ("catalogue-search", ["search", "nothing of this name"]),
    ],
)
def test_catalogue(
    repository: Path,
    release: Catalogue,
    capsys: pytest.CaptureFixture[str],
    name: str,
    args: list[str],
) -> None:
    """What the catalogue verbs print follows their schemas."""
    document = printed(capsys, "catalogue", *args, "--catalogue", str(release.path))
    validator(repository, name).validate(document)


def test_catalogue_export(
    repository: Path, release: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exported rows of every benchmark follow their schema."""
    for benchmark in release:
        args = ["export", benchmark, "--format", "json", "--catalogue", str(release.path)]
        main(["catalogue", *args])
        validator(repository, "catalogue-export").validate(json.loads(capsys.readouterr().out))


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("bill", ["3.14e23", "--chip", "v100", "--chips", "1000", "--development"]),
        ("bill", ["--params", "7e9", "--tokens", "1e12", "--embodied", "--market", "0"]),
        ("bill", ["--hours", "100", "--power", "500"]),
        ("affordable", ["--budget", "$1M"]),
        ("affordable", ["--budget", "30 days", "--chips", "64", "--chip", "tpu-v4"]),
    ],
)
def test_bill(
    repository: Path,
    release: Catalogue,
    capsys: pytest.CaptureFixture[str],
    name: str,
    args: list[str],
) -> None:
    """Bills, and what budgets buy, follow their schemas."""
    document = printed(capsys, "bill", *args, "--catalogue", str(release.path))
    validator(repository, name).validate(document)


@pytest.mark.parametrize(
    "args",
    [
        ["--at", "params=1e11,data=1e12", "--isoflop", "--params-convention", "total"],
        ["--fix", "E=1.7", "--bounds", "alpha=0:1,beta=0.1:"],
        ["--law", "m2@params", "--objective", "squared", "--resampling", "wild"],
    ],
)
def test_fit(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], args: list[str]
) -> None:
    """Fits follow their schema, with predictions and best sizes, and without intervals."""
    path = write(tmp_path / "runs.csv", grid())
    for draws in ("0", "50"):
        document = printed(capsys, "fit", str(path), "--bootstrap", draws, *args)
        validator(repository, "fit").validate(document)


def test_compare_laws(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Comparisons of laws follow their schema."""
    path = write(tmp_path / "runs.csv", grid())
    document = printed(capsys, "compare-laws", str(path), "--laws", "chinchilla,kaplan")
    validator(repository, "compare-laws").validate(document)


def test_forecasts(
    repository: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Forecasts, their backtests, registered files and scores follow their schemas."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "runs.csv", grid())
    at = ["runs.csv", "--at", "params=1e10,data=1e12", "--draws", "200"]
    for name, args in (
        ("predict", ["predict", *at, "--target", "2", "--target", "1.2"]),
        ("predict", ["predict", "runs.csv", "--target", "2", "--held", "data=1e12"]),
        ("predict-many", ["predict", "none.csv", *at]),
        ("backtest", ["backtest", "runs.csv", "--origins", "2", "--draws", "200"]),
        ("register", ["register", *at, "--out", "f.json"]),
        ("score", ["score", "f.json", "--outcome", "1.9"]),
    ):
        validator(repository, name).validate(printed(capsys, *args))
    record = json.loads(Path("f.json").read_text("utf-8"))
    validator(repository, "registration").validate(record)


def test_laws(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The list of laws, and each law in full, follow their schemas."""
    listed = printed(capsys, "laws")
    validator(repository, "laws").validate(listed)
    for row in listed["laws"]:
        validator(repository, "law").validate(printed(capsys, "laws", row["law"]))


def test_reproduce(
    repository: Path, release: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rows of published against ours follow their schema."""
    document = printed(capsys, "reproduce", "--catalogue", str(release.path))
    validator(repository, "reproduce").validate(document)


@pytest.mark.parametrize("args", [["imagnet"], ["imagenet", "--error", "50%"], ["imagenet", "-x"]])
def test_errors(
    repository: Path, release: Catalogue, capsys: pytest.CaptureFixture[str], args: list[str]
) -> None:
    """Errors and refusals follow theirs."""
    document = printed(capsys, "burden", *args, "--catalogue", str(release.path))
    validator(repository, "error").validate(document)


def test_every_schema_is_listed(repository: Path) -> None:
    """docs/json.md links every published schema."""
    page = (repository / "docs" / "json.md").read_text("utf-8")
    for path in (repository / "docs" / "schema").glob("*.json"):
        assert f"(schema/{path.name})" in page
