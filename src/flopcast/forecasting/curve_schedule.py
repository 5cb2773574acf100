"""Learning-rate schedules by name, for curves whose rates were not logged."""

from typing import Final

import numpy as np

from flopcast.errors import InputError, nearest
from flopcast.laws.features import FloatArray

NAMES: Final = ("constant", "cosine", "linear", "wsd")
"""constant; cosine:F and linear:F fall to F of the peak; wsd:S stays, then falls to 0 over the
last share S of the steps."""

_NOTHING: Final = 1e-6  # of the peak; stands for 0, since rates are positive
_POINTS: Final = 2000


def schedule(text: str, end: float, warmup: float = 0.0) -> tuple[FloatArray, FloatArray]:
    """Steps (m,) up to `end` and the learning rates (m,) there, in units of the peak.

    `text` is one of `NAMES`, with its number after a colon; see there. `warmup` is the number of
    steps of linear warm-up before. A rate of 0 is given as a millionth of the peak.

    Raises InputError for an unknown name, a number that is missing or not between 0 and 1, and a
    warm-up that is negative or as long as the run.
    """
    name, _, value = text.partition(":")
    share = _share(name, value, text)
    if not 0.0 <= warmup < end:
        raise InputError(
            f"warmup is {warmup:g} steps of a run of {end:g}; it ends before the run."
        )
    steps = np.unique(np.linspace(1.0, end, min(_POINTS, int(end))).round())
    done = np.clip((steps - warmup) / (end - warmup), 0.0, 1.0)
    rates = {
        "constant": np.ones_like(done),
        "cosine": share + (1.0 - share) * 0.5 * (1.0 + np.cos(np.pi * done)),
        "linear": 1.0 - (1.0 - share) * done,
        "wsd": np.minimum((1.0 - steps / end) / max(share, _NOTHING), 1.0),
    }[name]
    rising = np.minimum(steps / warmup, 1.0) if warmup else 1.0
    return steps, np.maximum(rates * rising, _NOTHING)


def _share(name: str, value: str, text: str) -> float:
    if name not in NAMES:
        raise InputError(
            f"{text!r} is no schedule.{nearest(name, NAMES)}",
            "Write constant, cosine:0.1, linear:0 (down to that share of the peak), or wsd:0.2 "
            "(constant, then down to 0 over that share of the steps).",
        )
    if name == "constant" and not value:
        return 1.0
    try:
        share = float(value)
    except ValueError:
        share = float("nan")
    if name == "constant" or not 0.0 <= share <= 1.0:
        form = "constant" if name == "constant" else f"{name}:0.1"
        raise InputError(
            f"schedule {text!r} is not of the form {form}.",
            "" if name == "constant" else "The number is a share, from 0 to 1.",
        )
    return share
