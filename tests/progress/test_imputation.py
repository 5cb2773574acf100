"""From one accounting of compute to the other."""

import numpy as np
import pytest

from flopcast.progress.imputation import Line, conversion_line, imputation_line
from flopcast.records.query import Catalogue


def test_coco_uses_the_constants_of_the_release(release: Catalogue) -> None:
    """COCO has no run with both measures; the published constants are used, and said so."""
    line = imputation_line(release["coco-box-ap"])
    assert line is not None
    assert (line.intercept, line.slope) == (2.7580, 0.8935)
    assert line.source == "constants of the 2022 release"


def test_conversion_is_a_share_of_peak(release: Catalogue) -> None:
    """Burden becomes operations by a constant utilisation below one, with a standard error."""
    line = conversion_line(release["imagenet-top1"])
    assert line is not None
    assert line.slope == 1.0
    assert 0.05 < 10**line.intercept < 1.0
    assert line.n == 8
    assert line.cov[0, 0] == pytest.approx(line.residual_sd**2 / 8)


def test_draws_of_the_line_have_its_uncertainty() -> None:
    """Deviations are centred, spread as the covariance says, and nil where nothing is imputed."""
    cov = np.array([[0.04, 0.0], [0.0, 0.0]])
    line = Line(0.0, 1.0, cov, 0.3, 200, "test")
    drawn = line.draw(np.array([1.0, np.nan]), 20_000, np.random.default_rng(0))
    assert drawn.shape == (20_000, 2)
    assert abs(drawn[:, 0].mean()) < 0.01
    assert drawn[:, 0].std() == pytest.approx(0.2, rel=0.05)
    assert not drawn[:, 1].any()
