"""The process of one cell: set apart from everything else, it trains, records, and exits."""

import json
import os
import resource
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import NoReturn

from flopcast.sweeps.attempt import attempt, flush_output, loaded
from flopcast.sweeps.folder import RunFolder, is_durable
from flopcast.sweeps.inprocess import recorded
from flopcast.sweeps.linux import die_with_parent, native_threads
from flopcast.sweeps.outcome import Outcome, failed
from flopcast.sweeps.task import Task

_HIGHEST_DESCRIPTOR = 4096


def run_child(
    task: Task,
    pipe: int,
    environment: Mapping[str, str],
    parent: int,
    began: float,
    *,
    preloaded: bool,
) -> NoReturn:
    """Runs `task` in this forked process, writes its outcome to `pipe`, and exits.

    `began` is when it was forked, on the monotonic clock, which parent and child share;
    `preloaded` says that the parent has imported the training code.
    The process leads a session and group of its own, dies with its parent, has no descriptor of
    the parent but `pipe`, and prints into the folder of the run. It records the outcome of a run
    that is flushed to disk; of shorter ones the parent does, to which writing costs less.
    """
    os.setsid()
    die_with_parent(parent)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.closerange(3, pipe)
    os.closerange(pipe + 1, _HIGHEST_DESCRIPTOR)
    os.environ.update(environment)
    message = _message(task, began, preloaded=preloaded)
    with suppress(OSError):
        while message:
            message = message[os.write(pipe, message) :]
    os._exit(0)


def open_streams() -> None:
    """Has Python print line by line, and never fail for a character: for parents of runs.

    The streams write to descriptors 1 and 2, whatever file stands behind them after a fork.
    """
    sys.stdout = os.fdopen(1, "w", buffering=1, errors="replace", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="replace", closefd=False)


def _message(task: Task, began: float, *, preloaded: bool) -> bytes:
    folder, preload = RunFolder(task.folder), False
    try:
        _print_into(folder, task.attempt)
    except OSError as error:
        outcome = failed("storage", f"{folder.output} cannot be opened: {error.strerror}")
    else:
        train = loaded(task)
        preload = not preloaded and not isinstance(train, Outcome) and _is_harmless()
        outcome = attempt(task, train, began)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        cpu, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024
        outcome = replace(outcome, cpu_seconds=cpu, peak_bytes=peak)
        if is_durable(outcome):
            recorded(task, outcome)
        flush_output()
        _drop_if_empty(folder)
    document = {"id": task.id, "attempt": task.attempt, "outcome": outcome.to_dict()}
    return json.dumps({**document, "preload": preload}).encode() + b"\n"


def _is_harmless() -> bool:
    """Whether a process that has imported what this one has can be forked safely."""
    torch = sys.modules.get("torch")
    started = torch is not None and torch.cuda.is_initialized()
    return native_threads() == 1 and not started


def _print_into(folder: RunFolder, attempt: int) -> None:
    output = folder.open_output(attempt)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for standard in (1, 2):
        os.dup2(output, standard)
    os.close(output)
    os.close(nothing)


def _drop_if_empty(folder: RunFolder) -> None:
    with suppress(OSError):
        if os.fstat(1).st_size == 0:
            folder.output.unlink()
