"""The database of a study, made anew from its run folders."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from flopcast.errors import InputError
from flopcast.sweeps.cell import Cell
from flopcast.sweeps.database import create, writing
from flopcast.sweeps.files import read_json, storing
from flopcast.sweeps.folder import RunFolder
from flopcast.sweeps.outcome import Outcome
from flopcast.sweeps.retry import RetryPolicy
from flopcast.sweeps.store import DATABASE, STUDY, Store


def rebuild(folder: str | Path, policy: RetryPolicy = RetryPolicy()) -> Store:  # noqa: B008
    """Makes ``study.db`` anew from ``study.json``, ``runs/`` and ``records.jsonl``.

    Cells, attempts, results and spend come back. An attempt without a record of its end is as if
    it had never been: its cell is planned. Call it when nobody works on the study. Raises
    InputError when there is no study, StorageFailed when nothing can be written.
    """
    path = Path(folder)
    if not (path / STUDY).is_file():
        raise InputError(f"{path} holds no study: {STUDY} is missing.")
    with storing(path):
        for suffix in ("", "-wal", "-shm"):
            (path / f"{DATABASE}{suffix}").unlink(missing_ok=True)
    create(path / DATABASE)
    store = Store(path)
    with writing(store.connection, store.path):
        for number, (config, run) in enumerate(_configs(path), start=1):
            _insert(store, config, number, run, policy)
        _records(store.connection, path / "records.jsonl")
    return store


def _configs(folder: Path) -> list[tuple[dict[str, Any], RunFolder]]:
    """Every readable config.json with its folder, in the order of planning."""
    found = []
    for run in (folder / "runs").iterdir():
        config = read_json(run / "config.json")
        if config is not None and config.get("id") == run.name:
            found.append((config, RunFolder(run)))
    return sorted(found, key=lambda pair: (pair[0]["number"], pair[0]["id"]))


def _insert(
    store: Store, config: dict[str, Any], number: int, run: RunFolder, policy: RetryPolicy
) -> None:
    attempts = run.attempts()
    since = config["since"]
    state = policy.next_state(o for n, o in attempts.items() if n > since)
    kept = run.read_result()
    state = state if kept is None else kept.state
    store.connection.execute(
        "INSERT INTO cells (id, number, cell, cost, role, grp, state, attempt, since) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            config["id"],
            number,
            json.dumps(Cell.from_dict(config).to_dict()),
            config["cost"],
            config["role"],
            config["group"],
            str(state),
            max(attempts, default=0),
            since,
        ),
    )
    for attempt, outcome in attempts.items():
        _settle(store, config, attempt, outcome)


def _settle(store: Store, config: dict[str, Any], attempt: int, outcome: Outcome) -> None:
    store.connection.execute(
        "INSERT INTO attempts (cell, attempt, reserved, outcome) VALUES (?, ?, ?, ?)",
        (
            config["id"],
            attempt,
            store.ledger.amount(config["cost"]),
            json.dumps(outcome.to_dict()),
        ),
    )
    store.ledger.settle(config["id"], attempt, outcome)


def _records(connection: sqlite3.Connection, path: Path) -> None:
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            document = json.loads(line)
        except ValueError:
            continue
        connection.execute(
            "INSERT INTO records (kind, body) VALUES (?, ?)",
            (document["kind"], json.dumps(document["body"])),
        )
