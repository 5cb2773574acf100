"""Backtests: forecasts of runs that were held out, against what came of them."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from flopcast.errors import InputError, Refused, nearest
from flopcast.forecasting import scores
from flopcast.forecasting.backtest_result import LEVELS, Backtest, HeldOut
from flopcast.forecasting.forecast import forecast
from flopcast.forecasting.result import Kind
from flopcast.forecasting.splits import Fold, Split, by_group, by_mark, rolling, scale_of
from flopcast.laws.law import Law
from flopcast.observations import Runs

_SPLITS: Final = ("rolling", "group")


def backtest(
    runs: Runs,
    *,
    split: Split | Sequence[object] | npt.NDArray[Any] = "rolling",
    origins: int = 5,
    reach: float = 1.0,
    kind: Kind = "new-run",
    floor: float | None = None,
    baseline: float | None = None,
    members: Sequence[str | Law] | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> Backtest:
    """Forecast held-out runs from the others, as `forecast` would have at the time.

    `split` is ``rolling`` (train on all runs up to each of `origins` scales, test on every run
    beyond `reach` times that scale), ``group`` (leave each group out in turn), or marks (n,) of an
    official split: booleans, true where held out, or the words train and test. The other
    arguments are those of `forecast`. A fold whose training runs support no forecast is reported
    with the reason and left out of the scores.

    Raises InputError for arguments that make no sense, and Refused when nothing can be held out
    or no fold can be forecast.
    """
    folds = _folds(runs, split, origins, reach)
    own = split if isinstance(split, str) else "official"
    held: list[HeldOut] = []
    failed: dict[str, str] = {}
    for fold in folds:
        try:
            held += _held_out(
                runs,
                fold,
                kind=kind,
                floor=floor,
                baseline=baseline,
                members=members,
                draws=draws,
                seed=seed,
            )
        except Refused as refusal:
            failed[fold.name] = str(refusal)
    if not held:
        raise Refused("no_forecast", f"no fold could be forecast: {failed}.")
    names = None if members is None else [m if isinstance(m, str) else m.name for m in members]
    options = {
        "split": own,
        "origins": origins if own == "rolling" else None,
        "reach": reach if own == "rolling" else None,
        "kind": kind,
        "floor": floor,
        "baseline": baseline,
        "members": names,
        "draws": draws,
    }
    return Backtest(runs, tuple(held), failed, options, seed)


def _folds(
    runs: Runs, split: Split | Sequence[object] | npt.NDArray[Any], origins: int, reach: float
) -> tuple[Fold, ...]:
    if not isinstance(split, str):
        return by_mark(split, len(runs))
    if split not in _SPLITS:
        raise InputError(
            f"split is {split!r}; it is rolling, group, or a mark for each run."
            f"{nearest(split, _SPLITS)}"
        )
    return rolling(runs, origins, reach) if split == "rolling" else by_group(runs)


def _held_out(runs: Runs, fold: Fold, **options: Any) -> list[HeldOut]:
    """What one fold's forecast says of its held-out runs, scored."""
    rows = np.flatnonzero(fold.test)
    at = {name: column[rows] for name, column in runs.inputs.items()}
    found = forecast(runs.where(fold.train), at, **options)
    observed = runs.to_metric(runs.loss[rows])
    _, scale = scale_of(runs)
    ends = {level: found.interval(level) for level in LEVELS}
    crps = scores.crps(found.samples, observed)
    ranks = scores.rank(found.samples, observed)
    return [
        HeldOut(
            fold.name,
            int(np.count_nonzero(fold.train)),
            int(row),
            float(scale[row]),
            float(found.decades[k]),
            float(observed[k]),
            float(found.median[k]),
            {level: (float(low[k]), float(high[k])) for level, (low, high) in ends.items()},
            float(crps[k]),
            float(ranks[k]),
        )
        for k, row in enumerate(rows)
    ]
