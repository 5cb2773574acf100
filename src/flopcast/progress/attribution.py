"""What more compute explains of the lower error of one run than another's.

By the benchmark's regression with a year term, log10(1/error) = a + b log10(compute) + c year
(Thompson et al. 2022, arXiv:2007.05558): b times the compute ratio is what compute explains, c
times the years between is what came with time at equal compute (algorithms, data, practice), and
the rest is these two runs' own.
"""

import math
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np

from flopcast.errors import Refused
from flopcast.fitting import studentt
from flopcast.progress.burden import burden
from flopcast.progress.regress import SLOPE
from flopcast.records.query import BenchmarkRuns, Run
from flopcast.records.schema import Basis

#: The measure whose line speaks for each accounting.
MEASURES: Final = {"peak": "consolidated", "operations": "network"}


@final
@dataclass(frozen=True)
class Attribution:
    """A fall of error split up, in orders of magnitude of the error (log10).

    ``gain`` = ``compute`` + ``time`` + ``rest``; intervals are at ``level``, from the ``n``
    points of the regression on ``measure``.
    """

    measure: str
    n: int
    level: float
    gain: float
    compute: float
    compute_interval: tuple[float, float]
    time: float
    time_interval: tuple[float, float]

    @property
    def rest(self) -> float:
        """What neither compute nor time explains."""
        return self.gain - self.compute - self.time

    def to_dict(self) -> dict[str, Any]:
        """The split, JSON-ready."""
        return {
            "measure": self.measure,
            "n": self.n,
            "level": self.level,
            "gain_log10": self.gain,
            "compute_log10": self.compute,
            "compute_interval": list(self.compute_interval),
            "time_log10": self.time,
            "time_interval": list(self.time_interval),
            "rest_log10": self.rest,
        }


def attribute(
    source: BenchmarkRuns, first: Run, second: Run, ratio: float, basis: Basis, level: float = 0.95
) -> Attribution:
    """Splits the fall of error from one run to the other.

    Args:
        source: the benchmark that both were measured on.
        first: the run compared with.
        second: the run compared.
        ratio: the second's compute over the first's.
        basis: of that compute.
        level: of the intervals, in (0, 1).

    Raises:
        Refused: without the errors of both, with fewer than 6 points, and where the slope's
            interval covers zero.
    """
    if not first.error or not second.error:
        raise Refused("no_score", "The error of one of the two runs is not known.")
    found = burden(source, measure=MEASURES[basis], with_year=True, level=level)
    if found.refusal is not None:
        raise Refused(found.refusal.code, found.refusal.reason)
    moves = {SLOPE: math.log10(ratio), "year": float(second.year - first.year)}
    fit = found.regression
    reach = studentt.quantile(0.5 + level / 2, fit.dof)

    def part(name: str) -> tuple[float, tuple[float, float]]:
        centre = fit.param(name) * moves[name]
        at = fit.names.index(name)
        half = reach * float(np.sqrt(fit.cov[at, at])) * abs(moves[name])
        return centre, (centre - half, centre + half)

    (compute, compute_interval), (time, time_interval) = part(SLOPE), part("year")
    gain = math.log10(first.error / second.error)
    return Attribution(
        found.points.measure, found.n, level, gain, compute, compute_interval, time, time_interval
    )
