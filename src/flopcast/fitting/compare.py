"""Compare laws on the same runs by how well they predict the largest from the smaller ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, final

import numpy as np

from flopcast.errors import InputError, Refused
from flopcast.fitting.fit import ObjectiveName, fit
from flopcast.fitting.objective import Objective
from flopcast.fitting.result import FitResult
from flopcast.laws.features import FloatArray
from flopcast.laws.law import Law
from flopcast.observations import Runs
from flopcast.tables import html_table, to_frame

_FLIPS: Final = 20_000
_ALL_FLIPS_UP_TO: Final = 12


@final
@dataclass(frozen=True, eq=False)
class LawScore:
    """How one law, fitted to the smaller runs, predicted the held-out ones.

    `errors` (m,) are log predicted − log observed; `error` the mean of their sizes and `bias`
    their mean. `worse_by` is the mean size of error beyond that of the best law, with the
    two-sided `p_value` of a paired permutation test; both are None for the best law itself.
    """

    law: str
    parameters: int
    fit: FitResult
    errors: FloatArray
    error: float
    bias: float
    worse_by: float | None
    p_value: float | None


@final
@dataclass(frozen=True, eq=False)
class Comparison:
    """Laws from best to worst on the held-out runs; `failed` says why others have no score."""

    scores: tuple[LawScore, ...]
    failed: dict[str, str]
    trained: int
    held_out: int
    reach: float

    def to_rows(self) -> list[dict[str, Any]]:
        """One record per law; errors and bias are relative (0.01 is 1 %)."""
        return [
            {
                "law": score.law,
                "parameters": score.parameters,
                "error": score.error,
                "bias": score.bias,
                "worse_by": score.worse_by,
                "p_value": score.p_value,
            }
            for score in self.scores
        ]

    def to_dict(self) -> dict[str, Any]:
        """The comparison as JSON-ready data."""
        return {
            "schema": "flopcast.law_comparison/1",
            "trained": self.trained,
            "held_out": self.held_out,
            "reach": self.reach,
            "laws": self.to_rows(),
            "failed": dict(self.failed),
        }

    def to_frame(self) -> Any:
        """:meth:`to_rows` as a data frame of the library at hand (pandas, polars or pyarrow)."""
        return to_frame(self.to_rows())

    def _repr_html_(self) -> str:
        return html_table(self.to_rows())


def compare_laws(
    runs: Runs,
    laws: Sequence[str | Law],
    *,
    held_out: float = 0.2,
    objective: ObjectiveName | Objective = "huber",
    tail: float = 0.0,
    seed: int = 0,
) -> Comparison:
    """Fit each law to the smaller runs and score it on the largest.

    The `held_out` share of runs with the most compute (or of the first input, where there is no
    compute) is left out of the fits; `reach` is the largest held-out scale over the largest
    trained one. Whether a law is worse than the best one is tested by flipping the signs of the
    per-run differences in error size, all at once, for all sign patterns or 20,000 random ones.
    Runs of one family share their luck, so read small p-values as lower bounds.

    Raises InputError for a share that is not between 0 and 1 or no laws, and Refused when no law
    could be fitted or the scales leave nothing to hold out.
    """
    if not 0.0 < held_out < 1.0:
        raise InputError(f"held_out is {held_out}; it is a share between 0 and 1.")
    if not laws:
        raise InputError("no laws were named.", "Name at least one.")
    scale = runs.compute if runs.compute is not None else next(iter(runs.inputs.values()))
    cut = float(np.quantile(scale, 1.0 - held_out))
    test = scale > cut
    if not test.any() or test.all():
        raise Refused(
            "nothing_held_out",
            f"the largest scale is shared by so many runs that {held_out:.0%} cannot be left out.",
            "Hold out a larger share.",
        )
    train, held = runs.where(~test), runs.where(test)
    errors: dict[str, tuple[FitResult, FloatArray]] = {}
    failed: dict[str, str] = {}
    for law in laws:
        result = fit(train, law, objective=objective, tail=tail, bootstrap=0, seed=seed)
        name = result.law.name
        if not result.ok:
            failed[name] = result.message
            continue
        predicted = result.task.law.predict(result.params, held.inputs)
        if np.all(np.isfinite(predicted) & (predicted > 0.0)):
            errors[name] = result, np.log(predicted) - np.log(held.loss)
        else:
            failed[name] = "the fitted law has no value at some held-out runs."
    if not errors:
        why = " ".join(f"{name}: {message}" for name, message in failed.items())
        raise Refused("no_law_fits", f"no law could be fitted. {why}")
    rng = np.random.default_rng(seed)
    order = sorted(errors, key=lambda name: float(np.abs(errors[name][1]).mean()))
    best = np.abs(errors[order[0]][1])
    scores = tuple(_score(name, *errors[name], best, rng) for name in order)
    reach = float(scale[test].max() / scale[~test].max())
    return Comparison(scores, failed, len(train), len(held), reach)


def _score(
    name: str, result: FitResult, errors: FloatArray, best: FloatArray, rng: np.random.Generator
) -> LawScore:
    difference = np.abs(errors) - best
    is_best = not difference.any()
    return LawScore(
        name,
        len(result.law.parameters),
        result,
        errors,
        float(np.abs(errors).mean()),
        float(errors.mean()),
        None if is_best else float(difference.mean()),
        None if is_best else paired_p_value(difference, rng),
    )


def paired_p_value(difference: FloatArray, rng: np.random.Generator) -> float:
    """Two-sided p of a mean of paired differences (m,), were each sign as likely as the other."""
    m = len(difference)
    if m <= _ALL_FLIPS_UP_TO:
        signs = np.array(list(product((-1.0, 1.0), repeat=m)))
    else:
        signs = rng.choice([-1.0, 1.0], size=(_FLIPS, m))
    means = np.abs(signs @ difference)
    extreme = np.count_nonzero(means >= abs(difference.sum()) * (1.0 - 1e-12))
    if m > _ALL_FLIPS_UP_TO:
        # Random flips count the observed pattern as one of them, so that p is never 0.
        return float((extreme + 1) / (_FLIPS + 1))
    return float(extreme / len(signs))
