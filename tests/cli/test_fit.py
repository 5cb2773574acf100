"""``flopcast fit`` as a user meets it: answers, files, refusals and wrong input."""

import json
import math
from pathlib import Path

import pytest
from tests.cli.grid_file import ALPHA, BETA, A, B, Columns, E, grid, write

from flopcast.cli.app import main
from flopcast.cli.runs import as_options


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> "Runner":
    """Runs command lines in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Runner(tmp_path, capsys)


class Runner:
    """Writes a table as runs.csv, calls ``main``, and keeps what it printed."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys

    def __call__(
        self, *args: str, table: Columns | None = None, verb: str = "fit"
    ) -> tuple[int, str, str]:
        """Exit code, stdout and stderr."""
        write(self.folder / "runs.csv", grid() if table is None else table)
        code = main([verb, "runs.csv", *args])
        captured = self.capsys.readouterr()
        return code, captured.out, captured.err


def changed(column: str, row: int, value: float | str) -> Columns:
    """The grid with one value changed; rows count from 1."""
    table = grid()
    values = list(table[column])
    values[row - 1] = value
    return {**table, column: values}


def test_it_finds_the_law_behind_the_runs(run: Runner) -> None:
    """The parameters that made the runs lie in their intervals, with units and conventions."""
    code, out, _ = run("--params-convention", "total", "--bootstrap", "300", "--json")
    found = json.loads(out)
    assert code == 0
    rows = {row["parameter"]: row for row in found["parameters"]}
    for name, true in {"E": E, "A": A, "B": B, "alpha": ALPHA, "beta": BETA}.items():
        assert rows[name]["low"] < true < rows[name]["high"], name
    assert rows["A"]["unit"] == "loss·params^α"
    assert found["conventions"]["params"] == "total"
    assert found["conventions"]["compute"] == "6 * params * data"


def test_noise_free_runs_return_the_parameters(run: Runner) -> None:
    """Without noise the parameters come back to six digits."""
    _, out, _ = run("--bootstrap", "0", "--json", table=grid(noise=0.0))
    values = {row["parameter"]: row["estimate"] for row in json.loads(out)["parameters"]}
    assert values == pytest.approx(
        {"E": E, "A": A, "B": B, "alpha": ALPHA, "beta": BETA}, rel=1e-6
    )


def test_predictions_come_with_intervals(run: Runner) -> None:
    """--at gives the law's loss there, and an interval that holds the true one."""
    _, out, _ = run("--at", "params=7e10,data=1.4e12", "--at", "params=1e9,data=2e10", "--json")
    first, second = json.loads(out)["predictions"]
    true = E + A * 7e10**-ALPHA + B * 1.4e12**-BETA
    assert first["low"] < true < first["high"]
    assert first["at"] == {"params": 7e10, "data": 1.4e12}
    assert second["high"] - second["low"] < first["high"] - first["low"]


def test_a_wider_level_gives_wider_intervals(run: Runner) -> None:
    """--level is that of parameters and predictions."""
    widths = []
    for level in ("0.5", "0.95"):
        _, out, _ = run("--level", level, "--at", "params=1e9,data=1e10", "--json")
        found = json.loads(out)
        row, point = found["parameters"][0], found["predictions"][0]
        widths.append((row["high"] - row["low"], point["high"] - point["low"]))
        assert found["interval_level"] == float(level)
    assert widths[0][0] < widths[1][0]
    assert widths[0][1] < widths[1][1]


def test_isoflop_recovers_the_exponent(run: Runner) -> None:
    """By the law, the best size grows as compute to the power beta / (alpha + beta)."""
    _, out, _ = run("--isoflop", "--bootstrap", "0", "--json", table=grid(noise=0.0))
    found = json.loads(out)["isoflop"]
    assert found["law"]["exponent"] == pytest.approx(BETA / (ALPHA + BETA), rel=1e-4)
    assert found["parabolas"]["exponent"] == pytest.approx(BETA / (ALPHA + BETA), rel=0.05)
    assert [profile["runs"] for profile in found["profiles"]] == [6] * 6


