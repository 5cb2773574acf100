"""The pilots of a study on its first two axes: what each place measured, or how it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, final

from flopcast.sweeps.grid import TARGET
from flopcast.sweeps.view import CellView, StudyView

#: A wider or longer grid is left to the table of cells.
MOST_ROWS: Final = 40
MOST_COLUMNS: Final = 16
#: Shades between the best and the worst loss.
SHADES: Final = 5


@final
@dataclass(frozen=True)
class Place:
    """One place of the grid.

    ``losses`` are of the cells that are done, one per seed (and per setting of a further axis).
    ``shade`` runs from 0 (the best of the grid) to 4. ``others`` are the states of the other
    cells, counted.
    """

    losses: tuple[float, ...]
    shade: int | None
    others: tuple[tuple[str, int], ...]

    @property
    def mean(self) -> float | None:
        """Mean of the losses; None where no cell is done."""
        return sum(self.losses) / len(self.losses) if self.losses else None


@final
@dataclass(frozen=True)
class Grid:
    """Places by row and column; None where the study has no cell. Levels rise."""

    down: str
    across: str
    rows: tuple[Any, ...]
    columns: tuple[Any, ...]
    places: tuple[tuple[Place | None, ...], ...]


def grid_of(seen: StudyView) -> Grid | None:
    """The grid of the pilots; None for one that is too large, or has a single place."""
    pilots = [cell for cell in seen.cells if cell.role != TARGET]
    axes = _axes(seen, pilots)
    if not axes:
        return None
    down, across = axes[0], axes[1] if len(axes) > 1 else ""
    at: dict[tuple[Any, Any], list[CellView]] = {}
    for cell in pilots:
        at.setdefault((cell.settings[down], cell.settings[across] if across else ""), []).append(
            cell
        )
    rows, columns = (_levels(key[i] for key in at) for i in (0, 1))
    if len(rows) > MOST_ROWS or len(columns) > MOST_COLUMNS or len(at) < 2:
        return None
    means = [mean for cells in at.values() if (mean := _place(cells, None).mean) is not None]
    ends = (min(means), max(means)) if means else (0.0, 0.0)
    places = tuple(
        tuple(_place(at[r, c], ends) if (r, c) in at else None for c in columns) for r in rows
    )
    return Grid(down, across, rows, columns, places)


def _axes(seen: StudyView, pilots: Sequence[CellView]) -> list[str]:
    """The first two axes with several levels, those that a law sees before the others."""
    ordered = [*seen.study.roles.values(), *seen.study.axes]
    several = [
        axis
        for axis in dict.fromkeys(ordered)
        if len({cell.settings.get(axis) for cell in pilots}) > 1
        and all(axis in cell.settings for cell in pilots)
    ]
    return several[:2]


def _levels(values: Any) -> tuple[Any, ...]:
    """Distinct levels, numbers by size before words."""
    return tuple(sorted(set(values), key=lambda v: (isinstance(v, str), v)))


def _place(cells: Sequence[CellView], ends: tuple[float, float] | None) -> Place:
    losses = tuple(cell.loss for cell in cells if cell.loss is not None)
    states = [cell.state for cell in cells if cell.loss is None]
    others = tuple((state, states.count(state)) for state in dict.fromkeys(states))
    if ends is None or not losses:
        return Place(losses, None, others)
    low, high = ends
    share = (sum(losses) / len(losses) - low) / (high - low) if high > low else 0.0
    return Place(losses, min(SHADES - 1, int(share * SHADES)), others)
