"""What a plan is expected to tell before anything runs: the loop played on invented losses."""

from collections.abc import Sequence
from typing import Any, Final

from flopcast.errors import Refused
from flopcast.sweeps.grid import HOLDOUT, Candidate, corner
from flopcast.sweeps.observed import target_point
from flopcast.sweeps.outlook import predict
from flopcast.sweeps.study import Study

#: The law of Hoffmann et al. 2022 as refitted by Besiroglu et al. 2024, arXiv:2404.10102: its
#: exponents, and its three terms for Chinchilla itself (70e9 parameters, 1.4e12 tokens).
_EXPONENTS: Final = {"params": 0.3478, "data": 0.3658}
_TERMS: Final = {
    "params": 482.01 / 70e9 ** _EXPONENTS["params"],
    "data": 2085.43 / 1.4e12 ** _EXPONENTS["data"],
}
_FLOOR: Final = 1.8172
_NOISE: Final = 0.005


def rehearse(study: Study, found: Sequence[Candidate], seed: int = 0) -> dict[str, Any]:
    """The width of the target's interval after the corner, without the top level, and with all.

    Losses are invented: the refitted law of Hoffmann et al. 2022, placed so that the study's
    target is its Chinchilla, with 0.5 % of noise. Returns ``{"stages": [{"name", "runs", "flop",
    "width"}], "law"}``, width relative to the median and None where a forecast is refused.
    """
    small = {one.id for one in corner(study, found)}
    stages = [
        ("corner", [one for one in found if one.id in small]),
        ("before the top level", [one for one in found if one.role != HOLDOUT]),
        ("whole grid", list(found)),
    ]
    kept: list[dict[str, Any]] = []
    for name, cells in stages:
        if kept and len(cells) == kept[-1]["cells"]:
            continue
        kept.append({
            "name": name,
            "cells": len(cells),
            "flop": sum(one.flop for one in cells),
            "width": _width(study, cells, seed),
        })  # fmt: skip
    return {
        "stages": kept,
        "law": "L = E + A/N^0.348 + B/D^0.366 (Besiroglu et al. 2024), the target at 70e9 and "
        "1.4e12; 0.5 % noise",
    }


def _width(study: Study, cells: Sequence[Candidate], seed: int) -> float | None:
    import numpy as np

    from flopcast.observations import read_runs

    where = target_point(study)
    points = [point for one in cells for point in one.points]
    table: dict[str, Any] = {role: np.array([p[role] for p in points]) for role in study.roles}
    loss = np.full(len(points), _FLOOR)
    for role, column in table.items():
        term, power = _TERMS.get(role, _TERMS["data"]), _EXPONENTS.get(role, _EXPONENTS["data"])
        loss += term * (column / where[role]) ** -power
    noise = np.random.default_rng(seed).standard_normal(len(points))
    try:
        runs = read_runs({**table, "loss": loss * np.exp(_NOISE * noise)}, duplicates="keep")
        low, high = (found := predict(_plain(study), runs, [where])).interval()
    except Refused:
        return None
    return float((high[0] - low[0]) / found.median[0])


def _plain(study: Study) -> Study:
    """The study without limits of its own metric, which the invented losses do not have."""
    return study.model_copy(update={"floor": None, "baseline": None})
