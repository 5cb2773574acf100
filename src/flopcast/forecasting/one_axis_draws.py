"""Draws of a forecast along one axis, and what their variance consists of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from flopcast.forecasting.one_axis_constants import OneAxisConstants
from flopcast.forecasting.one_axis_posterior import Posterior
from flopcast.laws.features import FloatArray


@final
@dataclass(frozen=True, eq=False)
class Draws:
    """Log losses `logs` (draws, points); the share (points,) of each cause in their variance."""

    logs: FloatArray
    breakdown: Mapping[str, FloatArray]


def structural_sd(u: FloatArray, steepness: float, constants: OneAxisConstants) -> FloatArray:
    """Standard deviation (points,) of the error that no law accounts for, at log inputs u."""
    steep = max(steepness, constants.least_steepness) ** constants.steepness
    return np.asarray(constants.distance * steep * np.maximum(u, 0.0) ** constants.power)


def draw(
    posteriors: Sequence[Posterior],
    weights: FloatArray,
    axis: str,
    u: FloatArray,
    structural: FloatArray,
    constants: OneAxisConstants,
    kind: str,
    draws: int,
    rng: np.random.Generator,
) -> Draws:
    """`draws` joint log losses at log inputs u (points,) over the largest run.

    `structural` (points,) is the standard deviation of what all laws miss. Every random part but
    the choice of law and node comes in pairs of opposite sign, so that medians settle early.
    """
    half = (draws + 1) // 2
    counts = _shares(weights, half)
    rows = [
        _rows(posterior, axis, u, count, constants, rng)
        for posterior, count in zip(posteriors, counts, strict=True)
        if count
    ]
    centre = np.concatenate([row.centre for row in rows])
    node = np.concatenate([row.node for row in rows])
    deviation = np.concatenate([row.deviation for row in rows])[:, None]
    level = np.concatenate([row.level for row in rows])[:, None]
    drift = np.concatenate([row.drift for row in rows])[:, None]
    order = rng.permutation(half)
    dof = constants.distance_weight
    parts = {
        "noise": deviation * rng.standard_normal(node.shape) * (kind == "new-run"),
        "parameters": np.broadcast_to(level * rng.standard_normal((half, 1)), node.shape),
        "distance": drift * _brownian(u, half, rng)
        + structural * rng.standard_t(dof, size=(half, 1)),
    }
    moved = np.sum(list(parts.values()), axis=0)
    logs = np.concatenate([(node + moved)[order], (node - moved)[order]])[:draws]
    variances = {cause: (part**2).mean(axis=0) for cause, part in parts.items()}
    variances["parameters"] = variances["parameters"] + (node - centre).var(axis=0)
    variances["form"] = centre.var(axis=0)
    total = np.maximum(np.sum(list(variances.values()), axis=0), 1e-300)
    return Draws(logs, {cause: variance / total for cause, variance in variances.items()})


@final
@dataclass(frozen=True, eq=False)
class _Rows:
    """Draws of one law: its mean and a node's prediction (m, points), and sizes (m,) of errors."""

    centre: FloatArray
    node: FloatArray
    deviation: FloatArray
    level: FloatArray
    drift: FloatArray


def _rows(
    posterior: Posterior,
    axis: str,
    u: FloatArray,
    count: int,
    constants: OneAxisConstants,
    rng: np.random.Generator,
) -> _Rows:
    relative = posterior.relative(axis, u)
    chosen = _systematic(posterior.weight.ravel(), count, rng)
    node, rate = np.divmod(chosen, posterior.weight.shape[1])
    chi = rng.chisquare(posterior.freedom, count) / posterior.freedom
    scale = posterior.scale[node, rate] / chi * constants.spread**2
    mean = posterior.weight.sum(axis=1) @ relative + np.sum(posterior.weight * posterior.level)
    return _Rows(
        np.repeat(mean[None], count, axis=0),
        posterior.level[node, rate][:, None] + relative[node],
        np.sqrt(scale),
        np.sqrt(scale / posterior.precision[rate]),
        np.sqrt(scale * np.array(constants.drift)[rate]),
    )


def _shares(weights: FloatArray, total: int) -> list[int]:
    """Whole numbers that add up to `total`, in proportion to the weights."""
    ends = np.round(np.cumsum(weights / weights.sum()) * total).astype(int)
    return np.diff(ends, prepend=0).tolist()  # type: ignore[no-any-return]


def _systematic(weight: FloatArray, count: int, rng: np.random.Generator) -> FloatArray:
    """Indices (count,) drawn in proportion to the weights, evenly."""
    marks = (np.arange(count) + rng.random()) / count
    places = np.searchsorted(np.cumsum(weight) / weight.sum(), marks)
    return rng.permutation(np.minimum(places, len(weight) - 1))


def _brownian(u: FloatArray, count: int, rng: np.random.Generator) -> FloatArray:
    """Brownian paths (count, points) at log inputs u, 0 up to the largest run."""
    order = np.argsort(u, kind="stable")
    steps = np.diff(np.maximum(u[order], 0.0), prepend=0.0)
    paths = np.cumsum(np.sqrt(steps) * rng.standard_normal((count, len(u))), axis=1)
    placed = np.empty_like(paths)
    placed[:, order] = paths
    return placed
