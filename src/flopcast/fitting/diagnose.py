"""Look at runs and a fit before trusting them: findings, each with what would help."""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Final

import numpy as np

from flopcast.fitting import studentt
from flopcast.fitting.draws import Draws
from flopcast.fitting.finding import Finding
from flopcast.fitting.replicates import replicate_noise
from flopcast.fitting.search import Found
from flopcast.fitting.task import Task
from flopcast.laws.features import FloatArray
from flopcast.laws.schedule import SCHEDULE_INPUTS

_FEW_LEVELS: Final = 4
_COLLINEAR: Final = 0.98
_FAR_OUT: Final = 6.0
_SPARE_RUNS: Final = 3
_TUNED: Final = ("learning_rate", "batch_size")
_CONVENTION_SPREAD: Final = 2.0


def diagnose(task: Task, found: Found, draws: Draws | None) -> tuple[Finding, ...]:
    """Every finding about the runs and the fit, the most serious first."""
    checks: tuple[Callable[[Task], Iterator[Finding]], ...] = (
        _levels,
        _collinear,
        _seeds,
        _conventions,
        _rounding,
        _hyperparameters,
    )
    findings = [finding for check in checks for finding in check(task)]
    findings += _bounds(task, found)
    findings += _floors(task, found, draws)
    findings += _residuals(task, found)
    findings += _convergence(task, found, draws)
    rank = {"serious": 0, "warning": 1, "note": 2}
    return tuple(sorted(findings, key=lambda finding: rank[finding.severity]))


def levels(column: FloatArray) -> int:
    """How many distinct values a column has, counting those within 1 % as one."""
    logs = np.sort(np.log(column))
    count = 0
    last = -np.inf
    for value in logs:
        if value > last + 0.01:
            count, last = count + 1, value
    return count


def _chosen(task: Task) -> list[str]:
    """The inputs that somebody set; the others follow from a schedule."""
    return [name for name in task.inputs if name not in SCHEDULE_INPUTS]


def _levels(task: Task) -> Iterator[Finding]:
    for name in _chosen(task):
        count = levels(task.inputs[name])
        if count < _FEW_LEVELS:
            yield Finding(
                "few_levels",
                "warning",
                f"{name} has only {count} levels; an exponent and a floor need {_FEW_LEVELS}.",
                f"Add runs at other values of {name}, widely spaced.",
            )


def _collinear(task: Task) -> Iterator[Finding]:
    for first, second in combinations(_chosen(task), 2):
        x, y = np.log(task.inputs[first]), np.log(task.inputs[second])
        if x.std() == 0.0 or y.std() == 0.0:
            continue
        correlation = float(np.corrcoef(x, y)[0, 1])
        if abs(correlation) > _COLLINEAR:
            yield Finding(
                "collinear_axes",
                "serious",
                f"{first} and {second} move together (correlation of logs {correlation:.3f}), so "
                "their exponents cannot be told apart.",
                f"Add runs off the line: other {second} at the same {first}.",
            )


def _seeds(task: Task) -> Iterator[Finding]:
    noise = replicate_noise(task.runs)
    if noise is None:
        yield Finding(
            "single_seed",
            "note",
            "no cell was run twice, so noise cannot be told from lack of fit.",
            "Repeat a few small cells with other seeds.",
        )


def _conventions(task: Task) -> Iterator[Finding]:
    runs = task.runs
    if "params" in runs and runs.params_convention is None:
        yield Finding(
            "undeclared_convention",
            "note",
            "nobody said whether params counts embeddings, or active parameters alone.",
            "Declare it with params_convention= when reading the runs.",
        )
    if not {"params", "data", "compute"} <= set(runs.inputs):
        return
    ratio = runs["compute"] / (6.0 * runs["params"] * runs["data"])
    low, high = float(ratio.min()), float(ratio.max())
    if high / low > _CONVENTION_SPREAD:
        yield Finding(
            "mixed_conventions",
            "warning",
            f"compute is {low:.2g} to {high:.2g} times 6·params·data: runs seem to count "
            "parameters or operations in different ways.",
            "Count all runs alike, or fit each convention as a group.",
        )


def _rounding(task: Task) -> Iterator[Finding]:
    loss = task.runs.loss
    for decimals in range(1, 6):
        scaled = loss * 10.0**decimals
        if np.all(np.abs(scaled - np.round(scaled)) < 1e-6):
            step = 10.0**-decimals
            error = step / np.sqrt(12.0) / float(np.median(loss))
            if error > 0.3 * min(task.objective.delta, 1e-3):
                yield Finding(
                    "rounded_losses",
                    "warning",
                    f"losses are rounded to {decimals} decimals, an error of {error:.1e} of the "
                    f"loss beside a delta of {min(task.objective.delta, 1e-3):.1e}.",
                    "Use losses with more decimals.",
                )
            return


def _hyperparameters(task: Task) -> Iterator[Finding]:
    runs = task.runs
    if "params" not in runs or runs["params"].max() < 10.0 * runs["params"].min():
        return
    for name in _TUNED:
        if name in runs and levels(runs[name]) == 1:
            yield Finding(
                "untuned_hyperparameters",
                "warning",
                f"{name} is {runs[name][0]:g} at every scale while params spans "
                f"{runs['params'].max() / runs['params'].min():.0f}x; large runs then look worse "
                "than they could be, and exponents shift (Porian et al. 2024).",
                f"Tune {name} at each scale, or follow a tuned rule.",
            )


