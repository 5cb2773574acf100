"""Forecasts of many files on a Ray cluster: one machine's, with two workers."""

import json
import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flopcast.cli.app import main

ray: Any = import_module("ray")

# Ray leaves its own sockets and log files open when it stops.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning:ray"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"),
]


@pytest.fixture
def two_workers() -> Iterator[None]:
    """A cluster of this machine alone, with two workers."""
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 2, "include_dashboard": False, "object_store_memory": 80 << 20}
    try:
        cluster: Any = Cluster(initialize_head=True, head_node_args=node)
    except Exception as error:  # Ray raises nothing more precise
        if os.environ.get("CI") == "true" or "timed out during startup" not in str(error):
            raise
        pytest.skip("Ray did not start within its 30 seconds: the machine is too busy")
    ray.init(address=cluster.address, log_to_driver=False)
    try:
        yield
    finally:
        ray.shutdown()
        cluster.shutdown()


def write(path: Path, shift: float) -> None:
    """Nine runs of a law whose floor is `shift`."""
    params = np.repeat([1e8, 3e8, 1e9], 3)
    data = np.tile([2e9, 1e10, 5e10], 3)
    loss = shift + 400.0 * params**-0.34 + 2000.0 * data**-0.37
    rows = zip(params, data, loss, strict=True)
    lines = ["params,data,loss", *(f"{n:g},{d:g},{y:.9g}" for n, d, y in rows)]
    path.write_text("\n".join(lines), "utf-8")


@pytest.mark.usefixtures("two_workers")
def test_answers_are_those_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ray gives what a single process gives, in order; a file without an answer has its error."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.csv", 1.7)
    write(tmp_path / "b.csv", 1.9)
    asked = ("--at", "params=1e10,data=4e11", "--draws", "100", "--json")
    assert main(["predict", "a.csv", "none.csv", "b.csv", "--on", "ray", *asked]) == 0
    first, missing, last = json.loads(capsys.readouterr().out)["forecasts"]
    assert missing["error"]["code"] == "bad_input"
    for name, found in (("a.csv", first), ("b.csv", last)):
        assert main(["predict", name, *asked]) == 0
        assert json.loads(capsys.readouterr().out)["points"] == found["points"]
