"""The charts of a fit, read from their specifications: what is drawn, and in which units."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tests.cli.grid_file import ALPHA, BETA, A, B, E, grid
from tests.figures.reading import layers

from flopcast.errors import InputError, Refused
from flopcast.figures import chart
from flopcast.figures.fit_axes import amount, levels_of, log_ticks, shades
from flopcast.figures.parameter_chart import rank_correlation
from flopcast.fitting.fit import fit
from flopcast.fitting.isoflop import isoflop_profiles
from flopcast.fitting.result import FitResult
from flopcast.observations import Runs, read_runs

KINDS = ("surface", "residuals", "isoflop", "parameters")


def panels(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """The plots of a specification, whether side by side or one below the other."""
    inner = [part for name in ("vconcat", "hconcat") for part in spec.get(name, ())]
    if not inner:
        return [spec]
    shared = {"datasets": spec["datasets"]}
    return [panel for part in inner for panel in panels({**shared, **part})]


def marks(spec: dict[str, Any], kind: str) -> Iterator[list[dict[str, Any]]]:
    """The rows of every layer of one kind of mark, panel by panel."""
    for panel in panels(spec):
        yield from (x["rows"] for x in layers(panel) if x["mark"]["type"] == kind)


@pytest.fixture(scope="module")
def found() -> FitResult:
    """Chinchilla on a grid of six budgets that it made, with few draws."""
    return fit(read_runs(grid()), "chinchilla", bootstrap=60)


@pytest.fixture(scope="module")
def curve() -> FitResult:
    """A law of one axis, with few draws."""
    data = np.geomspace(1e7, 1e11, 24)
    noise = np.exp(0.005 * np.random.default_rng(0).normal(size=24))
    loss = (1.5 + 300.0 * data**-0.3) * noise
    return fit(read_runs({"data": data, "loss": loss}), "m2", bootstrap=60)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [360, 720])
def test_every_kind_is_finite_and_named(found: FitResult, kind: str, width: int) -> None:
    """No number is missing or infinite, and the title says what is drawn, with the law."""
    spec = chart(found, kind=kind, width=width).to_dict()
    text = json.dumps(spec, allow_nan=False)
    assert "null" not in json.dumps(spec["datasets"])
    assert "Chinchilla" in "".join(spec["title"]["text"])
    assert "36 runs" in text


def test_the_surface_holds_all_runs_and_the_laws_curves(found: FitResult) -> None:
    """Each of three panels has every run; along each curve against compute the law holds."""
    spec = chart(found).to_dict()
    points = list(marks(spec, "point"))
    assert [len(rows) for rows in points] == [36, 36, 36]
    (top, *_) = marks(spec, "line")
    layer = next(x for x in layers(panels(spec)[0]) if x["mark"]["type"] == "line")
    sizes = dict(zip(layer["encoding"]["stroke"]["scale"]["domain"], levels(found), strict=True))
    for row in top:
        size = sizes[row["level"]]
        expected = found.predict({"params": size, "data": row["x"] / (6.0 * size)})[0]
        assert row["y"] == pytest.approx(expected)
    assert len({row["level"] for row in top}) >= 4


def levels(found: FitResult) -> list[float]:
    """The model sizes that curves are drawn at, those with two runs nearby."""
    sizes = found.runs["params"]
    every = levels_of(sizes)
    near = np.argmin(np.abs(np.log(sizes)[:, None] - np.log(every)), axis=1)
    return [float(size) for k, size in enumerate(every) if np.count_nonzero(near == k) > 1]


def test_axes_are_in_words_and_powers_of_ten(found: FitResult) -> None:
    """Axes carry unit and quantity, log scales, and powers of ten."""
    text = json.dumps(chart(found).to_dict(), ensure_ascii=False)
    for words in ("Training compute (FLOP)", "Training data (tokens or samples seen)",
                  "Model size (parameters)", "'20': '10²⁰'", '"type": "log"'):  # fmt: skip
        assert words in text


def test_a_law_of_one_axis_has_a_band(curve: FitResult) -> None:
    """The band is the 90 % interval of the law's mean, around its curve."""
    spec = chart(curve).to_dict()
    (band,) = marks(spec, "area")
    (line,) = marks(spec, "line")
    drawn = np.quantile(curve.predict_draws({"data": [r["x"] for r in band]}), [0.05, 0.95], 0)
    assert [r["low"] for r in band] == pytest.approx(drawn[0].tolist())
    assert [r["high"] for r in band] == pytest.approx(drawn[1].tolist())
    assert [r["y"] for r in line] == pytest.approx(
        curve.predict({"data": [r["x"] for r in line]}).tolist()
    )


