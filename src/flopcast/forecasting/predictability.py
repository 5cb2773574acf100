"""Whether a task's score says enough about scale to be forecast: its signal against its noise."""

from dataclasses import dataclass
from typing import Final, Literal, final

import numpy as np

from flopcast.fitting.finding import Finding
from flopcast.fitting.replicates import replicate_noise
from flopcast.forecasting.accuracy_routes import LOSS
from flopcast.laws.features import FloatArray
from flopcast.observations import Runs

LEAST_SIGNAL: Final = 20.0
"""Range of the runs' scores over their noise below which a score is not forecast.

With sixteen runs spread evenly, noise of a twentieth of the range leaves the slope uncertain by
about 4 %; over an extrapolation as long as the runs' own span the noise alone then moves the
forecast by some 10 % of everything the runs have gained.
"""

_FEWEST_STEPS: Final = 6
Source = Literal["checkpoints", "repeated runs", "scatter"]


@final
@dataclass(frozen=True)
class Signal:
    """`range` of the scores and `noise` (sd) of one, in units of the metric, and its `source`."""

    range: float
    noise: float
    source: Source

    @property
    def ratio(self) -> float:
        """Signal to noise; infinite without noise."""
        return self.range / self.noise if self.noise > 0.0 else float("inf")


def signal(runs: Runs, checkpoints: Runs | None, scatter: float) -> Signal:
    """How far the scores of `runs` spread beside the noise of one.

    The noise is that between neighbouring checkpoints of the second half of each run (the group
    of `checkpoints`, in their order), or else that of repeated runs, or else `scatter`, what the
    fits leave over.
    """
    spread = float(np.ptp(runs.loss))
    if checkpoints is not None and checkpoints.group is not None:
        labels = checkpoints.group
        found = [_jumps(checkpoints.loss[labels == run]) for run in np.unique(labels)]
        sizes = [size for size in found if size is not None]
        if sizes:
            return Signal(spread, float(np.median(sizes)), "checkpoints")
    scales = {name: column for name, column in runs.inputs.items() if name != LOSS}
    repeated = replicate_noise(Runs(scales, runs.loss, group=runs.group))
    if repeated is not None and repeated.sd > 0.0:
        # That noise is relative to what is missing to the best score.
        return Signal(spread, repeated.sd * float(np.median(runs.loss)), "repeated runs")
    return Signal(spread, scatter, "scatter")


def verdict(found: Signal, least: float) -> Finding | None:
    """The finding that a score is not predictable, or None where it is."""
    if found.ratio >= least:
        return None
    return Finding(
        "not_predictable",
        "serious",
        f"the runs' scores span {found.range:.3g} and one score has a noise of {found.noise:.2g} "
        f"(from {found.source}): a signal of {found.ratio:.0f} times the noise, where at least "
        f"{least:g} is needed.",
        "Do not use this forecast. Average over checkpoints or seeds, or score by a smoother "
        "metric, such as the loss of the right answers.",
    )


def _jumps(scores: FloatArray) -> float | None:
    """The sd of one score, from differences between neighbours, over the second half."""
    late = scores[len(scores) // 2 :]
    return None if len(late) < _FEWEST_STEPS else float(np.std(np.diff(late)) / np.sqrt(2.0))
