"""Curves over a plot: the regression's line with its band, the shapes, the line of theory."""

from dataclasses import dataclass
from typing import Final, final

import numpy as np
import numpy.typing as npt

from flopcast.fitting import studentt
from flopcast.progress.burden import Burden
from flopcast.progress.draws import SOURCES, fitted_draws
from flopcast.progress.forms import FORMS

FloatArray = npt.NDArray[np.float64]
_STEPS: Final = 60
_DRAWS: Final = 400


@final
@dataclass(frozen=True)
class Curve:
    """A curve: log10 error at log10 compute ``x``; ``low`` and ``high`` bound its band."""

    x: FloatArray
    centre: FloatArray
    low: FloatArray | None = None
    high: FloatArray | None = None


def regression_curve(burden: Burden, x: tuple[float, float]) -> Curve:
    """The fitted line with its interval at ``burden.level``: log10 error ± t × sqrt(v' cov v).

    With a year term the line is that of the latest year.
    """
    found = burden.regression
    at = np.linspace(*x, _STEPS)
    columns = {"intercept": np.ones_like(at), "log10_compute": at}
    columns["year"] = np.full_like(at, burden.points.year.max() - 2012)
    v = np.column_stack([columns[name] for name in found.names])
    centre = -v @ found.params
    spread = np.sqrt(np.einsum("ij,jk,ik->i", v, found.cov, v))
    reach = studentt.quantile(0.5 + burden.level / 2, found.dof) * spread
    return Curve(at, centre, centre - reach, centre + reach)


def form_curve(burden: Burden, name: str, x: tuple[float, float]) -> Curve:
    """A shape by least squares, with the 90 % band of its draws (every cause of a target's)."""
    form = next(form for form in FORMS if form.name == name)
    found = burden.points
    at = np.linspace(*x, _STEPS)
    central = form.fit(found.log10_compute, found.error, np.ones((1, found.n)))
    drawn = form.predict(fitted_draws(found, form, SOURCES, _DRAWS, 0), at)
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = np.nanquantile(drawn, [0.05, 0.95], axis=0)
        return Curve(at, *(np.log10(e) for e in (form.predict(central, at)[0], low, high)))
