"""Draws of the ensemble: which law, which parameters, what it misses, and the noise of a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from flopcast.forecasting.constants import Constants
from flopcast.forecasting.ensemble import Evidence, member_weights
from flopcast.forecasting.estimate import draws as refits
from flopcast.forecasting.rolling import Origin, Slope
from flopcast.forecasting.structure import TAIL, reach, structure_of
from flopcast.forecasting.study import decades_beyond
from flopcast.laws.features import FloatArray

_REFITS: Final = 64


@final
@dataclass(frozen=True, eq=False)
class Outlook:
    """What the members say of the points, before anything is weighed.

    `kind` is that of the study; `support` (members,) is the log likelihood of the runs under
    each; `centres` (members, points) are log losses; `spreads` deviations (refits, points) from
    them under perturbed data and priors; `alive` (members,) is 0 for those that cannot be.
    """

    names: tuple[str, ...]
    kind: str
    support: FloatArray
    centres: FloatArray
    spreads: tuple[FloatArray, ...]
    alive: FloatArray
    decades: FloatArray
    origins: tuple[Origin, ...]
    slope: Slope
    noise: float


@final
@dataclass(frozen=True, eq=False)
class Mixture:
    """Log losses `logs` (draws, points), with weights and what the variance consists of."""

    logs: FloatArray
    prior: FloatArray
    weight: FloatArray
    breakdown: Mapping[str, FloatArray]


def look(
    evidence: Evidence,
    at: Mapping[str, FloatArray],
    alive: FloatArray,
    noise: float,
    rng: np.random.Generator,
) -> Outlook:
    """The members' views of the points."""
    centres, spreads = [], []
    for fit, lives in zip(evidence.fits, alive, strict=True):
        centre = fit.predict(at)
        centres.append(centre[0])
        moved = np.zeros_like(centre)
        if lives:
            moved = fit.predict(at, refits(fit, noise, _REFITS, rng)) - centre
            moved = moved[np.isfinite(moved).all(axis=1)]
        # The estimate stays the centre: refits of a curved law lie off it on average.
        spreads.append(moved - np.median(moved, axis=0) if len(moved) else np.zeros_like(centre))
    return Outlook(
        tuple(fit.candidate.name for fit in evidence.fits),
        evidence.kind,
        evidence.support,
        np.array(centres),
        tuple(spreads),
        alive,
        decades_beyond(evidence.study, at),
        evidence.origins,
        evidence.slope,
        evidence.noise,
    )


def mix(
    outlook: Outlook, constants: Constants, kind: str, draws: int, rng: np.random.Generator
) -> Mixture:
    """`draws` joint log losses at the points."""
    constants = constants.of(outlook.kind)
    prior, weight = member_weights(
        outlook.names, outlook.support, outlook.origins, constants, outlook.alive
    )
    structure = structure_of(outlook.origins, constants, weight, outlook.decades)
    centres = np.where(outlook.alive[:, None] > 0.0, outlook.centres, 0.0)
    centre = weight @ centres
    far = reach(outlook.decades, outlook.slope.steepest, constants)
    which = rng.choice(len(weight), size=draws, p=weight)
    own = np.empty((draws, len(centre)))
    for k in np.unique(which):
        rows = np.flatnonzero(which == k)
        spread = constants.spread * outlook.spreads[k]
        own[rows] = spread[rng.integers(len(spread), size=rows.size)]
    noise = outlook.noise * rng.standard_normal((draws, len(centre)))
    parts = {
        "noise": noise if kind == "new-run" else np.zeros_like(noise),
        "parameters": own,
        "form": centres[which] - centre,
        "distance": rng.standard_t(TAIL, size=(draws, 1)) * structure.scale * far,
    }
    variances = {cause: part.var(axis=0) for cause, part in parts.items()}
    total = np.maximum(np.sum(list(variances.values()), axis=0), 1e-300)
    return Mixture(
        centre + np.sum(list(parts.values()), axis=0),
        prior,
        weight,
        {cause: variance / total for cause, variance in variances.items()},
    )
