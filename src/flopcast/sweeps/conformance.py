"""What every executor promises, as tests to inherit from.

A package that adds an executor tests it with::

    from flopcast.sweeps.conformance import ExecutorConformance
    from mypackage import MyExecutor

    class TestMyExecutor(ExecutorConformance):
        def open(self, folder):
            return MyExecutor(...)

`isolates` is False for an executor that runs tasks in the calling process; the tests of crashes
and limits are then left out.
"""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

from flopcast.sweeps.executor import Executor
from flopcast.sweeps.folder import RunFolder
from flopcast.sweeps.outcome import Outcome
from flopcast.sweeps.state import State
from flopcast.sweeps.task import Limits, Task
from flopcast.sweeps.trainer import Trainer


class ExecutorConformance:
    """Tests of one executor: every task ends in exactly one typed outcome."""

    isolates: ClassVar[bool] = True
    patience_seconds: ClassVar[float] = 60.0

    def open(self, folder: Path) -> Executor:
        """The executor under test; `folder` is for its own files."""
        raise NotImplementedError

    def shut(self, executor: Executor) -> None:
        """What is done with it at the end of a test."""
        executor.close()

    def test_returns_metrics(self, tmp_path: Path) -> None:
        """A function that returns numbers is done, and its record is in the folder."""
        [outcome] = self._run(tmp_path, ["fine"])
        assert outcome.state is State.DONE
        assert outcome.metrics == {"loss": 2.5, "seed": 7.0}
        assert outcome.seconds is not None
        assert RunFolder(tmp_path / "0").read_attempt(1) is not None
        assert [r["loss"] for r in RunFolder(tmp_path / "0").reports()] == [3.0, 2.5]

    def test_every_task_ends_once(self, tmp_path: Path) -> None:
        """More tasks than slots all end, each once, the bad ones beside the good."""
        kinds = ["fine", "raises", "nan", "fine", "text", "huge", "fine", "nothing"] * 2
        outcomes = self._run(tmp_path, kinds)
        found = [outcome.code for outcome in outcomes]
        once = [None, "exception", "non_finite", None, "bad_result", "bad_result", None]
        assert found == [*once, "no_result"] * 2

    def test_states_of_failures(self, tmp_path: Path) -> None:
        """Failures are failed, divergence is diverged, and the reason is in words."""
        raised, nan, diverging = self._run(tmp_path, ["raises", "nan", "diverges"])
        assert raised.state is State.FAILED
        assert "ValueError: no such thing" in raised.reason
        assert nan.state is State.DIVERGED
        assert (diverging.state, diverging.code) == (State.DIVERGED, "loss_exploded")

    def test_unknown_function(self, tmp_path: Path) -> None:
        """A trainer that is not there is an outcome, not an error of the executor."""
        task = self._task(tmp_path, 0, "fine", trainer=Trainer("no.such.module:train"))
        with self._opened(tmp_path) as executor:
            [outcome] = self._outcomes(executor, [task])
        assert (outcome.state, outcome.code) == (State.FAILED, "import_failed")

    def test_stops_when_asked(self, tmp_path: Path) -> None:
        """A run that is asked to stop and obeys is stopped and keeps what it had."""
        task = self._task(tmp_path, 0, "obeys")
        RunFolder(task.folder).request_stop("stopped")
        with self._opened(tmp_path) as executor:
            [outcome] = self._outcomes(executor, [task])
        assert (outcome.state, outcome.code) == (State.STOPPED, "stopped")
        assert outcome.metrics == {"loss": 1.0}

    def test_ends_at_the_flop_reserved(self, tmp_path: Path) -> None:
        """A run ends before it reports more FLOP than were reserved."""
        task = self._task(tmp_path, 0, "counts", paid_flop=450.0)
        with self._opened(tmp_path) as executor:
            [outcome] = self._outcomes(executor, [task])
        assert (outcome.state, outcome.code) == (State.OVER_BUDGET, "over_budget")
        assert outcome.flop == 400.0

    def test_goes_on_from_the_checkpoint(self, tmp_path: Path) -> None:
        """The second attempt finds what the first left in its checkpoint folder."""
        first = self._task(tmp_path, 0, "resumes")
        second = self._task(tmp_path, 0, "resumes", attempt=2)
        with self._opened(tmp_path) as executor:
            assert self._outcomes(executor, [first])[0].code == "exception"
            assert self._outcomes(executor, [second])[0].metrics == {"loss": 1.0}

    def test_hangs_are_killed(self, tmp_path: Path) -> None:
        """A hanging run is killed at its limit, over budget when the budget set it."""
        if not self.isolates:
            return
        hanging = self._task(tmp_path, 0, "hangs", limits=Limits(seconds=0.3))
        paid = self._task(tmp_path, 1, "hangs", paid_seconds=0.3)
        with self._opened(tmp_path) as executor:
            limited, over = self._outcomes(executor, [hanging, paid])
        assert (limited.state, limited.code) == (State.FAILED, "time_limit")
        assert (over.state, over.code) == (State.OVER_BUDGET, "over_budget")

    def test_memory_is_limited(self, tmp_path: Path) -> None:
        """A run that takes more memory than its limit is killed."""
        if not self.isolates:
            return
        task = self._task(tmp_path, 0, "grows", limits=Limits(20.0, 200 << 20))
        with self._opened(tmp_path) as executor:
            [outcome] = self._outcomes(executor, [task])
        assert (outcome.state, outcome.code) == (State.FAILED, "memory_limit")

    def test_crashes_are_typed(self, tmp_path: Path) -> None:
        """A process that dies of a signal, leaves, or is killed says how."""
        if not self.isolates:
            return
        outcomes = self._run(tmp_path, ["aborts", "leaves", "killed", "garbage"])
        assert [o.code for o in outcomes] == ["crashed", "crashed", "killed", None]
        assert "SIGABRT" in outcomes[0].reason
        assert "3" in outcomes[1].reason

    def test_forks_do_not_outlive_the_run(self, tmp_path: Path) -> None:
        """What a run has started is gone once it has ended."""
        if not self.isolates:
            return
        [outcome] = self._run(tmp_path, ["forks"])
        assert outcome.state is State.DONE
        for pid in json.loads((tmp_path / "0" / "forked").read_text()):
            assert _gone(pid, self.patience_seconds)

    def test_close_ends_what_runs(self, tmp_path: Path) -> None:
        """Closing twice is fine, and leaves no process behind."""
        if not self.isolates:
            return
        task = self._task(tmp_path, 0, "hangs")
        with self._opened(tmp_path) as executor:
            executor.submit(task)
            deadline = time.monotonic() + self.patience_seconds
            while not (task.folder / "pid").exists() and time.monotonic() < deadline:
                executor.poll(0.05)
            executor.close()
            executor.close()
        assert _gone(int((task.folder / "pid").read_text()), self.patience_seconds)

    @contextmanager
    def _opened(self, folder: Path) -> Iterator[Executor]:
        executor = self.open(folder / "executor")
        try:
            yield executor
        finally:
            self.shut(executor)

    def _run(self, folder: Path, kinds: list[str]) -> list[Outcome]:
        tasks = [self._task(folder, number, kind) for number, kind in enumerate(kinds)]
        with self._opened(folder) as executor:
            return self._outcomes(executor, tasks)

    def _outcomes(self, executor: Executor, tasks: list[Task]) -> list[Outcome]:
        for task in tasks:
            executor.submit(task)
        found: dict[str, Outcome] = {}
        deadline = time.monotonic() + self.patience_seconds
        while len(found) < len(tasks) and time.monotonic() < deadline:
            for report in executor.poll(0.2):
                if report.outcome is not None:
                    assert report.id not in found
                    found[report.id] = report.outcome
        assert len(found) == len(tasks)
        return [found[task.id] for task in tasks]

    def _task(self, folder: Path, number: int, kind: str, **changed: Any) -> Task:
        path = folder / str(number)
        path.mkdir(exist_ok=True)
        settings: dict[str, Any] = {"attempt": 1, "trainer": Trainer(_TRAIN), **changed}
        return Task(id=str(number), config={"kind": kind}, seed=7, folder=path, **settings)