def _bounds(task: Task, found: Found) -> Iterator[Finding]:
    problem = task.problem
    for k, name in enumerate(problem.model.names):
        if task.given[k]:
            continue
        base = name.partition("[")[0]
        at_zero = task.law.parameter(base).positive and bool(found.held[k])
        at_limit = not found.held[k] and (
            found.theta[k] <= problem.lower[k] or found.theta[k] >= problem.upper[k]
        )
        if at_zero or at_limit:
            value = float(task.natural(found.theta[None])[0, k])
            yield Finding(
                "at_bound",
                "warning",
                f"{name} is at its bound {value:g}: these runs want it beyond, or not at all.",
                "Read the other parameters with it fixed there; add runs or choose a simpler law.",
            )


def _floors(task: Task, found: Found, draws: Draws | None) -> Iterator[Finding]:
    """A floor that could as well be zero, and losses that lie below a floor."""
    lowest = float(task.runs.loss.min())
    for k, name in enumerate(task.problem.model.names):
        parameter = task.law.parameter(name.partition("[")[0])
        if not parameter.is_floor:
            continue
        floor = float(parameter.from_coordinate(found.theta[k]))
        below = np.flatnonzero(task.runs.loss < floor)
        if below.size:
            yield Finding(
                "below_floor",
                "serious" if task.given[k] else "warning",
                f"{below.size} losses lie below the floor {name} = {floor:.4g}, the first in row "
                f"{below[0] + 1}.",
                "Check those runs and, if the floor was fixed, its value.",
            )
        if task.given[k] or draws is None or not len(draws.theta):
            continue
        share = float(np.mean(parameter.from_coordinate(draws.theta[:, k]) < 0.01 * lowest))
        if share > 0.05:
            yield Finding(
                "floor_not_identified",
                "warning",
                f"{share:.0%} of resamples put {name} at about zero: the runs show no floor.",
                "Do not read the floor as irreducible loss; larger runs would show it.",
            )


def _residuals(task: Task, found: Found) -> Iterator[Finding]:
    problem = task.problem
    residual = problem.y - problem.model.value(found.theta[None])[0]
    free = int(np.count_nonzero(~found.held))
    spread = 1.4826 * float(np.median(np.abs(residual)))
    far = np.flatnonzero(np.abs(residual) > max(_FAR_OUT * spread, 1e-9))
    if far.size and far.size <= 0.1 * len(residual):
        worst = far[np.argsort(-np.abs(residual[far]))][:5]
        rows = ", ".join(f"{k + 1} ({residual[k]:+.1%})" for k in worst)
        yield Finding(
            "outliers",
            "warning",
            f"{far.size} runs lie more than {_FAR_OUT:g} robust deviations off; rows {rows}.",
            "Check them for divergence or a wrong entry.",
        )
    yield from _lack_of_fit(task, residual, free)
    yield from _drift(task, residual, free)


def _lack_of_fit(task: Task, residual: FloatArray, free: int) -> Iterator[Finding]:
    """Cell means that are further from the law than replicate noise allows."""
    noise = replicate_noise(task.runs)
    if noise is None or noise.sd == 0.0:
        return
    cell = noise.cell.astype(np.intp)
    counts = np.bincount(cell)
    means = np.bincount(cell, residual) / counts
    dof = int(np.count_nonzero(counts)) - free
    if dof < 1:
        return
    from scipy.special import fdtrc

    ratio = float(np.sum(counts * means**2)) / dof / noise.sd**2
    if fdtrc(dof, noise.dof, ratio) < 0.01:
        yield Finding(
            "lack_of_fit",
            "warning",
            f"cells are {np.sqrt(ratio):.1f} times further from the law than replicate noise of "
            f"{noise.sd:.2%} explains.",
            "The form is wrong somewhere: compare laws, and trust intervals of the form less.",
        )


def _drift(task: Task, residual: FloatArray, free: int) -> Iterator[Finding]:
    """Residuals that move one way among the largest runs, where extrapolation starts."""
    compute = task.runs.compute
    scale = np.log(compute if compute is not None else next(iter(task.inputs.values())))
    top = scale >= np.quantile(scale, 2.0 / 3.0)
    if np.count_nonzero(top) < max(8, free) or np.ptp(scale[top]) < 0.5:
        return
    x, y = scale[top] - scale[top].mean(), residual[top]
    slope = float(x @ y / (x @ x))
    dof = int(np.count_nonzero(top)) - 2
    rest = y - y.mean() - slope * x
    error = float(np.sqrt(rest @ rest / dof / (x @ x)))
    if error > 0.0 and studentt.two_sided_p(np.array([slope / error]), dof)[0] < 0.001:
        per_decade = slope * np.log(10.0)
        yield Finding(
            "lack_of_fit_grows",
            "warning",
            f"among the largest third of runs residuals change by {per_decade:+.2%} per decade of "
            "scale: the law drifts away where it would extrapolate.",
            "Compare laws, or weight the large end with tail=1.",
        )


def _convergence(task: Task, found: Found, draws: Draws | None) -> Iterator[Finding]:
    free = int(np.count_nonzero(~task.given))
    if len(task.runs) < free + _SPARE_RUNS:
        yield Finding(
            "few_runs",
            "serious",
            f"{len(task.runs)} runs for {free} parameters leave nothing to check the fit with.",
            "Add runs, fix parameters, or choose a law with fewer.",
        )
    if not found.converged:
        yield Finding(
            "not_converged",
            "serious",
            "the best start had not settled when the search ended.",
            "The law has more freedom than these runs pin down; fix or bound a parameter.",
        )
    if draws is not None and draws.failed:
        yield Finding(
            "failed_draws",
            "warning",
            f"{draws.failed} of {draws.failed + len(draws.theta)} resamples had no fit.",
            "Intervals leave them out; treat the widest with care.",
        )