def test_a_law_is_drawn_where_it_has_a_value() -> None:
    """A curve ends where the law leaves the positive numbers, and nothing else is lost."""
    x = np.linspace(1.96, 4.4, 30)
    error = 0.9 - 3.0 * np.exp(-0.62 * x)
    runs = Runs({"pretraining_loss": x}, error)
    spec = chart(fit(runs, "exponential", bootstrap=0)).to_dict()
    (line,) = marks(spec, "line")
    json.dumps(spec, allow_nan=False)
    assert 2 < len(line) < 60
    assert min(row["y"] for row in line) > 0.0


def test_a_score_is_drawn_by_what_it_lacks() -> None:
    """Where higher is better the axis says best less metric, and curves run through the runs."""
    table = grid(noise=0.0)
    score = [1.0 - float(loss) / 10.0 for loss in table["loss"]]
    named = {"params": table["params"], "data": table["data"], "accuracy": score}
    runs = read_runs(named, metric="accuracy", best=1.0)
    spec = chart(fit(runs, "chinchilla", bootstrap=0)).to_dict()
    assert "1 − accuracy" in json.dumps(spec, ensure_ascii=False)
    heights = [row["y"] for row in next(marks(spec, "line"))]
    assert max(heights) < 2.0 * float(runs.loss.max())
    assert min(heights) > 0.5 * float(runs.loss.min())


def test_residuals_stand_against_size_data_and_compute(found: FitResult) -> None:
    """Three panels, each with all residuals in percent and medians within their range."""
    spec = chart(found, kind="residuals").to_dict()
    drawn = list(marks(spec, "point"))
    expected = (100.0 * np.expm1(found.residuals)).tolist()
    for rows, column in zip(drawn, ("params", "data", "compute"), strict=True):
        assert [row["over"] for row in rows] == pytest.approx(expected)
        x = found.runs.compute if column == "compute" else found.runs[column]
        assert x is not None
        assert [row["x"] for row in rows] == pytest.approx(x.tolist())
    medians = [row for rows in marks(spec, "rule") for row in rows if "end" in row]
    assert medians
    assert all(min(expected) <= row["over"] <= max(expected) for row in medians)


def test_isoflop_marks_minima_of_parabolas_and_law(found: FitResult) -> None:
    """Diamonds are the parabolas' minima, circles the law's, on the line of exponent β/(α+β)."""
    spec = chart(found, kind="isoflop").to_dict()
    runs, law, minima, *_ = marks(spec, "point")
    assert len(runs) == 36
    profiles = isoflop_profiles(found.runs)
    best = [profile.best_params for profile in profiles if profile.best_params is not None]
    assert [row["x"] for row in minima] == pytest.approx(best)
    ratio = np.log(law[-1]["x"] / law[0]["x"])
    budgets = np.log(profiles[-1].compute / profiles[0].compute)
    assert ratio / budgets == pytest.approx(BETA / (ALPHA + BETA), abs=0.05)


def test_isoflop_says_where_no_minimum_is_bracketed() -> None:
    """A budget whose loss falls to its largest model has a name that says so and no diamond."""
    table = {name: np.array(column, dtype=float) for name, column in grid(noise=0.0).items()}
    budget = table["params"][:6] * table["data"][:6]
    table["params"][:6] = table["params"][0] * np.geomspace(0.3, 1.5, 6)
    table["data"][:6] = budget / table["params"][:6]
    table["loss"] = E + A * table["params"] ** -ALPHA + B * table["data"] ** -BETA
    spec = chart(fit(read_runs(table), "chinchilla", bootstrap=0), kind="isoflop").to_dict()
    named = {row["text"] for rows in marks(spec, "text") for row in rows}
    assert sum("no minimum" in text for text in named) == 1
    _, law, minima, *_ = marks(spec, "point")
    assert (len(law), len(minima)) == (6, 5)


