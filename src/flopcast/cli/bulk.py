"""One answer for each of many files: on the cores of this machine, or on a Ray cluster."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from flopcast.errors import FlopcastError, InputError, MissingExtra

_KEEP: Final = str(1 << 28)  # bytes: memory that is freed is soon wanted again
_SETTINGS: Final = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_TRIM_THRESHOLD_": _KEEP,
    "MALLOC_MMAP_THRESHOLD_": _KEEP,
}

Answer = Callable[[Path, dict[str, Any]], dict[str, Any]]


def over_files(
    answer: Answer, paths: Sequence[Path], asked: dict[str, Any], on: str
) -> list[dict[str, Any]]:
    """The answers, in the order of the paths; a file that has none brings its error instead.

    Raises InputError for a place that is neither local nor ray, MissingExtra for Ray without it.
    """
    one = partial(answered, answer, asked=asked)
    if on == "local":
        workers = min(len(paths), os.cpu_count() or 1)
        if workers == 1:
            return [one(path) for path in paths]
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
        with _side_by_side(), pool:
            return list(pool.map(one, paths, chunksize=max(1, len(paths) // (8 * workers))))
    if on == "ray":
        return _on_ray(one, paths)
    raise InputError(f"--on is {on!r}; it is local or ray.")


@contextmanager
def _side_by_side() -> Iterator[None]:
    """Processes started meanwhile take one thread each and keep their memory.

    What the user has set stays.
    """
    unset = {name: value for name, value in _SETTINGS.items() if name not in os.environ}
    os.environ.update(unset)
    try:
        yield
    finally:
        for name in unset:
            del os.environ[name]


def answered(answer: Answer, path: Path, asked: dict[str, Any]) -> dict[str, Any]:
    """The answer of one file, or its error or refusal as JSON-ready data."""
    try:
        return answer(path, asked)
    except FlopcastError as error:
        return {"source": path.name, **error.to_dict()}
    except OSError as error:
        problem = InputError(f"{path} cannot be read: {error.strerror}.")
        return {"source": path.name, **problem.to_dict()}


def _on_ray(one: Callable[[Path], dict[str, Any]], paths: Sequence[Path]) -> list[dict[str, Any]]:
    try:
        import ray
    except ImportError:
        raise MissingExtra("Forecasting on Ray", "ray") from None
    started = not ray.is_initialized()
    if started:
        ray.init(log_to_driver=False, include_dashboard=False)
    try:

        def remote(path: Path) -> dict[str, Any]:  # Ray takes functions, not partial ones
            return one(path)

        task = ray.remote(remote)
        # Workers elsewhere have no working folder of ours.
        found: list[dict[str, Any]] = ray.get([task.remote(path.resolve()) for path in paths])
        return found
    finally:
        if started:
            ray.shutdown()
