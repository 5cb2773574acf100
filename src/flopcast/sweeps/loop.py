"""The loop: run a small corner, forecast, choose the next cells, stop when it is enough."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, final

from flopcast.errors import Refused
from flopcast.sweeps.choose import next_cells, worth
from flopcast.sweeps.cost import correction
from flopcast.sweeps.executor import Executor
from flopcast.sweeps.grid import HOLDOUT, TARGET, Candidate, corner
from flopcast.sweeps.observed import last_result, observed, target_point
from flopcast.sweeps.outlook import Outlook, look, score
from flopcast.sweeps.row import Row
from flopcast.sweeps.runner import run_cells
from flopcast.sweeps.state import FINAL, State
from flopcast.sweeps.store import Store
from flopcast.sweeps.study import Study
from flopcast.sweeps.task import Limits

StopCode = Literal["complete", "narrow", "not_worth", "budget", "interrupted"]
FORECAST, DECISION, BACKTEST, OUTCOME = "forecast", "decision", "backtest", "outcome"


@final
@dataclass
class Loop:
    """Drives one study on one store. `run` may be called again: it goes on where it stopped.

    `cells` are the candidates of the study, `goal` the target as a cell. `tick` is called when
    something may have changed, twice a second at least; `should_stop` is asked as often.
    """

    study: Study
    store: Store
    executor: Executor
    cells: Sequence[Candidate]
    goal: Candidate
    tick: Callable[[], None] = lambda: None
    should_stop: Callable[[], bool] = lambda: False
    outlook: Outlook | None = field(default=None, init=False)
    _interrupted: bool = field(default=False, init=False)
    _poor: bool = field(default=False, init=False)

    def run(self) -> StopCode:
        """Runs cells until a stop rule holds; why it stopped, which is recorded too."""
        code = self._run()
        self._decide("stop", code, _REASONS[code])
        return code

    def run_target(self) -> None:
        """Forecasts the target from every run so far, trains it, and records how that did.

        Raises Refused where the runs cannot carry a forecast: nothing is trained then.
        """
        self._look(())
        latest = self.store.records(FORECAST)[-1]
        if (refused := latest.get("refused")) is not None:
            raise Refused(refused["code"], refused["reason"], refused["hint"])
        self._decide("target", "target", "the forecast is recorded; the target is trained")
        self._train([self.goal])
        row = self._row(self.goal.id)
        if row and row.state is State.DONE and not self.store.records(OUTCOME):
            runs = observed(self.study, self._pilots())
            measured = last_result(self.study, row)
            self.store.record(OUTCOME, score(self.study, runs, [(self.goal, measured)]))
        self._decide("stop", "target", self._target_end(row))

    def _run(self) -> StopCode:
        small = self._waiting(corner(self.study, self.cells))
        if small:
            self._decide("run", "corner", "the small corner first", small)
            self._train(small)
        while not (self._interrupted or self._poor):
            waiting = self._waiting(self.cells)
            pilots = [one for one in waiting if one.role != HOLDOUT]
            self._look(waiting)
            if not waiting:
                return "complete"
            if (enough := self._enough(waiting)) is not None:
                return enough
            batch = next_cells(
                self.study, pilots or waiting, self._done(), self.outlook and self.outlook.gains
            )
            if pilots:
                self._decide("run", "next", self._why(batch), batch)
                self._train(batch)
            else:
                self._decide(
                    "run", "holdout", "the top level of compute, held out so far", waiting
                )
                self._train(waiting)
                self._backtest()
        if self._interrupted:
            return "interrupted"
        self._look(())
        return "budget"

    def _polled(self) -> bool:
        self.tick()
        return self.should_stop()

    def _enough(self, waiting: Sequence[Candidate]) -> StopCode | None:
        """Whether the interval is narrow enough, or no cell is worth its cost."""
        stop, outlook = self.study.stop, self.outlook
        if outlook is None:
            return None
        if stop.width is not None and outlook.width <= stop.width:
            return "narrow"
        if stop.least_gain > 0.0 and all(
            worth(one, outlook.gains.get(one.id, 0.0), self.goal.cost) < stop.least_gain
            for one in waiting
        ):
            return "not_worth"
        return None

    def _train(self, cells: Sequence[Candidate]) -> None:
        factor = self._correction()
        self.store.add([one.planned(factor) for one in cells])
        limits = Limits(self.study.limits.seconds, self.study.limits.memory_bytes)
        summary = run_cells(
            self.store,
            self.executor,
            limits=limits,
            only=[one.id for one in cells],
            should_stop=self._polled,
        )
        self._interrupted = self._interrupted or summary.interrupted
        self._poor = self._poor or bool(summary.unaffordable)

    def _look(self, waiting: Sequence[Candidate]) -> None:
        """Forecasts the target and records it, unless the same runs said it before."""
        latest = self.store.records(FORECAST)[-1:]
        try:
            runs = observed(self.study, self._pilots())
            if not waiting and [one.get("data_sha256") for one in latest] == [runs.digest]:
                return
            self.outlook = look(self.study, runs, target_point(self.study), waiting)
        except Refused as refusal:
            self.outlook = None
            body: dict[str, Any] = {"runs": len(self._done()), **refusal.to_dict()}
        else:
            body = self.outlook.to_dict()
        body |= {"spent": self.store.ledger.account().spent}
        if body not in latest:
            self.store.record(FORECAST, body)
        self.tick()

    def _backtest(self) -> None:
        """Holds the forecast of the smaller runs against the level that was held out."""
        rows = {row.id: row for row in self.store.rows() if row.state is State.DONE}
        top = [one for one in self.cells if one.role == HOLDOUT and one.id in rows]
        held = [(one, last_result(self.study, rows[one.id])) for one in top]
        smaller = [row for row in rows.values() if row.role not in (HOLDOUT, TARGET)]
        if not held or self.store.records(BACKTEST):
            return
        try:
            self.store.record(BACKTEST, score(self.study, observed(self.study, smaller), held))
        except Refused as refusal:
            self.store.record(BACKTEST, refusal.to_dict())

    def _pilots(self) -> list[Row]:
        wanted = {one.id for one in self.cells}
        return [row for row in self.store.rows() if row.id in wanted]

    def _done(self) -> list[Candidate]:
        done = {row.id for row in self.store.rows() if row.state is State.DONE}
        return [one for one in self.cells if one.id in done]

    def _waiting(self, cells: Sequence[Candidate]) -> list[Candidate]:
        ended = {row.id for row in self.store.rows() if row.state in FINAL}
        return [one for one in cells if one.id not in ended]

    def _row(self, id: str) -> Row | None:
        return next((row for row in self.store.rows() if row.id == id), None)

    def _target_end(self, row: Row | None) -> str:
        if row is not None and row.state is State.DONE:
            return "the target is trained and its forecast scored"
        if self._interrupted:
            return _REASONS["interrupted"]
        if row is not None and row.state in FINAL:
            return f"the target gave no result: {row.reason}"
        return "the budget cannot pay the target"

    def _correction(self) -> float:
        stated = {one.id: one.cost for one in self.cells}
        done = [row for row in self.store.rows() if row.state is State.DONE and row.id in stated]
        return correction((stated[row.id], row.charged / max(1, row.attempts)) for row in done)

    def _why(self, batch: Sequence[Candidate]) -> str:
        gains = self.outlook.gains if self.outlook else {}
        if self.study.grid.kind != "active" or not gains:
            return "the next cells of the grid, by compute"
        best = max(gains.get(one.id, 0.0) for one in batch)
        return f"most expected gain per cost; up to {best:.1%} of the interval's width each"

    def _decide(
        self, action: str, code: str, reason: str, cells: Sequence[Candidate] = ()
    ) -> None:
        body = {"action": action, "code": code, "reason": reason}
        self.store.record(DECISION, {**body, "cells": [one.id for one in cells]})


_REASONS: Final[dict[StopCode, str]] = {
    "complete": "every cell of the study has been run",
    "narrow": "the interval of the target is as narrow as asked",
    "not_worth": "no further cell is expected to be worth its cost",
    "budget": "the budget cannot pay the next cells",
    "interrupted": "the caller asked to stop; run again to go on",
}
