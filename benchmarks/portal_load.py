"""The portal under load: cached and uncached views, conditional requests, a million results.

One server process on the loopback. Every line gives the reader's wall clock (median, 95th and 99th
percentile, beside its limit) and the processor time that the server and its children took per
request (the same, or the mean where requests overlap), then the load of the machine: on a busy
machine only the processor time tells about the portal. The first line of each part is a bare file,
the baseline. Bounded: 6 minutes in all, with ``--quick`` 90 seconds and 200,000 results.

    python benchmarks/portal_load.py [--quick]
"""

import argparse
import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import httpx
import numpy as np

from flopcast.records.query import BUNDLED

RATE = 50
LARGEST = 100_000
PAGE = "/benchmarks/imagenet-top1"
SYNTHETIC = "/benchmarks/synthetic-0"
BARE = "/static/0/icon.svg"
TICKS = os.sysconf("SC_CLK_TCK")
#: Views of the large benchmark by kind: what a reader changes.
KINDS = {
    "year range": [f"from={a}&to={b}" for a in range(2012, 2018) for b in range(2020, 2026, 2)],
    "by year": ["x=year", *(f"x=year&from={y}" for y in range(2013, 2020))],
    "measure": [f"measure={m}" for m in ("hardware", "network", "preferred", "forward")],
    "scope": [f"measure=preferred&{s}" for s in ("search=in", "pretraining=out")],
    "regression": ["errors=hc3", "errors=cluster", "yearterm=yes", "yearterm=yes&errors=hc3"],
    "frontier": ["show=frontier", "show=frontier&x=year", "show=frontier&from=2015"],
    "zoom": [f"zoom={17 + k / 4:g},{19 + k / 4:g},-0.6,-0.1" for k in range(12)],
    "sort and leaf": [
        f"sort={c}&leaf={k}" for c, k in product(("name", "-year", "paper"), (1, 9))
    ],
    "search": [f"q={q}" for q in ("run-9", "run-77", "0-run-12", "nothing", "a")],
}


def main() -> None:
    """Run every part and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="90 seconds, 200,000 results")
    quick: bool = parser.parse_args().quick
    begun = time.monotonic()
    seconds = 3 if quick else 10
    print(f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores; ms: median / p95 / p99")
    with tempfile.TemporaryDirectory() as folder:
        with serving(BUNDLED) as server:
            bundled(server, seconds, patience=10 if quick else 45)
        results = 200_000 if quick else 1_000_000
        start = time.process_time()
        path = synthetic(Path(folder) / "synthetic.sqlite", results)
        took = time.process_time() - start
        print(f"catalogue of {results:,} results, built in {took:.0f} s of processor time")
        with serving(path) as server:
            end = begun + (90 if quick else 360)
            large(server, seconds, 2 if quick else 18, end)
    print(f"took {time.monotonic() - begun:.0f} s")


@dataclass(frozen=True)
class Server:
    """A portal in a process of its own."""

    url: str
    process: int

    def cpu(self) -> float:
        """Seconds of processor time so far, with children that have ended."""
        stat = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return sum(int(stat[place]) for place in (11, 12, 13, 14)) / TICKS

    def memory(self) -> float:
        """Resident memory, MiB."""
        pages = Path(f"/proc/{self.process}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20


def bundled(server: Server, seconds: int, patience: float) -> None:
    """The bundled catalogue: cached, uncached, conditional, as pixels."""
    print(f"bundled catalogue, {RATE} requests/s where cached")
    get(server.url + PAGE), get(server.url + BARE)
    before = server.memory()
    show("bare file", at_rate(server, BARE, seconds))
    show("page, cached", at_rate(server, PAGE, seconds), 50)
    options = product(
        ("consolidated", "hardware", "network", "preferred"), ("ols", "inverse"),
        (2012, 2013, 2014, 2015, 2016, 2017), ("all", "frontier"),
    )  # fmt: skip
    queries = [f"measure={m}&regress={r}&from={y}&show={s}" for m, r, y, s in options]
    np.random.default_rng(0).shuffle(queries)
    show("page, uncached", one_by_one(server, PAGE, queries, patience), 250)
    pictures = [f"from={year}" for year in (2012, 2013, 2014)]
    show(".png, uncached", one_by_one(server, f"{PAGE}.png", pictures, patience))
    conditional(server)
    print(f"  resident memory: {before:.0f} MiB before, {server.memory():.0f} after")


def conditional(server: Server) -> None:
    """What share of requests with the tag of what they have is answered 304 without a body."""
    with httpx.Client() as client:
        tag = client.get(server.url + PAGE).headers["etag"]
        headers = {"if-none-match": tag}
        answers = [client.get(server.url + PAGE, headers=headers) for _ in range(100)]
    spared = sum(answer.status_code == 304 and not answer.content for answer in answers)
    print(f"  conditional requests answered 304: {spared} of {len(answers)}")


def large(server: Server, seconds: int, each: int, end: float) -> None:
    """A benchmark of 100,000 points, every kind of view, as far as the time until ``end`` goes."""
    print(f"benchmark of {LARGEST:,} points")
    cpu, start = server.cpu(), time.monotonic()
    size = get(server.url + SYNTHETIC)[1]
    print(
        f"  first view, asked for at the start: {time.monotonic() - start:.1f} s, processor "
        f"{server.cpu() - cpu:.1f} s, {size / 1024:.0f} KB sent, load {os.getloadavg()[0]:.1f}"
    )
    before = server.memory()
    show("bare file", at_rate(server, BARE, seconds))
    show("page, cached", at_rate(server, SYNTHETIC, seconds), 50)
    every = Times([], [])
    for kind, queries in KINDS.items():
        left = end - time.monotonic()
        if left <= 0:
            print(f"  {kind}: left out, the time is over")
            continue
        found = one_by_one(server, SYNTHETIC, queries[:each], left / len(KINDS))
        show(kind, found, 500)
        every = Times(every.wall + found.wall, every.processor + found.processor)
    if every.wall:
        show("every kind together", every, 500)
    print(f"  resident memory: {before:.0f} MiB before, {server.memory():.0f} after")
    for name, path in (("ordinary", PAGE), ("large", SYNTHETIC)):
        if time.monotonic() < end:
            browser(name, server.url + path)


def browser(name: str, url: str) -> None:
    """Seconds from the start of a navigation until Chromium has painted the chart."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("  no chromium: time in a browser not measured")
        return
    from playwright.sync_api import sync_playwright

    times = []
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        instance = playwright.chromium.launch(executable_path=chromium, args=arguments)
        for _ in range(4):
            page = instance.new_context().new_page()
            page.goto(url, wait_until="commit", timeout=30_000)
            times.append(page.evaluate(_PAINTED) / 1000)
            nodes = page.evaluate("document.querySelectorAll('*').length")
            page.context.close()
        instance.close()
    print(f"  {name} page, chart painted in Chromium: median {np.median(times):.2f} s (limit 2), "
          f"worst {max(times):.2f} s, {nodes} nodes, load {os.getloadavg()[0]:.1f}")  # fmt: skip


