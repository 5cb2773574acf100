"""Loss curves that fall as the learning rate is annealed."""

from typing import Final

from flopcast.laws.algebra import number, quantity, size
from flopcast.laws.law import Law, Parameter, amplitude, exponent

_L0, _A, _C, _alpha = quantity("L0"), quantity("A"), quantity("C"), number("alpha")
_S1, _S2 = size("lr_sum"), size("lr_annealing")

TISSUE: Final = Law(
    name="tissue",
    title="Learning-rate annealing (Tissue)",
    equation="L(s) = L0 + A·S1^−α − C·S2, S1 the sum of learning rates, S2 the annealing area",
    loss=_L0 + _A * _S1**-_alpha - _C * _S2,
    parameters=(
        Parameter(
            "L0",
            "loss after infinitely many steps, not annealed",
            "loss",
            True,
            0.0,
            starts=(0.0, 0.5, 0.8, 0.95),
            scale="loss",
        ),
        amplitude("A", "size of the term of steps at S1 = 1", "loss·lr_sum^α"),
        Parameter(
            "C",
            "loss that annealing takes away",
            "loss/lr_annealing",
            True,
            0.0,
            starts=(0.0, 0.01, 0.03, 0.1, 0.3),
            scale="1/lr_annealing_max",
        ),
        exponent("alpha", "how fast loss falls with steps"),
    ),
    inputs=("lr_sum", "lr_annealing"),
    ranges={"lr_sum": (0.3, 30.0), "lr_annealing": (0.01, 3.0)},
    falls_with=("lr_sum", "lr_annealing"),
    source="Tissue et al. 2024, arXiv:2408.11029, equation 1",
)
