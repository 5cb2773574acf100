"""Loss curves in which every fall of the learning rate pays off by a power law of its own."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Final

import numpy as np

from flopcast.laws.algebra import Positive, log, number, quantity, saturating, size, sum_of_parts
from flopcast.laws.features import FloatArray
from flopcast.laws.law import Law, Parameter, amplitude, exponent
from flopcast.laws.schedule import PIECE_INPUTS, PIECES

_L0, _A, _B, _C = quantity("L0"), quantity("A"), quantity("B"), quantity("C")
_alpha, _beta, _gamma = number("alpha"), quantity("beta"), number("gamma")
_PARTS: Final = range(1, PIECES + 1)
_GROWN: Final = (1e-6, 0.3, 10.0, 1e3)  # C·rate^−γ·since of a typical fall
_GAMMAS: Final = (0.0, 0.7, 1.5, 3.0)
_BETAS: Final = (0.05, 0.5, 2.0, 10.0)


def _paid_off() -> Positive:
    """Drop · (1 − (1 + C·rate^−γ·since)^−β): what each part of the fall has brought so far."""
    drop, since, rate = (size(f"lr_{what}") for what in ("drop", "since", "at"))
    grown = 1.0 + _C * rate**-_gamma * since
    return drop * saturating(_beta * Positive(log(grown.log)))


def _starts(scales: Mapping[str, float]) -> Sequence[Mapping[str, float]]:
    """Floors, rates, and how much loss the falls take away and how soon."""
    fallen = sum(scales[f"lr_drop_{part}_max"] for part in _PARTS)
    rate = scales["lr_at_1_max"]
    rows = []
    for low, alpha, share, gone, beta, gamma in product(
        (0.5, 0.8), (0.25, 0.5, 1.0), (0.03, 0.1), (10.0, 100.0), (0.4, 1.0), (0.3, 0.7)
    ):
        rows.append({
            "L0": low * scales["loss"],
            "A": 0.3 * scales["ceiling"] * scales["lr_sum"] ** alpha,
            "B": share * scales["loss"] / fallen,
            "C": gone * rate**gamma / scales["lr_sum"],
            "alpha": alpha,
            "beta": beta,
            "gamma": gamma,
        })  # fmt: skip
    return rows


def _neighbours(
    inputs: Mapping[str, FloatArray],
    loss: FloatArray,
    weights: FloatArray,
    fit: Mapping[str, float],
    turn: int,
) -> Sequence[Mapping[str, float]]:
    """Falls that pay off from at once to in proportion to the sum since, B by least squares.

    C and γ, and C and B where little has paid off yet, trade places along valleys with several
    minima, some of them at bounds.
    """
    if turn:
        return ()
    drops, since, rates = (
        np.array([inputs[f"lr_{what}_{part}"] for part in _PARTS])
        for what in ("drop", "since", "at")
    )
    rate, area = np.exp(np.log(rates).mean()), np.average(since, weights=drops)
    steps = inputs["lr_sum"] ** -fit["alpha"]
    share = np.sqrt(weights) / loss
    rows = []
    for gamma, grown, beta in product(_GAMMAS, _GROWN, _BETAS):
        c = grown * rate**gamma / area
        brought = (-drops * np.expm1(-beta * np.log1p(c * rates**-gamma * since))).sum(axis=0)
        terms = np.stack([np.ones_like(loss), steps, -brought])
        size = np.linalg.norm(terms * share, axis=1) + 1e-300
        solved = np.linalg.lstsq((terms * share / size[:, None]).T, loss * share)[0] / size
        if solved[2] > 0.0:
            changed = {"B": float(solved[2]), "C": c, "beta": beta, "gamma": gamma}
            rows.append({**fit, **changed})
    return rows


MULTI_POWER: Final = Law(
    name="multi-power",
    title="Multi-power law of learning-rate schedules",
    equation="L(s) = L0 + A·S^−α − B·Σ_k (η_{k−1} − η_k)·(1 − (1 + C·η_k^−γ·S_k)^−β), "
    "S and S_k the sums of learning rates from the start and since step k",
    loss=_L0 + _A * size("lr_sum") ** -_alpha - _B * sum_of_parts(_paid_off(), PIECES),
    parameters=(
        Parameter("L0", "loss after infinitely many steps, not annealed", "loss", True, 0.0),
        amplitude("A", "size of the term of steps at S = 1", "loss·lr_sum^α"),
        amplitude("B", "loss that a fall of the rate by 1 takes away in the end", "loss/lr"),
        Parameter("C", "how soon a fall pays off", "lr_sum^−1·lr^γ", True, 0.0, 1e9),
        exponent("alpha", "how fast loss falls with steps"),
        Parameter("beta", "how the last of a fall's gain comes in", "1", True, 0.01, 10.0),
        exponent("gamma", "how much sooner falls at high rates pay off", upper=3.0),
    ),
    inputs=("lr_sum", *PIECE_INPUTS),
    ranges={
        "lr_sum": (1.0, 20.0),
        **{f"lr_drop_{part}": (1e-7, 2e-5) for part in _PARTS},
        **{f"lr_since_{part}": (0.01, 5.0) for part in _PARTS},
        **{f"lr_at_{part}": (3e-5, 3e-4) for part in _PARTS},
    },
    falls_with=("lr_sum", *(f"lr_since_{part}" for part in _PARTS)),
    starts=_starts,
    neighbours=_neighbours,
    source="Luo et al. 2025, arXiv:2503.12811, equation 1",
)