#: Resolves after the frame in which the chart is on the page, to ms since the navigation began.
_PAINTED = """
new Promise(resolve => {
  const look = () => document.querySelector("svg.chart path")
    ? requestAnimationFrame(() => setTimeout(() => resolve(performance.now())))
    : requestAnimationFrame(look);
  look();
})
"""


@dataclass(frozen=True)
class Times:
    """Seconds per request: of the wall clock, and of the server's processor."""

    wall: list[float]
    processor: list[float]


def at_rate(server: Server, path: str, seconds: int) -> Times:
    """Requests sent at a fixed rate whether or not earlier ones are answered.

    On a machine too busy to send them all in twice the time, the rest are not sent.
    """

    async def every() -> list[float]:
        visitor = Visitor(server.url.removeprefix("http://"))
        begun = time.perf_counter()

        async def one(after: float) -> float | None:
            await asyncio.sleep(after)
            start = time.perf_counter()
            if start > begun + 2 * seconds:
                return None
            await visitor.get(path)
            return time.perf_counter() - start

        found = await asyncio.gather(*(one(k / RATE) for k in range(RATE * seconds)))
        visitor.close()
        return [took for took in found if took is not None]

    start = server.cpu()
    wall = asyncio.run(every())
    return Times(wall, [(server.cpu() - start) / len(wall)])


