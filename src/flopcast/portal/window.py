"""A part of a chart in an address: ``17.2,18.4,-1.1,-0.9`` is log10 FLOP and log10 error."""

import math

from flopcast.errors import InputError
from flopcast.figures.plain.marks import Window


def read_window(text: str) -> Window:
    """The part that a text names.

    Raises:
        InputError: where it is not four numbers, each pair rising.
    """
    try:
        left, right, low, high = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError("it must be four numbers.") from None
    sound = all(math.isfinite(end) and abs(end) < 1000 for end in (left, right, low, high))
    if not sound or right - left < 1e-3 or high - low < 1e-4:
        raise InputError("its ends must rise: from, to, from, to.")
    return left, right, low, high


def write_window(window: Window) -> str:
    """The text of a part."""
    return ",".join(f"{end:.5g}" for end in window)
