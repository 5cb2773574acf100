"""Thousands of bootstrap refits of the Chinchilla law, beside a warm-started SciPy loop.

Target: 4,000 refits at least 100 times faster than the replication's loop (BFGS from Hoffmann's
values, its gradient by automatic differentiation) and under 500 MB. SciPy is timed on a part of
the resamples and scaled up: with a hand-written gradient, which is faster than the replication's
own, and with finite differences, which is what a user gets without one. Where the package
``autograd`` is installed the replication's way of differentiating is timed too.
"""

import os

# One thread for everybody: threads that spin on matrices this small slow SciPy's loop down.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import importlib.util
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
from chinchilla_problem import DELTA, HOFFMANN, load, scipy_objective
from scipy.optimize import minimize as scipy_minimize

from flopcast.fitting.draws import bootstrap
from flopcast.fitting.objective import HUBER
from flopcast.fitting.resampling import bootstrap_weights
from flopcast.fitting.search import search
from flopcast.fitting.task import Task
from flopcast.laws.registry import get_law

ROUNDS = 3


def autograd_objective() -> Callable[..., Any] | None:
    """The objective written for automatic differentiation, with its gradient; None without it."""
    if importlib.util.find_spec("autograd") is None:
        return None
    import autograd  # type: ignore[import-not-found]
    import autograd.numpy as anp  # type: ignore[import-not-found]

    def value(theta: Any, u: Any, v: Any, y: Any, weights: Any) -> Any:
        a, b, e, alpha, beta = theta
        parts = anp.stack([a - alpha * u, b - beta * v, e + 0.0 * u])
        peak = anp.max(parts, axis=0)
        residual = y - peak - anp.log(anp.sum(anp.exp(parts - peak), axis=0))
        size = anp.abs(residual)
        huber = anp.where(size <= DELTA, 0.5 * residual**2, DELTA * (size - 0.5 * DELTA))
        return anp.sum(weights * huber)

    gradient = autograd.grad(value)
    return lambda *arguments: (value(*arguments), gradient(*arguments))


def main() -> None:
    """Print seconds, ratios, memory, and how the optima compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=4000)
    parser.add_argument("--scipy-draws", type=int, default=200)
    options = parser.parse_args()
    runs, what = load()
    task = Task(get_law("chinchilla"), runs, HUBER, np.ones(len(runs)))
    found = search(task.question)
    took = np.inf
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        draws = bootstrap(
            task, found, draws=options.draws, method="case", rng=np.random.default_rng(0)
        )
        took = min(took, time.perf_counter() - begin)
    tracemalloc.start()
    bootstrap(task, found, draws=options.draws, method="case", rng=np.random.default_rng(0))
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    weights = bootstrap_weights(range(len(runs)), options.draws, np.random.default_rng(0))
    u, v, y = np.log(runs["params"]), np.log(runs["data"]), np.log(runs.loss)
    print(f"{what}, {options.draws} refits; SciPy scaled up from {options.scipy_draws}")
    print(f"{'method':<46}{'seconds':>9}{'ratio':>8}{'worse':>7}{'better':>7}")
    print(f"{'flopcast, batched':<46}{took:>9.3f}{1:>8}")
    loops: dict[str, tuple[Callable[..., Any], bool]] = {
        "SciPy BFGS, hand-written gradient": (scipy_objective, True),
        "SciPy BFGS, finite differences": (lambda *a: scipy_objective(*a)[0], False),
    }
    automatic = autograd_objective()
    if automatic is not None:
        loops["SciPy BFGS, autograd (as the replication)"] = (automatic, True)
    for name, (objective, gradient) in loops.items():
        begin = time.perf_counter()
        values = np.array(
            [
                scipy_minimize(
                    objective, HOFFMANN, args=(u, v, y, row), jac=gradient, method="BFGS"
                ).fun
                for row in weights[: options.scipy_draws]
            ]
        )
        seconds = (time.perf_counter() - begin) * options.draws / options.scipy_draws
        mine = draws.value[: options.scipy_draws]
        worse = np.count_nonzero(mine > values * (1.0 + 1e-6))
        better = np.count_nonzero(values > mine * (1.0 + 1e-6))
        print(f"{name:<46}{seconds:>9.1f}{seconds / took:>8.0f}{worse:>7}{better:>7}")
    print("worse and better: refits of ours a relative 1e-6 above or below SciPy's")
    print(f"peak memory of the refits: {peak:.0f} MB (target 500)")
    spread = dict(
        zip(task.law.parameter_names, task.natural(draws.theta).std(axis=0), strict=True)
    )
    print("standard errors: " + ", ".join(f"{name} {s:.4g}" for name, s in spread.items()))


if __name__ == "__main__":
    main()