def test_parabolas_that_are_refused_leave_the_rest(run: Runner) -> None:
    """Without two budgets that bracket their minimum the law still has its best sizes."""
    table = {name: column[:8] for name, column in grid(noise=0.0).items()}
    code, out, _ = run("--isoflop", "--bootstrap", "0", "--json", table=table)
    found = json.loads(out)["isoflop"]
    assert code == 0
    assert found["parabolas"]["refused"]["code"] == "minimum_not_bracketed"
    assert found["law"]["exponent"] == pytest.approx(BETA / (ALPHA + BETA), rel=1e-3)
    _, out, _ = run("--isoflop", "--bootstrap", "0", table=table)
    assert "By parabolas: refused (minimum_not_bracketed)" in out


def test_fixed_and_bounded_parameters_stay(run: Runner) -> None:
    """--fix holds a value and --bounds keeps one between two."""
    _, out, _ = run("--fix", "E=1.6", "--bounds", "alpha=0.4:1", "--bootstrap", "0", "--json")
    rows = {row["parameter"]: row for row in json.loads(out)["parameters"]}
    assert rows["E"]["estimate"] == pytest.approx(1.6)
    assert rows["E"]["held"]
    assert rows["alpha"]["estimate"] >= 0.4


def test_columns_are_mapped(run: Runner) -> None:
    """--columns reads a table with other names to the same answer."""
    table = grid()
    renamed: Columns = {
        "N": table["params"], "tokens": table["data"], "val_loss": table["loss"]
    }  # fmt: skip
    _, plain, _ = run("--json")
    _, mapped, _ = run(
        "--columns", "params=N,data=tokens", "--columns", "loss=val_loss", "--json", table=renamed
    )
    assert json.loads(mapped) == json.loads(plain)


def test_data_may_be_derived_from_compute(run: Runner) -> None:
    """--derive-data takes data to be compute / (6 params), and says so."""
    table = grid(noise=0.0)
    compute = [
        6.0 * float(n) * float(d) for n, d in zip(table["params"], table["data"], strict=True)
    ]
    given: Columns = {"params": table["params"], "compute": compute, "loss": table["loss"]}
    _, out, _ = run("--derive-data", "--bootstrap", "0", "--json", table=given)
    found = json.loads(out)
    assert found["parameters"][0]["estimate"] == pytest.approx(E, rel=1e-6)
    assert found["conventions"]["notes"] == ["data is compute / (6 · params)"]


def test_a_metric_where_higher_is_better(run: Runner) -> None:
    """Accuracy is fitted by what it lacks to the best, and predicted as accuracy."""
    table = grid(noise=0.0)
    scores: Columns = {
        **{name: table[name] for name in ("params", "data")},
        "accuracy": [1.0 - float(loss) / 10.0 for loss in table["loss"]],
    }
    args = ("--metric", "accuracy", "--best", "1", "--at", "params=1e10,data=1e11", "--json")
    _, out, _ = run(*args, table=scores)
    true = 1.0 - (E + A * 1e10**-ALPHA + B * 1e11**-BETA) / 10.0
    (point,) = json.loads(out)["predictions"]
    assert point["predicted"] == pytest.approx(true, rel=1e-6)
    assert point["low"] <= point["high"]


def test_groups_have_their_own_parameters(run: Runner) -> None:
    """--groups fits a parameter per group, and --at says of which group."""
    table = grid()
    labels = ["a" if k % 2 else "b" for k in range(len(table["loss"]))]
    grouped: Columns = {**table, "group": labels}
    args = ("--groups", "A", "--at", "params=1e9,data=1e10,group=a", "--bootstrap", "20", "--json")
    code, out, _ = run(*args, table=grouped)
    names = [row["parameter"] for row in json.loads(out)["parameters"]]
    assert code == 0
    assert {"A[a]", "A[b]"} <= set(names)
    assert json.loads(out)["predictions"][0]["group"] == "a"


def test_text_fits_a_terminal(run: Runner) -> None:
    """Everything fits 80 columns: law, conventions, status, intervals, findings with advice."""
    code, out, _ = run("--isoflop", "--at", "params=7e10,data=1.4e12")
    assert code == 0
    assert max(len(line) for line in out.splitlines()) <= 80
    words = ("E + A·N^−α", "36 of runs.csv", "params: nobody said which", "converged: ",
             "90 % interval", "(single_seed)", "Repeat a few small cells", "At params 7e+10",
             "parabolas", "Source: Hoffmann")  # fmt: skip
    for word in words:
        assert word in out


