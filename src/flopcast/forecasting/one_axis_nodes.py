"""Evenly spread nodes of a law's numbers: of their prior, and around the modes of a posterior."""

from collections.abc import Sequence
from functools import cache
from math import lgamma, log, pi
from typing import Final

import numpy as np

from flopcast.laws.features import FloatArray

NORMAL: Final = float("inf")
"""Degrees of freedom of a prior without heavy tails."""

_NODES: Final = 512
_HEAVY: Final = 5.0  # degrees of freedom around a mode
_WIDER: Final = 1.4
_EVERY: Final = 8  # one node in so many is the prior's
_FLAT: Final = 0.5  # power of a mode's mass in its share of the nodes
_GOLDEN: Final = 0.6180339887498949  # spreads the modes' nodes evenly over the points


def prior_nodes(tails: tuple[float, ...]) -> FloatArray:
    """Points (k, d) of independent Student t of unit scale and `tails` degrees of freedom (d,)."""
    from scipy.special import ndtr, stdtrit

    z = _normals(len(tails))
    columns = [
        z[:, k] if dof == NORMAL else stdtrit(dof, ndtr(z[:, k])) for k, dof in enumerate(tails)
    ]
    return np.stack(columns, axis=1)


def log_prior(z: FloatArray, tails: Sequence[float]) -> FloatArray:
    """Log density (k,) of the prior at z (k, d)."""
    total = np.zeros(len(z))
    for k, dof in enumerate(tails):
        square = z[:, k] ** 2
        if dof == NORMAL:
            total += -0.5 * (square + log(2.0 * pi))
        else:
            one = lgamma((dof + 1.0) / 2.0) - lgamma(dof / 2.0) - 0.5 * log(dof * pi)
            total += one - 0.5 * (dof + 1.0) * np.log1p(square / dof)
    return total


def around(
    centres: FloatArray, heights: FloatArray, roots: FloatArray, tails: tuple[float, ...]
) -> tuple[FloatArray, FloatArray]:
    """Nodes (k, d) around modes, and the log of the density (k,) that they follow.

    Each mode (s, d) of log density `heights` (s,) and width `roots` (s, d, d) gets nodes of a
    heavy-tailed distribution; one node in eight is the prior's, so that no part of it is left
    without any.
    """
    d = centres.shape[1]
    volume = np.linalg.slogdet(roots)[1]
    mass = np.exp(_FLAT * (heights + volume - (heights + volume).max()))
    share = mass / mass.sum()
    z = _normals(d)
    which = np.searchsorted(np.cumsum(share), (np.arange(len(z)) * _GOLDEN) % 1.0)
    which = np.minimum(which, len(share) - 1)
    chi = np.random.default_rng(d).chisquare(_HEAVY, len(z)) / _HEAVY
    steps = _WIDER * z / np.sqrt(chi)[:, None]
    nodes = centres[which] + np.einsum("kij,kj->ki", roots[which], steps)
    nodes[::_EVERY] = prior_nodes(tails)[::_EVERY]
    rest = 1.0 / _EVERY
    parts = [np.log(rest) + log_prior(nodes, tails)]
    for centre, root, size, part in zip(centres, roots, volume, share, strict=True):
        away = np.linalg.solve(root, (nodes - centre).T) / _WIDER
        parts.append(log((1.0 - rest) * part) + _log_heavy(away) - size - d * log(_WIDER))
    return nodes, np.asarray(np.logaddexp.reduce(parts, axis=0))


def _log_heavy(away: FloatArray) -> FloatArray:
    """Log density of the multivariate t of unit scale at (d, k)."""
    d = len(away)
    constant = lgamma((_HEAVY + d) / 2.0) - lgamma(_HEAVY / 2.0) - 0.5 * d * log(_HEAVY * pi)
    return np.asarray(constant - (_HEAVY + d) / 2.0 * np.log1p((away**2).sum(axis=0) / _HEAVY))


@cache
def _normals(dimensions: int) -> FloatArray:
    """Evenly spread points (k, d) of the standard normal distribution."""
    from scipy.special import ndtri
    from scipy.stats.qmc import Sobol

    uniform = Sobol(dimensions, seed=0).random(_NODES)
    return np.asarray(ndtri(np.clip(uniform, 1e-6, 1.0 - 1e-6)))
