"""What every law misses at a distance: how large it was in this study, and in past ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from flopcast.forecasting.constants import Constants
from flopcast.forecasting.rolling import Origin
from flopcast.laws.features import FloatArray

TAIL: Final = 3.0  # degrees of freedom of structural errors: studies differ from each other
MOST_SCALE: Final = 1.5  # an error of more than what the loss falls on the way says no more
BREAK: Final = 1.0  # a miss of as much as the loss was to fall: no law of ours turns so sharply
_LEAST_DECADES: Final = 0.1


@final
@dataclass(frozen=True, eq=False)
class Structure:
    """What no law accounts for: the scale (points,) of a Student t per unit of `reach`.

    `surprise` is how far the latest backtest missed, relative to what the loss was to fall on the
    way; beyond `BREAK` the loss has turned.
    """

    scale: FloatArray
    surprise: float = 0.0


def reach(decades: FloatArray, fall: float, constants: Constants) -> FloatArray:
    """How far points lie beyond the runs, in units of what the loss falls on the way there."""
    return np.asarray(fall * decades**constants.power)


def reach_of(origin: Origin, fall: float, constants: Constants) -> FloatArray:
    """The same for what an origin held out (held out,)."""
    return reach(np.maximum(origin.decades, _LEAST_DECADES), fall, constants)


def structure_of(
    origins: Sequence[Origin], constants: Constants, weight: FloatArray, decades: FloatArray
) -> Structure:
    """What this study's backtests make of the belief about structural errors.

    Each backtest is one estimate of them: its errors under members' weights `weight` (members,).
    For points (points,) `decades` away, farther than it looked ahead, it is a part of one. Where
    the loss has turned within the study, the latest of them is believed alone if it is larger: a
    new regime owes nothing to past studies. Without backtests it is what past studies of a few
    runs missed.
    """
    if not origins:
        return Structure(np.full(len(decades), constants.untested))
    told, mass = np.zeros(len(decades)), np.zeros(len(decades))
    surprise, latest = 0.0, 0.0
    for origin in origins:
        lean = reach_of(origin, origin.slope.ahead, constants)
        steep = reach_of(origin, origin.slope.steepest, constants)
        left = weight @ np.nan_to_num(origin.errors)
        spread = constants.distance * steep
        ratio, information = told_by(left**2, spread**2, np.asarray(origin.noise**2))
        share = share_of(float(origin.decades.mean()), decades)
        told += share * ratio.mean()
        mass += share * information.mean()
        missed = max(float(np.mean(left**2)) - origin.noise**2, 0.0)
        surprise = float(np.sqrt(missed / np.mean(lean**2)))
        latest = float(np.sqrt(missed / np.mean(steep**2)))
    belief = constants.distance_weight
    scale = constants.distance * np.sqrt((belief + told) / (belief + mass))
    if surprise > BREAK:
        scale = np.maximum(scale, latest)
    return Structure(np.minimum(constants.stretch * scale, MOST_SCALE), surprise)


def share_of(horizon: FloatArray | float, decades: FloatArray) -> FloatArray:
    """How much a backtest over `horizon` decades says of points `decades` away, up to 1."""
    return np.asarray(np.minimum(horizon / np.maximum(decades, _LEAST_DECADES), 1.0))


def told_by(
    squares: FloatArray, spread: FloatArray, noise: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Squared errors relative to what was expected, and how much each counts, both (held out,).

    Expected are the variances `spread` of structural errors and `noise` of a run. An error counts
    by the share of the first: where noise is expected to be larger it says little.
    """
    information = spread / (spread + noise)
    return information * squares / (spread + noise), information
