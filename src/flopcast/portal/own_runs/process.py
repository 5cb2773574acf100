"""Runs the work in a process of its own: stopped when its time is over, a few at once at most."""

import asyncio
import json
import os
import sys
from typing import Any, Final, final

from flopcast.errors import InputError
from flopcast.portal.failures import Busy
from flopcast.portal.own_runs.question import Question

#: Seconds that one table may take by the clock, and that it may wait for its turn. The worker
#: bounds its processor time more tightly, which a busy machine does not use up.
SECONDS: Final = 180.0
PATIENCE: Final = 10.0
_COMMAND: Final = (sys.executable, "-m", "flopcast.portal.own_runs.worker")
_TOO_LONG: Final = "Send fewer rows, or use the library or the command line."


@final
class Workshop:
    """Does one piece of work per process, ``places`` at once."""

    def __init__(self, places: int = 2, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._places = asyncio.Semaphore(places)

    async def answer(self, text: str, question: Question) -> dict[str, Any]:
        """What :func:`flopcast.portal.own_runs.work.answer` gives.

        Raises:
            Busy: where no place comes free in time.
            InputError: for a table or question that cannot be used, or that takes too long.
        """
        try:
            await asyncio.wait_for(self._places.acquire(), PATIENCE)
        except TimeoutError:
            raise Busy("Other tables are being worked on.") from None
        try:
            found = await self._run({"text": text, "question": question.to_dict()})
        finally:
            self._places.release()
        if "failed" in found:
            raise InputError(found["failed"]["message"], found["failed"]["hint"])
        return found

    async def _run(self, job: dict[str, Any]) -> dict[str, Any]:
        process = await asyncio.create_subprocess_exec(
            *_COMMAND,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        try:
            body = json.dumps(job).encode()
            out, _ = await asyncio.wait_for(process.communicate(body), self.seconds)
        except TimeoutError:
            message = f"This takes longer than {self.seconds:g} seconds."
            raise InputError(message, _TOO_LONG) from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            raise InputError("This takes too much memory or time.", _TOO_LONG)
        found: dict[str, Any] = json.loads(out)
        return found