_TRAIN = "flopcast.sweeps.conformance:misbehave"


def misbehave(config: dict[str, Any], ctx: Any) -> object:
    """A training function that does what ``config["kind"]`` says, good or bad."""
    return _KINDS[config["kind"]](ctx)


def _fine(ctx: Any) -> object:
    ctx.report(1, 10, 3.0)
    ctx.report(2, 20, 2.5)
    return {"loss": 2.5, "seed": ctx.seed}


def _raises(_ctx: Any) -> object:
    raise ValueError("no such thing")


def _diverges(ctx: Any) -> object:
    for step in range(100):
        ctx.report(step, step, 1.0 + step)
    return {"loss": 1.0}


def _obeys(ctx: Any) -> object:
    while not ctx.should_stop():
        time.sleep(0.01)
    return {"loss": 1.0}


def _counts(ctx: Any) -> object:
    for step in range(1, 10):
        ctx.report(step, step, 1.0, flop=100.0 * step)
    return {"loss": 1.0}


def _resumes(ctx: Any) -> object:
    state = ctx.checkpoint_dir / "state"
    if state.exists():
        return {"loss": float(state.read_text())}
    state.write_text("1.0")
    raise ValueError("the first attempt fails")


def _hangs(ctx: Any) -> object:
    (ctx.checkpoint_dir.parent / "pid").write_text(str(os.getpid()))
    time.sleep(3600)
    return {"loss": 1.0}