@pytest.mark.parametrize("kind", ["surface", "residuals", "isoflop", "parameters"])
def test_charts_are_written(run: Runner, kind: str) -> None:
    """--chart writes the kind asked for."""
    code, _, err = run("--chart", "c.json", "--chart-kind", kind, "--bootstrap", "30")
    assert (code, err) == (0, "")
    assert "vega-lite" in json.loads((run.folder / "c.json").read_text("utf-8"))["$schema"]


@pytest.mark.parametrize(
    ("column", "row", "value", "words"),
    [
        ("loss", 4, "abc", "row 4, column 'loss' is 'abc', which is no number"),
        ("loss", 7, "", "row 7, column 'loss' is empty"),
        ("params", 2, math.nan, "row 2, column 'params' is nan"),
        ("data", 3, 0, "row 3, column 'data' is 0"),
        ("loss", 9, -2.5, "row 9, column 'loss' is -2.5"),
        ("data", 1, math.inf, "row 1, column 'data' is inf"),
    ],
)
def test_bad_values_are_named(
    run: Runner, column: str, row: int, value: float | str, words: str
) -> None:
    """A bad value ends with 2, and its row and column are named."""
    code, out, err = run("--chart", "c.json", table=changed(column, row, value))
    assert (code, out) == (2, "")
    assert words in err
    assert not (run.folder / "c.json").exists()


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["--law", "chinchila"], 2, "Did you mean 'chinchilla'?"),
        (["--law", "muennighoff"], 2, "--columns unique_data=..."),
        (["--law", "clark"], 2, "no column 'experts'"),
        (["--columns", "loss=val_loss"], 2, "no column 'val_loss'"),
        (["--columns", "parms=params"], 2, "Did you mean 'params'?"),
        (["--columns", "params"], 2, "name=value"),
        (["--metric", "bleu", "--columns", "loss=loss"], 2, "Say --direction lower"),
        (["--metric", "accuracy", "--columns", "accuracy=loss"], 2, "Say --best 1.0"),
        (["--direction", "up"], 2, "lower, higher"),
        (["--params-convention", "all"], 2, "total, non-embedding, active"),
        (["--objective", "hubr"], 2, "Did you mean 'huber'?"),
        (["--objective", "replicates"], 2, "--objective huber"),
        (["--fix", "F=1"], 2, "no parameter 'F'"),
        (["--fix", "E=low"], 2, "'low' is not a number"),
        (["--fix", "E=1,E=2"], 2, "'E' twice"),
        (["--bounds", "alpha=0-1"], 2, "not low:high"),
        (["--bounds", "alpha=1:0"], 2, "low must be below"),
        (["--groups", "alpha"], 2, "no column 'group'"),
        (["--resampling", "boot"], 2, "case, cluster, wild"),
        (["--bootstrap", "-1"], 2, "bootstrap is -1"),
        (["--level", "90"], 2, "Write 0.9"),
        (["--seed", "-1"], 2, "--seed is -1"),
        (["--at", "params=1e10"], 2, "needs the input 'data'"),
        (["--at", "params=0,data=1"], 2, "params is 0"),
        (["--at", "params=1e9,data=1e9,depth=3"], 2, "'depth'"),
        (["--at", "params=1e9,data=1e9,group=a"], 2, "--groups"),
        (["--derive-data"], 2, "a column for data already"),
        (["--law", "m2", "--isoflop"], 2, "--isoflop needs one law of params and data"),
        (["--chart-kind", "surfce"], 2, "Did you mean 'surface'?"),
        (["--chart-kind", "parameters", "--bootstrap", "0"], 3, "--bootstrap 1000"),
        (["--chart", "c.bmp"], 2, "Choose one of .html"),
        (["--chart", "nowhere/c.json"], 2, "no folder 'nowhere'"),
    ],
)
def test_wrong_options(run: Runner, args: list[str], code: int, words: str) -> None:
    """Each mistake is named on stderr in terms of options, and no file is written."""
    chart = [] if "--chart" in args else ["--chart", "c.json"]
    found, out, err = run(*args, *chart)
    assert (found, out) == (code, "")
    assert words in err
    assert [path.name for path in run.folder.iterdir()] == ["runs.csv"]


