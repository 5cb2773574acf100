"""The burden regression: how the error on a benchmark falls with compute.

log10(1/error) = a + b log10(compute); the exponent 1/b says that a k-fold better result takes
k^(1/b) times the compute (Thompson et al. 2022, arXiv:2007.05558).
"""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, final

import numpy as np

from flopcast.accounting.affordable import Affordable
from flopcast.accounting.assumptions import Assumptions
from flopcast.accounting.presets import DEFAULT_PRESET, preset
from flopcast.errors import InputError, Refused
from flopcast.fitting.regression import Regression, ols
from flopcast.progress.holdout import FormComparison, compare_forms
from flopcast.progress.imputation import Line, conversion_line
from flopcast.progress.measures import Points, points
from flopcast.progress.reach import Reach, reach
from flopcast.progress.regress import FIRST_YEAR, SLOPE, regression
from flopcast.progress.scopes import Variation, variations
from flopcast.progress.target import Target, answer
from flopcast.progress.theory import Theory, theory
from flopcast.records.query import BenchmarkRuns, Run
from flopcast.tables import html_table, to_frame

MIN_POINTS: Final = 6


@final
@dataclass(frozen=True, eq=False)
class Burden:
    """A burden regression: what was fitted, the fit, and forecasts from it.

    ``regression`` has log10(1/error) on the left and log10 of compute in FLOP (with publication
    year - 2012 where ``with_year``) on the right. ``level`` is that of all intervals of the slope
    and exponent. ``variations`` shows how the answer moves with the scope of compute.
    """

    source: BenchmarkRuns
    points: Points
    regression: Regression
    regress: str
    with_year: bool
    level: float
    conversion: Line
    variations: tuple[Variation, ...]

    @property
    def n(self) -> int:
        """Number of points."""
        return self.points.n

    @property
    def slope(self) -> float:
        """Fall of log10 error per order of magnitude of compute."""
        return self.regression.param(SLOPE)

    @property
    def slope_interval(self) -> tuple[float, float]:
        """Interval of the slope at ``level``."""
        index = self.regression.names.index(SLOPE)
        low, high = self.regression.conf_int(self.level)[index]
        return float(low), float(high)

    @property
    def refusal(self) -> Refused | None:
        """Why there is no exponent, or None: the slope's interval must lie above zero."""
        low, high = self.slope_interval
        if low > 0:
            return None
        reason = (
            f"No exponent: the {self.level:.0%} interval of the slope, [{low:.4f}, {high:.4f}], "
            f"{'covers zero' if high > 0 else 'lies below zero'}, so these {self.n} results do "
            "not show that more compute goes with less error."
        )
        hint = "Another measure may have more points: --measure consolidated or preferred."
        return Refused("slope_covers_zero", reason, hint)

    @property
    def exponent(self) -> float:
        """Exponent k: 1 / slope.

        Raises:
            Refused: where the slope's interval covers zero.
        """
        self._require_slope()
        return 1.0 / self.slope

    @property
    def exponent_interval(self) -> tuple[float, float]:
        """Interval of the exponent at ``level``, from the slope's.

        Raises:
            Refused: where the slope's interval covers zero.
        """
        self._require_slope()
        low, high = self.slope_interval
        return 1.0 / high, 1.0 / low

    @property
    def best(self) -> Run:
        """The run with the lowest error among the points."""
        return self.points.runs[int(np.argmin(self.points.error))]

    @cached_property
    def best_of_benchmark(self) -> Run:
        """The run with the lowest error on the benchmark, compute known or not."""
        scored = [run for run in self.source.runs if run.error is not None]
        return min(scored, key=lambda run: run.error or 0.0)

    @cached_property
    def forms(self) -> FormComparison:
        """The power law and its alternatives, scored on later models."""
        return compare_forms(self.points)

    @cached_property
    def _power_line(self) -> tuple[float, float]:
        """Intercept and slope of the plain power law, which forecasts and theory start from."""
        x, y = self.points.log10_compute, -np.log10(self.points.error)
        fit = ols(y, x, names=(SLOPE,))
        return float(fit.params[0]), float(fit.params[1])

    def at_error(self, error: float) -> float:
        """log10 FLOP at which the regression line meets an error (of the latest year's models)."""
        fixed = self.regression.param("intercept")
        if self.with_year:
            fixed += self.regression.param("year") * (self.points.year.max() - FIRST_YEAR)
        return float((-np.log10(error) - fixed) / self.slope)

    def theory(self, error: float) -> Theory:
        """The theoretical line from the lowest error of the points on, at a lower error."""
        return theory(*self._power_line, float(self.points.error.min()), error)

    def target(
        self,
        error: float,
        *,
        assumptions: Assumptions | str = DEFAULT_PRESET,
        draws: int = 2000,
        seed: int = 0,
    ) -> Target:
        """What it takes to reach an error.

        Args:
            error: the target, a fraction in (0, 1).
            assumptions: prices and power, or the name of a preset.
            draws: draws per form.
            seed: of every random draw.

        Raises:
            InputError: for an error outside (0, 1).
            Refused: where it is already met, or the slope's interval covers zero.
        """
        if not 0.0 < error < 1.0:
            raise InputError(f"The target error is {error:g}; it must lie between 0 and 1.")
        self._require_slope()
        best = self.best_of_benchmark
        if best.error is not None and error >= best.error:
            reason = (
                f"The target error of {error:.2%} is already met: {best.name} ({best.year}) "
                f"reached {best.error:.2%} on {self.source.id}."
            )
            raise Refused("already_met", reason, "Ask for a lower error.")
        priced = preset(assumptions) if isinstance(assumptions, str) else assumptions
        return answer(
            self.points,
            self.forms,
            error,
            assumptions=priced,
            conversion=self.conversion,
            theory=self.theory(error),
            regression_point=self.at_error(error),
            draws=draws,
            seed=seed,
        )

    def reach(self, bought: Affordable, *, draws: int = 2000, seed: int = 0) -> Reach:
        """The error that a budget reaches; ``bought`` is what ``affordable(...)`` returns.

        Args:
            bought: the compute that the budget buys.
            draws: draws per form.
            seed: of every random draw.

        Raises:
            Refused: where the slope's interval covers zero, or the measure is not training
                compute.
        """
        self._require_slope()
        if self.points.measure == "forward":
            reason = "Operations of one pass are not training compute, so no budget buys them."
            raise Refused("not_training_compute", reason, "Use another --measure.")
        return reach(self.points, self.forms, bought, self.conversion, draws=draws, seed=seed)

    def to_dict(self) -> dict[str, Any]:
        """The regression, its points and its forms, JSON-ready; ``refused`` if no exponent."""
        low, high = self.slope_interval
        fields: dict[str, Any] = {
            "schema": "flopcast.burden/1",
            "benchmark": self.source.id,
            "release": self.source.release,
            "measure": self.points.measure,
            "basis": self.points.basis,
            "regression": self.regress,
            "n": self.n,
            "imputed": int(self.points.imputed.sum()),
            "slope": self.slope,
            "slope_interval": [low, high],
            "level": self.level,
            "r_squared": self.regression.r_squared,
            "coefficients": self.regression.to_dict(),
        }
        if self.refusal is None:
            fields |= {
                "exponent": self.exponent,
                "exponent_interval": list(self.exponent_interval),
            }
        else:
            fields |= self.refusal.to_dict()
        return {
            **fields,
            "best": {"run": self.best.id, "error": self.best.error, "year": self.best.year},
            "variations": [vars(variation) for variation in self.variations],
            "forms": [vars(score) for score in self.forms.scores],
            "points": self.to_rows(),
        }

    def to_json(self) -> str:
        """:meth:`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), indent=2)

    def to_rows(self) -> list[dict[str, Any]]:
        """One record per point: run, year, error, FLOP, whether imputed, residual, paper."""
        found = self.points
        return [
            {
                "run": run.id,
                "name": run.name,
                "year": run.year,
                "error": float(found.error[i]),
                "flop": float(10.0 ** found.log10_compute[i]),
                "imputed": bool(found.imputed[i]),
                "method": found.method[i],
                "residual": float(self.regression.residuals[i]),
                "paper": run.source.title,
                "url": run.source.url,
            }
            for i, run in enumerate(found.runs)
        ]

    def to_frame(self) -> Any:
        """:meth:`to_rows` as a data frame of the library at hand (pandas, polars or pyarrow)."""
        return to_frame(self.to_rows())

    def _repr_html_(self) -> str:
        low, high = self.slope_interval
        rows = [
            ("benchmark", self.source.benchmark.name),
            ("measure", self.points.measure),
            ("points", f"{self.n}, {int(self.points.imputed.sum())} imputed"),
            ("slope", f"{self.slope:.4f} [{low:.4f}, {high:.4f}]"),
            ("R squared", f"{self.regression.r_squared:.3f}"),
        ]
        if self.refusal is None:
            low, high = self.exponent_interval
            rows.insert(3, ("exponent", f"{self.exponent:.1f} [{low:.1f}, {high:.1f}]"))
        else:
            rows.append(("exponent", self.refusal.reason))
        return html_table([{"": name, "value": value} for name, value in rows])

    def _require_slope(self) -> None:
        if self.refusal is not None:
            raise self.refusal


def burden(
    source: BenchmarkRuns,
    *,
    measure: str = "consolidated",
    regress: str = "ols",
    errors: str = "classical",
    with_year: bool = False,
    include_search: bool = False,
    include_pretraining: bool = True,
    level: float = 0.95,
) -> Burden:
    """Regresses log10(1/error) on log10(compute) for one benchmark.

    Args:
        source: the benchmark's runs, ``catalogue()["imagenet-top1"]``.
        measure: hardware, network, forward, consolidated or preferred.
        regress: ols; quantile (the lowest tenth of errors); inverse (compute on performance);
            orthogonal (with the stated error of compute).
        errors: classical, hc3 or cluster (by paper); ols only.
        with_year: add publication year - 2012 as a regressor (ols and quantile).
        include_search: count architecture search (measure preferred).
        include_pretraining: count pre-training (measure preferred).
        level: of the intervals, in (0, 1).

    Raises:
        InputError: for an unknown option.
        Refused: with fewer than 6 points, or where no runs tell how burden and counted
            operations compare.
    """
    if not 0.0 < level < 1.0:
        raise InputError(f"The level is {level:g}; it must lie between 0 and 1, such as 0.95.")
    scope = {"include_search": include_search, "include_pretraining": include_pretraining}
    found = points(source, measure, **scope)
    if found.n < MIN_POINTS:
        measures = ("hardware", "network", "consolidated")
        counts = ", ".join(f"{name} {points(source, name).n}" for name in measures)
        reason = (
            f"Too few points: {source.id} has {found.n} results with the measure {measure!r}, and "
            f"a regression needs {MIN_POINTS}."
        )
        raise Refused("too_few_points", reason, f"Points by measure: {counts}.")
    conversion = conversion_line(source)
    if conversion is None:
        reason = (
            "Fewer than 3 runs of this catalogue have both hardware burden and counted "
            "operations, so nothing says how the two compare, and no target can be priced."
        )
        raise Refused("no_conversion", reason, "Use a catalogue that has such runs.")
    return Burden(
        source=source,
        points=found,
        regression=regression(found, regress, errors, with_year=with_year),
        regress=regress,
        with_year=with_year,
        level=level,
        conversion=conversion,
        variations=variations(source, MIN_POINTS) if measure == "preferred" else (),
    )