class Visitor:
    """Asks over connections that stay open; as little work as HTTP allows, to measure others'."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def get(self, path: str) -> bytes:
        """The body at a path, compressed if the server has it so."""
        address, _, port = self.host.partition(":")
        pair = self.free.pop() if self.free else await asyncio.open_connection(address, int(port))
        request = f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\nAccept-Encoding: gzip\r\n\r\n"
        pair[1].write(request.encode())
        head = await pair[0].readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        size = int(head.lower().partition(b"content-length:")[2].split()[0])
        body = await pair[0].readexactly(size)
        self.free.append(pair)
        return body

    def close(self) -> None:
        """Closes the connections."""
        for _, writer in self.free:
            writer.close()


def one_by_one(server: Server, path: str, queries: Iterable[str], patience: float) -> Times:
    """A request for every query, as far as ``patience`` in seconds goes."""
    found = Times([], [])
    end = time.monotonic() + patience
    for query in queries:
        start = server.cpu()
        found.wall.append(get(f"{server.url}{path}?{query}")[0])
        found.processor.append(server.cpu() - start)
        if time.monotonic() > end:
            break
    return found


def get(url: str) -> tuple[float, int]:
    """Seconds of one request, and bytes of its answer; a busy server is asked again."""
    request = urllib.request.Request(url, headers={"accept-encoding": "gzip"})
    start = time.perf_counter()
    while True:
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return time.perf_counter() - start, len(answer.read())
        except urllib.error.HTTPError as error:
            if error.code != 503 or time.perf_counter() - start > 60:
                raise
            time.sleep(0.2)


def show(name: str, times: Times, limit: float | None = None) -> None:
    """One line of figures, ms."""
    wall, used = (np.quantile(1000 * np.array(t), [0.5, 0.95, 0.99]) for t in
                  (times.wall, times.processor))  # fmt: skip
    bound = (
        "" if limit is None else f" (limit {limit:g}: {'met' if wall[1] < limit else 'missed'})"
    )
    written = " / ".join(f"{value:.0f}" for value in used)
    if len(times.processor) == 1:
        written = f"{used[0]:.1f} on average"
    print(f"  {name}: {wall[0]:.0f} / {wall[1]:.0f} / {wall[2]:.0f}{bound}, processor {written}, "
          f"n = {len(times.wall)}, load {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip


@contextmanager
def serving(catalogue: Path) -> Iterator[Server]:
    """A portal in a process of its own."""
    command = [sys.executable, "-m", "flopcast", "serve", "--port", "0"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [*command, "--catalogue", str(catalogue)], stdout=subprocess.PIPE, text=True,
        env=environment,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        address = next(line for line in process.stdout if line.startswith("http"))
        server = Server(address.strip().rstrip("/"), process.pid)
        wait(server.url + BARE)
        yield server
    finally:
        process.terminate()
        process.wait(20)


def wait(url: str, seconds: float = 60) -> None:
    """Asks until there is an answer or the time is over."""
    end = time.monotonic() + seconds
    while True:
        try:
            get(url)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


def synthetic(path: Path, results: int) -> Path:
    """The bundled release with benchmarks of random results added, the first one the largest."""
    shutil.copy(BUNDLED, path)
    path.chmod(0o644)
    rng = np.random.default_rng(0)
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
    known = "SELECT name, sql FROM sqlite_master WHERE type = 'index'"
    indexes = connection.execute(known).fetchall()
    with connection:
        for name, _ in indexes:
            connection.execute(f'DROP INDEX "{name}"')
        others = (results - LARGEST) // 10_000
        for index, count in enumerate([LARGEST] + [10_000] * others):
            add_benchmark(connection, f"synthetic-{index}", count, rng)
        added = "SELECT {} FROM {} WHERE benchmark GLOB 'synthetic-*'"
        models = added.format("run, run, NULL, source", "results")
        connection.execute(f"INSERT INTO models (id, name, params, source) {models}")
        connection.execute(f"INSERT INTO claims_corrected {added.format('*', 'claims')}")
        for _, statement in indexes:
            connection.execute(statement)
    connection.close()
    return path


def add_benchmark(
    connection: sqlite3.Connection, id: str, count: int, rng: np.random.Generator
) -> None:
    """One benchmark of ``count`` runs with a stated burden each, from many papers."""
    columns = [row[1] for row in connection.execute("PRAGMA table_info(benchmarks)")]
    like = connection.execute("SELECT * FROM benchmarks LIMIT 1").fetchone()
    about = dict(zip(columns, like, strict=True)) | {"id": id, "name": id, "aliases": "[]"}
    marks = ", ".join("?" for _ in columns)
    connection.execute(f"INSERT INTO benchmarks VALUES ({marks})", list(about.values()))
    papers = [row[0] for row in connection.execute("SELECT id FROM sources ORDER BY id")]
    sources = [papers[k] for k in rng.integers(0, len(papers), count)]
    log10_flop = rng.uniform(16, 24, count)
    error = 10 ** (-0.09 * (log10_flop - 17) - 0.3 + rng.normal(0, 0.08, count))
    value = 100 * (1 - np.clip(error, 1e-3, 0.999))
    runs = [f"{id}-run-{k}" for k in range(count)]
    years = rng.integers(2012, 2027, count).tolist()
    connection.executemany(
        "INSERT INTO results (benchmark, run, model, source, year, value) "
        "VALUES (?1, ?2, ?2, ?3, ?4, ?5)",
        zip([id] * count, runs, sources, years, value.tolist(), strict=True),
    )
    connection.executemany(
        "INSERT INTO claims (benchmark, run, scope, method, basis, flop, source) "
        "VALUES (?, ?, 'total', 'reported', 'peak', ?, ?)",
        zip([id] * count, runs, (10**log10_flop).tolist(), sources, strict=True),
    )


if __name__ == "__main__":
    main()
