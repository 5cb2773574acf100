"""Learn what forecasts believe beforehand from the public grids, and write it into the package.

    python benchmarks/learn_forecast_constants.py [FOLDER] [--write]

Two steps. Each law is fitted to each whole grid under weak priors: centre and spread over grids
are the beliefs about its parameters. Then every split is looked at with beliefs that other grids
gave, and the constants of the ensemble (`Constants`) maximise the mean log score of what came,
every grid counting once, with pulls towards `START`. Last, the structural error is scaled so
that intervals of 50 and 90 % hold, on average, as many of the outcomes; where no backtest is
possible, by forecasts from three runs of each study, drawn at random. Nothing is learned from
those of 6 to 30 runs (`pilots`), which test the constants.
"""

import argparse
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from all_cores import on_all_cores
from forecast_grids import Split, drawn, pilots, splits, studies
from forecast_study import (
    Trial,
    Values,
    attempt,
    fitted_parameters,
    with_beliefs,
)
from natural_grids import folder as public_folder
from scipy.optimize import minimize
from scipy.stats import t as student

from flopcast.forecasting.constants import ANY, SCHEMA, Beliefs, Constants, Kind
from flopcast.forecasting.mixture import mix
from flopcast.forecasting.structure import (
    MOST_SCALE,
    TAIL,
    share_of,
    told_by,
)
from flopcast.laws.features import FloatArray

SCALARS: Final = ("distance", "distance_weight", "power", "spread")
PULL: Final = {"distance": 0.1, "distance_weight": 0.1, "power": 0.05, "spread": 0.05}
MEMBERS: Final = (
    "additive",
    "coupled",
    "coupled-overfitting",
    "bounded-overfitting",
    "coupled-bounded",
    "kaplan-floor",
    "farseer",
    "floorless",
    "muennighoff",
    "coupled-repeats",
    "lovelace",
)
_BEFOREHAND: Final = {"kaplan-floor": 0.3, "farseer": 0.3}  # against 1 of other members
_PRIORS: Final = np.array([_BEFOREHAND.get(name, 1.0) for name in MEMBERS])
START: Final = Constants(
    distance=0.05,
    distance_weight=1.0,
    priors=dict(zip(MEMBERS, (_PRIORS / _PRIORS.sum()).tolist(), strict=True)),
)
MOST_BELIEF: Final = float(np.log(2.0))  # the scale is worth two backtests at most
LEVELS: Final = (0.5, 0.9)
STRETCHES: Final = (0.7, 3.0)
UNTESTED: Final = (0.03, 1.5)
KINDS: Final = (ANY, "language")
FEW: Final = 3
FEW_TIMES: Final = 12  # for each grid
PILOTS: Final = (6, 10, 16, 30)
PILOT_TIMES: Final = 6  # for each grid and number of runs
PULL_OF_PRIORS: Final = 0.1
_POINTS: Final = 40
_ORIGINS: Final = 4
_LEAST_DECADES: Final = 0.1
_WORST: Final = 10.0
OUT: Final = Path(__file__).parent.parent / "src/flopcast/forecasting/constants.json"


@dataclass(frozen=True, eq=False)
class Stack:
    """Trials as arrays with axes trial, origin, member, point; absent entries have weight 0."""

    errors: FloatArray
    distance: FloatArray
    horizon: FloatArray
    counts: FloatArray
    noise: FloatArray
    steepest: FloatArray
    recency: FloatArray
    support: FloatArray
    centres: FloatArray
    own: FloatArray
    alive: FloatArray
    decades: FloatArray
    y: FloatArray
    share: FloatArray
    run_noise: FloatArray
    run_steepest: FloatArray


def stack(trials: Sequence[Trial]) -> Stack:
    """The trials as arrays; every grid weighs the same, so does every split of a grid."""
    t, o, k, p = len(trials), _ORIGINS, len(MEMBERS), _POINTS
    q = max(len(trial.y) for trial in trials)
    shapes: dict[str, tuple[int, ...]] = {
        "errors": (t, o, k, p),
        "distance": (t, o, p),
        "horizon": (t, o),
        "counts": (t, o, p),
        "noise": (t, o),
        "steepest": (t, o),
        "recency": (t, o),
        "support": (t, k),
        "centres": (t, k, q),
        "own": (t, k, q),
        "alive": (t, k),
        "decades": (t, q),
        "y": (t, q),
        "share": (t, q),
        "run_noise": (t,),
        "run_steepest": (t,),
    }
    made = {name: np.zeros(shape) for name, shape in shapes.items()}
    for name in ("distance", "noise", "steepest"):
        made[name][...] = 1.0
    grids = [trial.grid for trial in trials]
    for i, trial in enumerate(trials):
        _fill(made, i, trial)
        n = len(trial.y)
        made["share"][i, :n] = 1.0 / len(set(grids)) / grids.count(trial.grid) / n
    return Stack(**made)


