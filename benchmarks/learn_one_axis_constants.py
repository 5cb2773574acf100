"""Learns what past curves teach about a new one, and writes it into the package.

    python benchmarks/learn_one_axis_constants.py --date 2026-11-21 [--grids FOLDER]

**Priors.** The distribution of each law's numbers (see `Shape`) over curves is found by
expectation and maximisation: every curve gives the mean and the variance of its numbers, grids
count alike, and their overall mean and variance are the next round's prior. The rate at which
error above the floor falls is not learned from these curves, most of which end in a schedule's
cool-down, but from the nine exponents of data in table 2 of Rosenfeld et al. 2020, with heavy
tails; the share of the floor is left wide. Losses of language models have priors of their own
beside these, learned likewise but for the rate; the language curves of Alabdulmohsin et al. 2022
are among them, their vision curves, of four data sets only, are not used.

**Choice**: which laws lead, from all teams of two to five, by the error, relative to the last
value carried forward, of curves forecast beyond half of their largest input, or at the split of
Alabdulmohsin et al. A group is a data set or task; groups of a kind (vision, language, the other
grids) count alike, and so do kinds. What evidence and backtests count is fixed: chosen by a few
curves it grows, and the next curve is forecast worse. The choice is made with the priors of any
curve alone. For each group of Alabdulmohsin et al. it and the priors of language models are made
without it, and kept in `one_axis_by_group.json` beside this script, from which
`forecast_curves.py` tests; those that ship are made with all groups.
"""

import argparse
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TypeVar

import numpy as np
from natural_grids import folder
from public_curves import Split, halves, revisited, whole

from flopcast.forecasting.one_axis import backtest, curve_of, view
from flopcast.forecasting.one_axis_constants import SCHEMA, OneAxisConstants, Priors
from flopcast.forecasting.one_axis_posterior import Curve, posterior, whitener
from flopcast.forecasting.one_axis_shapes import SHAPES, Shape
from flopcast.laws.features import FloatArray

T = TypeVar("T")
ROUNDS = 3
ROUNDS_OF_KINDS = 2
LANGUAGE = ("farseer-data", "gadre", "gpt3", "datablations", "olmo", "pythia", "constant-rate")
MOST_PER_GRID = 4
LEAST_VARIANCE = 0.02
WIDE = {"rate": (-0.9, 0.7), "share": (-0.5, 1.5), "rise": (-1.5, 1.5), "bend": (0.0, 0.7)}
PUBLISHED = (0.75, 0.66, 0.70, 0.40, 1.10, 0.93, 0.81, 1.01, 0.74)  # Rosenfeld et al., table 2
LEFT_WIDE = (0.0, 2.0)
WIDE |= {"turn": (-1.0, 1.5), "early": (0.0, 0.7), "place": (0.0, 1.0), "width": (-1.0, 0.7)}
TAILS = {"rate": 3.0}
FIXED: Mapping[str, float] = {
    "noise_growth": -0.5,
    "noise_weight": 6.0,
    "evidence": 0.1,
    "skill": 0.5,
}
TEAMS = [team for size in (2, 3, 4, 5) for team in combinations(SHAPES, size)]
EVEN = 0.3  # of the weight goes to all laws alike: a clean curve may follow any of them
MOST_PER_GROUP = 3
MOST_POINTS = 16


def curves(grids: Path) -> dict[str, list[Curve]]:
    """Whole curves by grid."""
    found: dict[str, list[Curve]] = {}
    for grid, _, axis, x, y in whole(grids):
        u = np.log(x / x[-1])
        found.setdefault(grid, []).append(Curve(axis, u, np.log(y), np.ones(len(u))))
    return {grid: evenly(each, MOST_PER_GRID) for grid, each in found.items()}


def evenly(items: Sequence[T], most: int) -> list[T]:
    """At most so many of the items, evenly chosen."""
    rows = np.unique(np.linspace(0, len(items) - 1, min(most, len(items))).round().astype(int))
    return [items[row] for row in rows]


def moments(
    shape: Shape, curve: Curve, constants: OneAxisConstants
) -> tuple[FloatArray, FloatArray]:
    """Means of a curve's numbers (d,) and of their squares."""
    found = posterior(shape, curve, constants, whitener(curve, constants))
    share = found.weight.sum(axis=1)
    return share @ found.numbers, share @ found.numbers**2


