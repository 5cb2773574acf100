"""What a study measured: finished runs as columns, and as Runs for a fit."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, final

from flopcast.errors import InputError, nearest
from flopcast.sweeps.canonical import digest
from flopcast.sweeps.files import storing
from flopcast.sweeps.row import Row

if TYPE_CHECKING:
    from flopcast.observations import Direction, ParamsConvention, Runs

_GROUP_DIGITS: Final = 8


@final
@dataclass(frozen=True)
class Table:
    """Finished runs. One line per run, or one per point where a run measured several."""

    rows: tuple[Row, ...]
    source: str = "study"

    def __len__(self) -> int:
        return sum(max(1, len(row.points)) for row in self.rows)

    @cached_property
    def columns(self) -> dict[str, list[Any]]:
        """Columns of equal length: what the run was, then what it measured; None where absent.

        Settings in tables of the configuration are named ``table.key``. A metric that bears the
        name of a setting is called ``metric.name``. `group` is the label of the cell, else its
        own.
        """
        lines = list(self._lines())
        names = dict.fromkeys(name for line in lines for name in line)
        return {name: [line.get(name) for line in lines] for name in names}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what was measured: the same whatever the order, timing and attempts."""
        kept = [
            {"cell": row.id, "metrics": dict(row.metrics), "points": [dict(p) for p in row.points]}
            for row in self.rows
        ]
        return digest(sorted(kept, key=lambda one: str(one["cell"])))

    def to_csv(self, path: str | Path) -> None:
        """Writes the columns to a CSV file. Raises StorageFailed."""
        path = Path(path)
        with storing(path), path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(self.columns)
            writer.writerows(zip(*self.columns.values(), strict=True))

    def runs(
        self,
        inputs: Mapping[str, str],
        *,
        metric: str = "loss",
        direction: "Direction | None" = None,
        best: float | None = None,
        params_convention: "ParamsConvention | None" = None,
    ) -> "Runs":
        """The runs for a fit. `inputs` maps what laws use to columns: ``{"params": "n"}``.

        Raises InputError for a column that is not there, an empty table, and whatever `read_runs`
        does not accept.
        """
        from flopcast.observations import read_runs

        if not self.rows:
            raise InputError(f"{self.source} has no finished run yet; a fit needs runs.")
        for name in (*inputs.values(), metric):
            if name not in self.columns:
                raise InputError(
                    f"{self.source} has no column {name!r}; it has {', '.join(self.columns)}."
                    f"{nearest(name, self.columns)}"
                )
        columns = {role: self.columns[name] for role, name in inputs.items()}
        columns |= {name: self.columns[name] for name in ("group", "seed")}
        return read_runs(
            {**columns, metric: self.columns[metric]},
            metric=metric,
            direction=direction,
            best=best,
            params_convention=params_convention,
            duplicates="keep",
        )

    def _lines(self) -> Iterator[dict[str, Any]]:
        for row in self.rows:
            head = {"cell": row.id, "role": row.role, "seed": row.cell.seed}
            head["group"] = row.group or row.id[:_GROUP_DIGITS]
            settings = dict(_flat(row.cell.config))
            tail = {"seconds": row.seconds, "charged": row.charged}
            for point in row.points or ({},):
                measured = {**row.metrics, **point}
                named = {
                    (f"metric.{name}" if name in settings or name in head else name): value
                    for name, value in measured.items()
                }
                yield {**settings, **head, **tail, **named}


def _flat(config: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in config.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
