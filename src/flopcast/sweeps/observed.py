"""What a study has measured, as runs for a fit, with what laws see of every cell."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from flopcast.errors import InputError, Refused
from flopcast.sweeps.row import Row
from flopcast.sweeps.state import State
from flopcast.sweeps.study import Study

if TYPE_CHECKING:
    from flopcast.observations import Runs


def observed(study: Study, rows: Iterable[Row]) -> "Runs":
    """The runs that are done and finite, one per result; inputs are amounts of the axes.

    Raises Refused when there is none, InputError when a run did not measure the metric.
    """
    from flopcast.observations import read_runs

    lines = [line for row in rows if row.state is State.DONE for line in _lines(study, row)]
    if not lines:
        raise Refused(
            "no_runs", f"{study.name} has no finished run yet.", "Run it: flopcast sweep run"
        )
    table = {name: [line[name] for line in lines] for name in lines[0]}
    return read_runs(
        table,
        metric=study.metric,
        direction=study.direction,
        best=study.best,
        params_convention=study.params_convention,
        duplicates="keep",
    )


def target_point(study: Study) -> dict[str, float]:
    """What a law sees of the target."""
    return study.amounts(study.target)


def last_result(study: Study, row: Row) -> float:
    """The metric of a run that is done, of its last point where it has several.

    Raises InputError when the run did not measure it.
    """
    measured = {**row.metrics, **(row.points[-1] if row.points else {})}
    if study.metric not in measured:
        raise InputError(
            f"run {row.id[:8]} measured {', '.join(measured) or 'nothing'}, not {study.metric!r}.",
            "Return it from the training function, or change metric in the study.",
        )
    return measured[study.metric]


def measured_points(
    study: Study, row: Row
) -> Iterator[tuple[dict[str, float], Mapping[str, float]]]:
    """What laws see of every result of a run, with what it measured.

    Raises InputError when the metric is not among it.
    """
    for point in row.points or ({},):
        settings = dict(row.cell.config)
        settings |= {key: point[key] for key in study.axes if key in point}
        measured = {**row.metrics, **point}
        measured.setdefault(study.metric, last_result(study, row))
        yield study.amounts(settings), measured


def _lines(study: Study, row: Row) -> Iterator[Mapping[str, Any]]:
    for amounts, measured in measured_points(study, row):
        line: dict[str, Any] = {**amounts, "seed": row.cell.seed}
        if study.grid.kind == "ladder":
            line["group"] = row.id[:8]
        yield {**line, study.metric: measured[study.metric]}
