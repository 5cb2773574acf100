"""A benchmark's results as columns: 100,000 of them are sorted and searched in milliseconds.

The table of a page writes the rows that it shows, and no other.
"""

from collections.abc import Sequence
from typing import Any, final

import numpy as np
import numpy.typing as npt

from flopcast.figures.plain.marks import Window
from flopcast.figures.words import how_known
from flopcast.portal.options import State
from flopcast.portal.questions import Question
from flopcast.portal.tables import Column, Leaf

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@final
class Ledger:
    """One row per result with a score, in catalogue order; compute None where it is not known."""

    def __init__(self, question: Question) -> None:
        source, found = question.source, question.points
        scored = np.flatnonzero(np.isfinite(source.columns.error))
        self.runs = list(map(source.runs.__getitem__, scored.tolist()))
        self.error = source.columns.error[scored]
        self.year = source.columns.year[scored]
        self._found = found
        # Points are some of the runs, in their order; -1 stands for a run without a point.
        self.point = np.full(len(self.runs), -1)
        self.point[np.searchsorted(scored, found.place)] = np.arange(found.n)
        self.log10_flop = self._of_points(found.log10_compute)
        fitted = question.burden
        unknown = np.full(found.n, np.nan)
        self.residual = self._of_points(unknown if fitted is None else fitted.regression.residuals)

    def __len__(self) -> int:
        return len(self.runs)

    def _of_points(self, values: FloatArray) -> FloatArray:
        return np.asarray(np.append(values, np.nan)[self.point])

    def row(self, place: int) -> dict[str, Any]:
        """One row as tables and files have it."""
        run, point = self.runs[place], int(self.point[place])
        residual = float(self.residual[place])
        return {
            "run": run.id,
            "name": run.name,
            "year": run.year,
            "error": run.error,
            "flop": None if point < 0 else float(10.0 ** self.log10_flop[place]),
            "imputed": None if point < 0 else bool(self._found.imputed[point]),
            "method": None if point < 0 else how_known(self._found, point),
            "residual": None if np.isnan(residual) else residual,
            "paper": run.source.title,
            "url": run.source.url,
        }

    def rows(self, places: IntArray) -> list[dict[str, Any]]:
        """The rows at some places."""
        return [self.row(place) for place in places.tolist()]

    def inside(self, window: Window | None) -> IntArray:
        """Places of the results in a part of the chart; of all without one."""
        if window is None:
            return np.arange(len(self))
        left, right, low, high = window
        x, y = self.log10_flop, np.log10(np.where(self.error > 0, self.error, np.nan))
        return np.flatnonzero((x >= left) & (x <= right) & (y >= low) & (y <= high))

    def leaf(self, places: IntArray, columns: Sequence[Column], state: State, size: int) -> Leaf:
        """The rows at some places that the state's search, order and leaf leave, unknown last."""
        wanted = state["q"].casefold()
        found = self._holding(places, wanted) if wanted else places
        key, descending = state["sort"].removeprefix("-"), state["sort"].startswith("-")
        ordered = found[self._order(found, key, descending)]
        leaves = max(1, -(-len(found) // size))
        number = min(state["leaf"], leaves)
        shown = self.rows(ordered[(number - 1) * size : number * size])
        return Leaf(
            tuple(columns), shown, len(found), len(places), number, leaves, key, descending
        )

    def _texts(self, key: str) -> list[str | None] | None:
        """The words of a column, None where a row has none; None for a column of numbers."""
        if key == "name":
            return [run.name for run in self.runs]
        if key == "paper":
            return [run.source.title for run in self.runs]
        if key == "method":
            known = [how_known(self._found, point) for point in range(self._found.n)]
            return [None if point < 0 else known[point] for point in self.point.tolist()]
        return None

    def _holding(self, places: IntArray, wanted: str) -> IntArray:
        """Those of some places whose words hold a text, upper and lower case alike."""
        held = np.zeros(len(self), dtype=bool)
        for key in ("name", "method", "paper"):
            texts = self._texts(key) or []
            # Most titles stand in many rows: each is searched once.
            fits = {text for text in set(texts) if text and wanted in text.casefold()}
            held |= np.array([text in fits for text in texts], dtype=bool)
        return places[held[places]]

    def _order(self, places: IntArray, key: str, descending: bool) -> IntArray:
        """The stable order of some places by a column; unknown values come last."""
        texts = self._texts(key)
        if texts is None:
            by = {"flop": self.log10_flop, "residual": self.residual, "error": self.error,
                  "year": self.year}[key][places]  # fmt: skip
            # NaN sorts last, whichever the sign.
            return np.argsort(-by if descending else by, kind="stable")
        words = [(texts[place] or "").casefold() for place in places.tolist()]
        known = [index for index, word in enumerate(words) if word]
        known.sort(key=words.__getitem__, reverse=descending)
        unknown = [index for index, word in enumerate(words) if not word]
        return np.array(known + unknown, dtype=np.intp)
