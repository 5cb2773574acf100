"""The points of a forecast as columns that match the runs."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from flopcast.errors import InputError, nearest
from flopcast.laws.features import FloatArray
from flopcast.observations import Runs


def as_points(
    runs: Runs, at: Mapping[str, npt.ArrayLike] | None, columns: Mapping[str, npt.ArrayLike]
) -> dict[str, FloatArray]:
    """The points as equally long columns. Raises InputError for what does not match the runs."""
    given = {**(at or {}), **columns}
    if not given:
        raise InputError(
            "no point was given to forecast at.",
            f"Say {', '.join(f'{name}=...' for name in runs.inputs)}.",
        )
    for name in given:
        if name not in runs.inputs:
            raise InputError(
                f"{name!r} is no input of {runs.source}; it has {', '.join(runs.inputs)}."
                f"{nearest(name, runs.inputs)}"
            )
    arrays = {name: np.atleast_1d(np.asarray(v, dtype=np.float64)) for name, v in given.items()}
    if "unique_data" in runs and "unique_data" not in arrays and "data" in arrays:
        arrays["unique_data"] = arrays["data"]
    if "compute" in runs and "compute" not in arrays and {"params", "data"} <= set(arrays):
        arrays["compute"] = 6.0 * arrays["params"] * arrays["data"]
    missing = [name for name in runs.inputs if name not in arrays and name != "steps"]
    if missing:
        raise InputError(f"the forecast needs a value of {', '.join(missing)}.")
    length = max(len(column) for column in arrays.values())
    for name, column in arrays.items():
        if column.ndim != 1 or len(column) not in (1, length):
            raise InputError(
                f"{name} has {column.shape} values where others have {length}; "
                "points are columns of one length."
            )
        if not np.all(np.isfinite(column) & (column > 0.0)):
            raise InputError(f"{name} is {column}; points are finite and above 0.")
    return {name: np.broadcast_to(column, (length,)).copy() for name, column in arrays.items()}