def learn(
    by_grid: Mapping[str, list[Curve]], constants: OneAxisConstants, keep: bool = False
) -> OneAxisConstants:
    """One round for every law; published rates are kept, and with `keep` shares are learned."""
    priors = dict(constants.priors)
    for shape in SHAPES.values():
        parts = [[moments(shape, curve, constants) for curve in each] for each in by_grid.values()]
        mean = np.mean([np.mean([m for m, _ in part], axis=0) for part in parts], axis=0)
        square = np.mean([np.mean([s for _, s in part], axis=0) for part in parts], axis=0)
        spread = np.sqrt(square - mean**2 + LEAST_VARIANCE)
        floored = shape.name not in ("m1", "m3")
        for k, name in enumerate(shape.numbers):
            if not (keep and floored and name == "rate"):
                pair = (round(float(mean[k]), 3), round(float(spread[k]), 3))
                priors[f"{shape.name}/{name}"] = pair
        if floored and not keep:
            logs = np.log(PUBLISHED)
            rate = (round(float(logs.mean()), 2), round(float(logs.std()), 2))
            priors |= {f"{shape.name}/rate": rate, f"{shape.name}/share": LEFT_WIDE}
    return constants.but(priors=priors)


@dataclass(frozen=True, eq=False)
class Case:
    """One curve, forecast by every law: errors (laws, points), log evidence and skill (laws,).

    `last` is the root mean squared log error of the last value carried forward.
    """

    group: str
    errors: FloatArray
    evidence: FloatArray
    skill: FloatArray
    last: float


def revisited_groups(grids: Path) -> dict[str, list[Curve]]:
    """Whole curves of Alabdulmohsin et al. by group."""
    found: dict[str, list[Curve]] = {}
    for file in ("benchmark.vision.csv", "benchmark.lang.csv"):
        for split in revisited(grids, file):
            x, y = split.whole
            curve = Curve("data", np.log(x / x[-1]), np.log(y), np.ones(len(x)))
            found.setdefault(split.grid, []).append(curve)
    return {group: evenly(each, MOST_PER_GRID) for group, each in found.items()}


def of_language(group: str) -> bool:
    """Whether a group's curves are losses of language models."""
    return group in LANGUAGE or group.startswith("language/")


def kinds(
    by_group: Mapping[str, list[Curve]], constants: OneAxisConstants, without: Collection[str]
) -> Mapping[str, Priors]:
    """Priors of language models from their groups but some, where they are not any curve's."""
    members = {g: each for g, each in by_group.items() if of_language(g) and g not in without}
    own = constants
    for _ in range(ROUNDS_OF_KINDS):
        own = learn(members, own, keep=True)
    differ = {name: pair for name, pair in own.priors.items() if pair != constants.priors[name]}
    return {"language": differ}


def tested(grids: Path) -> dict[str, list[Split]]:
    """The curves that choices are judged on, by group."""
    found: dict[str, list[Split]] = {}
    for split in (
        *revisited(grids, "benchmark.vision.csv"),
        *revisited(grids, "benchmark.lang.csv"),
        *halves(grids, 2.0),
    ):
        found.setdefault(split.grid, []).append(split)
    return {group: evenly(each, MOST_PER_GROUP) for group, each in found.items()}


def case(split: Split, constants: OneAxisConstants) -> Case:
    """What every law says of a curve."""
    names = tuple(SHAPES)
    rows = evenly(range(len(split.ahead)), MOST_POINTS)
    curve = curve_of(split.runs, split.axis)
    truth = np.log(split.truth[rows])
    now = view(curve, names, constants)
    origin = backtest(curve, names, constants)
    return Case(
        split.grid,
        now.each(np.log(split.ahead[rows] / split.x.max())) - truth,
        np.array([each.evidence for each in now.posteriors]),
        np.zeros(len(names)) if origin is None else origin.skill,
        float(np.sqrt(np.mean((curve.y[-1] - truth) ** 2))),
    )


