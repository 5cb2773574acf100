"""What a training function gets besides its configuration: ``ctx``."""

import json
import math
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, final

from flopcast.sweeps.divergence import Watch
from flopcast.sweeps.files import storage_failed
from flopcast.sweeps.folder import RunFolder
from flopcast.sweeps.outcome import Code, Outcome, failed, number
from flopcast.sweeps.state import State
from flopcast.sweeps.task import Task

SOFT_SHARE: Final = 0.95
"""A run is asked to stop at this share of its time limit, and killed at the limit."""

_LOOK_SECONDS = 0.1
_TOLERANCE = 1e-9


class RunEnded(BaseException):
    """Ends a run from within `Context.report`; carries its outcome.

    No Exception, so that a training loop that catches everything still ends.
    """

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(outcome.reason)


@final
class Context:
    """``ctx`` of ``train(config, ctx)``: reports, a checkpoint folder, a seed, and when to stop.

    `checkpoint_dir` is kept between attempts: a run that finds its checkpoint there goes on from
    it. `attempt` counts from 1.
    """

    def __init__(
        self,
        task: Task,
        clock: Callable[[], float] = time.monotonic,
        began: float | None = None,
    ) -> None:
        self.config: Mapping[str, Any] = task.config
        self.seed = task.seed
        self.attempt = task.attempt
        self.ended: Outcome | None = None
        self.asked: Code | None = None
        self.flop: float | None = None
        self._task = task
        self._folder = RunFolder(task.folder)
        self._clock = clock
        self._started = clock() if began is None else began
        self._looked = -math.inf
        self._watch = Watch()
        self._events: int | None = None

    @property
    def seconds(self) -> float:
        """Seconds since the attempt started."""
        return self._clock() - self._started

    @property
    def checkpoint_dir(self) -> Path:
        """The folder for checkpoints of this run; it exists."""
        self._folder.checkpoints.mkdir(exist_ok=True)
        return self._folder.checkpoints

    def report(self, step: float, samples: float, loss: float, flop: float | None = None) -> None:
        """Records how far the run is: step, samples seen, loss, and FLOP of the run so far.

        Ends the run when the loss has diverged or when the FLOP reported reach what was reserved
        for it. Raises TypeError for values that are not numbers.
        """
        values = {"step": number(step, "step"), "samples": number(samples, "samples")}
        values["loss"] = number(loss, "loss")
        if flop is not None:
            values["flop"] = number(flop, "flop")
        self._write(values)
        if (found := self._watch.see(values["loss"])) is not None:
            self._end(Outcome(State.DIVERGED, *found))
        if flop is not None:
            self._spend(values["flop"])

    def should_stop(self) -> bool:
        """Whether the run is asked to stop: return soon, with the metrics reached so far.

        True when somebody asked, and when 95 % of the time that the run may take is over.
        """
        if self.asked is not None:
            return True
        now = self._clock()
        if now - self._looked < _LOOK_SECONDS:
            return False
        self._looked = now
        elapsed, task = now - self._started, self._task
        if task.paid_seconds is not None and elapsed > SOFT_SHARE * task.paid_seconds:
            self.asked = "over_budget"
        elif task.limits.seconds is not None and elapsed > SOFT_SHARE * task.limits.seconds:
            self.asked = "time_limit"
        elif self._folder.stop.exists():
            cause = self._folder.stop.read_text(encoding="utf-8").strip()
            self.asked = "paused" if cause == "paused" else "stopped"
        return self.asked is not None

    def close(self) -> None:
        """Closes the file of reports."""
        if self._events is not None:
            os.close(self._events)
            self._events = None

    def _write(self, values: dict[str, float]) -> None:
        line: dict[str, Any] = {"attempt": self.attempt, "seconds": round(self.seconds, 6)}
        for name, value in values.items():
            line[name] = value if math.isfinite(value) else None
        try:
            if self._events is None:
                flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
                self._events = os.open(self._folder.events, flags, 0o644)
            os.write(self._events, json.dumps(line).encode() + b"\n")
        except OSError as error:
            fault = storage_failed(self._folder.events, error)
            self._end(failed("disk_full" if fault.disk_full else "storage", fault.message))

    def _spend(self, flop: float) -> None:
        """Ends the run before the next report would go over what was reserved."""
        previous, self.flop = self.flop or 0.0, flop
        paid = self._task.paid_flop
        if not math.isfinite(flop) or flop < 0.0:
            self._end(failed("bad_result", f"the FLOP reported are {flop}"))
        if paid is None or abs(flop - paid) <= _TOLERANCE * paid:
            return
        if flop + max(0.0, flop - previous) * (previous > 0.0) > paid * (1.0 + _TOLERANCE):
            reason = f"{flop:.4g} FLOP are spent, and the next report would exceed {paid:.4g}"
            self._end(Outcome(State.OVER_BUDGET, "over_budget", reason))

    def _end(self, outcome: Outcome) -> None:
        self.ended = outcome
        raise RunEnded(outcome)
