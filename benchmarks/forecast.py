"""The standing benchmark of forecasts: every public grid, with constants learned without it.

    python benchmarks/forecast.py [FOLDER] [--quick] [--write DATE]

For each grid the beliefs about parameters and the constants of the ensemble are learned from the
other grids alone; then every split of the grid is forecast. The trials of other grids, from which
the constants come, are made anew for each grid left out, with beliefs that have not seen it.
`--quick` takes beliefs that have seen the grid, for an eighth of the work. `--write` puts the
table into the documentation, under the date given. The learned constants of each left-out grid and
every number go into `out/forecast.json`. The package simple-scaling-laws is among the rivals where
`PEER_PYTHON` names an interpreter that has it (`forecast_peer.py`).
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from forecast_bootstrap import LAWS, bootstrapped
from forecast_document import benchmark_document, write_benchmark
from forecast_grids import Split, frugal, splits
from forecast_page import ROOT, document, few_table, picture, tables
from forecast_peer import LAWS as PEER_LAWS
from forecast_peer import by_peer
from forecast_rivals import with_compute
from forecast_scored import (
    BANDS,
    LEVELS,
    TARGETS,
    Rival,
    Scored,
    few_rows,
    headline,
    score,
)
from forecast_study import (
    Trial,
    Values,
    attempt,
    fitted_parameters,
    with_beliefs,
)
from learn_forecast_constants import (
    START,
    all_trials,
    as_json,
    few_runs,
    learn,
    pilot_runs,
)
from natural_grids import folder as public_folder

from flopcast import __version__
from flopcast.forecasting.constants import Constants
from flopcast.forecasting.scores import interval_score
from flopcast.laws.features import FloatArray


def leave_one_out(
    values: Values, trials: Sequence[Trial], found: Sequence[Split], strict: bool
) -> tuple[list[Scored], dict[str, Constants]]:
    """Every split scored with constants that its grid had no part in."""
    scored: list[Scored] = []
    used: dict[str, Constants] = {}
    for grid in dict.fromkeys(trial.grid for trial in trials):
        others = [trial for trial in trials if trial.grid != grid]
        if strict:
            others = all_trials(values, [*found, *few_runs(found)], (grid,))
        used[grid] = with_beliefs(learn(others), values, found, (grid,))
        scored += [score(trial, used[grid]) for trial in trials if trial.grid == grid]
    return scored, used


def fifty_fold(found: Sequence[Split], used: dict[str, Constants]) -> dict[str, list[float]]:
    """Errors by grid for the largest run, from runs costing a fiftieth of it in total."""
    errors: dict[str, list[float]] = {}
    seen: set[tuple[str, int, float]] = set()
    for split in found:
        largest = split.test.where(np.array([int(np.argmax(split.decades))]))
        alone = Split(split.name, split.grid, split.domain, split.train, largest)
        for cut in frugal(alone):
            key = (cut.grid, len(cut.train), float(largest.loss[0]))
            if key not in seen:
                seen.add(key)
                result = score(attempt(cut, used[cut.grid]), used[cut.grid])
                errors.setdefault(cut.grid, []).append(result.error)
    return errors


def rivals(found: Sequence[Split], scored: Sequence[Scored]) -> list[Rival]:
    """What single laws with bootstrap intervals reach on the listed splits, next to ours."""
    listed = [split for split in found if split.listed]
    answers: dict[str, Sequence[FloatArray | None]] = {
        f"{law} with bootstrap": [_by_bootstrap(law, split) for split in listed] for law in LAWS
    }
    for law in PEER_LAWS:
        theirs = by_peer(law, listed)
        if theirs is not None:
            answers[f"simple-scaling-laws, {law}"] = theirs
    ours = {s.name: s.interval for s in scored}
    results = []
    for name, by_split in answers.items():
        rows = []
        for split, answer in zip(listed, by_split, strict=True):
            if answer is None:
                continue
            low, middle, high = answer / split.test.loss
            one = np.ones(len(split.test))
            error = np.abs(middle - 1.0).mean()
            covered = np.mean((low <= 1.0) & (high >= 1.0))
            interval = interval_score(low, high, one, 0.9).mean()
            rows.append((error, covered, interval, ours[split.name]))
        results.append(Rival(name, *(float(v) for v in np.mean(rows, axis=0))))
    return results


def _by_bootstrap(law: str, split: Split) -> FloatArray | None:
    """Lower end, median and upper end (3, points) at 90 %."""
    samples = bootstrapped(law, with_compute(split.train), with_compute(split.test))
    return None if samples is None else np.quantile(samples, [0.05, 0.5, 0.95], axis=0)


def record(scored: Sequence[Scored], used: dict[str, Constants]) -> dict[str, Any]:
    """Everything as JSON, with the constants that each grid's forecasts used."""
    return {
        "schema": "flopcast.forecast_benchmark/1",
        "version": __version__,
        "levels": list(LEVELS),
        "splits": [
            {
                "name": s.name,
                "grid": s.grid,
                "domain": s.domain,
                "error": s.error,
                "bias": s.bias,
                "coverage": s.coverage.tolist(),
                "inside": s.inside.astype(int).tolist(),
                "decades": s.decades.tolist(),
                "interval_score": s.interval,
                "crps": s.crps,
                "members": s.members,
            }
            for s in scored
        ],
        "constants": {grid: as_json(constants) for grid, constants in used.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, nargs="?", default=public_folder())
    parser.add_argument("--quick", action="store_true", help="beliefs of others saw the grid")
    parser.add_argument("--write", metavar="DATE")
    options = parser.parse_args()
    if options.folder is None:
        print("no folder of public grids at hand")
        return
    found = splits(options.folder)
    values = fitted_parameters(found, START)
    trials = all_trials(values, [*found, *few_runs(found), *pilot_runs(found)])
    everything, used = leave_one_out(values, trials, found, not options.quick)
    scored = [s for s in everything if not s.drawn]
    fifty, others = fifty_fold(found, used), rivals(found, scored)
    few = few_rows([s for s in everything if s.drawn])
    table = tables(scored, fifty, others) + few_table(few)
    print("\n".join(table))
    (ROOT / "out").mkdir(exist_ok=True)
    text = json.dumps(record(scored, used), indent=1, ensure_ascii=False)
    (ROOT / "out" / "forecast.json").write_text(text, "utf-8")
    if options.write:
        page = ROOT / "docs" / "forecast-benchmark.md"
        page.write_text(document(options.write, table, not options.quick), "utf-8")
        picture(scored)
        write_benchmark(
            benchmark_document(
                scored,
                date=options.write,
                strict=not options.quick,
                levels=LEVELS,
                bands=BANDS,
                headline=headline(scored),
                targets=TARGETS,
                rivals=others,
                fiftieth=fifty,
                few=few,
            )
        )


if __name__ == "__main__":
    main()