def _fill(made: dict[str, FloatArray], i: int, trial: Trial) -> None:
    look = trial.outlook
    places = [MEMBERS.index(name) for name in look.names]
    n = len(trial.y)
    made["support"][i, places] = look.support - look.support.max()
    made["centres"][i, places, :n] = np.where(look.alive[:, None] > 0.0, look.centres, 0.0)
    made["own"][i, places, :n] = [spread.var(axis=0) for spread in look.spreads]
    made["alive"][i, places] = look.alive
    made["decades"][i, :n], made["y"][i, :n] = look.decades, trial.y
    made["run_noise"][i] = look.noise
    made["run_steepest"][i] = look.slope.steepest
    for j, origin in enumerate(look.origins):
        size = origin.errors.shape[1]
        rows = np.unique(np.linspace(0, size - 1, _POINTS).round().astype(int))
        errors = np.nan_to_num(origin.errors[:, rows], nan=_WORST)
        made["errors"][i, j, places, : len(rows)] = errors.reshape(len(places), -1)
        made["distance"][i, j, : len(rows)] = np.maximum(origin.decades[rows], _LEAST_DECADES)
        made["horizon"][i, j] = origin.decades.mean()
        made["counts"][i, j, : len(rows)] = 1.0 / len(rows)
        made["noise"][i, j] = origin.noise
        made["steepest"][i, j] = origin.slope.steepest
        made["recency"][i, j] = (j + 1.0) / len(look.origins)


@dataclass(frozen=True, eq=False)
class Predicted:
    """Centre and scale of the log loss per trial and point, and the weights of the members."""

    centre: FloatArray
    sd: FloatArray
    weight: FloatArray


def predicted(s: Stack, c: Constants) -> Predicted:
    """What `mix` draws from, as a Student t: the formulas of `ensemble` for all trials."""
    prior = np.array([c.priors.get(name, 1.0) for name in MEMBERS]) * s.alive
    far = s.distance**c.power
    spread = (c.distance * s.steepest[..., None] * far) ** 2
    expected = np.sqrt(spread + s.noise[..., None] ** 2)
    z = np.clip(s.errors / expected[:, :, None, :], -_WORST, _WORST)
    squares = np.einsum("tokp,top->tok", z * z, s.counts)
    mean = np.einsum("tok,to->tk", squares, s.recency)
    mean /= np.maximum(s.recency.sum(axis=1), 1e-9)[:, None]
    weight = prior * np.exp(c.temper * s.support) * (c.blur**2 + mean) ** -c.softness
    weight /= weight.sum(axis=1, keepdims=True)
    combined = np.einsum("tokp,tk->top", s.errors, weight)
    there = (s.recency > 0.0)[..., None] * s.counts
    told, mass = told_by(combined**2, spread, s.noise[..., None] ** 2)
    share = share_of(s.horizon[..., None], s.decades[:, None, :])
    told = np.einsum("top,toq->tq", there * told, share)
    mass = np.einsum("top,toq->tq", there * mass, share)
    ratio = (c.distance_weight + told) / (c.distance_weight + mass)
    scale = c.distance * np.sqrt(ratio)  # as if no study had turned: those teach no usual error
    scale = np.minimum(c.stretch * scale, MOST_SCALE)
    reach = s.decades**c.power
    centre = np.einsum("tk,tkq->tq", weight, s.centres)
    form = np.einsum("tk,tkq->tq", weight, (s.centres - centre[:, None]) ** 2)
    own = c.spread**2 * np.einsum("tk,tkq->tq", weight, s.own)
    structural = scale * s.run_steepest[:, None] * reach
    variance = form + own + s.run_noise[:, None] ** 2 + structural**2
    return Predicted(centre, np.sqrt(variance), weight)


def log_score(s: Stack, c: Constants) -> float:
    """Mean log density of what came."""
    p = predicted(s, c)
    scores = student.logpdf((s.y - p.centre) / p.sd, TAIL) - np.log(p.sd)
    return float(np.sum(s.share * scores))


def _constants(x: FloatArray, start: Constants) -> Constants:
    values = {name: float(getattr(start, name) * np.exp(x[k])) for k, name in enumerate(SCALARS)}
    before = np.array([start.priors[name] for name in MEMBERS])
    priors = before * np.exp(x[len(SCALARS) :])
    named = dict(zip(MEMBERS, (priors / priors.sum()).tolist(), strict=True))
    return start.but(**values, priors=named)


def learn(trials: Sequence[Trial], start: Constants = START) -> Constants:
    """The constants of the ensemble that these trials call for."""
    tested = [trial for trial in trials if not trial.drawn]
    s = stack(tested)

    def objective(x: FloatArray) -> float:
        pulls = [PULL.get(name, 0.0) * x[k] ** 2 for k, name in enumerate(SCALARS)]
        priors = PULL_OF_PRIORS * float(np.sum(x[len(SCALARS) :] ** 2))
        return -log_score(s, _constants(x, start)) + float(np.sum(pulls)) + priors

    size = len(SCALARS) + len(MEMBERS)
    bounds = [(-3.0, 3.0)] * size
    bounds[SCALARS.index("distance_weight")] = (-3.0, MOST_BELIEF)
    found = minimize(objective, np.zeros(size), method="L-BFGS-B", bounds=bounds)
    c = _constants(found.x, start)
    c = c.but(stretch=calibrated(tested, lambda stretch: c.but(stretch=stretch), STRETCHES))
    untested = {kind: _untested(trials, c, kind) for kind in KINDS}
    kinds = {kind: Kind(untested[kind]) for kind in KINDS if kind != ANY}
    return c.but(untested=untested[ANY], kinds=kinds)


