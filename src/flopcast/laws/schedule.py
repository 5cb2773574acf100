"""What laws of whole loss curves read of a learning-rate schedule."""

from typing import Final

import numpy as np
import numpy.typing as npt

from flopcast.errors import InputError
from flopcast.laws.features import FloatArray

PIECES: Final = 16
"""Parts, of equal fall of the learning rate, in which the multi-power law sees a schedule."""

PIECE_INPUTS: Final = tuple(
    f"lr_{what}_{part}" for part in range(1, PIECES + 1) for what in ("drop", "since", "at")
)
"""The inputs that describe one part of a schedule each, and mean little alone."""

SCHEDULE_INPUTS: Final = ("lr_sum", "lr_annealing", *PIECE_INPUTS)
"""The inputs that follow from a schedule: nobody chooses them one by one."""

_NOTHING: Final = 1e-12  # stands for 0, since inputs of laws are positive


def schedule_inputs(
    learning_rate: npt.ArrayLike,
    *,
    steps: npt.ArrayLike | None = None,
    warmup: float = 0.0,
    decay: float = 0.999,
) -> dict[str, FloatArray]:
    """The inputs of the laws ``tissue`` and ``multi-power`` at points of one schedule (points,).

    `learning_rate` is the rate at each of the `steps` (optimiser steps, rising; every step from 1
    if not given). Between them it is interpolated, before the first it is constant after a linear
    `warmup` of that many steps.

    ``lr_sum`` is S1, the sum of learning rates up to the step. ``lr_annealing`` is S2, the sum of
    a momentum m_i = decay·m_{i−1} + (η_{i−1} − η_i) over the steps so far (Tissue et al. 2024).
    For each of `PIECES` parts of the schedule in which the rate falls equally far,
    ``lr_drop_j`` is how far it has fallen, ``lr_since_j`` the sum of learning rates since then
    and ``lr_at_j`` the rate it fell to, both averaged over the fall (Luo et al. 2025). What is
    nothing yet is 1e-12, since inputs of laws are positive; a rise counts as no fall.

    Raises InputError for a schedule that is not one-dimensional, positive and finite, for steps
    that do not rise, and for a decay that is not between 0 and 1.
    """
    rates = np.asarray(learning_rate, dtype=np.float64)
    if rates.ndim != 1 or not rates.size or not np.all(np.isfinite(rates) & (rates > 0.0)):
        raise InputError("a schedule is a list of positive learning rates, one for each step.")
    if not 0.0 < decay < 1.0:
        raise InputError(f"decay is {decay}; it lies between 0 and 1.", "Tissue et al. use 0.999.")
    at = _whole_steps(steps, rates.size)
    if warmup < 0.0 or warmup >= at[-1]:
        raise InputError(f"warmup is {warmup:g} steps; the schedule has {at[-1]}.")
    every = _every_step(rates, at, warmup)
    sums = np.cumsum(every)
    inputs = {"lr_sum": sums[at - 1], "lr_annealing": _annealing(every, warmup, decay)[at - 1]}
    return inputs | _falls(every, sums, at)


def _whole_steps(steps: npt.ArrayLike | None, size: int) -> npt.NDArray[np.int64]:
    if steps is None:
        return np.arange(1, size + 1)
    given = np.asarray(steps, dtype=np.float64)
    if given.shape != (size,) or not np.all(given == np.round(given)) or given.min() < 1:
        raise InputError(
            "the steps of a schedule are whole numbers from 1, one for each learning rate."
        )
    if np.any(np.diff(given) <= 0):
        k = int(np.flatnonzero(np.diff(given) <= 0)[0])
        raise InputError(
            f"step {given[k + 1]:g} follows step {given[k]:g}; the steps of a schedule rise.",
            "Give one curve at a time, in order.",
        )
    return given.astype(np.int64)


def _every_step(rates: FloatArray, at: npt.NDArray[np.int64], warmup: float) -> FloatArray:
    """The learning rate at each step from 1 to the last."""
    step = np.arange(1, at[-1] + 1)
    every = np.interp(step, at, rates)
    return every * np.minimum(1.0, step / warmup) if warmup else every


def _annealing(every: FloatArray, warmup: float, decay: float) -> FloatArray:
    """The annealing area S2 at each step; warming up does not count against it."""
    drops = np.concatenate([[0.0], every[:-1] - every[1:]])
    drops[: int(np.ceil(warmup))] = 0.0
    momentum = np.empty_like(every)
    carried = 0.0
    for step, drop in enumerate(drops.tolist()):
        carried = decay * carried + drop
        momentum[step] = carried
    return np.maximum(np.cumsum(momentum), _NOTHING)


def _falls(
    every: FloatArray, sums: FloatArray, at: npt.NDArray[np.int64]
) -> dict[str, FloatArray]:
    """Each part's fall so far, and the average sum since and rate of its steps, at each point."""
    drops = np.maximum(np.concatenate([[0.0], every[:-1] - every[1:]]), 0.0)
    before = sums - every
    fallen = np.cumsum(drops)
    middle = (fallen - 0.5 * drops) / max(fallen[-1], _NOTHING)
    ends = np.searchsorted(middle, np.arange(1, PIECES + 1) / PIECES)
    totals = [np.concatenate([[0.0], np.cumsum(drops * by)]) for by in (1.0, before, every)]
    inputs: dict[str, FloatArray] = {}
    begin = 0
    for number, end in enumerate(ends.tolist(), start=1):
        until = np.clip(at, begin, end)
        fall, past, rate = (total[until] - total[begin] for total in totals)
        there = fall > _NOTHING * every.max()
        weight = np.where(there, fall, 1.0)
        since = np.where(there, sums[at - 1] - past / weight, _NOTHING)
        inputs[f"lr_drop_{number}"] = np.where(there, fall, _NOTHING)
        inputs[f"lr_since_{number}"] = np.maximum(since, _NOTHING)
        inputs[f"lr_at_{number}"] = np.where(there, rate / weight, every[at - 1])
        begin = end
    return inputs
