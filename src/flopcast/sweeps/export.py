"""The finished runs of a study as a RUNS table: what ``flopcast fit`` and ``forecast`` read."""

from collections.abc import Iterable
from typing import Any

from flopcast.errors import Refused
from flopcast.sweeps.observed import measured_points
from flopcast.sweeps.row import Row
from flopcast.sweeps.state import State
from flopcast.sweeps.study import Study


def export_rows(study: Study, rows: Iterable[Row]) -> list[dict[str, Any]]:
    """One record per result: what laws see, the metric, then everything else of the run.

    Columns ``params``, ``data`` and the metric come first, then ``seed``, ``role``, ``cell``,
    the configuration and further metrics, then ``wall_seconds`` and ``charged`` (in the unit of
    the budget). Raises Refused when no run is done.
    """
    found = [line for row in rows if row.state is State.DONE for line in _records(study, row)]
    if not found:
        raise Refused(
            "no_runs", f"{study.name} has no finished run yet.", "Run it: flopcast sweep run"
        )
    names = dict.fromkeys(name for line in found for name in line)
    return [{name: line.get(name) for name in names} for line in found]


def _records(study: Study, row: Row) -> Iterable[dict[str, Any]]:
    for amounts, measured in measured_points(study, row):
        record: dict[str, Any] = {**amounts, study.metric: measured[study.metric]}
        record |= {"seed": row.cell.seed, "role": row.role, "cell": row.id}
        if row.points:
            record["group"] = row.id[:8]
        for name, value in (*row.cell.config.items(), *measured.items()):
            if not isinstance(value, list | dict):
                record.setdefault(name, value)
        record.setdefault("wall_seconds", row.seconds)
        record["charged"] = row.charged
        yield record
