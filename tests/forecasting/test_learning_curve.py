"""Ends of runs from their first part: made curves whose end is known, and real ones."""

import csv
from pathlib import Path

import numpy as np
import pytest

from flopcast.errors import InputError, Refused
from flopcast.forecasting.curve import Curve
from flopcast.forecasting.curve_methods import by_siblings
from flopcast.forecasting.learning_curve import forecast_curve
from flopcast.laws.registry import get_law
from flopcast.laws.schedule import schedule_inputs

TISSUE = {"L0": 2.4, "A": 0.6, "C": 0.5, "alpha": 0.5}


def cosine(total: int, peak: float = 1e-3) -> np.ndarray:
    """A cosine from the peak to a tenth of it."""
    share = np.arange(1, total + 1) / total
    return peak * (0.1 + 0.45 * (1.0 + np.cos(np.pi * share)))


def made(total: int, floor: float = 2.4, noise: float = 0.0) -> Curve:
    """A whole run that Tissue's law made under a cosine, every tenth step."""
    rates = cosine(total)
    steps = np.arange(1, total + 1, dtype=float)
    loss = get_law("tissue").predict({**TISSUE, "L0": floor}, schedule_inputs(rates))
    jitter = np.exp(noise * np.random.default_rng(total).normal(size=total))
    kept = slice(9, None, 10)
    return Curve(steps[kept], (loss * jitter)[kept], steps, rates)


def test_an_unfinished_cosine_is_not_read_as_final() -> None:
    """At half of a cosine the loss read off is too high; siblings and schedule know the end."""
    run = made(4000, floor=2.4, noise=0.001)
    siblings = [made(3000, floor=2.6), made(5000, floor=2.5)]
    end = float(np.exp(np.log(run.loss[-5:]).mean()))
    found = forecast_curve(run.until(2000), 4000, siblings=siblings, laws=["tissue"])
    assert found.read_off > 1.03 * end
    assert found.median == pytest.approx(end, rel=0.01)
    low, high = found.interval(0.95)
    assert low < end < high
    assert [finding.code for finding in found.findings] == ["not_annealed"]
    assert {method.name for method in found.methods} == {"siblings", "tissue"}
    assert "trend" not in {method.name for method in found.methods}
    document = found.to_dict()
    assert document["loss_read_off"] == found.read_off
    assert sum(m["weight"] for m in document["methods"]) == pytest.approx(1.0)


def test_siblings_of_the_same_shape_count_most() -> None:
    """Among siblings of several shapes the one like the run leads."""
    run = made(4000)
    other = Curve(run.steps, 2.0 + 3.0 * run.steps**-0.2)
    alone = by_siblings(run.until(2000), 4000, [made(4000, floor=2.41)])
    both = by_siblings(run.until(2000), 4000, [made(4000, floor=2.41), other])
    assert both.log_loss == pytest.approx(alone.log_loss, abs=2e-3)


def test_what_annealing_brings_must_be_known() -> None:
    """Without anything that was annealed only the trend is left, with a warning."""
    run = made(4000)
    found = forecast_curve(run.until(1500), 4000, laws=["tissue"])
    assert "annealed" in found.dropped["tissue"]
    assert [method.name for method in found.methods] == ["trend"]
    assert found.findings[0].code == "not_annealed"
    bare = Curve(run.steps, run.loss).until(1500)
    assert forecast_curve(bare, 4000).findings[0].code == "schedule_unknown"
    assert forecast_curve(bare, 4000).findings[0].severity == "serious"


def test_wrong_input() -> None:
    """Ends that were reached, unknown laws, and curves that are none."""
    run = made(1000)
    for end in (1000.0, 10.0):
        with pytest.raises(InputError, match="has reached 1000"):
            forecast_curve(run, end)
    with pytest.raises(InputError, match="no law of schedules"):
        forecast_curve(run, 2000, laws=["tisue"])
    with pytest.raises(Refused, match="no finished siblings"):
        by_siblings(run, 2000, [])
    for steps, loss, words in (
        ([1.0, 1.0], [2.0, 1.0], "do not rise"),
        ([1.0, 2.0], [2.0, 0.0], "must be above 0"),
        ([1.0], [2.0], "two or more"),
    ):
        with pytest.raises(InputError, match=words):
            Curve(np.array(steps), np.array(loss))
    with pytest.raises(InputError, match="belong together"):
        Curve(run.steps, run.loss, rates=run.rates)


def olmo(path: Path) -> Curve:
    """One run of the ladder: C4 loss under a cosine."""
    name = "eval/c4_en-validation/CrossEntropyLoss"
    with path.open(encoding="utf-8") as file:
        rows = [(float(r["_step"]), float(r[name])) for r in csv.DictReader(file) if r[name]]
    table = np.array(sorted(set(rows)))
    table = table[np.concatenate([[True], np.diff(table[:, 0]) > 0])]
    return Curve(table[:, 0], table[:, 1])


def test_the_olmo_ladder(shared: Path) -> None:
    """From half of each 1B and 3B run, siblings of 190M to 760M give the end within 0.5 %."""
    folder = shared / "data" / "grids" / "olmo_ladder" / "raw"
    lengths = ("1xC", "2xC", "5xC")
    siblings = [olmo(folder / f"{s}-{x}.csv") for s in ("190M", "370M", "760M") for x in lengths]
    errors, inside = [], []
    for size in ("1B", "3B"):
        for length in lengths:
            run = olmo(folder / f"{size}-{length}.csv")
            found = forecast_curve(run.until(0.5 * run.last), run.last, siblings=siblings)
            errors.append(abs(found.median / run.loss[-1] - 1.0))
            low, high = found.interval(0.95)
            inside.append(low < run.loss[-1] < high)
            assert abs(found.read_off / run.loss[-1] - 1.0) > 5.0 * errors[-1]
    assert np.mean(errors) < 0.003
    assert max(errors) < 0.005
    assert np.mean(inside) >= 0.8
