"""Whether the runs of a study can carry a forecast of its target: typed findings."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from flopcast.fitting.finding import Finding
    from flopcast.observations import Runs

_FEWEST_LEVELS: Final = 4
_COLLINEAR: Final = 0.9
_FAR_DECADES: Final = 1.5


def adequacy(runs: "Runs", decades: float | None, failures: Mapping[str, int]) -> "list[Finding]":
    """Findings about levels, collinearity, seeds, distance and failed runs.

    `decades` is how far the target lies beyond the runs, in powers of ten of compute, None if not
    known. `failures` counts failed runs by state.
    """
    import numpy as np

    from flopcast.fitting.finding import Finding

    found = []
    for name, column in runs.inputs.items():
        levels = len(np.unique(np.round(np.log(column), 6)))
        if levels < _FEWEST_LEVELS:
            found.append(Finding(
                "few_levels", "warning", f"{name} has {levels} levels; a curve needs 4 or more.",
                f"Add levels of {name}.",
            ))  # fmt: skip
    if {"params", "data"} <= set(runs.inputs) and len(runs) > 2:
        logs = np.log([runs["params"], runs["data"]])
        with np.errstate(divide="ignore", invalid="ignore"):
            r = float(np.nan_to_num(np.corrcoef(logs)[0, 1]))
        if abs(r) > _COLLINEAR:
            found.append(Finding(
                "collinear", "warning",
                f"params and data rise together (r = {r:.2f}): their effects are confused.",
                "Add runs off the diagonal: large models with little data, and the reverse.",
            ))  # fmt: skip
    if runs.seed is not None and len(set(runs.seed.tolist())) < 2:
        found.append(Finding(
            "single_seed", "note", "all runs have one seed; their noise is taken from elsewhere.",
            "Repeat some cells with another seed.",
        ))  # fmt: skip
    if decades is not None and decades > _FAR_DECADES:
        found.append(Finding(
            "far", "warning",
            f"the target lies {decades:.1f} decades of compute beyond the runs.",
            "Add larger pilots, or expect a wide interval.",
        ))  # fmt: skip
    if failures:
        listed = ", ".join(f"{count} {state}" for state, count in sorted(failures.items()))
        found.append(Finding(
            "failed_runs", "warning", f"some runs gave no result: {listed}.",
            "See why with: flopcast sweep status",
        ))  # fmt: skip
    return found
