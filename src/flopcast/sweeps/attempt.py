"""One attempt at a cell, from the training function to a typed outcome."""

import errno
import sys
import traceback
from dataclasses import replace
from typing import Any

from flopcast.errors import InputError
from flopcast.sweeps.context import Context, RunEnded
from flopcast.sweeps.outcome import Code, Outcome, failed, judged
from flopcast.sweeps.state import State
from flopcast.sweeps.task import Task
from flopcast.sweeps.trainer import Train

_STATE_WHEN_ASKED: dict[Code, State] = {
    "stopped": State.STOPPED,
    "over_budget": State.OVER_BUDGET,
    "time_limit": State.FAILED,
    "paused": State.FAILED,
}
_OUT_OF_MEMORY_TEXTS = ("out of memory", "can't allocate memory", "cannot allocate memory")


def attempt(
    task: Task, train: Train | Outcome | None = None, began: float | None = None
) -> Outcome:
    """Runs a task in this process and says what came of it. Raises only KeyboardInterrupt.

    `train` is what `loaded` returned for the task, if the caller has asked already, and `began`
    the time on the monotonic clock from which it counts.

    A function that was asked to stop and returned is never done, because it may not be complete;
    its metrics are kept.
    """
    context = Context(task, began=began)
    try:
        outcome = _run(task, context, loaded(task) if train is None else train)
    finally:
        context.close()
    outcome = context.ended or outcome
    flop = outcome.flop if outcome.flop is not None else context.flop
    return replace(outcome, seconds=context.seconds, flop=flop)


def loaded(task: Task) -> Train | Outcome:
    """The training function of a task, or the outcome that says why there is none."""
    try:
        return task.trainer.load()
    except InputError as error:
        return failed("import_failed", str(error))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        traceback.print_exc()
        return failed("import_failed", f"importing the trainer raised {_shown(error)}")


def _run(task: Task, context: Context, train: Train | Outcome) -> Outcome:
    if isinstance(train, Outcome):
        return train
    try:
        returned = train(_plain(task.config), context)
        outcome = judged(returned)
    except RunEnded as ended:
        return ended.outcome
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        traceback.print_exc()
        return raised(error)
    if context.asked is not None and outcome.state is State.DONE:
        state = _STATE_WHEN_ASKED[context.asked]
        return replace(outcome, state=state, code=context.asked, reason="asked to stop")
    return outcome


def raised(error: BaseException) -> Outcome:
    """The outcome of a function that raised `error`."""
    if isinstance(error, RunEnded):
        return error.outcome
    shown = _shown(error)
    kind = type(error).__name__
    text = str(error).casefold() if isinstance(error, RuntimeError) else ""
    if isinstance(error, MemoryError) or kind == "OutOfMemoryError":
        return failed("out_of_memory", shown)
    if any(phrase in text for phrase in _OUT_OF_MEMORY_TEXTS):
        return failed("out_of_memory", shown)
    if isinstance(error, FloatingPointError):
        return Outcome(State.DIVERGED, "non_finite", shown)
    if isinstance(error, SystemExit) and error.code in (None, 0):
        return failed("no_result", "the function left with sys.exit()")
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return failed("disk_full", shown)
    if isinstance(error, OSError) and error.errno == errno.EROFS:
        return failed("storage", shown)
    return failed("exception", shown)


def _shown(error: BaseException) -> str:
    """Type, message and place of an exception on one line."""
    try:
        message = str(error)[:500]
    except Exception:
        message = "(its message cannot be shown)"
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {message}{where}"


def _plain(config: Any) -> dict[str, Any]:
    """A copy that the function may change."""
    import copy

    return copy.deepcopy(dict(config))


def flush_output() -> None:
    """Pushes out what the run printed."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            try:
                stream.flush()
            except (OSError, ValueError):
                continue
