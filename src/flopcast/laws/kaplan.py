"""The law of Kaplan et al. 2020, as published and with a floor added."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Final

from flopcast.laws.algebra import as_real, quantity, size
from flopcast.laws.law import Law, Limit, Parameter, amplitude, floor

_INF: Final = float("inf")
_E, _nc, _dc = quantity("E"), quantity("Nc"), quantity("Dc")
_alpha_n, _alpha_d = quantity("alpha_N"), quantity("alpha_D")
_N, _D = size("params"), size("data")
_core = ((_nc / _N) ** as_real(_alpha_n / _alpha_d) + _dc / _D) ** as_real(_alpha_d)
_only_n = (_nc / _N) ** as_real(_alpha_n)
_only_d = (_dc / _D) ** as_real(_alpha_d)

_FLOORS: Final = (0.0, 0.4, 0.7, 0.85, 0.95)
_RATES: Final = (0.05, 0.1, 0.2, 0.35, 0.6, 1.0)
_SHARES: Final = (0.3, 0.7, 0.95)
_STEEP: Final = (2.0, 4.0)  # terms that matter for the smallest models alone
_FURTHEST: Final = 5.0  # a faster term than that is gone within the range of any grid


def _starts(scales: Mapping[str, float]) -> Sequence[Mapping[str, float]]:
    return _at_floors(scales, (0.0,), ())


def _starts_with_floor(scales: Mapping[str, float]) -> Sequence[Mapping[str, float]]:
    return _at_floors(scales, _FLOORS, ("E",))


def _at_floors(
    scales: Mapping[str, float], floors: Sequence[float], names: Sequence[str]
) -> list[dict[str, float]]:
    """Nc at which the model term is a share of the typical loss above the floor."""
    pairs = [
        (a_n, a_d, "params")
        for a_n, a_d in product(_RATES, _RATES)
        if 1.0 / _FURTHEST < a_n / a_d < _FURTHEST
    ]
    pairs += [(a_n, a_d, "params_min") for a_n, a_d in product(_STEEP, _RATES)]
    rows = []
    for low, (a_n, a_d, where), share in product(floors, pairs, _SHARES):
        rest = share * (1.0 - low) * scales["loss"]
        row = {
            "Nc": scales[where] * rest ** (1.0 / a_n),
            "Dc": 1.0,
            "alpha_N": a_n,
            "alpha_D": a_d,
        }
        rows.append({**row, **dict.fromkeys(names, low * scales["loss"])})
    return rows


_PARAMETERS: Final = (
    Parameter("Nc", "model size at which it alone gives a loss of 1", "params", True, 0.0),
    amplitude("Dc", "data at which they alone give a loss of 1", "data"),
    Parameter("alpha_N", "how fast loss falls with model size", "1", True, 1e-3, 5.0),
    Parameter("alpha_D", "how fast loss falls with data", "1", True, 1e-3, 5.0),
)

KAPLAN: Final = Law(
    name="kaplan",
    title="Kaplan",
    equation="L = [(Nc/N)^(αN/αD) + Dc/D]^αD",
    loss=_core,
    parameters=_PARAMETERS,
    inputs=("params", "data"),
    falls_with=("params", "data"),
    limits=(Limit({"data": _INF}, _only_n), Limit({"params": _INF}, _only_d)),
    starts=_starts,
    source="Kaplan et al. 2020, arXiv:2001.08361, equation 1.5",
)

KAPLAN_FLOOR: Final = Law(
    name="kaplan-floor",
    title="Kaplan with a floor",
    equation="L = E + [(Nc/N)^(αN/αD) + Dc/D]^αD",
    loss=_E + _core,
    parameters=(floor(), *_PARAMETERS),
    inputs=("params", "data"),
    falls_with=("params", "data"),
    limits=(
        Limit({"params": _INF, "data": _INF}, _E),
        Limit({"data": _INF}, _E + _only_n),
        Limit({"params": _INF}, _E + _only_d),
    ),
    starts=_starts_with_floor,
    source="Kaplan et al. 2020, arXiv:2001.08361, equation 1.5, and a floor",
)
