"""``flopcast fit``: the parameters of a scaling law, how sure they are, and what it predicts."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

from cyclopts import Parameter

from flopcast.cli.runs import Reading, checked_seed, in_options, names, pairs, point, span
from flopcast.errors import InputError, Refused

if TYPE_CHECKING:
    from flopcast.fitting.draws import Resampling
    from flopcast.fitting.fit import ObjectiveName
    from flopcast.fitting.result import FitResult
    from flopcast.laws.features import FloatArray


def fit(
    runs: Path,
    *,
    law: str = "chinchilla",
    reading: Reading = Reading(),  # noqa: B008 - frozen
    objective: str = "huber",
    tail: float = 0.0,
    fix: tuple[str, ...] = (),
    bounds: tuple[str, ...] = (),
    groups: tuple[str, ...] = (),
    bootstrap: int = 1000,
    resampling: str = "case",
    level: float = 0.9,
    seed: int = 0,
    at: tuple[str, ...] = (),
    isoflop: bool = False,
    chart: Path | None = None,
    chart_kind: str = "surface",
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> None:
    """The parameters of a scaling law, how sure they are, and what it predicts.

    Parameters
    ----------
    runs
        A .csv, .jsonl or .parquet file with the columns params, data, loss, ...
    law
        See: flopcast laws. Laws of one axis take it as m2@params.
    reading
        How the file is read.
    objective
        huber (delta 0.001), squared, envelope (leans to the lowest losses) or replicates (Huber
        with delta from the noise of repeated runs).
    tail
        Weigh runs by (compute / largest compute)^tail: above 0 towards the largest.
    fix
        Hold parameters: E=1.7.
    bounds
        Keep parameters between bounds: alpha=0:1.
    groups
        Parameters fitted once per group (column group), the others shared: alpha,beta.
    bootstrap
        Number of resamples behind the intervals; 0 for none.
    resampling
        case, cluster (whole groups) or wild (signs of residuals).
    level
        Level of the intervals.
    seed
        Seed of every random draw.
    at
        Predict there: params=7e10,data=1.4e12; may be given several times.
    isoflop
        The best model size against compute: by parabolas, by a cubic, and by the law.
    chart
        Write a chart: .html, .png, .svg or .json (Vega-Lite).
    chart_kind
        surface, residuals, isoflop or parameters.
    as_json
        Print JSON instead of text.
    """
    from flopcast.cli.fit_text import shown_fit
    from flopcast.fitting.fit import fit as fit_law
    from flopcast.laws.registry import get_law

    if not 0.0 < level < 1.0:
        raise InputError(f"--level is {level:g}; it is between 0 and 1.", "Write 0.9 for 90 %.")
    points = [point(text) for text in at]
    with in_options():
        chosen = get_law(law)
        found = fit_law(
            reading.read(runs, chosen.inputs),
            chosen,
            objective=cast("ObjectiveName", objective),
            tail=tail,
            fixed=pairs(fix, "--fix", float),
            bounds=pairs(bounds, "--bounds", span),
            groups=names(groups),
            bootstrap=bootstrap,
            resampling=cast("Resampling", resampling),
            seed=checked_seed(seed),
            throw=True,
        )
        document = fit_document(found, level)
        if points:
            document["predictions"] = [_prediction(found, *where, level) for where in points]
        if isoflop:
            document["isoflop"] = _allocations(found)
        if chart is not None:
            from flopcast.figures import chart as draw
            from flopcast.figures import save_chart

            save_chart(draw(found, kind=chart_kind), chart)
    print(json.dumps(document, indent=2) if as_json else shown_fit(found, document))


def fit_document(found: "FitResult", level: float) -> dict[str, Any]:
    """The fit as JSON-ready data with intervals at `level`, and what the columns mean."""
    document: dict[str, Any] = json.loads(found.to_json())
    document["interval_level"] = level
    if found.draws is not None:
        intervals = found.conf_int(level, "percentile")
        for row in document["parameters"]:
            row["low"], row["high"] = intervals[row["parameter"]]
    runs = found.runs
    derived = None if runs.compute is None else "6 * params * data"
    document["conventions"] = {
        "direction": runs.direction,
        "best": runs.best,
        "params": runs.params_convention,
        "compute": "given" if "compute" in runs else derived,
        "notes": list(runs.notes),
    }
    return document


def _prediction(
    found: "FitResult", inputs: dict[str, float], group: str | None, level: float
) -> dict[str, Any]:
    """What the law expects at one point, with the interval of its mean."""
    import numpy as np

    for name in inputs:
        if name not in found.law.inputs:
            raise InputError(
                f"--at names {name!r}, which law {found.law.name!r} does not use.",
                f"Its inputs are {', '.join(found.law.inputs)}.",
            )
    if group is not None and not found.task.grouped:
        raise InputError(
            f"--at names group {group!r}, but no parameter differs by group.",
            "Leave it out, or say which do with --groups.",
        )
    predicted = float(found.predict(inputs, group=group)[0])
    if not np.isfinite(predicted):
        where = ", ".join(f"{name}={value:g}" for name, value in inputs.items())
        raise Refused(
            "no_value", f"the fitted law has no value at {where}.", "Predict nearer to the runs."
        )
    low = high = None
    drawn = found.predict_draws(inputs, group=group)[:, 0] if found.draws is not None else None
    if drawn is not None and np.isfinite(drawn).any():
        tail = 0.5 - level / 2.0
        ends = np.quantile(drawn[np.isfinite(drawn)], [tail, 1.0 - tail])
        low, high = float(ends[0]), float(ends[1])
    return {"at": inputs, "group": group, "predicted": predicted, "low": low, "high": high}


def _allocations(found: "FitResult") -> dict[str, Any]:
    """The best size against compute by parabolas, with the law's own beside it."""
    from flopcast.fitting.isoflop import isoflop as by_parabolas
    from flopcast.fitting.isoflop import isoflop_profiles, law_allocation

    if set(found.law.inputs) != {"params", "data"} or found.task.grouped:
        raise InputError(
            f"--isoflop needs one law of params and data, not {found.law.name!r} by "
            f"{', '.join(found.task.grouped or found.law.inputs)}.",
            "Choose another law, or leave out --groups.",
        )
    profiles = isoflop_profiles(found.runs)
    parabolas: dict[str, Any]
    try:
        by = by_parabolas(found.runs, law=found)
        parabolas, budgets = by.to_dict(), by.compute
    except Refused as refusal:
        parabolas, budgets = refusal.to_dict(), _span(found)
    return {
        "parabolas": parabolas,
        "law": law_allocation(found, budgets).to_dict(),
        "profiles": [
            {
                "flop": profile.compute,
                "runs": len(profile.params),
                "bracketed": profile.bracketed,
                "best_params": profile.best_params,
                "best_params_by_cubic": profile.check_params,
            }
            for profile in profiles
        ],
    }


def _span(found: "FitResult") -> "FloatArray":
    """The least and the most compute of the runs, in FLOP."""
    import numpy as np

    compute = found.runs.compute
    if compute is None:
        compute = 6.0 * found.runs["params"] * found.runs["data"]
    return np.array([compute.min(), compute.max()])
