"""Divergence: a training loss that is lost, told from one that is only noisy."""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, final

from flopcast.sweeps.outcome import Code

EXPLODED: Final = 1.5
SIGMAS: Final = 20.0
SUSTAINED: Final = 10
WINDOW: Final = 50
_MAD_TO_SIGMA = 1.4826
_LEAST_RELATIVE_SIGMA = 0.02


@final
@dataclass
class Watch:
    """Watches the losses of one run, which are lower when better.

    A run has diverged when a loss is not finite; when ten reports in a row lie above 1.5 times
    the first loss; or when ten in a row lie more than 20 robust standard deviations (median
    absolute deviation of the last 50 good reports, at least 2 % of their median) above the
    median.
    """

    first: float | None = None
    above_first: int = 0
    above_recent: int = 0
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))

    def see(self, loss: float) -> tuple[Code, str] | None:
        """Takes the next loss; the code and reason of a divergence, or None."""
        if not math.isfinite(loss):
            return "non_finite", f"the loss is {loss}"
        if self.first is None:
            self.first = loss
        over = loss - self.first > (EXPLODED - 1.0) * abs(self.first)
        self.above_first = self.above_first + 1 if over else 0
        if self.above_first >= SUSTAINED:
            return "loss_exploded", (
                f"the loss is {loss:.4g}, above {EXPLODED} times the first ({self.first:.4g}) "
                f"for {SUSTAINED} reports"
            )
        if self._jumped(loss):
            self.above_recent += 1
        else:
            self.above_recent = 0
            self.recent.append(loss)
        if self.above_recent >= SUSTAINED:
            return "loss_exploded", (
                f"the loss is {loss:.4g}, far above {_median(self.recent):.4g}, the "
                f"median before, for {SUSTAINED} reports"
            )
        return None

    def _jumped(self, loss: float) -> bool:
        if len(self.recent) < SUSTAINED:
            return False
        middle = _median(self.recent)
        if loss <= middle:
            return False
        deviation = _median(abs(value - middle) for value in self.recent)
        sigma = max(_MAD_TO_SIGMA * deviation, _LEAST_RELATIVE_SIGMA * abs(middle))
        return loss - middle > SIGMAS * sigma


def _median(values: Iterable[float]) -> float:
    """The median; the module statistics is too large for a process that forks for every run."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2.0