def test_isoflop_without_budgets_is_refused(curve: FitResult) -> None:
    """Runs on no common budget, and runs without compute, have no isoflop chart."""
    with pytest.raises(InputError, match="needs params"):
        chart(curve, kind="isoflop")
    table = {name: [float(v) for v in column[::6]] for name, column in grid().items()}
    sparse = fit(read_runs(table), "chinchilla", bootstrap=0)
    with pytest.raises(Refused, match="no compute budget"):
        chart(sparse, kind="isoflop")


def test_parameters_show_every_pair(found: FitResult) -> None:
    """Ten pairs of five parameters, each with draws, the estimate, and their correlation."""
    spec = chart(found, kind="parameters").to_dict()
    drawn = panels(spec)
    assert len(drawn) == 10
    for panel, (y, x) in zip(drawn, triangle(found.names), strict=True):
        draws, best, halo, word = (layer["rows"] for layer in layers(panel))
        assert 50 <= len(draws) <= 60
        fields = [f"p{found.names.index(name)}" for name in (x, y)]
        assert best == [{fields[0]: found.params[x], fields[1]: found.params[y]}]
        columns = [found.samples[:, found.names.index(name)] for name in (x, y)]
        assert halo == word
        assert float(word[0]["text"].replace("−", "-")) == pytest.approx(
            rank_correlation(*columns), abs=0.006
        )


def triangle(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """The pairs (row, column) of the lower triangle, row by row."""
    return [(y, x) for k, y in enumerate(names) for x in names[:k]]


def test_parameters_need_draws(found: FitResult) -> None:
    """Without draws, or with all but one parameter held, there are no pairs."""
    with pytest.raises(Refused, match="no bootstrap draws"):
        chart(fit(found.runs, "chinchilla", bootstrap=0), kind="parameters")
    held = {name: value for name, value in found.params.items() if name != "E"}
    with pytest.raises(Refused, match="pairs need two"):
        chart(fit(found.runs, "chinchilla", fixed=held, bootstrap=20), kind="parameters")


def test_groups_draw_the_largest() -> None:
    """Where parameters differ by group the surface shows one group and says which."""
    table = {**grid(), "group": ["a" if k % 3 else "b" for k in range(36)]}
    grouped = fit(read_runs(table), "chinchilla", groups="A", bootstrap=0)
    spec = chart(grouped).to_dict()
    assert len(next(marks(spec, "point"))) == 24
    assert "the group a alone" in " ".join(spec["title"]["subtitle"])


def test_kinds_belong_to_what_is_drawn(found: FitResult) -> None:
    """An unknown kind gets a suggestion among those of a fit, and other objects have no chart."""
    with pytest.raises(InputError, match="Did you mean 'surface'"):
        chart(found, kind="surfce")
    with pytest.raises(InputError, match="Unknown kind of chart 'burden'"):
        chart(found, kind="burden")
    with pytest.raises(InputError, match="There is no chart of a Runs"):
        chart(found.runs)


def test_a_refused_fit_has_no_chart(found: FitResult) -> None:
    """A fit without parameters is refused with its reason, by every kind."""
    none = fit(found.runs.where(np.arange(4)), "chinchilla")
    for kind in KINDS:
        with pytest.raises(Refused, match="cannot determine the 5 parameters"):
            chart(none, kind=kind)


@pytest.mark.parametrize(
    ("value", "text"),
    [(44e6, "44M"), (1.5e9, "1.5B"), (999.9e6, "1B"), (0.35, "0.35"), (2e16, "2.0 × 10¹⁶")],
)
def test_amounts(value: float, text: str) -> None:
    """Counts are written in at most three digits."""
    assert amount(value) == text


@pytest.mark.parametrize("span", [(0.3, 0.55), (-0.35, -0.15), (0.0, 1.0), (-3.0, 4.0)])
def test_ticks_are_round_few_and_inside(span: tuple[float, float]) -> None:
    """Axes of any length have three to ten ticks within their ends."""
    ticks = log_ticks(*span)
    assert 3 <= len(ticks) <= 10
    assert all(10.0 ** span[0] <= tick <= 10.0 ** span[1] for tick in ticks)
    assert all(a < b for a, b in itertools.pairwise(ticks))


def test_shades_run_from_light_to_dark() -> None:
    """Larger values are darker, beyond the ends as at the ends."""
    found = [sum(int(c[i : i + 2], 16) for i in (1, 3, 5))
             for c in shades([1.0, 10.0, 100.0, 1000.0], 1.0, 100.0)]  # fmt: skip
    assert found[0] > found[1] > found[2] == found[3]
