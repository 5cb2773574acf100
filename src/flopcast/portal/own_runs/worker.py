"""The process that does the work, so that it can be stopped: a job on stdin, an answer on stdout.

Its memory and processor time are bounded by the operating system where that can be done.
"""

import json
import sys
from typing import Any, Final

from flopcast.errors import FlopcastError
from flopcast.portal.own_runs.question import Question

MEMORY: Final = 3 * 1024**3
SECONDS: Final = 60


def main() -> None:
    """Answers one job. What is wrong with it is an answer too."""
    _bound()
    job = json.load(sys.stdin.buffer)
    json.dump(_answered(job["text"], Question(**job["question"])), sys.stdout, allow_nan=False)


def _answered(text: str, question: Question) -> dict[str, Any]:
    from flopcast.portal.own_runs.work import answer

    try:
        return answer(text, question)
    except FlopcastError as error:
        return {"failed": {"message": error.message, "hint": error.hint}}
    except MemoryError:
        return {"failed": {"message": "This takes too much memory.", "hint": "Send fewer rows."}}


def _bound() -> None:
    try:
        import resource
    except ImportError:  # not on this operating system
        return
    # Written memory: the engine that draws charts reserves far more addresses than it uses.
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


if __name__ == "__main__":
    main()
