"""Where a study stands, from its store alone: cells, spend, forecasts, decisions, findings."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

from flopcast.errors import InputError, Refused
from flopcast.sweeps.adequacy import adequacy
from flopcast.sweeps.budget import Account
from flopcast.sweeps.grid import TARGET, Candidate
from flopcast.sweeps.loop import BACKTEST, DECISION, FORECAST, OUTCOME
from flopcast.sweeps.observed import observed, target_point
from flopcast.sweeps.row import Row
from flopcast.sweeps.state import ACTIVE, State
from flopcast.sweeps.store import Store
from flopcast.sweeps.study import Study

SCHEMA: Final = "flopcast.sweep/1"
_WRONG: Final = (State.FAILED, State.DIVERGED, State.OVER_BUDGET, State.STOPPED, State.CANCELLED)


@final
@dataclass(frozen=True)
class Status:
    """Where a study stands.

    `counts` are cells by state, among them ``waiting``: those of the study that are not in the
    store yet. `running` and `wrong` are rows that run now and that ended without a result.
    `forecasts` are oldest first; `backtest` and `outcome` say how the held-out level and the
    target compared with their forecasts, None before. `pilot_flop` and `target_flop` are stated.
    """

    name: str
    metric: str
    target: dict[str, float]
    counts: dict[str, int]
    account: Account
    running: tuple[dict[str, Any], ...]
    wrong: tuple[dict[str, Any], ...]
    forecasts: tuple[dict[str, Any], ...]
    decisions: tuple[dict[str, Any], ...]
    backtest: dict[str, Any] | None
    outcome: dict[str, Any] | None
    findings: tuple[dict[str, str], ...]
    pilot_flop: float
    target_flop: float

    @property
    def forecast(self) -> dict[str, Any] | None:
        """The latest forecast of the target, None before the first."""
        return self.forecasts[-1] if self.forecasts else None

    @property
    def stopped(self) -> dict[str, Any] | None:
        """The decision to stop, None while the study goes on."""
        last = self.decisions[-1] if self.decisions else None
        return last if last and last["action"] == "stop" else None

    def to_dict(self) -> dict[str, Any]:
        """The status as JSON-ready data."""
        from flopcast import __version__

        return {
            "schema": SCHEMA,
            "version": __version__,
            "study": self.name,
            "metric": self.metric,
            "target": self.target,
            "cells": self.counts,
            "budget": self.account.to_dict(),
            "running": list(self.running),
            "wrong": list(self.wrong),
            "forecasts": list(self.forecasts),
            "decisions": list(self.decisions),
            "backtest": self.backtest,
            "outcome": self.outcome,
            "findings": list(self.findings),
            "pilot_flop": self.pilot_flop,
            "target_flop": self.target_flop,
            "cost_ratio": self.target_flop / self.pilot_flop if self.pilot_flop else None,
        }

    def to_json(self) -> str:
        """:meth:`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), indent=2, allow_nan=False)


def status(study: Study, store: Store, cells: Sequence[Candidate], goal: Candidate) -> Status:
    """Where the study stands. Only reads, so it may be called while others work on the store."""
    rows = store.rows()
    return Status(
        study.name,
        study.metric,
        target_point(study),
        _counts(rows, cells),
        store.ledger.account(),
        tuple(_running(store, row) for row in rows if row.state in ACTIVE),
        tuple(_wrong(row) for row in rows if row.state in _WRONG),
        tuple(store.records(FORECAST)),
        tuple(store.records(DECISION)),
        _last(store.records(BACKTEST)),
        _last(store.records(OUTCOME)),
        _findings(study, store, rows),
        _pilot_flop(rows, cells),
        goal.flop,
    )


def _pilot_flop(rows: Iterable[Row], cells: Sequence[Candidate]) -> float:
    """FLOP of the pilots that ran: as they reported, else as the study states."""
    ran = {row.id: row.flop for row in rows if row.state is State.DONE}
    return sum(ran[one.id] or one.flop for one in cells if one.id in ran)


def _counts(rows: Sequence[Row], cells: Sequence[Candidate]) -> dict[str, int]:
    known = {row.id for row in rows}
    counts = {str(state): sum(row.state is state for row in rows) for state in State}
    return {**counts, "waiting": sum(one.id not in known for one in cells)}


def _running(store: Store, row: Row) -> dict[str, Any]:
    last = store.progress(row.id) or {}
    return {
        "cell": row.id,
        "config": dict(row.cell.config),
        "seed": row.cell.seed,
        "step": last.get("step"),
        "samples": last.get("samples"),
        "loss": last.get("loss"),
    }


def _wrong(row: Row) -> dict[str, Any]:
    return {
        "cell": row.id,
        "config": dict(row.cell.config),
        "seed": row.cell.seed,
        "state": str(row.state),
        "code": row.code,
        "reason": row.reason,
        "attempts": row.attempts,
    }


def _findings(study: Study, store: Store, rows: Sequence[Row]) -> tuple[dict[str, str], ...]:
    pilots = [row for row in rows if row.role != TARGET]
    failures = {str(s): n for s in _WRONG if (n := sum(row.state is s for row in pilots))}
    latest = _last(store.records(FORECAST)) or {}
    try:
        runs = observed(study, pilots)
        found = adequacy(runs, latest.get("decades"), failures)
    except (InputError, Refused):
        return ()
    return tuple(finding.to_dict() for finding in found)


def _last(records: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    return records[-1] if records else None
