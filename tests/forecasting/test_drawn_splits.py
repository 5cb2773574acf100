"""Splits that know a few runs: what constants of forecasts are learned from beside whole grids."""

from pathlib import Path

import numpy as np
import pytest

from flopcast.observations import Runs


@pytest.mark.parametrize("count", [6, 16])
def test_pilots_are_far_below_what_they_forecast(
    repository: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """As many runs as asked for, within three decades, a tenth or less of what is held out."""
    monkeypatch.syspath_prepend(str(repository) + "/benchmarks")
    from forecast_grids import Split, compute, pilots

    params = np.repeat(np.geomspace(1e7, 1e10, 13), 9)
    data = np.tile(np.geomspace(1e9, 1e11, 9), 13)
    runs = Runs({"params": params, "data": data}, 1.7 + 400.0 * params**-0.34)
    half = np.arange(len(runs)) % 2 == 0
    study = Split("grid", "grid", "language", runs.where(half), runs.where(~half))
    found = list(pilots(study, count, 5, np.random.default_rng(0)))
    assert len(found) == 5
    for split in found:
        known, held = compute(split.train), compute(split.test)
        assert split.drawn == len(known) == count
        assert 1 <= len(held) <= 8
        assert known.max() / known.min() <= 1e3
        assert held.min() >= 10.0 * known.max()
    assert len({float(compute(split.train).max()) for split in found}) > 1


def test_a_study_too_small_for_pilots_has_none(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four runs cannot lend six."""
    monkeypatch.syspath_prepend(str(repository) + "/benchmarks")
    from forecast_grids import Split, pilots

    params = np.geomspace(1e7, 1e10, 4)
    runs = Runs({"params": params, "data": 20.0 * params}, params**-0.1)
    first = np.arange(4) < 2
    study = Split("grid", "grid", "language", runs.where(first), runs.where(~first))
    assert list(pilots(study, 6, 5, np.random.default_rng(0))) == []