def errors(cases: Sequence[Case], team: Sequence[str]) -> FloatArray:
    """Root mean squared log error (cases,) of some laws together."""
    rows = [list(SHAPES).index(name) for name in team]
    found = []
    for each in cases:
        log_weight = FIXED["evidence"] * each.evidence[rows] + FIXED["skill"] * each.skill[rows]
        weight = np.exp(log_weight - log_weight.max())
        error = weight @ each.errors[rows] / weight.sum()
        found.append(np.sqrt(np.mean(error**2)))
    return np.array(found)


def choose(
    table: Mapping[tuple[str, ...], FloatArray],
    groups: Sequence[str],
    last: FloatArray,
    without: str | None,
) -> tuple[str, ...]:
    """The team with the least relative error over groups, one of them left out."""
    labels = np.array(groups)
    kept = [group for group in dict.fromkeys(groups) if group != without]
    kinds = [group.partition("/")[0] if "/" in group else "other" for group in kept]
    share = np.zeros(len(last))
    for group, kind in zip(kept, kinds, strict=True):
        rows = labels == group
        share[rows] = 1.0 / (kinds.count(kind) * last[rows].sum())
    return min(table, key=lambda team: float(share @ table[team]))


def weights(team: Sequence[str]) -> dict[str, float]:
    """What each law counts where a team leads."""
    chosen = {name: (1.0 - EVEN) / len(team) for name in team}
    return {name: round(chosen.get(name, 0.0) + EVEN / len(SHAPES), 4) for name in SHAPES}


def priors(by_grid: dict[str, list[Curve]]) -> OneAxisConstants:
    """Constants with learned priors, and choices as they are by default."""
    wide = {f"{s.name}/{name}": WIDE[name] for s in SHAPES.values() for name in s.numbers}
    constants = OneAxisConstants(priors=wide, tails=TAILS)
    for _ in range(ROUNDS):
        constants = learn(by_grid, constants)
    return constants


def main() -> None:
    """Writes the constants, and those of each group of the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grids", type=Path, default=folder())
    parser.add_argument("--date", default="unknown")
    package = Path(__file__).resolve().parent.parent / "src" / "flopcast" / "forecasting"
    parser.add_argument("--out", type=Path, default=package / "one_axis_constants.json")
    beside = Path(__file__).resolve().parent / "one_axis_by_group.json"
    parser.add_argument("--by-group", type=Path, default=beside)
    options = parser.parse_args()
    by_grid = curves(options.grids)
    constants = priors(by_grid).but(**FIXED)
    splits = tested(options.grids)
    cases = [case(split, constants) for each in splits.values() for split in each]
    table = {team: errors(cases, team) for team in TEAMS}
    groups, last = [each.group for each in cases], np.array([each.last for each in cases])
    everything = {**by_grid, **revisited_groups(options.grids)}
    of_group = {
        group: {
            "weights": weights(choose(table, groups, last, group)),
            "kinds": kinds(everything, constants, (group,)),
        }
        for group in splits
        if "/" in group
    }
    learned_from = ", ".join(f"{grid} {len(each)}" for grid, each in by_grid.items())
    judged_on = ", ".join(f"{group} {len(each)}" for group, each in splits.items())
    provenance = {
        "command": "python benchmarks/learn_one_axis_constants.py",
        "date": options.date,
        "rate": "m2, m4, envelope, bnsl1: data exponents of Rosenfeld et al. 2020, table 2",
        "priors": f"curves of {learned_from}",
        "kinds": ", ".join(group for group in everything if of_language(group)),
        "choices": f"curves of {judged_on}",
    }
    leading, of_kinds = choose(table, groups, last, None), kinds(everything, constants, ())
    write(options.out, provenance, constants.but(weights=weights(leading), kinds=of_kinds))
    lines = {"provenance": provenance, "changes": of_group}
    options.by_group.write_text(json.dumps(lines, indent=1) + "\n", encoding="utf-8")


def write(path: Path, provenance: Mapping[str, str], constants: OneAxisConstants) -> None:
    """The constants as the package reads them."""
    fields = {key: getattr(constants, key) for key in OneAxisConstants.__dataclass_fields__}
    content = {"schema": SCHEMA, "provenance": provenance, "constants": fields}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