def _grows(_ctx: Any) -> object:
    kept = []
    for _ in range(200):
        kept.append(bytearray(os.urandom(4096)) * 2048)
        time.sleep(0.01)
    return {"loss": float(len(kept))}


def _forks(ctx: Any) -> object:
    """Leaves a child in its process group and another in a session of its own."""
    pids = []
    for leaves_the_group in (False, True):
        reading, writing = os.pipe()
        if (pid := os.fork()) == 0:
            if leaves_the_group:
                os.setsid()
            os.write(writing, b".")
            time.sleep(3600)
            os._exit(0)
        os.read(reading, 1)
        pids.append(pid)
    (ctx.checkpoint_dir.parent / "forked").write_text(json.dumps(pids))
    return {"loss": 1.0}


def _garbage(_ctx: Any) -> object:
    for _ in range(2000):
        os.write(1, b"\xff\xfe{garbage}\n" * 10)
    return {"loss": 1.0}


def _leaves(status: int) -> Any:
    return lambda _ctx: os._exit(status)


def _dies(number: int) -> Any:
    return lambda _ctx: os.kill(os.getpid(), number)


_KINDS: dict[str, Any] = {
    "fine": _fine,
    "raises": _raises,
    "nan": lambda _ctx: {"loss": float("nan")},
    "text": lambda _ctx: {"loss": "low"},
    "huge": lambda _ctx: {"loss": 1.0, "everything": bytearray(50 << 20)},
    "nothing": lambda _ctx: None,
    "diverges": _diverges,
    "obeys": _obeys,
    "counts": _counts,
    "resumes": _resumes,
    "hangs": _hangs,
    "grows": _grows,
    "forks": _forks,
    "garbage": _garbage,
    "aborts": _dies(signal.SIGABRT),
    "killed": _dies(signal.SIGKILL),
    "leaves": _leaves(3),
}


def _gone(pid: int, patience: float) -> bool:
    """Whether a process ends within `patience` seconds; one that nobody waits for is gone."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        with suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False
