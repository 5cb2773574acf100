"""``flopcast burden`` as a user meets it: answers, JSON, files, refusals and wrong input."""

import json
from pathlib import Path

import pytest

from flopcast.cli.app import main
from flopcast.records.query import Catalogue


@pytest.fixture
def run(
    release: Catalogue, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> "Runner":
    """Runs one command line on the release of this checkout."""
    monkeypatch.setenv("COLUMNS", "80")
    return Runner(release, capsys)


class Runner:
    """Calls ``main`` and keeps what it printed."""

    def __init__(self, release: Catalogue, capsys: pytest.CaptureFixture[str]) -> None:
        self.release = release
        self.capsys = capsys

    def __call__(self, *args: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr."""
        code = main(["burden", *args, "--catalogue", str(self.release.path)])
        captured = self.capsys.readouterr()
        return code, captured.out, captured.err


def test_hardware_burden_of_imagenet(run: Runner) -> None:
    """The hardware measure gives n 36 and exponent 10.7."""
    code, out, _ = run("imagenet-top1", "--measure", "hardware", "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["n"], round(found["exponent"], 1)) == (36, 10.7)


def test_consolidated_burden_of_imagenet(run: Runner) -> None:
    """The consolidated measure gives n 102 and exponent 11.0 [9.7, 12.7]."""
    _, out, _ = run("imagenet-top1", "--measure", "consolidated", "--json")
    found = json.loads(out)
    assert (found["n"], round(found["exponent"], 1)) == (102, 11.0)
    assert [round(bound, 1) for bound in found["exponent_interval"]] == [9.7, 12.7]


def test_several_targets_in_json(run: Runner) -> None:
    """Targets come in the order asked, with quantiles by name and SI units in the keys."""
    code, out, _ = run("imagenet", "--error", "5%,3%", "--error", "0.01", "--json")
    targets = json.loads(out)["targets"]
    assert code == 0
    assert [target["error"] for target in targets] == [0.05, 0.03, 0.01]
    for key in ("flop", "chip_hours", "usd", "energy_kwh", "carbon_kgco2e"):
        assert set(targets[0][key]) == {"median", "p05", "p25", "p75", "p95"}


def test_text_fits_a_terminal(run: Runner) -> None:
    """Everything printed fits 80 columns, and says n, imputed points, theory and assumptions."""
    code, out, _ = run("imagenet-top1", "--error", "5%", "--error", "1%")
    assert code == 0
    assert max(len(line) for line in out.splitlines()) <= 80
    for word in ("102, 66 of them imputed", "11.0", "Theory (k^4)", "form", "Assumed", "p = "):
        assert word in out


def test_preferred_shows_how_the_answer_moves(run: Runner) -> None:
    """The preferred measure prints the exponent for each scope of compute."""
    _, out, _ = run("imagenet-top1", "--measure", "preferred", "--search")
    assert "with architecture search" in out


def test_a_refused_exponent_exits_3(run: Runner) -> None:
    """WMT14 prints its slope, the reason and no exponent; JSON carries the refusal."""
    code, out, _ = run("wmt14-en-de", "--error", "30%")
    assert code == 3
    assert "covers" in out
    assert "exponent  " not in out
    code, out, _ = run("wmt14-en-de", "--json")
    assert code == 3
    assert json.loads(out)["refused"]["code"] == "slope_covers_zero"


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["imagnet"], 2, "Did you mean 'imagenet'?"),
        (["imagenet", "--error", "500%"], 2, "outside (0, 1)"),
        (["imagenet", "--error", "0"], 2, "outside (0, 1)"),
        (["imagenet", "--error", "5"], 2, "Write 5% or 0.05"),
        (["imagenet", "--error", "low"], 2, "not a number"),
        (["imagenet", "--error", "12%"], 3, "already met"),
        (["squad", "--measure", "network"], 3, "Too few points"),
        (["imagenet", "--measure", "flops"], 2, "The measures are"),
        (["imagenet", "--error", "5%", "--preset", "aws"], 2, "Known presets"),
        (["imagenet", "--error", "5%", "--chip", "h1000"], 2, "Unknown hardware"),
        (
            ["imagenet", "--error", "5%", "--chip", "t4", "--chip-format", "bf16"],
            2,
            "no peak rate",
        ),
        (["imagenet", "--error", "5%", "--pue", "0.5"], 2, "--pue"),
        (["imagenet", "--search"], 2, "--measure preferred"),
    ],
)
def test_wrong_input(run: Runner, tmp_path: Path, args: list[str], code: int, words: str) -> None:
    """Each mistake is named on stderr with its exit code, and no file is written."""
    chart = tmp_path / "chart.svg"
    found, out, err = run(*args, "--chart", str(chart))
    assert found == code
    assert words in err
    assert out == ""
    assert not list(tmp_path.iterdir())


def test_wrong_input_as_json(run: Runner) -> None:
    """With --json the error is JSON on stdout, for programs."""
    code, out, err = run("imagnet", "--json")
    assert code == 2
    assert err == ""
    assert "imagenet" in json.loads(out)["error"]["message"]


def test_another_chip_with_its_price(run: Runner) -> None:
    """--chip takes peak and price from the catalogue; no quote, no cost; --price beats both."""
    _, out, _ = run("imagenet", "--error", "5%", "--chip", "b200", "--json")
    target = json.loads(out)["targets"][0]
    assert target["usd"] is None
    assert target["chip_hours"]["p05"] > 0
    _, out, _ = run("imagenet", "--error", "5%", "--chip", "h200-sxm", "--json")
    target = json.loads(out)["targets"][0]
    price = target["assumptions"]["usd_per_hour"]
    assert "on-demand" in target["assumptions"]["sources"]["usd_per_hour"]
    assert target["usd"]["p05"] == pytest.approx(price * target["chip_hours"]["p05"])
    _, out, _ = run("imagenet", "--error", "5%", "--chip", "h200-sxm", "--price", "4", "--json")
    target = json.loads(out)["targets"][0]
    assert target["usd"]["p05"] == pytest.approx(4 * target["chip_hours"]["p05"])
