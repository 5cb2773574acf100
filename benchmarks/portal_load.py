"""The portal under load: cached and uncached views, conditional requests, a million results.

One process on the loopback, at most two cores, bounded in time. Prints each figure beside its
limit and its ratio to a bare route of the same application in the same run.
"""

import asyncio
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np

from flopcast.records.query import BUNDLED

RATE, SECONDS = 50, 12
RESULTS, LARGEST = 1_000_000, 100_000
OTHERS = 90
PAGE = "/benchmarks/imagenet-top1"
BARE = "/static/0/icon.svg"


def main() -> None:
    """Run every part and print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        with serving(BUNDLED) as url:
            bundled(url)
        path = synthetic(Path(folder) / "million.sqlite")
        with serving(path) as url:
            million(url)


def bundled(url: str) -> None:
    """The bundled catalogue: cached, uncached, conditional."""
    get(url + PAGE), get(url + BARE)
    bare = asyncio.run(at_rate([url + BARE] * (RATE * SECONDS)))
    cached = asyncio.run(at_rate([url + PAGE] * (RATE * SECONDS)))
    print(f"bundled catalogue, {RATE} requests/s for {SECONDS} s")
    show("bare file", bare, None, bare)
    show("benchmark page, cached", cached, 50, bare)
    options = [
        f"?measure={m}&regress={r}&from={y}&show={s}"
        for m in ("consolidated", "hardware", "network", "preferred")
        for r in ("ols", "inverse")
        for y in (2012, 2014, 2016)
        for s in ("all", "frontier")
    ]
    times = [get(f"{url}{PAGE}{query}")[0] for query in options]
    show("benchmark page, uncached", times, 250, bare)
    conditional(url)


def conditional(url: str) -> None:
    """Requests with the tag of what they have are answered 304 without a body."""
    tag = httpx.get(url + PAGE).headers["etag"]
    times = []
    for _ in range(100):
        start = time.perf_counter()
        answer = httpx.get(url + PAGE, headers={"if-none-match": tag})
        times.append(time.perf_counter() - start)
        assert answer.status_code == 304
        assert not answer.content
    print(f"  conditional requests: all {len(times)} answered 304")


def million(url: str) -> None:
    """A benchmark of 100,000 points in a catalogue of a million results."""
    page = "/benchmarks/synthetic-0"
    first, size = get(url + page)
    print(f"catalogue of {RESULTS:,} results, benchmark of {LARGEST:,}")
    print(f"  first view after the start: {first:.1f} s, {size / 1024:.0f} KB compressed")
    get(url + BARE)
    bare = asyncio.run(at_rate([url + BARE] * RATE * 2))
    cached = asyncio.run(at_rate([url + page] * (RATE * SECONDS // 2)))
    show("cached", cached, 500, bare)
    views = [f"?zoom={17 + k / 10:.1f},{19 + k / 10:.1f},-0.6,-0.1" for k in range(20)]
    views += [f"?sort={c}&leaf={k}" for c in ("name", "-year", "-flop") for k in range(1, 8)]
    times = [get(f"{url}{page}{query}")[0] for query in views]
    show("new parts, orders and leaves", times, 500, bare)
    browser(url + page)


def browser(url: str) -> None:
    """Seconds until a real browser has painted the page."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("  no chromium: time in a browser not measured")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        times, nodes = [], 0
        for _ in range(5):
            page = instance.new_context().new_page()
            start = time.perf_counter()
            page.goto(url)
            page.evaluate("new Promise(r => requestAnimationFrame(() => setTimeout(r)))")
            times.append(time.perf_counter() - start)
            nodes = page.evaluate("document.querySelectorAll('*').length")
            page.context.close()
        instance.close()
    print(f"  shown in the browser: median {statistics.median(times):.2f} s (limit 2), "
          f"worst {max(times):.2f} s, {nodes} nodes")  # fmt: skip


async def at_rate(urls: list[str]) -> list[float]:
    """Seconds of each request, sent at a fixed rate whether or not earlier ones are answered."""
    limits = httpx.Limits(max_connections=100)
    headers = {"accept-encoding": "gzip"}
    async with httpx.AsyncClient(limits=limits, headers=headers, timeout=60) as client:

        async def one(url: str, after: float) -> float:
            await asyncio.sleep(after)
            start = time.perf_counter()
            answer = await client.get(url)
            assert answer.status_code == 200, answer.status_code
            return time.perf_counter() - start

        await client.get(urls[0])
        return await asyncio.gather(*(one(url, k / RATE) for k, url in enumerate(urls)))


