"""Mixtures of experts: expert count, granularity, sparsity, and the saturation of experts."""

from typing import Final

from flopcast.laws.algebra import Positive, as_real, exp, log, number, quantity, size
from flopcast.laws.law import Law, Limit, Parameter, amplitude, exponent, floor

_INF: Final = float("inf")
_N, _D, _E = size("params"), size("data"), size("experts")
_start, _most = quantity("E_start"), quantity("E_max")


def _saturating_experts() -> Positive:
    """Ê: 1/Ê = 1/(E − 1 + 1/(1/E_start − 1/E_max)) + 1/E_max, from E_start at E = 1 to E_max."""
    offset = as_real(1.0 / (1.0 / _start - 1.0 / _most))
    shifted = exp(log(as_real(_E) - 1.0 + offset))
    return 1.0 / (1.0 / shifted + 1.0 / _most)


_experts = _saturating_experts()
_SATURATION: Final = (
    Parameter(
        "E_start", "experts that a dense model counts as", "1", True, 0.1, 1e3, starts=(1.0, 4.0)
    ),
    Parameter(
        "E_max",
        "experts beyond which more do not help",
        "1",
        True,
        1.0,
        1e5,
        starts=(150.0, 2000.0),
    ),
)

_a, _b, _c = number("a"), number("b"), number("c")
CLARK: Final = Law(
    name="clark",
    title="Routed language models (Clark)",
    equation=(
        "log L = a·log N + b·log Ê + c·log N·log Ê + d, "
        "1/Ê = 1/(E − 1 + 1/(1/E_start − 1/E_max)) + 1/E_max"
    ),
    loss=quantity("exp_d") * exp(_a * _N.log + _b * _experts.log + _c * (_N.log * _experts.log)),
    parameters=(
        Parameter(
            "a", "slope in dense parameters", lower=-5.0, upper=5.0, starts=(-0.15, -0.08, -0.03)
        ),
        Parameter("b", "slope in experts", lower=-5.0, upper=5.0, starts=(-0.3, -0.15, -0.05)),
        Parameter(
            "c",
            "how experts lose worth with size",
            lower=-1.0,
            upper=1.0,
            starts=(0.0, 0.005, 0.015),
        ),
        amplitude("exp_d", "loss at N = Ê = 1, the exponential of d", "loss"),
        *_SATURATION,
    ),
    inputs=("params", "experts"),
    ranges={"experts": (1.0, 512.0)},
    source="Clark et al. 2022, arXiv:2202.01169, equations 1 and 6; params are dense",
)

_G = size("granularity")
_alpha, _beta, _gamma = number("alpha"), number("beta"), number("gamma")
_A, _B, _g, _floor = quantity("A"), quantity("B"), quantity("g"), quantity("c")
_RATES: Final = (0.1, 0.2, 0.35, 0.5, 0.8)
KRAJEWSKI: Final = Law(
    name="krajewski",
    title="Fine-grained experts (Krajewski)",
    equation="L = c + (g/G^γ + A)/N^α + B/D^β",
    loss=_floor + _g * _G**-_gamma * _N**-_alpha + _A * _N**-_alpha + _B * _D**-_beta,
    parameters=(
        floor("c"),
        amplitude("g", "size of the granularity term at N = G = 1", "loss·params^α"),
        amplitude("A", "size of the model term at N = 1", "loss·params^α"),
        amplitude("B", "size of the data term at D = 1", "loss·data^β"),
        exponent("alpha", "how fast loss falls with model size", starts=_RATES),
        exponent("beta", "how fast loss falls with data", starts=_RATES),
        exponent("gamma", "how fast loss falls with granularity", starts=(0.3, 0.7, 1.5)),
    ),
    inputs=("params", "data", "granularity"),
    ranges={"granularity": (1.0, 64.0)},
    falls_with=("params", "data", "granularity"),
    limits=(
        Limit({"params": _INF, "data": _INF}, _floor),
        Limit({"granularity": _INF}, _floor + _A * _N**-_alpha + _B * _D**-_beta),
    ),
    source="Krajewski et al. 2024, arXiv:2402.07871; their a and b are A and B",
)

_delta, _omega, _zeta = number("delta"), number("omega"), number("zeta")
JOINT_MOE: Final = Law(
    name="joint-moe",
    title="Joint law of dense and expert models (Ludziejewski)",
    equation="L = a·Ê^δ·N^(−α + γ·ln Ê) + b·Ê^ω·D^(−β + ζ·ln Ê) + c, Ê as in clark, N active",
    loss=quantity("a") * _experts**_delta * _N**-_alpha * exp(_gamma * (_experts.log * _N.log))
    + quantity("b") * _experts**_omega * _D**-_beta * exp(_zeta * (_experts.log * _D.log))
    + _floor,
    parameters=(
        amplitude("a", "size of the model term at N = Ê = 1", "loss·params^α"),
        amplitude("b", "size of the data term at D = Ê = 1", "loss·data^β"),
        floor("c"),
        exponent("alpha", "how fast loss falls with active parameters", starts=(0.15, 0.35)),
        exponent("beta", "how fast loss falls with data", starts=(0.15, 0.35)),
        Parameter(
            "gamma",
            "change of the model exponent with experts",
            lower=-1.0,
            upper=1.0,
            starts=(-0.01, 0.01),
        ),
        Parameter("delta", "experts in the model term", lower=-3.0, upper=3.0, starts=(-0.2, 0.2)),
        Parameter("omega", "experts in the data term", lower=-3.0, upper=3.0, starts=(-0.5, 0.1)),
        Parameter(
            "zeta",
            "change of the data exponent with experts",
            lower=-1.0,
            upper=1.0,
            starts=(-0.01, 0.02),
        ),
        *_SATURATION,
    ),
    inputs=("params", "data", "experts"),
    ranges={"experts": (1.0, 512.0)},
    source="Ludziejewski et al. 2025, arXiv:2502.05172; α and β here have the opposite sign",
)

_density = size("density")
_lam = number("lam")
ABNAR: Final = Law(
    name="abnar",
    title="Sparsity of expert models (Abnar)",
    equation="L = a/N^α + b/D^β + c/(1 − S)^λ + d/((1 − S)^δ·N^γ) + e, density = 1 − S",
    loss=quantity("a") * _N**-_alpha
    + quantity("b") * _D**-_beta
    + quantity("c") * _density**-_lam
    + quantity("d") * _density**-_delta * _N**-_gamma
    + quantity("e"),
    parameters=(
        amplitude("a", "size of the model term at N = 1", "loss·params^α"),
        amplitude("b", "size of the data term at D = 1", "loss·data^β"),
        amplitude("c", "size of the sparsity term of a dense model"),
        amplitude("d", "size of the joint term at N = 1, dense", "loss·params^γ"),
        floor("e"),
        exponent("alpha", "how fast loss falls with model size", starts=(0.1, 0.4, 1.5)),
        exponent("beta", "how fast loss falls with data", starts=(0.1, 0.3, 0.6)),
        Parameter(
            "lam", "how loss grows with sparsity", lower=-5.0, upper=5.0, starts=(-0.3, -0.1, 0.2)
        ),
        Parameter(
            "delta", "sparsity in the joint term", lower=-5.0, upper=5.0, starts=(-0.5, -0.1, 0.3)
        ),
        exponent("gamma", "model size in the joint term", starts=(0.1, 0.25, 0.5)),
    ),
    inputs=("params", "data", "density"),
    ranges={"density": (0.02, 1.0)},
    falls_with=("params", "data"),
    source="Abnar et al. 2025, arXiv:2501.12370",
)
