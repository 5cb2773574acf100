"""Fit a law to runs: one call from a table to parameters with draws and findings."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from flopcast.errors import InputError, Refused, nearest
from flopcast.fitting.diagnose import diagnose, levels
from flopcast.fitting.draws import RESAMPLINGS, Draws, Resampling, bootstrap
from flopcast.fitting.grouped import search_grouped
from flopcast.fitting.objective import BY_NAME, Objective
from flopcast.fitting.replicates import replicate_noise
from flopcast.fitting.result import FitResult
from flopcast.fitting.search import Found, search
from flopcast.fitting.task import Task, as_weights, names_of
from flopcast.laws.law import Law
from flopcast.laws.registry import get_law
from flopcast.laws.schedule import PIECE_INPUTS, PIECES
from flopcast.observations import Runs

ObjectiveName = Literal["huber", "squared", "envelope", "replicates"]

_EFFICIENT: Final = 1.345  # Huber's delta in standard deviations: 95 % efficient for normal noise


def fit(
    runs: Runs,
    law: str | Law,
    *,
    objective: ObjectiveName | Objective = "huber",
    weights: npt.ArrayLike | None = None,
    tail: float = 0.0,
    fixed: Mapping[str, float] | None = None,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    groups: str | Sequence[str] | None = None,
    bootstrap: int = 1000,
    resampling: Resampling = "case",
    seed: int = 0,
    throw: bool = False,
) -> FitResult:
    """The global best fit of `law` to `runs`.

    The objective is a sum over runs of a penalty on log residuals: ``huber`` with delta 1e-3, as
    in Hoffmann et al. 2022; ``replicates``, Huber with delta from the noise of repeated runs;
    ``squared``; ``envelope``, which leans to the lowest losses; or an `Objective`. `weights` (n,)
    multiply it, and `tail` weights run i by (compute_i / largest)^tail towards the large end.
    `fixed` and `bounds` are by parameter, in natural units. Parameters in `groups` are fitted
    once per group of the runs, the others shared. `bootstrap` refits by `resampling` (``case``,
    ``cluster`` by group, ``wild``) become the draws; 0 for none.

    A fit that the data cannot support is returned with status ``refused`` and the reason, or
    raised as Refused when `throw` is set. Raises InputError for arguments that make no sense.
    """
    chosen = get_law(law) if isinstance(law, str) else law
    task = Task(
        chosen,
        runs,
        _objective(objective, runs),
        as_weights(weights, runs, tail),
        dict(fixed or {}),
        dict(bounds or {}),
        names_of(groups),
    )
    options = _options(task, weights is not None, tail, bootstrap, resampling)
    try:
        found = _search(task)
    except Refused as refusal:
        if throw:
            raise
        return FitResult(task, None, None, "refused", str(refusal), (), options, seed)
    draws = _draws(task, found, bootstrap, resampling, seed)
    status: Literal["converged", "not_converged"]
    status = "converged" if found.converged else "not_converged"
    message = f"{found.agreeing} of {found.starts} starts reach the best objective."
    findings = diagnose(task, found, draws)
    return FitResult(task, found, draws, status, message, findings, options, seed)


def _options(
    task: Task, weighted: bool, tail: float, bootstrap: int, resampling: str
) -> dict[str, Any]:
    """The choices that made the fit, JSON-ready. Raises InputError for impossible ones."""
    if resampling not in RESAMPLINGS:
        raise InputError(f"resampling is {resampling!r}; it is one of {', '.join(RESAMPLINGS)}.")
    if bootstrap < 0:
        raise InputError(f"bootstrap is {bootstrap}; it is a number of draws, 0 for none.")
    return {
        "delta": task.objective.delta if np.isfinite(task.objective.delta) else None,
        "over": task.objective.over,
        "weighted": weighted,
        "tail": tail,
        "fixed": dict(task.fixed),
        "bounds": {name: list(pair) for name, pair in task.bounds.items()},
        "groups": list(task.grouped),
        "bootstrap": bootstrap,
        "resampling": resampling,
    }


def _search(task: Task) -> Found:
    """The best fit. Raises Refused when the runs cannot carry the law, or it has no value."""
    refusal = _refusal(task)
    if refusal is not None:
        raise refusal
    sample = task.sample()
    if task.grouped:
        found = search_grouped(task)
    else:
        found = search(task.question, None if sample is None else sample.problem)
    if not np.isfinite(found.value):
        raise Refused(
            "no_solution",
            f"law {task.law.name!r} has no finite value at any start on {task.runs.source}.",
            "Check the units of the inputs, or the fixed values and bounds.",
        )
    return found


def _draws(task: Task, found: Found, draws: int, method: Resampling, seed: int) -> Draws | None:
    if not draws:
        return None
    return bootstrap(task, found, draws=draws, method=method, rng=np.random.default_rng(seed))


def _objective(objective: str | Objective, runs: Runs) -> Objective:
    if isinstance(objective, Objective):
        return objective
    if objective == "replicates":
        noise = replicate_noise(runs)
        if noise is None or noise.sd == 0.0:
            raise InputError(
                f"{runs.source} has no repeated runs with different losses to choose delta from.",
                "Repeat a few cells with other seeds, or use objective='huber'.",
            )
        return Objective(delta=_EFFICIENT * noise.sd)
    if objective not in BY_NAME:
        known = (*BY_NAME, "replicates")
        raise InputError(
            f"objective is {objective!r}; it is one of {', '.join(known)} or an Objective."
            f"{nearest(str(objective), known)}"
        )
    return BY_NAME[objective]


def _refusal(task: Task) -> Refused | None:
    """Why these runs cannot carry this law, if they cannot."""
    free = int(np.count_nonzero(~task.given))
    used = int(np.count_nonzero(task.weights > 0.0))
    if used < free:
        return Refused(
            "too_few_runs",
            f"{used} runs cannot determine the {free} parameters of {task.law.name!r}.",
            "Add runs, fix parameters, or choose a law with fewer.",
        )
    flat = [
        name
        for name, column in task.inputs.items()
        if levels(column[task.weights > 0.0]) < 2 and name not in PIECE_INPUTS
    ]
    if flat:
        name = flat[0]
        return Refused(
            "one_level",
            f"column {name!r} of {task.runs.source} has the single value "
            f"{task.inputs[name][0]:g}, so nothing shows how the loss changes with it.",
            f"Vary {name}, or choose a law without it.",
        )
    pieces = [column for name, column in task.inputs.items() if name in PIECE_INPUTS]
    if pieces and not any(levels(column) > 1 for column in pieces[:: len(pieces) // PIECES]):
        return Refused(
            "one_level",
            f"the learning rate of {task.runs.source} never falls, so nothing shows what a fall "
            "brings.",
            "Add a curve whose learning rate decays, or choose m2@steps.",
        )
    return None
