"""Cells on a real Ray cluster: several nodes, simulated on one machine."""

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from flopcast.sweeps.inprocess import InProcessExecutor
from flopcast.sweeps.ray_cluster import RayExecutor
from flopcast.sweeps.runner import run_cells
from flopcast.sweeps.state import State
from flopcast.sweeps.store import Store

ray: Any = import_module("ray")

# Ray leaves its own sockets and log files open when a node is killed.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning:ray"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"),
]

NewStudy = Callable[..., Store]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A cluster of one node with one core; the test adds more."""
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": 80 << 20}
    for attempt in range(3):
        try:
            started: Any = Cluster(initialize_head=True, head_node_args=node)
            break
        except Exception as error:  # Ray raises nothing more precise
            # On a busy machine a node takes longer than the 30 seconds that Ray gives it.
            if attempt == 2 or "timed out during startup" not in str(error):
                raise
    try:
        yield started
    finally:
        ray.shutdown()
        started.shutdown()


def test_one_node_and_three_give_the_same_table(
    cluster: Any, new_study: NewStudy, tmp_path: Path
) -> None:
    """The table does not depend on the nodes, even when one of them dies half-way."""
    quiet = new_study(6, name="quiet", steps=4)
    run_cells(quiet, InProcessExecutor())
    executor = RayExecutor(address=cluster.address)
    assert executor.slots == 1
    one = new_study(6, name="one", steps=4)
    run_cells(one, executor)
    assert one.table().digest == quiet.table().digest
    doomed = [cluster.add_node(num_cpus=1, object_store_memory=80 << 20) for _ in range(2)][-1]
    cluster.wait_for_nodes()
    assert executor.slots == 3
    seen = tmp_path / "seen"
    seen.mkdir()
    three = new_study(
        6, "gathered", name="three", steps=4, pause=0.4, together=3, folder=str(seen)
    )
    states: set[State] = set()
    run_cells(
        three,
        executor,
        should_stop=_kill_when_busy(doomed, seen),
        on_change=lambda ids: states.update(three.row(id).state for id in ids),
    )
    executor.shutdown()
    assert State.RUNNING in states
    assert three.counts()[State.DONE] == 6
    expected = {row.cell.config["n"]: row.metrics for row in quiet.rows()}
    assert {row.cell.config["n"]: row.metrics for row in three.rows()} == expected
    assert any(row.attempts > 1 for row in three.rows())


def _kill_when_busy(node: Any, seen: Path) -> Callable[[], bool]:
    """Kills the raylet of `node`, and so its workers, once all three nodes run a cell."""
    raylet = node.all_processes["raylet"][0].process

    def look() -> bool:
        if raylet.poll() is None and len(list(seen.glob("*.seen"))) >= 3:
            raylet.kill()
            raylet.wait()
        return False

    return look
