"""Kept results in a real PostgreSQL, in a cluster that lives as long as the tests."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sql

from flopcast.errors import InputError
from flopcast.portal.own_runs.store import DAYS, KEPT, Store

ON_CI = os.environ.get("CI") == "true"
RESULT = {"document": {"runs": 3, "name": "Größe ≤ 1"}, "rows": [{"loss": 1.5}], "svg": None}
#: A user that owns the cluster where the tests run as root: PostgreSQL refuses to.
OWNER = "postgres"


def tools() -> Path:
    """The folder of PostgreSQL's tools; skipped without them, failed on CI."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    here = shutil.which("initdb")
    if not found and here is None:
        (pytest.fail if ON_CI else pytest.skip)("PostgreSQL's initdb is not installed")
    return found[-1].parent if found else Path(str(here)).parent


def run_as_owner(*command: str | Path) -> None:
    """Runs a tool, as the owner where the tests are root's."""
    prefix = ["runuser", "-u", OWNER, "--"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*prefix, *map(str, command)], capture_output=True, text=True, cwd="/", timeout=120
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The SQLAlchemy URL of a database in a cluster of its own, on a free port."""
    bin_folder = tools()
    # Short: the path of a socket has at most 107 characters.
    folder = Path("/tmp") / f"flopcast-pg-{os.getpid()}"
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        owner = pwd.getpwnam(OWNER)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    data = folder / "data"
    options = (
        f"-c listen_addresses= -c unix_socket_directories={folder} -c port={port} -c fsync=off"
    )
    try:
        run_as_owner(bin_folder / "initdb", "-D", data, "-U", OWNER, "-A", "trust", "--no-sync")
        run_as_owner(bin_folder / "pg_ctl", "-D", data, "-o", options, "-w",
                     "-l", folder / "log", "start")  # fmt: skip
        yield f"postgresql+psycopg://{OWNER}@/postgres?host={folder}&port={port}"
    finally:
        with suppress(AssertionError):
            run_as_owner(bin_folder / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def store(cluster: str) -> Iterator[Store]:
    """An empty store in it."""
    found = Store.at(cluster)
    engine = sql.create_engine(cluster)
    with engine.begin() as connection:
        connection.execute(KEPT.delete())
    engine.dispose()
    yield found
    found.close()


def test_a_result_is_kept_found_and_deleted(store: Store, cluster: str) -> None:
    """Another process's store finds what one kept; the token itself is not in the database."""
    token = store.keep(RESULT)
    other = Store.at(cluster)
    found = other.find(token)
    other.close()
    assert found is not None
    assert found.result == RESULT
    engine = sql.create_engine(cluster)
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(sql.select(KEPT))]
    engine.dispose()
    assert len(rows) == 1
    assert token not in str(rows)
    assert store.delete(token)
    assert not store.delete(token)
    assert store.find(token) is None


def test_time_runs_out(store: Store) -> None:
    """After its days a result is not found, and the next to be kept removes it for good."""
    long_ago = datetime.now(UTC) - timedelta(days=DAYS, seconds=1)
    old = store.keep(RESULT, now=long_ago)
    assert store.find(old) is None
    assert store.find(old, now=long_ago) is not None
    store.keep(RESULT)
    assert store.find(old, now=long_ago) is None


def test_many_keep_at_once(store: Store) -> None:
    """Results kept from several threads have tokens of their own, and all are there."""
    with ThreadPoolExecutor(8) as threads:
        keep: Callable[[int], str] = lambda i: store.keep({"i": i})  # noqa: E731
        tokens = list(threads.map(keep, range(40)))
    assert len(set(tokens)) == 40
    kept = [store.find(token) for token in tokens]
    assert [one and one.result["i"] for one in kept] == list(range(40))


def test_a_server_that_is_not_there(cluster: str) -> None:
    """The message says so; it has no stack trace, and names no password."""
    gone = cluster.replace("@/", ":secret@/").replace("&port=", "&port=1")
    with pytest.raises(InputError, match="cannot be used") as failed:
        Store.at(gone)
    assert "secret" not in str(failed.value)
