"""Four ways from runs to a task's accuracy: directly, or through the loss; saturating or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, final

import numpy as np

from flopcast.errors import FlopcastError
from flopcast.fitting.fit import fit
from flopcast.fitting.result import FitResult
from flopcast.forecasting.forecast import forecast
from flopcast.laws.accuracy import EXPONENTIAL, SIGMOID
from flopcast.laws.chinchilla import CHINCHILLA
from flopcast.laws.features import FloatArray
from flopcast.laws.law import Law
from flopcast.laws.power import power
from flopcast.laws.rosenfeld import ROSENFELD
from flopcast.observations import Runs

LOSS: Final = "pretraining_loss"
"""The column with the loss that goes with the task: the first of the two steps."""

EXPONENTIAL_ROUTE: Final = "two steps, exponential"
Way = Literal["direct", "two steps"]
_MOST_PAIRS: Final = 300
_LEAST_ABOVE_CHANCE: Final = 0.01
_EDGE: Final = 1e-4


@final
@dataclass(frozen=True, eq=False)
class Question:
    """What is asked of every route.

    `runs` are those to learn from, `checkpoints` more pairs of loss and score from which the
    second step is learned, `at` the points, of which the first `asked` were asked for, `chance`
    the score of guessing as a share of the best one, or None. `refits` resamples say how sure the
    parameters are, 0 for none.
    """

    runs: Runs
    checkpoints: Runs | None
    at: Mapping[str, FloatArray]
    asked: int
    chance: float | None
    draws: int
    refits: int
    seed: int


@final
@dataclass(frozen=True, eq=False)
class Route:
    """One way, and where it leads: shares of the best score, in logits.

    `centre` (points,) is its forecast and `spread` (draws, points) the deviations of its draws;
    both are empty when it leads nowhere, and `reason` says why. `way` is how it goes there.
    """

    name: str
    way: Way
    law: Law
    centre: FloatArray
    spread: FloatArray
    reason: str = ""


def routes(question: Question) -> tuple[Route, ...]:
    """Every route that the columns allow, those that lead nowhere included."""
    found = [_attempt(name, law, question) for name, law in _direct(question).items()]
    if LOSS in question.runs:
        losses = _losses(question)
        found += [_attempt(name, law, question, losses) for name, law in _TWO_STEPS.items()]
    return tuple(found)


_TWO_STEPS: Final = {"two steps, sigmoid": SIGMOID, EXPONENTIAL_ROUTE: EXPONENTIAL}


def _direct(question: Question) -> dict[str, Law]:
    """Rosenfeld's envelope of the error, and a power law of the log of the score."""
    varied = set(axes(question.runs))
    if varied == {"params", "data"}:
        return {"direct, envelope": ROSENFELD, "direct, log score": CHINCHILLA}
    return {"direct, log score": power(next(iter(varied)))} if len(varied) == 1 else {}


def axes(runs: Runs) -> tuple[str, ...]:
    """The inputs that say how large a run is, where they vary."""
    others = ("compute", "steps", "unique_data", LOSS)
    varied = [n for n, c in runs.inputs.items() if np.unique(c).size > 1 and n != LOSS]
    return tuple(n for n in varied if n not in others) or tuple(varied[:1])


def _attempt(name: str, law: Law, question: Question, losses: FloatArray | None = None) -> Route:
    empty = np.empty((0, 0))
    way: Way = "direct" if losses is None else "two steps"
    try:
        if losses is not None:
            centre, draws = _through_loss(law, question, losses)
        elif law is ROSENFELD:
            centre, draws = _of_error(law, question)
        else:
            centre, draws = _of_log_score(law, question)
    except FlopcastError as error:
        return Route(name, way, law, empty, empty, str(error).removesuffix("."))
    low = 0.0 if question.chance is None else question.chance
    asked = centre[: question.asked]
    if not np.all((asked > low) & (asked < 1.0)):
        return Route(name, way, law, empty, empty, "its forecast leaves the range of the score")
    middle = logit(centre)
    return Route(name, way, law, middle, logit(draws) - middle)


def _of_error(law: Law, question: Question) -> tuple[FloatArray, FloatArray]:
    """The share missed, between that of guessing and none (Rosenfeld et al. 2020)."""
    runs = question.runs
    known = {} if question.chance is None else {"eps0": 1.0 - question.chance}
    shares = _table(runs, runs.loss / _best(runs))
    found = fit(
        shares, law, fixed=known, objective="squared", bootstrap=question.refits,
        seed=question.seed, throw=True,
    )  # fmt: skip
    centre, draws = _predicted(found, question)
    return 1.0 - centre, 1.0 - draws