def _untested(trials: Sequence[Trial], c: Constants, kind: str) -> float:
    """The same for forecasts from a few runs: of the kind's domain, or of all domains alike."""
    few = [
        replace(trial, outlook=replace(trial.outlook, kind=kind))
        for trial in trials
        if trial.drawn == FEW and kind in (ANY, trial.domain)
    ]
    return calibrated(few, lambda scale: c.but(untested=scale, kinds={}), UNTESTED, "domain")


def calibrated(
    trials: Sequence[Trial],
    constants: Callable[[float], Constants],
    ends: tuple[float, float],
    group: str = "grid",
) -> float:
    """The number between `ends` with which intervals hold as many outcomes as they promise."""
    low, high = ends
    for _ in range(6):
        middle = float(np.sqrt(low * high))
        excess = coverage(trials, constants(middle), group) - np.array(LEVELS)
        low, high = (low, middle) if excess.sum() > 0.0 else (middle, high)
    return float(np.sqrt(low * high))


def coverage(trials: Sequence[Trial], c: Constants, group: str = "grid") -> FloatArray:
    """Share of outcomes inside intervals of `LEVELS`, every group and split counting once."""
    groups: dict[str, list[FloatArray]] = {}
    for trial in trials:
        drawn = mix(trial.outlook, c, "new-run", 300, np.random.default_rng(0)).logs
        away = 2.0 * np.abs((drawn < trial.y).mean(axis=0) - 0.5)
        held = np.array([float((away <= level).mean()) for level in LEVELS])
        groups.setdefault(getattr(trial, group), []).append(held)
    return np.asarray(np.mean([np.mean(rows, axis=0) for rows in groups.values()], axis=0))


def few_runs(found: Sequence[Split]) -> list[Split]:
    """Splits that know three runs, about as many of each grid."""
    rng, studied = np.random.default_rng(0), list(studies(found))
    return [
        few
        for study in studied
        for few in drawn(study, FEW, FEW_TIMES // _studies_of(study.grid, studied), rng)
    ]


def pilot_runs(found: Sequence[Split]) -> list[Split]:
    """Splits that know 6 to 30 runs, about as many of each grid and number."""
    rng, studied = np.random.default_rng(0), list(studies(found))
    return [
        pilot
        for study in studied
        for count in PILOTS
        for pilot in pilots(
            study, count, max(PILOT_TIMES // _studies_of(study.grid, studied), 1), rng
        )
    ]


def _studies_of(grid: str, studied: Sequence[Split]) -> int:
    return sum(study.grid == grid for study in studied)


def all_trials(
    values: Values, found: Sequence[Split], without: Collection[str] = ()
) -> list[Trial]:
    """Every split, looked at with the beliefs that grids other than its own gave."""
    grids = {split.grid for split in found} - {*without}
    believed = {grid: with_beliefs(START, values, found, {grid, *without}) for grid in grids}
    return on_all_cores(
        [partial(attempt, split, believed[split.grid]) for split in found if split.grid in grids]
    )


def _pairs(beliefs: Beliefs) -> dict[str, list[float]]:
    return {name: list(pair) for name, pair in sorted(beliefs.items())}


def as_json(constants: Constants) -> dict[str, Any]:
    """The constants, rounded to what the data can tell."""
    plain: dict[str, Any] = {}
    for entry in fields(constants):
        value = getattr(constants, entry.name)
        if entry.name == "priors":
            value = {name: round(share, 3) for name, share in value.items()}
        elif entry.name == "beliefs":
            value = _pairs(value)
        elif entry.name == "kinds":
            value = {
                kind: {"untested": round(own.untested, 4), "beliefs": _pairs(own.beliefs)}
                for kind, own in value.items()
            }
        else:
            value = round(value, 4)
        plain[entry.name] = value
    return plain


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, nargs="?", default=public_folder())
    parser.add_argument("--write", action="store_true", help="put them into the package")
    options = parser.parse_args()
    if options.folder is None:
        print("no folder of public grids at hand")
        return
    found = splits(options.folder)
    values = fitted_parameters(found, START)
    trials = all_trials(values, [*found, *few_runs(found)])
    constants = with_beliefs(learn(trials), values, found, ())
    grids = sorted({trial.grid for trial in trials})
    print(json.dumps(as_json(constants), indent=2, ensure_ascii=False))
    if options.write:
        table = {
            "schema": SCHEMA,
            "provenance": f"benchmarks/learn_forecast_constants.py on {len(found)} splits of "
            f"{len(grids)} public grids, and {len(trials) - len(found)} that know {FEW} runs: "
            f"{', '.join(grids)}",
            "constants": as_json(constants),
        }
        OUT.write_text(json.dumps(table, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
