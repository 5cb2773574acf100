"""Modes and nodes: what integrals over a law's numbers are made of."""

import numpy as np
import pytest

from flopcast.forecasting.one_axis_modes import modes
from flopcast.forecasting.one_axis_nodes import NORMAL, around, log_prior, prior_nodes
from flopcast.laws.features import FloatArray

COVARIANCE = np.array([[0.04, 0.03], [0.03, 0.09]])
CENTRE = np.array([2.0, -3.0])


def gauss(z: FloatArray) -> FloatArray:
    """Log density of a normal distribution, up to its constant."""
    away = z - CENTRE
    return np.asarray(-0.5 * np.einsum("ki,ij,kj->k", away, np.linalg.inv(COVARIANCE), away))


def test_a_mode_and_its_width_are_found_from_afar() -> None:
    """From several starts, to a fiftieth of the width, which is where the search stops."""
    found, height, root = modes(gauss, np.array([[0.0, 0.0], [2.1, -3.0], [-6.0, 5.0]]))
    assert found == pytest.approx(np.tile(CENTRE, (3, 1)), abs=0.005)
    assert height == pytest.approx(0.0, abs=1e-4)
    for one in root:
        assert one @ one.T == pytest.approx(COVARIANCE, rel=1e-3)


def test_a_step_never_goes_down() -> None:
    """On a density that is not concave, and is nowhere outside a range."""

    def ripples(z: FloatArray) -> FloatArray:
        with np.errstate(invalid="ignore"):
            return np.asarray((np.cos(3.0 * z) - 0.1 * z**2 + np.sqrt(9.0 - z**2)).sum(axis=1))

    starts = np.array([[0.9], [-1.3], [2.5]])
    found, height, _ = modes(ripples, starts)
    assert np.all(height >= ripples(starts))
    assert np.all(np.isfinite(found))


@pytest.mark.parametrize("tails", [(NORMAL,), (3.0,), (3.0, NORMAL, NORMAL)])
def test_nodes_follow_the_density_that_is_stated(tails: tuple[float, ...]) -> None:
    """Weighted by prior over density, nodes integrate to one and have the prior's median."""
    d = len(tails)
    centres = np.array([np.zeros(d), np.full(d, 1.0)])
    roots = np.stack([np.eye(d), 0.5 * np.eye(d)])
    nodes, density = around(centres, np.zeros(2), roots, tails)
    weight = np.exp(log_prior(nodes, tails) - density)
    assert weight.mean() == pytest.approx(1.0, abs=0.08)
    assert (weight * (nodes[:, 0] < 0.0)).mean() == pytest.approx(0.5, abs=0.06)


def test_prior_nodes_are_even() -> None:
    """Half of each number's nodes lie on either side, and heavy tails reach further."""
    z = prior_nodes((3.0, NORMAL))
    assert (z < 0.0).mean(axis=0) == pytest.approx(0.5, abs=0.01)
    assert np.abs(z[:, 0]).max() > 2.0 * np.abs(z[:, 1]).max()
