"""Compute taken apart into factors, and two runs compared factor by factor.

Hardware burden = peak rate x number of processors x time (Thompson et al. 2022, arXiv:2007.05558,
section 2); operations = operations per pass x passes per sample x samples seen. Logarithms of
factors add up, so each factor's share of the whole ratio is exact.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

from flopcast.records.claims import SECONDS_PER_DAY, claimed_flop
from flopcast.records.schema import Basis, Claim

#: Factor to what it is and its unit.
FACTORS: Final[Mapping[str, tuple[str, str]]] = {
    "rate": ("peak rate of a processor", "FLOP/s"),
    "processors": ("number of processors", ""),
    "time": ("time", "s"),
    "processor_time": ("processors x time", "s"),
    "forward": ("operations of one pass", "FLOP"),
    "pass_factor": ("passes per sample", ""),
    "samples": ("samples seen, epochs x set", ""),
}


@final
@dataclass(frozen=True)
class Factor:
    """One factor of compute in two runs, in the unit that :data:`FACTORS` gives.

    ``ratio`` is second over first; ``share`` is that of its logarithm in the logarithm of the
    whole ratio (they add up to 1), None where the two computes are equal.
    """

    name: str
    first: float
    second: float
    share: float | None

    @property
    def ratio(self) -> float:
        """Second over first."""
        return self.second / self.first

    def to_dict(self) -> dict[str, Any]:
        """The factor, JSON-ready, with what it is and its unit."""
        meaning, unit = FACTORS[self.name]
        return {
            "factor": self.name,
            "meaning": meaning,
            "unit": unit,
            "first": self.first,
            "second": self.second,
            "ratio": self.ratio,
            "share": self.share,
        }


@final
@dataclass(frozen=True)
class Decomposition:
    """How many times the compute of one run another took, factor by factor.

    ``first_flop`` and ``second_flop`` are the products of the factors, in FLOP on one ``basis``.
    """

    basis: Basis
    first_flop: float
    second_flop: float
    factors: tuple[Factor, ...]

    @property
    def ratio(self) -> float:
        """Second compute over first: the product of the factors' ratios."""
        return self.second_flop / self.first_flop

    def degree(self, first_error: float, second_error: float) -> float | None:
        """Exponent k in compute ratio = (first error / second error)^k of these two runs alone.

        None where the error did not fall.
        """
        gain = math.log(first_error / second_error)
        return math.log(self.ratio) / gain if gain > 0 else None

    def to_dict(self) -> dict[str, Any]:
        """The decomposition, JSON-ready."""
        return {
            "basis": self.basis,
            "first_flop": self.first_flop,
            "second_flop": self.second_flop,
            "ratio": self.ratio,
            "factors": [factor.to_dict() for factor in self.factors],
        }


def decompose(
    first: Iterable[Claim],
    second: Iterable[Claim],
    basis: Basis,
    cores: Mapping[str, float],
    scopes: Sequence[str],
) -> Decomposition | None:
    """The ratio of two runs' compute as a product of factors; None where one is not known.

    Several devices or phases of a run are put together so that the product stays exact: phases
    follow one another, devices of a phase work at the same time for as long as the longest, the
    number of processors is the mean over time, the rate the mean over processors and time. Where
    a run states core-days alone, number and time are one factor, ``processor_time``.

    Args:
        first: claims of one run.
        second: claims of the other.
        basis: ``peak`` (rate x processors x time) or ``operations``.
        cores: processor cores per hardware id, for claims in core-days.
        scopes: the phases that count.
    """
    of = _hardware if basis == "peak" else _operations
    left, right = of(first, cores, scopes), of(second, cores, scopes)
    if left is None or right is None:
        return None
    if left.keys() != right.keys():
        left, right = _merged(left), _merged(right)
    totals = [math.prod(values.values()) for values in (left, right)]
    whole = math.log(totals[1] / totals[0])
    factors = tuple(
        Factor(
            name,
            left[name],
            right[name],
            math.log(right[name] / left[name]) / whole if abs(whole) > 1e-12 else None,
        )
        for name in left
    )
    return Decomposition(basis, totals[0], totals[1], factors)


def _hardware(
    claims: Iterable[Claim], cores: Mapping[str, float], scopes: Sequence[str]
) -> dict[str, float] | None:
    burden = processor_time = 0.0
    longest: defaultdict[str, float] = defaultdict(float)
    apart = True
    for claim in _of(claims, "hardware_time", scopes):
        flop = claimed_flop(claim, cores)
        if flop is None or claim.peak is None:
            return None
        burden += flop
        if claim.processors is not None and claim.time is not None:
            processor_time += claim.processors * claim.time
            longest[claim.scope] = max(longest[claim.scope], claim.time)
        elif claim.core_days is not None and claim.hardware is not None:
            processor_time += claim.core_days * SECONDS_PER_DAY / cores[claim.hardware]
            apart = False
    if not burden:
        return None
    found = {"rate": burden / processor_time}
    if not apart:
        return {**found, "processor_time": processor_time}
    time = sum(longest.values())
    return {**found, "processors": processor_time / time, "time": time}


def _merged(found: dict[str, float]) -> dict[str, float]:
    if "processor_time" in found:
        return found
    return {"rate": found["rate"], "processor_time": found["processors"] * found["time"]}


def _operations(
    claims: Iterable[Claim], cores: Mapping[str, float], scopes: Sequence[str]
) -> dict[str, float] | None:
    operations = passes = samples = 0.0
    for claim in _of(claims, "operation_count", scopes):
        flop = claimed_flop(claim, cores)
        if flop is None or claim.forward is None or not claim.epochs or not claim.samples:
            return None
        operations += flop
        passes += flop / claim.forward
        samples += claim.epochs * claim.samples
    if not operations:
        return None
    return {
        "forward": operations / passes,
        "pass_factor": passes / samples,
        "samples": samples,
    }


def _of(claims: Iterable[Claim], method: str, scopes: Sequence[str]) -> list[Claim]:
    return [claim for claim in claims if claim.method == method and claim.scope in scopes]
