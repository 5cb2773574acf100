"""Other packages that fit the Chinchilla law, on the same runs; each is optional.

``chinchilla`` searches from a grid of starts of its user's choice and is given the objective of
Hoffmann et al. 2022; ``simple-scaling-laws`` has its own, weighted least squares of the loss, so
that its optimum is another. Both times include what the packages do besides the search.
"""

import importlib.util
import logging
import os
import tempfile
import time
from functools import partial

import numpy as np
from chinchilla_problem import DELTA, scipy_objective

from flopcast.observations import Runs

SIZES, FLOORS, RATES = (0.0, 10.0, 20.0), (-1.0, 0.0, 1.0), (0.0, 1.0, 2.0)


def objective(runs: Runs, law: dict[str, float]) -> float:
    """The summed Huber objective of natural parameter values."""
    theta = np.array(
        [*(np.log(max(law[name], 1e-300)) for name in ("A", "B", "E")), law["alpha"], law["beta"]]
    )
    u, v, y = np.log(runs["params"]), np.log(runs["data"]), np.log(runs.loss)
    return float(scipy_objective(theta, u, v, y, np.ones_like(y))[0])


def by_chinchilla(runs: Runs) -> tuple[float, float]:
    """Seconds and objective of the package ``chinchilla``, 243 starts on every core."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    import pandas as pd
    from chinchilla import Chinchilla  # type: ignore[import-not-found]
    from chinchilla._metrics import log_huber  # type: ignore[import-not-found]

    grid = {"e": FLOORS, "a": SIZES, "b": SIZES, "alpha": RATES, "beta": RATES}
    columns = {"N": runs["params"], "D": runs["data"], "loss": runs.loss}
    with tempfile.TemporaryDirectory() as folder, np.errstate(all="ignore"):
        peer = Chinchilla(
            folder, grid, loss_fn=partial(log_huber, delta=DELTA), log_level=logging.CRITICAL
        )
        peer.database.df = pd.DataFrame({"C": 6.0 * columns["N"] * columns["D"], **columns})
        begin = time.perf_counter()
        peer.fit()
        took = time.perf_counter() - begin
    names = ("E", "A", "B", "alpha", "beta")
    return took, objective(runs, {name: float(getattr(peer, name)) for name in names})


def by_simple_scaling_laws(runs: Runs) -> tuple[float, float]:
    """Seconds and objective of the package ``simple-scaling-laws``, with one bootstrap draw."""
    import polars as pl  # type: ignore[import-not-found]
    import simple_scaling_laws as peer  # type: ignore[import-not-found]

    frame = pl.DataFrame(
        {
            "training_run_id": [f"run {k}" for k in range(len(runs))],
            "model_size__n_params": runs["params"],
            "dataset_size__n_tokens": runs["data"],
            "test_loss__cross_entropy": runs.loss,
        }
    )
    begin = time.perf_counter()
    model = peer.fit(frame, law="separable-power", n_draws=1)
    took = time.perf_counter() - begin
    law = model.params("test_loss__cross_entropy")
    # Its amplitudes hold where each input is at the package's reference for it.
    domain = model.observed_domain
    law["A"] *= domain["model_size__n_params"]["reference"] ** law["alpha"]
    law["B"] *= domain["dataset_size__n_tokens"]["reference"] ** law["beta"]
    return took, objective(runs, law)


PEERS = {
    "chinchilla, 243 starts, the same objective": ("chinchilla", by_chinchilla),
    "simple-scaling-laws, least squares": ("simple_scaling_laws", by_simple_scaling_laws),
}


def print_peers(runs: Runs) -> None:
    """One line for each package: seconds and objective, or that it is not installed."""
    for name, (module, timed) in PEERS.items():
        if importlib.util.find_spec(module) is None:
            print(f"{name:<42}{'not installed':>28}")
            continue
        took, value = timed(runs)
        print(f"{name:<42}{took:>10.4f}{value:>18.10e}")
