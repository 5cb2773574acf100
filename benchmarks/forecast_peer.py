"""The package ``simple-scaling-laws`` on the splits of the forecast benchmark.

It needs Python 3.12, so it runs in an interpreter of its own: `PEER_PYTHON` in the environment
names one in which it is installed (``pip install simple-scaling-laws``). Without it the rival is
left out. Its forecasts are of new runs, with its defaults, as its documentation has them.
"""

import json
import os
import subprocess
from collections.abc import Sequence
from typing import Final

import numpy as np
from forecast_grids import Split

from flopcast.laws.features import FloatArray
from flopcast.observations import Runs

LAWS: Final = ("separable-power", "skaling-joint-power")
LEVEL: Final = 0.9
_TIMEOUT: Final = 600.0  # seconds for all splits of one law

_SCRIPT: Final = """
import json, sys
import polars as pl
import simple_scaling_laws as peer
TARGET = "test_loss__cross_entropy"
def frame(split, side):
    columns = split[side]
    return {"model_size__n_params": columns["params"], "dataset_size__n_tokens": columns["data"]}
asked = json.load(sys.stdin)
answers = []
for split in asked["splits"]:
    count = len(split["train"]["loss"])
    table = pl.DataFrame({"training_run_id": [f"run {k}" for k in range(count)],
                          **frame(split, "train"), TARGET: split["train"]["loss"]})
    model = peer.fit(table, law=asked["law"])
    found = model.predict(pl.DataFrame(frame(split, "test")), kind="new-run",
                          quantiles=(0.05, 0.5, 0.95))
    names = [f"{TARGET}__{part}" for part in ("q050", "median", "q950")]
    answers.append([found[name].to_list() for name in names])
json.dump({"version": peer.package_version(), "answers": answers}, sys.stdout)
"""


def by_peer(law: str, splits: Sequence[Split]) -> list[FloatArray] | None:
    """Lower end, median and upper end (3, points) at 90 % for each split; None without it."""
    python = os.environ.get("PEER_PYTHON")
    if python is None:
        return None
    asked = {
        "law": law,
        "splits": [
            {side: _columns(getattr(split, side)) for side in ("train", "test")}
            for split in splits
        ],
    }
    done = subprocess.run(
        [python, "-c", _SCRIPT], input=json.dumps(asked), capture_output=True, text=True,
        timeout=_TIMEOUT, check=False,
    )  # fmt: skip
    if done.returncode:
        print(f"simple-scaling-laws failed: {done.stderr.strip().splitlines()[-1]}")
        return None
    return [np.array(answer) for answer in json.loads(done.stdout)["answers"]]


def _columns(runs: Runs) -> dict[str, list[float]]:
    columns = {name: runs[name].tolist() for name in ("params", "data")}
    return {**columns, "loss": runs.loss.tolist()}
