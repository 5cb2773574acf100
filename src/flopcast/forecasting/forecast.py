"""Forecast: an ensemble of laws, weighted by past studies and by this study's backtests."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from flopcast.errors import InputError, Refused
from flopcast.fitting.finding import Finding
from flopcast.forecasting.constants import ANY, Constants, learned
from flopcast.forecasting.ensemble import Evidence, ceiling, gather, within_bounds
from flopcast.forecasting.limits import as_losses, with_limits
from flopcast.forecasting.members import candidates_by_kind
from flopcast.forecasting.mixture import Mixture, look, mix
from flopcast.forecasting.one_axis import axis_of
from flopcast.forecasting.one_axis_constants import OneAxisConstants
from flopcast.forecasting.one_axis_forecast import forecast_one_axis
from flopcast.forecasting.points import as_points
from flopcast.forecasting.result import Forecast, Kind, Member
from flopcast.forecasting.structure import BREAK, Structure, structure_of
from flopcast.forecasting.study import Study
from flopcast.laws.features import FloatArray
from flopcast.laws.law import Law
from flopcast.observations import Runs

_FEWEST: Final = 3


def forecast(
    runs: Runs,
    at: Mapping[str, npt.ArrayLike] | None = None,
    *,
    kind: Kind = "new-run",
    level: float = 0.9,
    floor: float | None = None,
    baseline: float | None = None,
    members: Sequence[str | Law] | None = None,
    draws: int = 2000,
    seed: int = 0,
    constants: Constants | OneAxisConstants | None = None,
    **columns: npt.ArrayLike,
) -> Forecast:
    """Forecast the metric of runs that have not been made, as `at` or keyword columns say.

    ::

        forecast(runs, params=7e10, data=1.4e12).interval()

    Laws suited to the columns are fitted with priors learned on past studies, weighted towards
    the large end. Each counts by its prior and by how well it predicted larger runs of this study
    from smaller ones. The interval holds the noise of a run (``new-run``; without it, ``mean``),
    the uncertainty of the parameters, the disagreement of the laws, and an error that grows with
    the distance beyond the runs, whose size comes from this study's backtests and past ones.

    `floor` and `baseline` are, if known, the lowest possible metric and that of guessing.
    `members` are names of laws, or laws, to use instead of the default ensemble. `constants`
    replaces what was learned from past studies.

    Raises InputError for arguments that make no sense, and Refused for fewer than 3 runs or where
    no law of the ensemble has a possible value.
    """
    _check(kind, level, draws)
    points = as_points(runs, at, columns)
    low, high = as_losses(runs, floor, baseline)
    if len(runs) < _FEWEST:
        raise Refused(
            "too_few_runs",
            f"{len(runs)} runs cannot carry a forecast; at least {_FEWEST} are needed.",
            "Add runs, the cheapest first.",
        )
    axis = axis_of(runs, points, members)
    if axis is not None and not isinstance(constants, Constants):
        return forecast_one_axis(
            runs,
            axis,
            points,
            kind=kind,
            level=level,
            limits=(low, high),
            members=None if members is None else [str(name) for name in members],
            draws=draws,
            seed=seed,
            options={"floor": floor, "baseline": baseline},
            constants=constants,
        )
    used = constants if isinstance(constants, Constants) else learned()
    study = Study(runs, used.most)
    kinds = {
        kind: tuple(with_limits(candidate, study, low, high) for candidate in candidates)
        for kind, candidates in candidates_by_kind(runs, used, members).items()
    }
    evidence = gather(study, kinds, used)
    reasons = within_bounds(evidence, points, low, high)
    alive = np.array([0.0 if reason else 1.0 for reason in reasons])
    if not alive.any():
        raise Refused(
            "no_law_fits",
            f"every law of the ensemble leaves what is possible: {'; '.join(reasons)}.",
            "Add runs nearer to the target, or check floor and baseline.",
        )
    rng = np.random.default_rng(seed)
    outlook = look(evidence, points, alive, used.noise, rng)
    mixed = mix(outlook, used, kind, draws, rng)
    samples = np.clip(np.exp(mixed.logs), low or 0.0, ceiling(study, high))
    return Forecast(
        runs,
        points,
        kind,
        level,
        runs.to_metric(samples),
        _members(evidence, mixed, reasons, points),
        mixed.breakdown,
        outlook.decades,
        _findings(
            evidence,
            reasons,
            structure_of(outlook.origins, used.of(outlook.kind), mixed.weight, outlook.decades),
        ),
        {"floor": floor, "baseline": baseline, "members": list(outlook.names)},
        seed,
    )


def _members(
    evidence: Evidence, mixed: Mixture, reasons: Sequence[str], at: Mapping[str, FloatArray]
) -> tuple[Member, ...]:
    errors = _backtest_errors(evidence)
    return tuple(
        Member(
            fit.candidate.name,
            fit.candidate.law,
            float(mixed.weight[k]),
            float(mixed.prior[k]),
            errors[k],
            "dropped" if reasons[k] else "used",
            reasons[k],
            evidence.study.runs.to_metric(np.exp(fit.predict(at)[0])),
        )
        for k, fit in enumerate(evidence.fits)
    )


def _backtest_errors(evidence: Evidence) -> list[float | None]:
    if not evidence.origins:
        return [None] * len(evidence.fits)
    squares = [np.mean(origin.errors**2, axis=1) for origin in evidence.origins]
    return [float(value) for value in np.sqrt(np.mean(squares, axis=0))]


def _findings(
    evidence: Evidence, reasons: Sequence[str], structure: Structure
) -> tuple[Finding, ...]:
    found = [
        Finding(
            "member_dropped",
            "note",
            f"{fit.candidate.name} was left out: {reason}.",
            "Nothing needs to be done; the other laws stand.",
        )
        for fit, reason in zip(evidence.fits, reasons, strict=True)
        if reason
    ]
    if evidence.kind != ANY:
        found.append(
            Finding(
                "kind_of_study",
                "note",
                f"the runs look like those of {evidence.kind} models, so what such studies "
                "taught about the parameters is expected of them.",
                "Nothing needs to be done.",
            )
        )
    if structure.surprise > BREAK:
        found.append(
            Finding(
                "loss_turned",
                "serious",
                f"the largest runs miss what smaller ones promised by {structure.surprise:.1f} "
                "times what the loss was to fall on the way: it has turned within this study.",
                "Leave out runs from before the turn, or add runs beyond it; until then the "
                "interval is a guess.",
            )
        )
    if not evidence.origins:
        found.append(_untested(evidence))
    return tuple(found)


def _untested(evidence: Evidence) -> Finding:
    """No backtest was possible: past studies speak, and few of them are not of language models."""
    unlike = evidence.kind == ANY
    return Finding(
        "no_backtest",
        "serious" if unlike else "warning",
        f"{len(evidence.study.runs)} runs are too few or too alike in scale to test the laws on "
        "each other; the interval rests on past studies"
        + (", most of them of language models, which these runs are not like." if unlike else "."),
        "Add cheaper runs of several scales.",
    )


def _check(kind: str, level: float, draws: int) -> None:
    if kind not in ("mean", "new-run"):
        raise InputError(f"kind is {kind!r}; it is 'mean' or 'new-run'.")
    if not 0.0 < level < 1.0:
        raise InputError(f"level is {level}; an interval's level is between 0 and 1.")
    if draws < 100:
        raise InputError(f"draws is {draws}; a forecast needs at least 100.")
