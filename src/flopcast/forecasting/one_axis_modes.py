"""Where a density is highest, from several starts at once, and how wide it is there."""

from collections.abc import Callable
from typing import Final

import numpy as np

from flopcast.laws.features import FloatArray

_STEPS: Final = 14
_APART: Final = 1e-3
_LEAST_CURVATURE: Final = 0.1
_LONGEST: Final = 3.0
_CONVERGED: Final = 1e-4

LogDensity = Callable[[FloatArray], FloatArray]


def modes(
    log_density: LogDensity, starts: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Modes from starts (s, d): where (s, d), how high (s,), how wide (s, d, d).

    Heights are log densities; a width is a matrix R such that R·Rᵀ is the inverse of the
    curvature (Laplace's approximation). Newton's method by differences, on the absolute curvature
    so that every step climbs, and damped after one that does not.
    """
    z, value = starts.copy(), log_density(starts)
    damping = np.ones(len(z))
    for _ in range(_STEPS):
        gradient, curvature, turn = _local(log_density, z, value)
        along = np.einsum("sji,sj->si", turn, gradient) / (curvature + damping[:, None])
        step = np.einsum("sij,sj->si", turn, along)
        length = np.sqrt((step**2).sum(axis=1, keepdims=True))
        tried = z + step * np.minimum(1.0, _LONGEST / np.maximum(length, 1e-12))
        reached = log_density(tried)
        if np.abs(reached - value).max() < _CONVERGED:
            break
        better = reached > value
        z = np.where(better[:, None], tried, z)
        value = np.where(better, reached, value)
        damping = np.where(better, damping / 8.0, damping * 8.0)
    _, curvature, turn = _local(log_density, z, value)
    return z, value, turn / np.sqrt(curvature)[:, None, :]


def _local(
    log_density: LogDensity, z: FloatArray, value: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Gradients (s, d), absolute curvatures (s, d), their directions (s, d, d)."""
    count, d = z.shape
    steps = _APART * np.eye(d)
    i, j = np.triu_indices(d, 1)
    moves = np.concatenate([steps, -steps, steps[i] + steps[j]])
    there = log_density((z[:, None] + moves).reshape(-1, d)).reshape(count, -1)
    up, down, across = there[:, :d], there[:, d : 2 * d], there[:, 2 * d :]
    hessian = np.empty((count, d, d))
    hessian[:, range(d), range(d)] = (up + down - 2.0 * value[:, None]) / _APART**2
    mixed = (across - up[:, i] - up[:, j] + value[:, None]) / _APART**2
    hessian[:, i, j] = hessian[:, j, i] = mixed
    bent, turn = np.linalg.eigh(np.nan_to_num(hessian, posinf=0.0, neginf=0.0))
    # Where the density is nowhere nearby, a start stays.
    gradient = np.nan_to_num((up - down) / (2.0 * _APART), posinf=0.0, neginf=0.0)
    return gradient, np.maximum(np.abs(bent), _LEAST_CURVATURE), turn
