"""Facts of many runs as arrays: what selections and measures read, each worked out once."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, final

import numpy as np
import numpy.typing as npt

from flopcast.records.claims import forward_flop, recomputed, stated
from flopcast.records.schema import Basis

if TYPE_CHECKING:
    from flopcast.records.query import Run

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]


@final
class Columns:
    """One array of shape (n,) per fact of n runs, in their order; NaN where it is unknown.

    An array is made when it is first asked for and must not be written to. FLOP are those of
    :mod:`flopcast.records.claims`; ``cores`` gives processor cores per hardware id.
    """

    def __init__(self, runs: "Sequence[Run]", cores: Mapping[str, float]) -> None:
        self._runs = runs
        self._cores = cores
        self._held: dict[Hashable, FloatArray] = {}

    def take(self, runs: "Sequence[Run]", index: IntArray) -> "Columns":
        """The columns of some of the runs, by their places; arrays made already are kept."""
        found = Columns(runs, self._cores)
        found._held = {key: values[index] for key, values in list(self._held.items())}
        return found

    @property
    def year(self) -> FloatArray:
        """Year of publication."""
        return self._column("year", lambda run: run.year)

    @property
    def error(self) -> FloatArray:
        """Error, 1 - value/100."""
        return self._column("error", lambda run: run.error)

    @property
    def forward(self) -> FloatArray:
        """Operations of one forward pass as published, FLOP."""
        return self._column("forward", lambda run: forward_flop(run.claims))

    def stated(self, basis: Basis) -> FloatArray:
        """What is stated for the whole run on one basis as published, FLOP."""
        return self._column(("stated", basis), lambda run: stated(run.claims, basis))

    def stated_corrected(self, basis: Basis) -> FloatArray:
        """What is stated for the whole run on one basis after corrections, FLOP."""
        key = ("stated, corrected", basis)
        return self._column(key, lambda run: stated(run.corrected_claims, basis))

    def recomputed(self, basis: Basis, scopes: tuple[str, ...]) -> FloatArray:
        """What the corrected ingredients of the named phases come to on one basis, FLOP."""
        key = ("recomputed", basis, scopes)
        if key not in self._held:
            found = np.full(len(self._runs), np.nan)
            for place in np.flatnonzero(self._detailed).tolist():
                claims = self._runs[place].corrected_claims
                flop = recomputed(claims, basis, self._cores, scopes)
                found[place] = np.nan if flop is None else flop
            self._held[key] = found
        return self._held[key]

    @property
    def counted(self) -> BoolArray:
        """Whether a corrected claim counts operations, complete or not."""
        return self._column("counted", lambda run: _has(run, "operation_count")) > 0

    @property
    def _detailed(self) -> BoolArray:
        """Whether a corrected claim has ingredients: the others need not be recomputed."""
        return self.counted | (self._column("timed", lambda run: _has(run, "hardware_time")) > 0)

    def _column(self, key: Hashable, read: "Callable[[Run], float | None]") -> FloatArray:
        if key not in self._held:
            # None becomes NaN on the way into a float array.
            self._held[key] = np.array([read(run) for run in self._runs], dtype=float)
        return self._held[key]


def _has(run: "Run", method: str) -> bool:
    return method in [claim.method for claim in run.corrected_claims]
