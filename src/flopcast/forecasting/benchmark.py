"""How forecasts did on public grids: the standing benchmark as it was last run."""

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any


@lru_cache(maxsize=1)
def forecast_benchmark() -> dict[str, Any]:
    """The benchmark's document, ``flopcast.forecast-benchmark/1``.

    ``version`` and ``date`` say when it was run, ``strict`` whether also the trials that constants
    were learned from used beliefs without the grid at hand. Errors, biases and shares are
    fractions, scores relative to the outcome, distances in decades of compute; ``coverage`` is in
    the order of ``levels``. Written by ``make bench-forecast``.
    """
    text = files("flopcast.forecasting").joinpath("benchmark.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