def _of_log_score(law: Law, question: Question) -> tuple[FloatArray, FloatArray]:
    """−log of the score above guessing falls as a power law (Krajewski et al. 2025)."""
    runs, chance = question.runs, question.chance or 0.0
    above = (score(runs) - chance) / (1.0 - chance)
    usable = above > _LEAST_ABOVE_CHANCE
    logs = _table(runs, -np.log(np.where(usable, above, 0.5))).where(usable)
    found = fit(
        logs,
        law,
        fixed={"E": 0.0} if "E" in law.parameter_names else {},
        # The error of a log is that of the score over the score.
        weights=(above[usable] / above.max()) ** 2,
        objective="squared",
        bootstrap=question.refits,
        seed=question.seed,
        throw=True,
    )
    centre, draws = _predicted(found, question)
    back = np.exp(-np.concatenate([centre[None], draws]))
    scores = chance + (1.0 - chance) * back
    return scores[0], scores[1:]


def _through_loss(
    law: Law, question: Question, losses: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The score that goes with a loss (Gadre et al. 2024, Bhagia et al. 2024)."""
    pairs = question.runs if question.checkpoints is None else question.checkpoints
    missed = averaged_pairs(pairs)
    found = fit(
        missed, law, objective="squared", bootstrap=question.refits, seed=question.seed,
        resampling="case" if pairs.group is None else "cluster", throw=True,
    )  # fmt: skip
    centre = 1.0 - found.predict({LOSS: np.median(losses, axis=0)})
    draws = np.tile(centre, (len(losses), 1))
    for k, values in enumerate(found.samples):
        part = losses[k :: len(found.samples)]
        params = dict(zip(found.names, values.tolist(), strict=True))
        draws[k :: len(found.samples)] = 1.0 - law.predict(params, {LOSS: part.ravel()}).reshape(
            part.shape
        )
    return centre, draws


def averaged_pairs(pairs: Runs) -> Runs:
    """Loss against the share missed, means over neighbouring checkpoints where there are many.

    Noise in the losses themselves would flatten the step from loss to score.
    """
    labels = np.zeros(len(pairs), dtype=np.intp)
    if pairs.group is not None:
        labels = np.unique(pairs.group, return_inverse=True)[1]
    size = -(-len(pairs) // _MOST_PAIRS)
    order = np.argsort(labels, kind="stable")
    place = np.arange(len(pairs)) - np.searchsorted(labels[order], labels[order])
    _, block = np.unique(labels[order] * len(pairs) + place // size, return_inverse=True)
    counts = np.bincount(block)
    mean = {
        name: np.bincount(block, column[order]) / counts
        for name, column in ((LOSS, pairs[LOSS]), ("error", pairs.loss / _best(pairs)))
    }
    first = order[np.searchsorted(block, np.arange(len(counts)))]
    group = None if pairs.group is None else pairs.group[first]
    return Runs({LOSS: mean[LOSS]}, mean["error"], "error", group=group)


def _losses(question: Question) -> FloatArray:
    """Draws of the loss (draws, points) at the points."""
    runs = question.runs
    inputs = {name: column for name, column in runs.inputs.items() if name != LOSS}
    found = forecast(
        Runs(inputs, runs[LOSS], source=runs.source),
        question.at,
        kind="mean",
        draws=question.draws,
        seed=question.seed,
    )
    return found.samples


def _table(runs: Runs, loss: FloatArray) -> Runs:
    return Runs({name: runs[name] for name in axes(runs)}, loss, source=runs.source)


def _predicted(found: FitResult, question: Question) -> tuple[FloatArray, FloatArray]:
    at = {name: question.at[name] for name in found.law.inputs}
    if not question.refits:
        return found.predict(at), np.tile(found.predict(at), (question.draws, 1))
    refits = found.predict_draws(at)
    refits = refits[np.isfinite(refits).all(axis=1)]
    return found.predict(at), np.resize(refits, (question.draws, refits.shape[1]))


def _best(runs: Runs) -> float:
    return 1.0 if runs.best is None else runs.best


def score(runs: Runs) -> FloatArray:
    """The score (n,) as a share of the best one."""
    return np.asarray(1.0 - runs.loss / _best(runs))


def logit(share: Any) -> FloatArray:
    """log(p / (1 − p)), of shares kept a little away from both ends; what is no number is 1."""
    kept = np.clip(np.nan_to_num(np.asarray(share, dtype=np.float64), nan=1.0), _EDGE, 1.0 - _EDGE)
    return np.asarray(np.log(kept / (1.0 - kept)))
