"""``flopcast compare``: text, JSON by its schema, charts, wrong input."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from flopcast.cli.app import main
from flopcast.records.query import Catalogue


@pytest.mark.parametrize(
    "args",
    [
        ["alexnet", "nasnet-a-6"],
        ["alexnet", "nasnet-a-6", "--corrected"],
        ["imagenet-top1/alexnet", "squad/luke"],
        ["wmt14-en-fr/gnmt-plus-rl", "wmt14-en-fr/bert-fused-nmt"],
        ["imagenet-top1/alexnet", "imagenet-top1/resnet-50"],
    ],
)
def test_json_follows_its_schema(
    repository: Path, release: Catalogue, capsys: pytest.CaptureFixture[str], args: list[str]
) -> None:
    """Every shape of answer: known, unknown, refused, on two benchmarks."""
    schema = json.loads((repository / "docs/schema/compare.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    assert main(["compare", *args, "--json", "--catalogue", str(release.path)]) == 0
    document = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    Draft202012Validator(schema).validate(document)


def test_text_fits_a_terminal(release: Catalogue, capsys: pytest.CaptureFixture[str]) -> None:
    """The factors and what they come to, in 80 columns."""
    assert main(["compare", "alexnet", "nasnet-a-6", "--catalogue", str(release.path)]) == 0
    out = capsys.readouterr().out
    assert max(len(line) for line in out.splitlines()) <= 80
    for word in ("250", "6.03", "0.667", "1,005", "compute explains", "architecture"):
        assert word in out


def test_a_chart_is_written(release: Catalogue, tmp_path: Path) -> None:
    """The steps are drawn; without any there is a refusal and no file."""
    given = ["--catalogue", str(release.path), "--chart"]
    assert main(["compare", "alexnet", "nasnet-a-6", *given, str(tmp_path / "a.svg")]) == 0
    assert "× 1,005" in (tmp_path / "a.svg").read_text("utf-8")
    none = ["compare", "alexnet", "nasnet-a-6", "--corrected", *given, str(tmp_path / "b.svg")]
    assert main(none) == 3
    assert not (tmp_path / "b.svg").exists()


def test_wrong_names_end_with_2(release: Catalogue, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is not in the catalogue is bad input, with a near one."""
    assert main(["compare", "alexnet", "nasnett", "--catalogue", str(release.path)]) == 2
    assert "Did you mean" in capsys.readouterr().err
