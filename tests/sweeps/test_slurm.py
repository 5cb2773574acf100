"""Cells as jobs, through submitit's own executor for a machine without Slurm."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flopcast.errors import InputError
from flopcast.sweeps.inprocess import InProcessExecutor
from flopcast.sweeps.leases import Leases
from flopcast.sweeps.owner import Owner, here
from flopcast.sweeps.runner import run_cells
from flopcast.sweeps.slurm import Job, SlurmExecutor
from flopcast.sweeps.state import State
from flopcast.sweeps.store import Store
from flopcast.sweeps.task import Task

NewStudy = Callable[..., Store]


def test_jobs_give_the_same_table(new_study: NewStudy, tmp_path: Path) -> None:
    """A study run as jobs has the table of one run in this process; cells show as running."""
    settings = {"steps": 3, "pause": 0.15}
    quiet, jobs = new_study(2, name="quiet", **settings), new_study(2, name="jobs", **settings)
    run_cells(quiet, InProcessExecutor())
    executor = SlurmExecutor(tmp_path / "logs", cluster="local", timeout_min=2)
    seen: set[State] = set()
    run_cells(jobs, executor, on_change=lambda ids: seen.update(jobs.row(id).state for id in ids))
    executor.close()
    assert State.RUNNING in seen
    assert jobs.counts()[State.DONE] == 2
    assert jobs.table().digest == quiet.table().digest


def test_jobs_outlive_their_scheduler(new_study: NewStudy, tmp_path: Path) -> None:
    """A second scheduler takes over the job of a dead one and runs nothing twice."""
    store = new_study(1, name="adopted", steps=2)
    executor = SlurmExecutor(tmp_path / "logs", cluster="local", timeout_min=2)
    dead = Leases(store, owner=Owner("dead", here(), 2**30, 1))
    [lease] = dead.take(1)
    folder = store.run_folder(lease.cell.id).path
    assert store.trainer is not None
    executor.submit(Task(lease.cell.id, 1, store.trainer, lease.cell.config, 1, folder))
    run_cells(store, SlurmExecutor(tmp_path / "logs", cluster="local", timeout_min=2))
    [row] = store.rows()
    assert (row.state, row.attempts) == (State.DONE, 1)
    reports = [*executor.poll(30.0), *executor.poll(30.0)]
    assert [report.outcome is None for report in reports] == [True, False]
    executor.close()


def test_a_preempted_job_is_queued_again() -> None:
    """What submitit asks for before a preemption is the same job once more."""
    job = Job({"id": "a"}, [])
    assert job.checkpoint().function is job


def test_bad_parameters_say_so(tmp_path: Path) -> None:
    """Parameters that submitit does not know, and no slots, are refused."""
    with pytest.raises(InputError, match="no_such_thing"):
        SlurmExecutor(tmp_path, cluster="local", no_such_thing=1)
    with pytest.raises(InputError, match="1 or more"):
        SlurmExecutor(tmp_path, cluster="local", slots=0)
