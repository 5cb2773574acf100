"""The laws of the ensemble, written so that their parameters mean the same in each.

Everywhere E is the floor, A and α are the size and the rate of what a larger model removes when
data abound, and B and β the same for data. Inputs are relative to their typical value and losses
to the typical loss, so that one prior speaks of all of them. Apart from that, and from what
`constrained` adds, these are the laws of their names in `flopcast.laws`.
"""

from typing import Final

from flopcast.laws import curves
from flopcast.laws.algebra import (
    Positive,
    apply,
    as_real,
    exp,
    log,
    log_excess,
    number,
    quantity,
    size,
)
from flopcast.laws.law import Law, Parameter

_E, _A, _B, _C, _L0 = (quantity(name) for name in ("E", "A", "B", "C", "L0"))
_k, _R, _P = quantity("k"), quantity("R"), quantity("P")
_alpha, _beta, _log_beta = number("alpha"), number("beta"), quantity("beta")
_gamma, _delta, _shift, _turn = (number(n) for n in ("gamma", "delta", "shift", "turn"))
_N, _D, _U = size("params"), size("data"), size("unique_data")

FLOOR: Final = Parameter("E", "irreducible loss", "loss", True, 1e-9, is_floor=True)
_MODEL: Final = (
    Parameter("A", "size of the model term", "loss", True, 1e-9),
    Parameter("alpha", "how fast the model term falls", lower=0.005, upper=3.0),
)
_DATA: Final = (
    Parameter("B", "size of the data term", "loss", True, 1e-9),
    Parameter("beta", "how fast the data term falls", lower=0.005, upper=3.0),
)
_CEILING: Final = Parameter("L0", "loss of guessing without training", "loss", True, 1.0)
_POSITIVE_BETA: Final = Parameter("beta", "how fast the data term falls", "1", True, 0.005, 3.0)
_INTERACTION: Final = Parameter("k", "interaction: 1 is additive", "1", True, 0.05, 20.0)
_OVERFITTING: Final = (
    Parameter("C", "size of the overfitting term", "loss", True, 1e-9),
    Parameter("gamma", "how fast overfitting grows with model size", lower=0.005, upper=3.0),
    Parameter("delta", "how fast overfitting falls with unique data", lower=0.005, upper=3.0),
)
_PENALTY: Final = (
    Parameter("P", "penalty of one repeat at the typical size", "loss", True, 1e-9),
    Parameter("gamma", "how fast the penalty grows with repeats", lower=0.05, upper=3.0),
    Parameter("delta", "how fast it grows with parameters per sample", lower=0.005, upper=3.0),
)
_REPEATS: Final = Parameter(
    "R", "passes after which repeats lose their worth", "1", True, 0.1, 1e4
)

_model, _data = _A * _N**-_alpha, _B * _D**-_beta
_overfitting = _C * _N**_gamma * _U**-_delta
_repeats = as_real(_D / _U) - 1.0
_worth = _U * exp(log(as_real(_R) * apply(curves.DECAY, _repeats * as_real(1.0 / _R)) + 1.0))


def _between(height: Positive) -> Positive:
    """From the ceiling to the floor; `height` is in loss where it is small."""
    return _E + (_L0 - _E) / (1.0 + _L0 / height)


def _joined(model: Positive, data: Positive) -> Positive:
    """(model^(1/k) + data^(1/k))^k: whichever is larger dominates when k is small."""
    sharp = as_real(1.0 / _k)
    return (model**sharp + data**sharp) ** as_real(_k)


def _law(
    name: str,
    title: str,
    equation: str,
    loss: Positive,
    *parameters: Parameter,
    floor: tuple[Parameter, ...] = (FLOOR,),
) -> Law:
    inputs = ["params", "data"]
    if any(parameter.name in ("R", "P", "C") for parameter in parameters):
        inputs.append("unique_data")
    return Law(
        name=name,
        title=title,
        equation=equation,
        loss=loss,
        parameters=(*floor, *parameters),
        inputs=tuple(inputs),
        falls_with=("data",) if "unique_data" in inputs else ("params", "data"),
        source=f"law {name!r} of flopcast, with scaled parameters",
    )


