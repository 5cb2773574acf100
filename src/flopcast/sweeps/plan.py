"""The plan of a study: its cells, what they cost, and what they are expected to tell."""

from collections.abc import Sequence
from typing import Any, Final

from flopcast.sweeps.grid import HOLDOUT, Candidate, corner
from flopcast.sweeps.opened import Opened
from flopcast.sweeps.rehearsal import rehearse

SCHEMA: Final = "flopcast.sweep-plan/1"


def plan_document(opened: Opened, *, rehearsed: bool = True) -> dict[str, Any]:
    """The plan as JSON-ready data; costs are in the unit of the budget.

    Raises InputError for a grid, a rule or a cost that cannot be worked out.
    """
    from flopcast import __version__

    study, cells, goal = opened.study, opened.cells, opened.goal
    cost = sum(one.cost for one in cells)
    return {
        "schema": SCHEMA,
        "version": __version__,
        "study": study.name,
        "grid": study.grid.kind,
        "metric": study.metric,
        "code_version": opened.code,
        "data_id": study.data_id,
        "budget": {"unit": study.budget.unit, "cap": study.budget.cap},
        "cells": [_cell(one) for one in cells],
        "stages": _stages(cells, {one.id for one in corner(study, cells)}),
        "cost": cost,
        "target": {**_cell(goal), "config": dict(goal.cell.config), "cost": goal.cost},
        "cost_ratio": goal.cost / cost if cost else None,
        "rehearsal": rehearse(study, cells) if rehearsed else None,
    }


def _cell(one: Candidate) -> dict[str, Any]:
    return {
        "cell": one.id,
        "settings": dict(one.settings),
        "config": dict(one.cell.config),
        "seed": one.cell.seed,
        "role": one.role,
        "flop": one.flop,
        "cost": one.cost,
    }


def _stages(cells: Sequence[Candidate], small: set[str]) -> list[tuple[str, int, float]]:
    """Name, number of cells and cost of the corner, the rest, and the level held out."""
    parts = (
        ("small corner", [one for one in cells if one.id in small]),
        ("then", [one for one in cells if one.id not in small and one.role != HOLDOUT]),
        ("top level, held out at first", [one for one in cells if one.role == HOLDOUT]),
    )
    return [(name, len(part), sum(one.cost for one in part)) for name, part in parts if part]
