"""Canonical JSON: one text for one value, so that its hash is an identity."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from flopcast.errors import InputError

_LARGEST_EXACT = 2**53


def normalised(value: object, where: str = "config") -> Any:
    """`value` as plain JSON data: numbers that are whole become int, tuples become lists.

    ``1`` and ``1.0`` are the same number and get the same identity. Scalars of NumPy and the like
    are taken by their ``item()``. Raises InputError for a number that is not finite, a key that
    is no text, and anything that JSON cannot hold, naming the place.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return _number(float(value), where)
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise InputError(f"{where} has the key {key!r}; keys are text.")
        return {key: normalised(value[key], f"{where}.{key}") for key in sorted(value)}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [normalised(item, f"{where}[{k}]") for k, item in enumerate(value)]
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "ndim", None) == 0:
        return normalised(item(), where)
    raise InputError(
        f"{where} is a {type(value).__name__}; a configuration holds numbers, text, true or "
        "false, null, lists and tables of these.",
        "Give the name or the numbers that the object is made from.",
    )


def canonical(value: object) -> str:
    """The canonical JSON text of `value`: sorted keys, no spaces, numbers normalised."""
    plain = normalised(value)
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: object) -> str:
    """SHA-256, 64 hex digits, of the canonical JSON of `value`."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def _number(value: float, where: str) -> int | float:
    if not math.isfinite(value):
        raise InputError(f"{where} is {value}; a configuration holds finite numbers.")
    whole = value.is_integer() and abs(value) <= _LARGEST_EXACT
    return int(value) if whole else value
