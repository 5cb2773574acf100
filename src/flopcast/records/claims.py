"""Recomputes compute from ingredients: what a claim comes to in FLOP.

Two accountings, never mixed silently (Thompson et al. 2022, arXiv:2007.05558, section 2):

- hardware burden = sum over phases and devices of number x peak rate x time (basis ``peak``);
- network operations = operations per pass x 3 x epochs x samples (basis ``operations``), where
  a multiply-add counts two and 3 stands for one forward and one twice as costly backward pass.
"""

from collections.abc import Iterable, Mapping, Sequence

from flopcast.records.schema import Basis, Claim

SECONDS_PER_DAY = 86_400.0
#: Phases that make the model itself; architecture search is told apart from them.
TRAINING_SCOPES = ("pretraining", "training", "fine-tuning", "total")
#: Methods that state a total, the authors' before a compiler's.
_SAYS = ("reported", "third_party")


def claimed_flop(claim: Claim, cores: Mapping[str, float]) -> float | None:
    """FLOP that a claim states or comes to, on its own basis; None where an ingredient is unknown.

    Args:
        claim: the claim.
        cores: processor cores per hardware id, for claims stated in core-days.
    """
    if claim.method == "hardware_time":
        return _processor_time_flop(claim, cores)
    if claim.method == "operation_count":
        return _product(claim.forward, claim.pass_factor, claim.epochs, claim.samples)
    return claim.flop


def _processor_time_flop(claim: Claim, cores: Mapping[str, float]) -> float | None:
    flop = _product(claim.processors, claim.peak, claim.time)
    if flop is None and claim.hardware is not None and claim.hardware in cores:
        return _product(claim.core_days, SECONDS_PER_DAY, claim.peak, 1.0 / cores[claim.hardware])
    return flop


def _product(*factors: float | None) -> float | None:
    total = 1.0
    for factor in factors:
        if factor is None:
            return None
        total *= factor
    return total


def recomputed(
    claims: Iterable[Claim],
    basis: Basis,
    cores: Mapping[str, float],
    scopes: tuple[str, ...] = (*TRAINING_SCOPES, "search"),
) -> float | None:
    """FLOP from ingredients on one basis, summed over phases and devices.

    None where there is no such claim or where an ingredient of any of them is unknown: a sum
    without one of its phases would understate the run.
    """
    method = "hardware_time" if basis == "peak" else "operation_count"
    total: float | None = None
    for claim in claims:
        if claim.method == method and claim.scope in scopes:
            part = claimed_flop(claim, cores)
            if part is None:
                return None
            total = part if total is None else total + part
    return total


def stated(claims: Sequence[Claim], basis: Basis) -> float | None:
    """FLOP stated for the whole run, by the authors before a compiler; None where nobody does."""
    for method in _SAYS:
        for claim in claims:
            if claim.method == method and claim.basis == basis:
                return claim.flop
    return None


def forward_flop(claims: Iterable[Claim]) -> float | None:
    """Operations of one forward pass (FLOP) of the final network: its last phase's figure."""
    order = ("pretraining", "training", "fine-tuning")
    found = [
        (order.index(claim.scope), claim.forward)
        for claim in claims
        if claim.forward is not None and claim.scope in order
    ]
    return max(found)[1] if found else None


def implied_utilisation(operations: float, peak: float) -> float:
    """Share of peak that the counted operations make up: operations / hardware burden."""
    return operations / peak
