"""A portal on a port of its own, for tests that need one with other settings."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

if TYPE_CHECKING:
    from fastapi import FastAPI


T = TypeVar("T")


def awaited(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns; in a thread, since the browser keeps a loop in this one."""
    return apart(lambda: asyncio.run(work))


def apart(call: Callable[[], T]) -> T:
    """What a call that runs a loop of its own returns."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(call).result()


@contextmanager
def running(app: "FastAPI") -> Iterator[httpx.Client]:
    """Serves an application until the block ends; gives a client of it."""
    import uvicorn

    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="on"))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with httpx.Client(base_url=address, timeout=60) as client:
        yield client
    server.should_exit = True
    thread.join(10)
    listening.close()
