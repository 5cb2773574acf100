"""Whole loss curves as runs: what schedule laws read, from the learning rate of each step."""

from dataclasses import replace

import numpy as np

from flopcast.errors import InputError
from flopcast.laws.schedule import schedule_inputs
from flopcast.observations import Runs


def with_schedules(runs: Runs, *, warmup: float = 0.0, decay: float = 0.999) -> Runs:
    """Points of loss curves with the inputs of the laws ``tissue`` and ``multi-power``.

    Each group of the runs is one curve, and all of them are where there is no group. `runs` have
    the inputs ``steps`` and ``learning_rate``; `warmup` is in steps, and the rest is as in
    `flopcast.laws.schedule.schedule_inputs`.

    Raises InputError without those inputs, for a curve that has a step twice, and for whatever
    `schedule_inputs` rejects, naming the curve.
    """
    for name in ("steps", "learning_rate"):
        if name not in runs:
            raise InputError(
                f"{runs.source} has no column {name!r}, which the inputs of schedule laws need.",
                f"Name it with columns={{{name!r}: ...}}.",
            )
    labels = np.zeros(len(runs), dtype=str) if runs.group is None else runs.group
    columns: dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]] = {}
    for label in dict.fromkeys(labels.tolist()):
        rows = np.flatnonzero(labels == label)
        rows = rows[np.argsort(runs["steps"][rows], kind="stable")]
        rates, steps = runs["learning_rate"][rows], runs["steps"][rows]
        try:
            inputs = schedule_inputs(rates, steps=steps, warmup=warmup, decay=decay)
        except InputError as error:
            where = f"group {label!r} of {runs.source}" if label else runs.source
            raise InputError(f"{where}: {error.message}", error.hint) from None
        for name, values in inputs.items():
            columns.setdefault(name, np.empty(len(runs)))[rows] = values
    return replace(runs, inputs={**runs.inputs, **columns})