ADDITIVE: Final = _law(
    "additive", "Additive", "E + A·N^−α + B·D^−β", _E + _model + _data, *_MODEL, *_DATA
)

COUPLED: Final = _law(
    "coupled",
    "Coupled",
    "E + [(A·N^−α)^(1/k) + (B·D^−β)^(1/k)]^k",
    _E + _joined(_model, _data),
    *_MODEL,
    *_DATA,
    _INTERACTION,
)

FLOORLESS: Final = _law(
    "floorless",
    "Coupled, without a floor",
    "[(A·N^−α)^(1/k) + (B·D^−β)^(1/k)]^k",
    _joined(_model, _data),
    *_MODEL,
    *_DATA,
    _INTERACTION,
    floor=(),
)

_sharp = as_real(1.0 / _log_beta)
KAPLAN_FLOOR: Final = _law(
    "kaplan-floor",
    "Kaplan with a floor",
    "E + [(A·N^−α)^(1/β) + B^(1/β)/D]^β",
    _E + (_model**_sharp + _B**_sharp / _D) ** as_real(_log_beta),
    *_MODEL,
    _DATA[0],
    _POSITIVE_BETA,
)

COUPLED_OVERFITTING: Final = _law(
    "coupled-overfitting",
    "Coupled with overfitting",
    "E + [(A·N^−α)^(1/k) + (B·D^−β)^(1/k)]^k + C·N^γ·U^−δ",
    _E + _joined(_model, _data) + _overfitting,
    *_MODEL,
    *_DATA,
    _INTERACTION,
    *_OVERFITTING,
)

BOUNDED_OVERFITTING: Final = _law(
    "bounded-overfitting",
    "Bounded with overfitting",
    "E + (L0 − E)·h/(1 + h), h = (A·N^−α + B·D^−β + C·N^γ·U^−δ)/L0",
    _between(_model + _data + _overfitting),
    *_MODEL,
    *_DATA,
    _CEILING,
    *_OVERFITTING,
)

COUPLED_BOUNDED: Final = _law(
    "coupled-bounded",
    "Coupled and bounded, with overfitting",
    "E + (L0 − E)·h/(1 + h), h = ([(A·N^−α)^(1/k) + (B·D^−β)^(1/k)]^k + C·N^γ·U^−δ)/L0",
    _between(_joined(_model, _data) + _overfitting),
    *_MODEL,
    *_DATA,
    _INTERACTION,
    _CEILING,
    *_OVERFITTING,
)

FARSEER: Final = _law(
    "farseer",
    "Farseer, constrained",
    "E + A·N^−α + B·N^σ·D^(−β·N^τ)",
    _E + _model + _B * _N**_shift * exp(-(as_real(exp(_log_beta.log + _turn * _N.log)) * _D.log)),
    *_MODEL,
    _DATA[0],
    _POSITIVE_BETA,
    Parameter("shift", "how the data term changes with model size", lower=-1.0, upper=1.0),
    Parameter("turn", "how the data rate changes with model size", lower=-0.5, upper=0.5),
)

REPEATED: Final = _law(
    "muennighoff",
    "Repeats lose their worth",
    "E + A·N^−α + B·D'^−β, D' = U + U·R·(1 − exp(−(D/U − 1)/R))",
    _E + _model + _B * _worth**-_beta,
    *_MODEL,
    *_DATA,
    _REPEATS,
)

COUPLED_REPEATED: Final = _law(
    "coupled-repeats",
    "Coupled, repeats lose their worth",
    "E + [(A·N^−α)^(1/k) + (B·D'^−β)^(1/k)]^k",
    _E + _joined(_model, _B * _worth**-_beta),
    *_MODEL,
    *_DATA,
    _INTERACTION,
    _REPEATS,
)

LOVELACE: Final = _law(
    "lovelace",
    "Penalty for repeats",
    "E + A·N^−α + B·D^−β + P·(D/U − 1)^γ·(N/U)^δ",
    _E + _model + _data + _P * exp(log_excess(_D / _U)) ** _gamma * (_N / _U) ** _delta,
    *_MODEL,
    *_DATA,
    *_PENALTY,
)
