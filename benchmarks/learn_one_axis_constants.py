"""Learns what past curves teach about a new one, and writes it into the package.

    python benchmarks/learn_one_axis_constants.py [--grids FOLDER] [--without GRID ...]

The distribution of each law's numbers (see `Shape`) over curves is found by expectation and
maximisation: every curve gives the mean and the variance of its numbers, grids count alike, and
their overall mean and variance are the next round's prior. The rate at which error above the floor
falls is not learned from these curves, most of which end in a schedule's cool-down, but from the
nine exponents of data in table 2 of Rosenfeld et al. 2020; the share of the floor is left wide.
The curves of Alabdulmohsin et al. 2022 are never used, so that they stay a test.
"""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from natural_grids import folder
from public_curves import whole

from flopcast.forecasting.one_axis_constants import (
    SCHEMA,
    OneAxisConstants,
    learned_curves,
)
from flopcast.forecasting.one_axis_posterior import Curve, posterior, whitener
from flopcast.forecasting.one_axis_shapes import SHAPES, Shape
from flopcast.laws.features import FloatArray

ROUNDS = 5
MOST_PER_GRID = 10
LEAST_VARIANCE = 0.02
WIDE = {"rate": (-0.9, 0.7), "share": (-0.5, 1.5), "rise": (-1.5, 1.5), "bend": (0.0, 0.7)}
PUBLISHED = (0.75, 0.66, 0.70, 0.40, 1.10, 0.93, 0.81, 1.01, 0.74)  # Rosenfeld et al., table 2
LEFT_WIDE = (0.0, 2.0)
WIDE |= {"turn": (-1.0, 1.5), "early": (0.0, 0.7), "place": (0.0, 1.0), "width": (-1.0, 0.7)}


def curves(grids: Path, without: Iterable[str]) -> dict[str, list[Curve]]:
    """Whole curves by grid."""
    found: dict[str, list[Curve]] = {}
    for grid, _, axis, x, y in whole(grids):
        if not any(grid.startswith(name) for name in without):
            u = np.log(x / x[-1])
            found.setdefault(grid, []).append(Curve(axis, u, np.log(y), np.ones(len(u))))
    return {grid: each[:: max(1, len(each) // MOST_PER_GRID)] for grid, each in found.items()}


def moments(
    shape: Shape, curve: Curve, constants: OneAxisConstants
) -> tuple[FloatArray, FloatArray]:
    """Means of a curve's numbers (d,) and of their squares."""
    found = posterior(shape, curve, constants, whitener(curve, constants))
    share = found.weight.sum(axis=1)
    return share @ found.numbers, share @ found.numbers**2


def learn(by_grid: dict[str, list[Curve]], constants: OneAxisConstants) -> OneAxisConstants:
    """One round for every law."""
    priors = dict(constants.priors)
    for shape in SHAPES.values():
        parts = [[moments(shape, curve, constants) for curve in each] for each in by_grid.values()]
        mean = np.mean([np.mean([m for m, _ in part], axis=0) for part in parts], axis=0)
        square = np.mean([np.mean([s for _, s in part], axis=0) for part in parts], axis=0)
        spread = np.sqrt(square - mean**2 + LEAST_VARIANCE)
        for k, name in enumerate(shape.numbers):
            priors[f"{shape.name}/{name}"] = (round(float(mean[k]), 3), round(float(spread[k]), 3))
        if shape.name != "m3":
            logs = np.log(PUBLISHED)
            rate = (round(float(logs.mean()), 2), round(float(logs.std()), 2))
            priors |= {f"{shape.name}/rate": rate, f"{shape.name}/share": LEFT_WIDE}
    return constants.but(priors=priors)


def main() -> None:
    """Writes the constants."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grids", type=Path, default=folder())
    parser.add_argument("--without", nargs="*", default=[])
    package = Path(__file__).resolve().parent.parent / "src" / "flopcast" / "forecasting"
    parser.add_argument("--out", type=Path, default=package / "one_axis_constants.json")
    options = parser.parse_args()
    by_grid = curves(options.grids, options.without)
    wide = {f"{s.name}/{name}": WIDE[name] for s in SHAPES.values() for name in s.numbers}
    constants = learned_curves().but(priors=wide)
    for _ in range(ROUNDS):
        constants = learn(by_grid, constants)
    fields = {key: getattr(constants, key) for key in OneAxisConstants.__dataclass_fields__}
    counts = ", ".join(f"{grid} {len(each)}" for grid, each in by_grid.items())
    provenance = f"benchmarks/learn_one_axis_constants.py, curves: {counts}"
    content = {"schema": SCHEMA, "provenance": provenance, "constants": fields}
    options.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
