"""The folder of one run: plain files from which the database can be rebuilt.

::

    runs/<id>/
      config.json         the cell and its place in the study
      events.jsonl        one line per report, with the attempt and seconds since its start
      attempt-0001.json   how each attempt ended, written by whoever ran it
      result.json         how the cell ended: the last attempt, linked
      output.log          what the run printed
      checkpoints/        the trainer's own
      stop                exists when the run is asked to stop
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

from flopcast.sweeps.files import read_json, storing, write_atomic
from flopcast.sweeps.outcome import Outcome

DURABLE_FROM_SECONDS: Final = 0.25
"""Runs at least this long are flushed to disk one by one: flushing costs milliseconds. After a
power cut, and only then, shorter ones may have to be run again."""

_TAIL_BYTES = 65536


@final
@dataclass(frozen=True)
class RunFolder:
    """The files of one run."""

    path: Path

    @property
    def config(self) -> Path:
        """The cell and its place in the study."""
        return self.path / "config.json"

    @property
    def events(self) -> Path:
        """One line per report."""
        return self.path / "events.jsonl"

    @property
    def result(self) -> Path:
        """How the cell ended."""
        return self.path / "result.json"

    @property
    def output(self) -> Path:
        """What the run printed."""
        return self.path / "output.log"

    @property
    def checkpoints(self) -> Path:
        """The trainer's own folder, kept between attempts."""
        return self.path / "checkpoints"

    @property
    def stop(self) -> Path:
        """Exists when the run is asked to stop; holds the cause."""
        return self.path / "stop"

    def attempt(self, number: int) -> Path:
        """How an attempt ended."""
        return self.path / f"attempt-{number:04d}.json"

    def open_output(self, attempt: int) -> int:
        """Opens what the run prints for appending; from here on the attempt has begun.

        A later attempt leaves a line that tells its output from that of earlier ones. Raises
        OSError.
        """
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        output = os.open(self.output, flags, 0o644)
        if attempt > 1:
            os.write(output, _heading(attempt))
        return output

    def has_begun(self, attempt: int) -> bool:
        """Whether there is a trace of this attempt."""
        if any(report.get("attempt") == attempt for report in self.last_reports()):
            return True
        if attempt == 1:
            return self.output.exists()
        with suppress(OSError):
            return _heading(attempt) in self.output.read_bytes()
        return False

    def write_attempt(self, number: int, outcome: Outcome) -> None:
        """Records how an attempt ended. Raises StorageFailed."""
        self._write(self.attempt(number), number, outcome)

    def write_result(self, number: int, outcome: Outcome) -> None:
        """Records that the cell ended with this attempt. Raises StorageFailed."""
        try:
            self.result.hardlink_to(self.attempt(number))
        except OSError:
            self._write(self.result, number, outcome)

    def _write(self, path: Path, number: int, outcome: Outcome) -> None:
        document = {"schema": "flopcast.run/1", "id": self.path.name, "attempt": number}
        write_atomic(
            path,
            {**document, "outcome": outcome.to_dict()},
            durable=is_durable(outcome),
        )

    def read_attempt(self, number: int) -> Outcome | None:
        """How an attempt ended, None if nobody recorded it whole."""
        return _outcome(read_json(self.attempt(number)))

    def read_result(self) -> Outcome | None:
        """How the cell ended, None while it has not."""
        return _outcome(read_json(self.result))

    def attempts(self) -> dict[int, Outcome]:
        """Every recorded attempt, by number."""
        found = {}
        for path in sorted(self.path.glob("attempt-*.json")):
            outcome = _outcome(read_json(path))
            if outcome is not None:
                found[int(path.stem.removeprefix("attempt-"))] = outcome
        return found

    def request_stop(self, cause: str) -> None:
        """Asks the run to stop. Raises StorageFailed."""
        with storing(self.stop):
            self.stop.write_text(cause, encoding="utf-8")

    def clear_stop(self) -> None:
        """Takes the request back."""
        with suppress(FileNotFoundError):
            self.stop.unlink()

    def reports(self) -> Iterator[Mapping[str, Any]]:
        """Every report of every attempt, in order; broken lines are left out."""
        with suppress(OSError), self.events.open("rb") as file:
            for line in file:
                if (report := _report(line)) is not None:
                    yield report

    def last_reports(self, count: int = 1) -> list[Mapping[str, Any]]:
        """The last few reports, read from the end of the file."""
        try:
            with self.events.open("rb") as file:
                start = max(0, file.seek(0, 2) - _TAIL_BYTES)
                file.seek(start)
                lines = file.read().splitlines()
        except OSError:
            return []
        found = [report for line in lines if (report := _report(line)) is not None]
        return found[-count:]


def _heading(attempt: int) -> bytes:
    return f"--- attempt {attempt} ---\n".encode()


def is_durable(outcome: Outcome) -> bool:
    """Whether the record of an attempt is flushed to disk on its own."""
    return (outcome.seconds or 0.0) >= DURABLE_FROM_SECONDS


def _report(line: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "step" in found else None


def _outcome(document: dict[str, Any] | None) -> Outcome | None:
    try:
        return None if document is None else Outcome.from_dict(document["outcome"])
    except (KeyError, TypeError, ValueError):
        return None