@pytest.mark.parametrize(
    ("path", "words"),
    [("none.csv", "no such file"), ("runs.txt", "ending '.txt'"), ("void.csv", "is empty")],
)
def test_files_that_cannot_be_read(run: Runner, path: str, words: str) -> None:
    """A missing, unknown or empty file ends with 2."""
    (run.folder / "void.csv").write_text("")
    assert main(["fit", path]) == 2
    assert words in run.capsys.readouterr().err


def test_runs_that_cannot_carry_the_law_are_refused(run: Runner) -> None:
    """One level on an axis, and fewer runs than parameters, end with 3 and advice."""
    flat: Columns = {**grid(), "params": [1e9] * 36}
    few: Columns = {name: column[:4] for name, column in grid().items()}
    code, out, err = run(table=flat)
    assert (code, out) == (3, "")
    assert "column 'params' of runs.csv has the single value 1e+09" in err
    assert "Vary params" in err
    code, out, _ = run("--json", table=few)
    assert code == 3
    assert json.loads(out)["refused"]["code"] == "too_few_runs"


def test_repeated_rows_are_named(run: Runner) -> None:
    """A repeated row is refused by default and dropped when asked."""
    repeated: Columns = {name: [*column, column[0]] for name, column in grid().items()}
    code, _, err = run(table=repeated)
    assert code == 2
    assert "row 37 repeats row 1" in err
    assert "--duplicates drop" in err
    _, out, _ = run("--duplicates", "drop", "--json", table=repeated)
    assert json.loads(out)["runs"] == 36


def test_losses_below_a_fixed_floor_are_a_finding(run: Runner) -> None:
    """A floor above some losses is a serious finding that names a row."""
    _, out, _ = run("--fix", "E=2.5", "--bootstrap", "0", "--json")
    found = {item["code"]: item for item in json.loads(out)["findings"]}
    assert found["below_floor"]["severity"] == "serious"


def test_advice_is_in_options() -> None:
    """Python arguments in advice become options of the command line."""
    assert as_options("Map columns={'params': 'n'}.") == "Map --columns params=n."
    assert as_options("Say best=1.0 or best=100.") == "Say --best 1.0 or --best 100."
    assert as_options("name it with metric=.") == "name it with --metric."
    assert as_options("Set tail=1, nothing else=2.") == "Set --tail 1, nothing else=2."


def curves() -> Columns:
    """Two loss curves that follow Tissue's law with L0 2, A 1, C 0.04 and alpha 0.5."""
    from flopcast.laws.schedule import schedule_inputs

    steps = list(range(100, 2001, 100))
    table: Columns = {"group": [], "step": [], "lr": [], "loss": []}
    for name, last in (("constant", 1.0), ("decayed", 0.1)):
        rates = [1e-2 * (1.0 - (1.0 - last) * step / 2000) for step in steps]
        inputs = schedule_inputs(rates, steps=steps)
        loss = 2.0 + inputs["lr_sum"] ** -0.5 - 0.04 * inputs["lr_annealing"]
        table["group"] = [*table["group"], *[name] * 20]
        table["step"] = [*table["step"], *steps]
        table["lr"] = [*table["lr"], *rates]
        table["loss"] = [*table["loss"], *loss.tolist()]
    return table


def test_schedules_turn_learning_rates_into_inputs(run: Runner) -> None:
    """--schedules fits a schedule law to curves of steps and learning rates."""
    law = ("--law", "tissue", "--bootstrap", "0")
    columns = ("--schedules", "--columns", "steps=step,learning_rate=lr")
    _, out, _ = run(*law, *columns, "--json", table=curves())
    values = {row["parameter"]: row["estimate"] for row in json.loads(out)["parameters"]}
    assert values == pytest.approx({"L0": 2.0, "A": 1.0, "C": 0.04, "alpha": 0.5}, rel=1e-4)
    code, _, err = run(*law, table=curves())
    assert (code, "Say --schedules" in err) == (2, True)
