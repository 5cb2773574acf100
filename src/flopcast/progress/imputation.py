"""From one accounting of compute to the other, with the error of doing so.

Hardware burden and counted operations of the same run meet on few runs. The line through them
fills in the one from the other. Its coefficients are uncertain and are drawn in every forecast;
the scatter around it is a Berkson error, which leaves slopes unbiased and already shows in the
residuals (Carroll et al. 2006, Measurement Error in Nonlinear Models, section 1.4).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar, final

import numpy as np
import numpy.typing as npt

from flopcast.fitting.regression import ols
from flopcast.records.query import BenchmarkRuns

FloatArray = npt.NDArray[np.float64]
Log = TypeVar("Log", float, FloatArray)

#: Lines that the 2022 release of Thompson et al. states as constants where a benchmark has no run
#: with both measures: intercept and slope of log10 hardware burden on log10 network operations.
PUBLISHED_LINES: Final[Mapping[str, tuple[float, float]]] = {"coco-box-ap": (2.7580, 0.8935)}


@final
@dataclass(frozen=True, eq=False)
class Line:
    """log10 wanted = intercept + slope x log10 known, with covariance (2, 2) and residual sd.

    ``n`` runs with both measures are behind it; ``source`` says which.
    """

    intercept: float
    slope: float
    cov: FloatArray
    residual_sd: float
    n: int
    source: str

    def at(self, known: Log) -> Log:
        """log10 of the wanted measure for log10 of the known one, a number or an array."""
        return self.intercept + self.slope * known

    def draw(self, known: FloatArray, draws: int, rng: np.random.Generator) -> FloatArray:
        """Deviations from the line, shape (draws, n), from uncertain coefficients (Student t).

        Args:
            known: log10 of the known measure, shape (n,); NaN gives no deviation.
            draws: number of draws.
            rng: random generator.
        """
        normal = rng.multivariate_normal(np.zeros(2), self.cov, size=draws, method="eigh")
        dof = max(self.n - 2, 1)
        errors = normal * np.sqrt(dof / rng.chisquare(dof, size=(draws, 1)))
        at = np.where(np.isnan(known), 0.0, known)
        deviation = errors[:, :1] + errors[:, 1:] * at
        return np.where(np.isnan(known), 0.0, deviation)


def imputation_line(benchmark: BenchmarkRuns) -> Line | None:
    """Burden from operations, as published; None where the benchmark counts no operations.

    The line is fitted on the runs of all benchmarks that have both published measures (11, all on
    ImageNet). Where the 2022 release states another line for a benchmark, that line is used with
    the covariance of the fitted one, for its own was not published.
    """
    pairs = np.log10(np.array(benchmark.overlap, dtype=float).reshape(-1, 2))
    if len(pairs) < 3:
        return None
    fit = ols(pairs[:, 1], pairs[:, 0], names=("log10_operations",))
    residual_sd = float(np.sqrt(np.sum(fit.residuals**2) / fit.dof))
    intercept, slope = PUBLISHED_LINES.get(benchmark.id, (fit.params[0], fit.params[1]))
    source = f"{fit.n} runs with both measures"
    if benchmark.id in PUBLISHED_LINES:
        source = "constants of the 2022 release"
    return Line(float(intercept), float(slope), fit.cov, residual_sd, fit.n, source)


def conversion_line(benchmark: BenchmarkRuns) -> Line | None:
    """Operations from burden on corrected claims: a constant share of peak (slope 1).

    None with fewer than 3 runs that have both measures.

    The intercept is the mean log10 of the implied utilisation, operations / burden, over the runs
    of all benchmarks with both measures; its standard error is the line's only coefficient error.
    """
    pairs = np.log10(np.array(benchmark.overlap_corrected, dtype=float).reshape(-1, 2))
    if len(pairs) < 3:
        return None
    shares = pairs[:, 0] - pairs[:, 1]
    sd = float(np.std(shares, ddof=1))
    cov = np.array([[sd**2 / len(shares), 0.0], [0.0, 0.0]])
    source = f"implied utilisation of {len(shares)} runs with both measures"
    return Line(float(np.mean(shares)), 1.0, cov, sd, len(shares), source)