def get(url: str) -> tuple[float, int]:
    """Seconds of one request, and bytes of its answer."""
    request = urllib.request.Request(url, headers={"accept-encoding": "gzip"})
    start = time.perf_counter()
    with urllib.request.urlopen(request, timeout=300) as answer:
        size = len(answer.read())
    return time.perf_counter() - start, size


def show(name: str, times: list[float], limit: float | None, bare: list[float]) -> None:
    """One line: median, p95, worst in ms, the limit, the ratio to a bare file."""
    ms = 1000 * np.array(times)
    p95 = float(np.quantile(ms, 0.95))
    ratio = p95 / (1000 * float(np.quantile(bare, 0.95)))
    bound = "" if limit is None else f" (limit {limit:g}: {'met' if p95 < limit else 'MISSED'})"
    print(f"  {name}: median {np.median(ms):.1f}, p95 {p95:.1f} ms{bound}, worst {ms.max():.1f}, "
          f"{ratio:.1f} x a bare file, n = {len(times)}")  # fmt: skip


@contextmanager
def serving(catalogue: Path) -> Iterator[str]:
    """A portal in a process of its own; gives its address."""
    command = [sys.executable, "-m", "flopcast", "serve", "--port", "0"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [*command, "--catalogue", str(catalogue)], stdout=subprocess.PIPE, text=True,
        env=environment,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        address = next(line for line in process.stdout if line.startswith("http"))
        url = address.strip().rstrip("/")
        wait(lambda: get(url + BARE))
        yield url
    finally:
        process.terminate()
        process.wait(20)


def wait(ready: Callable[[], object], seconds: float = 60) -> None:
    """Tries until it works or the time is over."""
    end = time.monotonic() + seconds
    while True:
        try:
            ready()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


def synthetic(path: Path) -> Path:
    """The bundled release with benchmarks of random results added, a million in all."""
    shutil.copy(BUNDLED, path)
    path.chmod(0o644)
    rng = np.random.default_rng(0)
    connection = sqlite3.connect(path)
    with connection:
        indexes = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index'")
        made = indexes.fetchall()
        for name, _ in made:
            connection.execute(f'DROP INDEX "{name}"')
        source = connection.execute("SELECT id FROM sources LIMIT 1").fetchone()[0]
        counts = [LARGEST] + [(RESULTS - LARGEST) // OTHERS] * OTHERS
        for index, count in enumerate(counts):
            add_benchmark(connection, f"synthetic-{index}", count, source, rng)
        for _, statement in made:
            connection.execute(statement)
    connection.close()
    return path


def add_benchmark(
    connection: sqlite3.Connection, id: str, count: int, source: str, rng: np.random.Generator
) -> None:
    """One benchmark of ``count`` runs with a reported burden each."""
    columns = [row[1] for row in connection.execute("PRAGMA table_info(benchmarks)")]
    like = connection.execute("SELECT * FROM benchmarks LIMIT 1").fetchone()
    about = dict(zip(columns, like, strict=True)) | {"id": id, "name": id, "aliases": "[]"}
    insert(connection, "benchmarks", [about])
    log10_flop = rng.uniform(16, 24, count)
    error = 10 ** (-0.09 * (log10_flop - 17) - 0.3 + rng.normal(0, 0.08, count))
    names = [f"{id}-run-{k}" for k in range(count)]
    years = rng.integers(2012, 2027, count)
    insert(connection, "models", ({"id": n, "name": n, "params": None, "source": source}
                                  for n in names))  # fmt: skip
    insert(connection, "results", (
        {"benchmark": id, "run": n, "model": n, "source": source, "year": int(y),
         "value": float(100 * (1 - e))}
        for n, y, e in zip(names, years, np.clip(error, 1e-3, 0.999), strict=True)
    ))  # fmt: skip
    for table in ("claims", "claims_corrected"):
        insert(connection, table, (
            {"benchmark": id, "run": n, "scope": "total", "method": "reported", "basis": "peak",
             "flop": float(10**x), "source": source}
            for n, x in zip(names, log10_flop, strict=True)
        ))  # fmt: skip


def insert(connection: sqlite3.Connection, table: str, rows) -> None:  # type: ignore[no-untyped-def]
    """Adds rows; columns that they leave out are null."""
    rows = list(rows)
    names = list(rows[0])
    listed, marks = ", ".join(f'"{n}"' for n in names), ", ".join("?" for _ in names)
    values = (tuple(row[n] for n in names) for row in rows)
    connection.executemany(f'INSERT INTO "{table}" ({listed}) VALUES ({marks})', values)


if __name__ == "__main__":
    main()
