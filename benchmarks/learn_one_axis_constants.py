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

**Fixed** are how noise grows, the weights of the laws, alike but for M1, which the others hold,
and the powers of evidence and backtests. For each group of Alabdulmohsin et al. (a data set or
task) the priors of language models are made without it, and kept in `one_axis_by_group.json`
beside this script, from which `forecast_curves.py` tests; those that ship are made with all.
"""

import argparse
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from natural_grids import folder
from public_curves import revisited, whole

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
    "evidence": 0.05,
    "skill": 2.0,
}
_LITTLE = 0.01
WEIGHTS = {
    name: _LITTLE if name == "m1" else (1.0 - _LITTLE) / (len(SHAPES) - 1) for name in SHAPES
}


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


def priors(by_grid: dict[str, list[Curve]]) -> OneAxisConstants:
    """Constants with learned priors, the rest as by default."""
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
    constants = priors(by_grid).but(weights=WEIGHTS, **FIXED)
    groups = revisited_groups(options.grids)
    everything = {**by_grid, **groups}
    of_group = {group: {"kinds": kinds(everything, constants, (group,))} for group in groups}
    learned_from = ", ".join(f"{grid} {len(each)}" for grid, each in by_grid.items())
    provenance = {
        "command": "python benchmarks/learn_one_axis_constants.py",
        "date": options.date,
        "rate": "m2, m4, envelope, bnsl1: data exponents of Rosenfeld et al. 2020, table 2",
        "priors": f"curves of {learned_from}",
        "kinds": ", ".join(group for group in everything if of_language(group)),
    }
    write(options.out, provenance, constants.but(kinds=kinds(everything, constants, ())))
    lines = {"provenance": provenance, "changes": of_group}
    options.by_group.write_text(json.dumps(lines, indent=1) + "\n", encoding="utf-8")


def write(path: Path, provenance: Mapping[str, str], constants: OneAxisConstants) -> None:
    """The constants as the package reads them."""
    fields = {key: getattr(constants, key) for key in OneAxisConstants.__dataclass_fields__}
    content = {"schema": SCHEMA, "provenance": provenance, "constants": fields}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
