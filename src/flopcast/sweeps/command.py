"""A command as a trainer: any program that prints JSON lines."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from flopcast.errors import InputError
from flopcast.sweeps.context import Context, RunEnded
from flopcast.sweeps.folder import RunFolder
from flopcast.sweeps.outcome import Outcome, failed

LONGEST_LINE: Final = 65536
"""Longer lines of output are cut and never read as JSON."""

_PLACE = re.compile(r"\{([\w.]+)\}")


def command_train(command: Sequence[str], config: Mapping[str, Any], context: Context) -> object:
    """Runs `command` for one cell and returns the metrics of its last ``{"result": …}`` line.

    Lines ``{"step", "samples", "loss", "flop"?}`` are reports. ``{name}`` in an argument is taken
    from the configuration, ``{model.width}`` from a table in it, ``{seed}`` is the seed. The
    command finds in its environment FLOPCAST_CONFIG (path of config.json), FLOPCAST_SEED,
    FLOPCAST_ATTEMPT, FLOPCAST_RUN_DIR, FLOPCAST_CHECKPOINT_DIR, and FLOPCAST_STOP (a file that
    exists once it should stop). Everything else it prints goes to the run's output.
    """
    folder = RunFolder(context.checkpoint_dir.parent)
    arguments = [_filled(argument, config, context.seed) for argument in command]
    result: object = None
    try:
        process = subprocess.Popen(
            arguments,
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **_environment(folder, context)},
        )
    except OSError as error:
        _end(context, failed("import_failed", f"{arguments[0]}: {error.strerror}"))
    assert process.stdout is not None
    try:
        while line := process.stdout.readline(LONGEST_LINE):
            document = _parsed(line)
            if document is None:
                sys.stdout.write(line.decode(errors="replace"))
            elif "result" in document:
                result = document["result"]
            else:
                _pass_on(document, context)
                if context.should_stop():
                    _ask(folder, context)
        status = process.wait()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    context.should_stop()
    if status != 0:
        _end(context, failed("command_failed", f"{arguments[0]} ended with status {status}"))
    return result


def _ask(folder: RunFolder, context: Context) -> None:
    if not folder.stop.exists():
        folder.request_stop(str(context.asked))


def _end(context: Context, outcome: Outcome) -> None:
    context.ended = outcome
    raise RunEnded(outcome)


def _pass_on(document: dict[str, Any], context: Context) -> None:
    """Passes a report on; one that is not numbers is output like any other."""
    try:
        context.report(
            document["step"], document["samples"], document["loss"], document.get("flop")
        )
    except (KeyError, TypeError):
        print(json.dumps(document))  # noqa: T201 - the run's own output


def _parsed(line: bytes) -> dict[str, Any] | None:
    if not line.lstrip().startswith(b"{"):
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and ("result" in found or "step" in found) else None


def _environment(folder: RunFolder, context: Context) -> dict[str, str]:
    return {
        "FLOPCAST_CONFIG": str(folder.config),
        "FLOPCAST_SEED": str(context.seed),
        "FLOPCAST_ATTEMPT": str(context.attempt),
        "FLOPCAST_RUN_DIR": str(folder.path),
        "FLOPCAST_CHECKPOINT_DIR": str(Path(context.checkpoint_dir)),
        "FLOPCAST_STOP": str(folder.stop),
    }


def _filled(argument: str, config: Mapping[str, Any], seed: int) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] == "seed":
            return str(seed)
        found: Any = config
        for key in match[1].split("."):
            if not isinstance(found, Mapping) or key not in found:
                raise InputError(
                    f"the command names {{{match[1]}}}, which is not in the configuration "
                    f"({', '.join(config)})."
                )
            found = found[key]
        return found if isinstance(found, str) else json.dumps(found)

    return _PLACE.sub(value, argument)
