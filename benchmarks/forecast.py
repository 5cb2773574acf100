"""The standing benchmark of forecasts: every public grid, with constants learned without it.

    python benchmarks/forecast.py [FOLDER] [--quick] [--write DATE]

For each grid the beliefs about parameters and the constants of the ensemble are learned from the
other grids alone; then every split of the grid is forecast. The trials of other grids, from which
the constants come, are made anew for each grid left out, with beliefs that have not seen it.
`--quick` takes beliefs that have seen the grid, for an eighth of the work. `--write` puts the
table into the documentation, under the date given. The learned constants of each left-out grid and
every number go into `out/forecast.json`.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from forecast_bootstrap import LAWS, bootstrapped
from forecast_document import benchmark_document, write_benchmark
from forecast_grids import Split, frugal, splits
from forecast_rivals import with_compute
from forecast_study import (
    Trial,
    Values,
    attempt,
    fitted_parameters,
    with_beliefs,
)
from learn_forecast_constants import (
    FEW,
    START,
    all_trials,
    as_json,
    few_runs,
    learn,
)
from natural_grids import folder as public_folder

from flopcast import __version__
from flopcast.forecasting.backtest_result import Backtest, HeldOut
from flopcast.forecasting.constants import Constants
from flopcast.forecasting.mixture import mix
from flopcast.forecasting.scores import crps, interval_score
from flopcast.laws.features import FloatArray
from flopcast.observations import Runs

LEVELS: Final = (0.5, 0.8, 0.9, 0.95)
DRAWS: Final = 2000
ROOT: Final = Path(__file__).parent.parent
TARGETS: Final = {
    "farseer official": 0.005,
    "farseer C≤1e20 → ≥1e21": 0.012,
    "chinchilla C≤1e20 → ≥1e21": 0.010,
    "gadre, three sets": 0.013,
    "olmo → 3B": 0.0055,
    "data-constrained official": 0.025,
}
BANDS: Final = ((0.0, 0.5), (0.5, 1.0), (1.0, 2.0), (2.0, 9.0))


@dataclass(frozen=True, eq=False)
class Scored:
    """One split: relative error, log bias, and per point whether intervals held, with scores.

    `ranks` are the shares of draws below the outcome. Scores are relative to the outcome, `width`
    is the log of the ratio of the ends at 90 %. `few` are forecasts from a few runs.
    `members` are the errors of single laws, fitted as the ensemble fits them.
    """

    name: str
    grid: str
    domain: str
    listed: bool
    few: bool
    error: float
    bias: float
    inside: FloatArray
    ranks: FloatArray
    decades: FloatArray
    interval: float
    width: float
    crps: float
    members: dict[str, float]

    @property
    def coverage(self) -> FloatArray:
        """Share of points inside at each of `LEVELS`."""
        return np.asarray(self.inside.mean(axis=1))


def score(trial: Trial, constants: Constants) -> Scored:
    """The default forecast of a new run against what came."""
    rng = np.random.default_rng(0)
    mixed = mix(trial.outlook, constants, "new-run", DRAWS, rng)
    logs = np.minimum(mixed.logs, trial.highest)
    relative = np.exp(logs - trial.y)
    ends = [np.quantile(relative, [0.5 - q / 2, 0.5 + q / 2], axis=0) for q in LEVELS]
    one = np.ones(len(trial.y))
    low, high = ends[LEVELS.index(0.9)]
    singles = np.abs(np.exp(trial.outlook.centres - trial.y) - 1.0).mean(axis=1)
    return Scored(
        trial.name,
        trial.grid,
        trial.domain,
        trial.listed,
        trial.few,
        float(np.mean(np.abs(np.median(relative, axis=0) - 1.0))),
        float(np.mean(np.median(logs, axis=0) - trial.y)),
        np.array([(low <= 1.0) & (high >= 1.0) for low, high in ends], dtype=np.float64),
        np.asarray((relative < 1.0).mean(axis=0)),
        trial.outlook.decades,
        float(np.mean(interval_score(low, high, one, 0.9))),
        float(np.mean(np.log(high / low))),
        float(np.mean(crps(relative, one))),
        dict(zip(trial.outlook.names, singles.tolist(), strict=True)),
    )


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


@dataclass(frozen=True)
class Rival:
    """A law with bootstrap over the listed splits: means of error, coverage at 90 % and scores."""

    law: str
    error: float
    coverage: float
    interval: float
    ours: float


def rivals(found: Sequence[Split], scored: Sequence[Scored]) -> list[Rival]:
    """What single laws with bootstrap intervals reach on the listed splits, next to ours."""
    ours = {s.name: s.interval for s in scored}
    results: list[Rival] = []
    for law in LAWS:
        rows = []
        for split in found:
            if not split.listed:
                continue
            train, test = with_compute(split.train), with_compute(split.test)
            samples = bootstrapped(law, train, test)
            if samples is None:
                continue
            relative = samples / split.test.loss
            low, high = np.quantile(relative, [0.05, 0.95], axis=0)
            one = np.ones(len(split.test))
            error = np.abs(np.median(relative, axis=0) - 1.0).mean()
            covered = np.mean((low <= 1.0) & (high >= 1.0))
            interval = interval_score(low, high, one, 0.9).mean()
            rows.append((error, covered, interval, ours[split.name]))
        results.append(Rival(law, *(float(v) for v in np.mean(rows, axis=0))))
    return results


def headline(scored: Sequence[Scored]) -> dict[str, float]:
    """Error of each row of the headline table; the three Gadre sets are one."""
    rows = {s.name: s.error for s in scored if s.listed and s.grid != "gadre"}
    gadre = [s.error for s in scored if s.listed and s.grid == "gadre"]
    if gadre:
        rows["gadre, three sets"] = float(np.mean(gadre))
    return rows


def pooled(scored: Sequence[Scored], by_grid: bool) -> FloatArray:
    """Coverage at each level over all points of all splits, or with every grid counting once."""
    if not by_grid:
        return np.asarray(np.mean(np.concatenate([s.inside for s in scored], axis=1), axis=1))
    grids = dict.fromkeys(s.grid for s in scored)
    means = [np.mean([s.coverage for s in scored if s.grid == g], axis=0) for g in grids]
    return np.asarray(np.mean(means, axis=0))


def lines(
    scored: Sequence[Scored], fifty: dict[str, list[float]], others: Sequence[Rival]
) -> list[str]:
    """The tables, in Markdown."""
    out = ["| split | error | asked for |", "|---|---|---|"]
    head = headline(scored)
    out += [f"| {n} | {head[n]:.2%} | ≤ {t:.2%} |" for n, t in TARGETS.items() if n in head]
    if head:
        values = list(head.values())
        out.append(f"| mean | {np.mean(values):.2%} | ≤ 1.30% |")
        out.append(f"| worst | {max(values):.2%} | ≤ 3.00% |")
    names = " | ".join(f"inside {level:.0%}" for level in LEVELS)
    columns = f"| split | beyond | error | bias | {names} | interval score | CRPS | best law |"
    out += ["", columns, "|---" * (columns.count("|") - 1) + "|"]
    out += [_row(s) for s in scored]
    for label, by_grid in (("all points", False), ("every grid once", True)):
        cells = " | ".join(f"{share:.0%}" for share in pooled(scored, by_grid))
        out.append(f"| **{label}** | | | | {cells} | | | |")
    out += ["", "| decades beyond | points | " + names + " |", "|---" * (2 + len(LEVELS)) + "|"]
    out += _bands(scored)
    if others:
        out += [
            "",
            "| listed splits | error | inside 90% | interval score | ours |",
            "|---" * 5 + "|",
        ]
        out += [
            f"| {r.law} with bootstrap | {r.error:.2%} | {r.coverage:.0%} | {r.interval:.4f} | "
            f"{r.ours:.4f} ({r.ours / r.interval - 1.0:+.0%}) |"
            for r in others
        ]
    if fifty:
        out += ["", "| grid | targets | error from a fiftieth of the cost |", "|---|---|---|"]
        out += [f"| {g} | {len(e)} | {np.mean(e):.2%} |" for g, e in fifty.items()]
    return out


def few_table(few: Sequence[Scored]) -> list[str]:
    """How forecasts from a few runs drawn at random did, a row for each grid."""
    columns = f"| from {FEW} runs | forecasts | beyond | error | inside 50% | inside 90% | width |"
    out = ["", columns, "|---" * (columns.count("|") - 1) + "|"]
    for grid in dict.fromkeys(s.grid for s in few):
        own = [s for s in few if s.grid == grid]
        beyond, error, width = (
            float(np.median(values))
            for values in zip(*((s.decades.max(), s.error, s.width) for s in own), strict=True)
        )
        half, _, most, _ = np.mean([s.coverage for s in own], axis=0)
        out.append(
            f"| {grid} | {len(own)} | {beyond:.1f} decades | {error:.1%} | {half:.0%} | "
            f"{most:.0%} | ×{np.exp(width):.2f} |"
        )
    return out


def _row(s: Scored) -> str:
    best = min(s.members, key=lambda name: s.members[name])
    cells = " | ".join(f"{share:.0%}" for share in s.coverage)
    return (
        f"| {s.name} | {s.decades.max():.1f} decades | {s.error:.2%} | {s.bias:+.2%} | {cells} | "
        f"{s.interval:.3f} | {s.crps:.4f} | {best} {s.members[best]:.2%} |"
    )


def _bands(scored: Sequence[Scored]) -> list[str]:
    inside = np.concatenate([s.inside for s in scored], axis=1)
    decades = np.concatenate([s.decades for s in scored])
    rows = []
    for low, high in BANDS:
        here = (decades >= low) & (decades < high)
        if here.any():
            cells = " | ".join(f"{share:.0%}" for share in inside[:, here].mean(axis=1))
            rows.append(f"| {low:g} to {high:g} | {here.sum()} | {cells} |")
    return rows


STRICT: Final = (
    "The constants come from trials on the other grids whose beliefs had not seen the grid",
    "either. One thing still flatters the table:",
)
QUICK: Final = (
    "Two things flatter the table. The trials of other grids, from which the constants come, used",
    "beliefs that had seen the grid (`--quick`). And",
)


def document(date: str, table: Sequence[str], strict: bool) -> str:
    """The page of the documentation."""
    return "\n".join(
        [
            "# How forecasts did",
            "",
            f"flopcast {__version__}, {date}. Made by `make bench-forecast`.",
            "",
            "Every split is forecast from its smaller runs with default settings. What forecasts",
            "believe beforehand (priors of parameters, weights of laws, size of the structural",
            "error) was learned without the grid of the split. Error is the mean absolute",
            "relative error of the held-out loss, bias the mean log of predicted over observed.",
            "Scores are relative to the outcome. *Best law* is the best single member after the",
            f"fact. The last table is of forecasts of a large run from {FEW} small ones, drawn at",
            "random: no law can be tested on them, so past studies say how wide an interval is.",
            "Width is the upper end at 90% over the lower one, the median of the forecasts.",
            "",
            *(STRICT if strict else QUICK),
            "the rules (which laws there are, how runs, likelihoods and backtests are weighted,",
            "when a study is of a kind, the form of the structural error, how far constants are",
            "pulled) were chosen among some hundred while looking at these splits, so grids that",
            "nobody has looked at may be forecast worse, and their coverage be lower.",
            "",
            "![Share of outcomes inside intervals](images/forecast-calibration.svg)",
            "",
            *table,
            "",
        ]
    )


def picture(scored: Sequence[Scored]) -> Path:
    """The calibration chart of the documentation, a line for each grid."""
    from flopcast.figures.calibration_chart import calibration_chart
    from flopcast.figures.save import save_chart

    held = tuple(
        HeldOut(s.grid, 0, 0, 1.0, float(d), 1.0, 1.0, {}, s.crps, float(rank))
        for s in scored
        for rank, d in zip(s.ranks, s.decades, strict=True)
    )
    table = Runs({"params": np.ones(1)}, np.ones(1), source="public grids")
    chart = calibration_chart(Backtest(table, held, {}, {}, 0))
    return save_chart(chart, ROOT / "docs" / "images" / "forecast-calibration.svg")


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
    trials = all_trials(values, [*found, *few_runs(found)])
    everything, used = leave_one_out(values, trials, found, not options.quick)
    scored = [s for s in everything if not s.few]
    fifty, others = fifty_fold(found, used), rivals(found, scored)
    table = lines(scored, fifty, others) + few_table([s for s in everything if s.few])
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
            )
        )


if __name__ == "__main__":
    main()
