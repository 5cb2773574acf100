"""``flopcast catalogue``: what each verb prints, writes and ends with."""

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flopcast.cli.app import main
from flopcast.records import query
from flopcast.records.build import build_release
from flopcast.records.query import Catalogue
from flopcast.tables import to_csv

Run = Callable[..., str]


@pytest.fixture
def run(release: Catalogue, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a verb on the release of this checkout; what it printed."""

    def verb(*args: str, code: int = 0) -> str:
        assert main(["catalogue", *args, "--catalogue", str(release.path)]) == code
        return capsys.readouterr().out

    return verb


@pytest.fixture
def text(repository: Path, tmp_path: Path) -> Path:
    """A copy of the catalogue's text, to break."""
    return Path(shutil.copytree(repository / "catalogue", tmp_path / "catalogue"))


def change(path: Path, old: str, new: str) -> None:
    """Changes the first such place of a file."""
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), encoding="utf-8")


def command(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    line = [sys.executable, "-m", "flopcast", "catalogue", *args]
    return subprocess.run(line, capture_output=True, text=True, check=False, cwd=cwd)


def test_build_writes_a_release_and_counts(text: Path, tmp_path: Path) -> None:
    """From a checkout, build needs no options but a target; it names release, counts and file."""
    done = command("build", "--out", "c.sqlite", cwd=text.parent)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Catalogue release 2026.11" in done.stdout
    assert ["imagenet-top1", "208"] in [line.split()[:2] for line in done.stdout.splitlines()]
    assert ["together", "516"] in [line.split()[:2] for line in done.stdout.splitlines()]
    assert "Written: c.sqlite" in done.stdout
    assert query.catalogue(tmp_path / "c.sqlite").counts()["coco-box-ap"] == 116


def test_build_writes_the_bundled_release_by_default(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --out the release in the package is written."""
    monkeypatch.setattr(query, "BUNDLED", tmp_path / "bundled.sqlite")
    assert main(["catalogue", "build", "--source", str(text)]) == 0
    assert len(query.catalogue()) == 6


def test_a_broken_record_ends_build_with_2(text: Path, tmp_path: Path) -> None:
    """In a real process: file, line, field, value and rule on stderr, and nothing is written."""
    change(text / "claims" / "imagenet-top1.csv", ",fp32,6 days,", ",fp32,-6 days,")
    lines = (text / "claims" / "imagenet-top1.csv").read_text().splitlines()
    line = next(i for i, row in enumerate(lines, 1) if ",-6 days," in row)
    done = command("build", "--out", "c.sqlite", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    place = f"catalogue/claims/imagenet-top1.csv:{line}: field 'time' = '-6 days'"
    assert done.stderr.startswith(f"error: {place}: '-6 days' is not an amount of time")
    assert "must not be negative" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["catalogue"]


def test_a_correction_that_no_longer_fits_ends_build_with_2(
    text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The guard names the correction by file, line and id."""
    change(text / "corrections.yaml", "expect: training", "expect: search")
    target = tmp_path / "c.sqlite"
    assert main(["catalogue", "build", "--source", str(text), "--out", str(target)]) == 2
    message = capsys.readouterr().err
    assert "corrections.yaml:3: field 'nasnet-a-search.expect' = 'search'" in message
    assert not target.exists()


def test_build_away_from_a_checkout_says_what_to_do(tmp_path: Path) -> None:
    """No ./catalogue: exit code 2 and a hint."""
    done = command("build", "--out", "c.sqlite", cwd=tmp_path)
    assert done.returncode == 2
    assert "There is no catalogue folder at catalogue." in done.stderr
    assert "--source" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_check_prints_counts_differences_and_flags(run: Run) -> None:
    """The summary: 99 of 99, 83 of 84, the largest difference, utilisation, corrections."""
    shown = " ".join(run("check").split())
    assert "hardware burden: 99 of 99 within 5 %; largest +3.1% (vit-h-14)" in shown
    assert "network operations: 83 of 84 within 5 %, 1 without ingredients" in shown
    assert "11 runs as published, 3 flagged; 8 runs as corrected, 3 flagged" in shown
    assert "utilisation: imagenet-top1/resmlp-b24: 176.5% published" in shown
    assert "Errors" not in shown


def test_check_all_prints_every_difference(run: Run, release: Catalogue) -> None:
    """--all adds a row for each published figure, the unknown one included."""
    extra = set(run("check", "--all").splitlines()) - set(run("check").splitlines())
    rows = [line.split() for line in extra if "/" in line]
    assert len(rows) == 99 + 84
    assert ["imagenet-top1/vit-moe-15b-every-2", "3.39e22", "no", "ingredients"] in rows


def test_check_ends_with_2_when_something_breaks(
    text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A burden that its ingredients do not give is an error, in text and in JSON."""
    change(text / "claims" / "imagenet-top1.csv", "1.6e+18 FLOP", "1.6e+19 FLOP")
    build_release(text, tmp_path / "c.sqlite")
    options = ["--catalogue", str(tmp_path / "c.sqlite")]
    assert main(["catalogue", "check", *options]) == 2
    assert "Errors (1)" in capsys.readouterr().out
    assert main(["catalogue", "check", "--json", *options]) == 2
    assert json.loads(capsys.readouterr().out)["passed"] is False


def test_list_names_benchmarks_with_counts_and_years(run: Run) -> None:
    """One line per benchmark; the JSON has aliases and licence besides."""
    lines = [line.split() for line in run("list").splitlines()]
    assert ["imagenet-top1", "208", "36", "77", "11", "110", "2012–2022"] in lines
    document = json.loads(run("list", "--json"))
    assert document["release"]["licence"] == "CC BY 4.0"
    assert [row["results"] for row in document["benchmarks"]] == [208, 116, 41, 54, 55, 42]
    assert "imagenet" in document["benchmarks"][0]["aliases"]


def test_show_a_benchmark_lists_its_runs_best_first(run: Run) -> None:
    """An alias will do; the JSON has the same runs."""
    rows = [line.split() for line in run("show", "ImageNet").splitlines()]
    assert ["coca", "2022", "91", "2.40e23"] in rows
    document = json.loads(run("show", "imagenet", "--json"))
    scores = [row["value"] for row in document["runs"] if row["value"] is not None]
    assert len(document["runs"]) == 208
    assert scores == sorted(scores, reverse=True)
    assert document["benchmark"]["id"] == "imagenet-top1"


def test_show_a_run_tells_every_claim(run: Run) -> None:
    """Method, inputs, source link, disagreement, implied utilisation."""
    shown = " ".join(run("show", "imagenet/alexnet").split())
    assert "AlexNet (2012): 63.3 % top-1 accuracy" in shown
    assert "2 x gtx-580 at 1.58 TFLOP/s (fp32) for 6 days = 1.64 × 10^18 FLOP" in shown
    assert "1.4 GFLOP a pass x 3 x 100 epochs x 1,280,000 samples" in shown
    assert "hardware burden 1.60e18 1.64e18 +2.4%" in shown
    assert "implied utilisation: 33.6% published" in shown
    assert "https://papers.nips.cc/paper/4824" in shown


def test_show_a_corrected_run_gives_the_reason(run: Run) -> None:
    """NASNet-A: what changes and why."""
    shown = " ".join(run("show", "nasnet-a-6").split())
    assert "corrected: scope is search, not training" in shown
    assert "500 P100 for 4 days is the architecture search" in shown
    document = json.loads(run("show", "nasnet-a-6", "--json"))
    assert document["runs"][0]["claims"][0]["changes"]["scope"]["corrected"] == "search"


@pytest.mark.parametrize(
    ("verb", "name", "nearest"),
    [
        ("show", "imagnet", "imagenet"),
        ("show", "imagenet/alexnte", "alexnet"),
        ("export", "imagnet", "imagenet"),
    ],
)
def test_a_misspelt_name_ends_with_2(
    release: Catalogue, capsys: pytest.CaptureFixture[str], verb: str, name: str, nearest: str
) -> None:
    """The nearest name is suggested, nothing goes to stdout."""
    assert main(["catalogue", verb, name, "--catalogue", str(release.path)]) == 2
    captured = capsys.readouterr()
    assert f"Did you mean '{nearest}'" in captured.err
    assert captured.out == ""


@pytest.mark.parametrize(
    ("args", "part"),
    [
        (["shwo"], 'Did you mean "show"'),
        (["export", "imagenet", "--format", "xml"], 'Choose from: "csv", "json"'),
        (["show"], "requires an argument"),
        (["search", " "], "Give at least one letter"),
        (["list", "--catalogue", "none.sqlite"], "flopcast catalogue build"),
    ],
)
def test_bad_options_end_with_2(
    args: list[str], part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unknown verbs and choices, missing arguments and a missing release are bad input."""
    assert main(["catalogue", *args]) == 2
    assert part in capsys.readouterr().err


def test_search_finds_models_runs_and_sources(run: Run) -> None:
    """Case does not matter; the same in JSON; nothing found suggests a name."""
    shown = run("search", "NASNET").splitlines()
    assert "  imagenet-top1/nasnet-a-6" in shown
    document = json.loads(run("search", "nasnet", "--json"))
    assert "nasnet-a-6" in [row["id"] for row in document["models"]]
    assert document["sources"][0]["url"].startswith("https://")
    assert run("search", "alexnett") == "Nothing holds 'alexnett'. Did you mean 'alexnet'?\n"


def test_export_csv_and_json_hold_the_same_rows(run: Run) -> None:
    """One row per run with its source, to standard output."""
    rows = list(csv.DictReader(io.StringIO(run("export", "squad", "--format", "csv"))))
    document = json.loads(run("export", "squad", "--format", "json"))
    assert len(rows) == 41
    assert [row["run"] for row in rows] == [row["run"] for row in document["rows"]]
    scores = [row["value"] for row in document["rows"]]
    assert [row["value"] for row in rows] == ["" if x is None else str(x) for x in scores]
    assert rows[0]["hardware_burden_flop"] == "9.29e+22"
    assert rows[0]["network_operations_flop"] == ""
    assert rows[0]["url"].startswith("https://openreview.net/")
    assert document["release"]["citation"]


def test_export_writes_a_file(run: Run, tmp_path: Path) -> None:
    """--out makes the folder, writes what stdout would have shown, and names the licence."""
    target = tmp_path / "new" / "squad.csv"
    said = run("export", "squad", "--out", str(target))
    assert target.read_text(encoding="utf-8") == run("export", "squad")
    assert "41 rows of release 2026.11 (CC BY 4.0)" in said


def test_export_into_a_folder_is_bad_input(
    release: Catalogue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A target that cannot be written is named."""
    options = ["--out", str(tmp_path), "--catalogue", str(release.path)]
    assert main(["catalogue", "export", "squad", *options]) == 2
    assert "cannot be used" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=x", "\r\n@x"])
def test_no_cell_is_a_formula(text: str) -> None:
    """Text that a spreadsheet would run gets a ' in front; numbers and other text stay."""
    rows: list[dict[str, Any]] = [{"name": text, "value": -1.5, "plain": "a=b", "none": None}]
    handle = io.StringIO(to_csv(rows), newline="")
    assert next(csv.DictReader(handle)) == {
        "name": f"'{text.strip()}",
        "value": "-1.5",
        "plain": "a=b",
        "none": "",
    }


@pytest.mark.parametrize(
    "args",
    [
        ["check", "--all"],
        ["list"],
        ["show", "imagenet"],
        ["show", "coco"],
        ["show", "luke"],
        ["show", "vit-moe-15b-every-2"],
        ["search", "transformer"],
    ],
)
def test_text_fits_80_columns_without_escapes(run: Run, args: list[str]) -> None:
    """Only addresses and ids may be longer; no colour in a pipe."""
    shown = run(*args)
    assert "\x1b" not in shown
    assert [x for x in shown.splitlines() if len(x) > 80 and " " in x.strip()] == []


@pytest.mark.parametrize("verb", ["build", "check", "list", "show", "search", "export"])
def test_every_verb_has_help_with_an_example(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """--help ends with 0 and shows one command line."""
    assert main(["catalogue", verb, "--help"]) == 0
    assert f"Example: flopcast catalogue {verb}" in capsys.readouterr().out


def test_help_loads_nothing_heavy() -> None:
    """Listing the verbs needs neither the numerical stack nor the records."""
    code = (
        "import sys; from flopcast.cli.app import main; main(['catalogue', '--help']);"
        "heavy = {'numpy', 'scipy', 'pydantic', 'yaml', 'altair'} & set(sys.modules);"
        "sys.exit(heavy and str(heavy) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
