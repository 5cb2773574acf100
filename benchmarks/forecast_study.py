"""What the learning and the testing of forecasts share: beliefs from past grids, and outlooks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from forecast_grids import Split, joined

from flopcast.forecasting.candidate import Belief, Candidate
from flopcast.forecasting.constants import Constants, Kind
from flopcast.forecasting.ensemble import ceiling, gather, within_bounds
from flopcast.forecasting.estimate import most_probable
from flopcast.forecasting.members import candidates_by_kind, candidates_for
from flopcast.forecasting.mixture import Outlook, look
from flopcast.forecasting.study import Study
from flopcast.laws.features import FloatArray

WIDER: Final = 2.0  # weak priors for learning: the starting ones with sd times this
LEAST_SD: Final = 0.2
FEWEST_GRIDS: Final = 3
TAIL: Final = 4.0
_MOST_POINTS: Final = 60

Values = dict[str, dict[str, list[float]]]
"""Fitted coordinates by ``law/parameter`` and by grid."""


@dataclass(frozen=True, eq=False)
class Trial:
    """A split with the outlook on it, the log losses that came, and the log of their bound."""

    name: str
    grid: str
    domain: str
    listed: bool
    drawn: int
    runs: int
    y: FloatArray
    outlook: Outlook
    highest: float = np.inf


def fitted_parameters(splits: Sequence[Split], constants: Constants) -> Values:
    """Every law fitted to both sides of every split under weak priors.

    Parameters are in the units of the known side alone, as a forecast will meet them: a floor is
    a smaller part of the losses of small runs than of those of large ones.
    """
    values: Values = {}
    for split in splits:
        known = Study(split.train, constants.most)
        runs = joined(split)
        study = Study(runs, constants.most, known)
        for candidate in candidates_for(runs, Constants()):
            wide = {
                name: Belief(belief.mean, WIDER * belief.sd, belief.log)
                for name, belief in candidate.beliefs.items()
            }
            fit = most_probable(Candidate(candidate.law, wide), study, constants.noise)
            natural = np.maximum(fit.theta, 1e-12)
            logs = np.where(fit.penalty.of_log > 0.0, np.log(natural), fit.theta)
            for parameter, value in zip(fit.model.names, logs.tolist(), strict=True):
                key = f"{candidate.name}/{parameter}"
                values.setdefault(key, {}).setdefault(split.grid, []).append(value)
    return values


def beliefs_without(values: Values, grids: Collection[str]) -> dict[str, tuple[float, float]]:
    """Centre and spread of each parameter over the other grids, each grid counting once."""
    found: dict[str, tuple[float, float]] = {}
    for key, by_grid in values.items():
        known = [float(np.mean(v)) for grid, v in by_grid.items() if grid not in grids]
        if len(known) < FEWEST_GRIDS:
            continue
        least = LEAST_SD if key.split("/")[1] not in ("shift", "turn") else 0.25 * LEAST_SD
        centre, spread = t_centre(np.array(known))
        wide = float(max(spread * np.sqrt(1 + 1 / len(known)), least))
        found[key] = (round(centre, 3), round(wide, 3))
    return found


def with_beliefs(
    constants: Constants, values: Values, splits: Sequence[Split], without: Collection[str]
) -> Constants:
    """Constants with the beliefs that grids other than those gave, and kinds of them."""
    domains = {split.grid: split.domain for split in splits}
    kinds = {}
    for domain in sorted(set(domains.values())):
        others = {grid for grid, its in domains.items() if its != domain}
        beliefs = beliefs_without(values, {*without, *others})
        if beliefs:
            kinds[domain] = Kind(constants.of(domain).untested, beliefs)
    return constants.but(beliefs=beliefs_without(values, without), kinds=kinds)


def t_centre(values: FloatArray) -> tuple[float, float]:
    """Location and scale of a Student t of `TAIL` degrees of freedom, by maximum likelihood."""
    centre = float(np.median(values))
    scale = float(np.std(values)) + 1e-6
    for _ in range(200):
        weight = (TAIL + 1.0) / (TAIL + ((values - centre) / scale) ** 2)
        centre = float(weight @ values / weight.sum())
        scale = float(np.sqrt(weight @ (values - centre) ** 2 / len(values))) + 1e-6
    return centre, scale * float(np.sqrt(len(values) / (len(values) - 1.0)))


def attempt(split: Split, constants: Constants, points: int = _MOST_POINTS) -> Trial:
    """The outlook from a split's known runs on (at most `points` of) those held out."""
    study = Study(split.train, constants.most)
    rows = np.unique(np.linspace(0, len(split.test) - 1, points).round().astype(np.intp))
    order = np.argsort(split.decades, kind="stable")
    test = split.test.where(np.sort(order[rows]))
    evidence = gather(study, candidates_by_kind(split.train, constants), constants)
    reasons = within_bounds(evidence, test.inputs, None, None)
    alive = np.array([0.0 if reason else 1.0 for reason in reasons])
    rng = np.random.default_rng(0)
    outlook = look(evidence, test.inputs, alive, constants.noise, rng)
    return Trial(
        split.name,
        split.grid,
        split.domain,
        split.listed,
        split.drawn,
        len(split.train),
        np.log(test.loss),
        outlook,
        float(np.log(ceiling(study, None))),
    )
