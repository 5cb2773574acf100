"""Ways of holding runs out, so that forecasts can be tested on what has already happened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, final

import numpy as np
import numpy.typing as npt

from flopcast.errors import InputError, Refused
from flopcast.laws.features import FloatArray
from flopcast.observations import Runs

BoolArray = npt.NDArray[np.bool_]
Split = Literal["rolling", "group"]

#: A rolling origin needs this many runs, and this share of them, below it, and a share above.
_FEWEST: Final = 3
_BELOW: Final = 0.2
_ABOVE: Final = 0.02
_ALIKE: Final = 1.05
_TRAIN: Final = ("train", "training", "fit")
_TEST: Final = ("test", "testing", "held-out", "held_out", "holdout", "eval", "evaluate", "target")


@final
@dataclass(frozen=True, eq=False)
class Fold:
    """One division of the runs: `train` (n,) and `test` (n,) masks, and what it is called."""

    name: str
    train: BoolArray
    test: BoolArray


def scale_of(runs: Runs) -> tuple[str, FloatArray]:
    """What runs are ordered by, and its values (n,): compute, or else the first input."""
    if runs.compute is not None:
        return "compute", runs.compute
    name = next(iter(runs.inputs), None)
    if name is None:
        raise InputError(
            f"{runs.source} has no inputs to order the runs by.", "Add compute, params or data."
        )
    return name, runs.inputs[name]


def rolling(runs: Runs, origins: int = 5, reach: float = 1.0) -> tuple[Fold, ...]:
    """Folds that train on all runs up to a scale and test on those above `reach` times it.

    The origins are evenly spaced in log scale between the smallest scale with enough runs below
    it (three, and a fifth of all) and the largest with enough above (one, and a fiftieth).

    Raises InputError for no origins or a reach below 1, Refused where no scale has enough runs
    below it and a run above.
    """
    if origins < 1:
        raise InputError(f"origins is {origins}; a backtest needs at least one.")
    if not reach >= 1.0:
        raise InputError(f"reach is {reach}; it is a factor of at least 1.")
    name, scale = scale_of(runs)
    ordered = np.sort(scale)
    # Runs of one budget differ by rounding; a level ends where the next run is clearly larger.
    apart = np.append(ordered[1:] > ordered[:-1] * _ALIKE, True)
    levels = ordered[apart]
    below = np.searchsorted(ordered, levels, side="right")
    above = len(runs) - np.searchsorted(ordered, levels * reach, side="right")
    enough = below >= max(_FEWEST, _BELOW * len(runs))
    levels = levels[enough & (above >= max(1.0, _ABOVE * len(runs)))]
    if not levels.size:
        raise Refused(
            "nothing_held_out",
            f"{runs.source} has no {name} with at least {_FEWEST} runs up to it and one above "
            f"{reach:g} times it.",
            "Add runs of several scales, or lower the reach.",
        )
    spaced = np.geomspace(levels[0], levels[-1], origins) if origins > 1 else levels[:1]
    nearest = np.abs(np.log(spaced[:, None] / levels)).argmin(axis=1)
    cuts = levels[np.unique(nearest)]
    return tuple(
        Fold(f"{name} up to {cut:.4g}", scale <= cut, scale > cut * reach) for cut in cuts
    )


def by_group(runs: Runs) -> tuple[Fold, ...]:
    """Folds that leave one group out each. Raises InputError without two groups."""
    labels = runs.group
    found = [] if labels is None else np.unique(labels).tolist()
    if labels is None or len(found) < 2:
        raise InputError(
            f"{runs.source} has {len(found)} groups; leaving groups out needs two.",
            "Name the column with columns={'group': ...}.",
        )
    return tuple(Fold(f"without {g}", labels != g, labels == g) for g in found)


def by_mark(marks: Sequence[object] | npt.ArrayLike, n: int) -> tuple[Fold, ...]:
    """The one fold of an official split, marked run by run.

    `marks` (n,) are booleans, true where held out, or the words train and test (training, fit;
    held-out, eval, target). Raises InputError for other marks, another length, or an empty part.
    """
    values = np.asarray(marks)
    if values.shape != (n,):
        raise InputError(f"the split marks {values.shape} rows, but there are {n} runs.")
    test = values if values.dtype == np.bool_ else np.array(list(_words(values.tolist())))
    if test.all() or not test.any():
        raise InputError("the split leaves no runs on one side.", "Mark some runs of each kind.")
    return (Fold("official split", ~test, test),)


def _words(values: Sequence[object]) -> Iterator[bool]:
    for k, value in enumerate(values, start=1):
        word = str(value).strip().casefold()
        if word not in _TRAIN + _TEST:
            raise InputError(
                f"row {k} of the split is {value!r}; it says train or test.",
                "Use the words train and test, or give booleans, true where held out.",
            )
        yield word in _TEST
