"""Writes the copy: everything into a new folder, which then takes the place of the old one."""

import json
import multiprocessing
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from flopcast.errors import InputError
from flopcast.portal.export.places import FORMATS, Places, stem
from flopcast.portal.export.working import Worker, Written, begin, write
from flopcast.portal.pages import all_pages
from flopcast.portal.site import Site

if TYPE_CHECKING:
    from flopcast.portal.settings import Settings

MANIFEST: Final = "export.json"
#: Seconds that one view may take; nobody waits for it.
_PATIENCE: Final = 3600.0
#: Addresses that a process is given at once.
_BATCH: Final = 8
Submit = Callable[[Sequence[str]], "Future[list[Written]]"]


def export(
    settings: "Settings",
    folder: Path,
    *,
    formats: tuple[str, ...] = FORMATS,
    views: bool = True,
    processes: int = 1,
    progress: Callable[[int, int], None] = lambda _done, _known: None,
) -> dict[str, Any]:
    """Writes every page of a portal, with its files, into a folder.

    The same release and package give the same bytes. The folder appears whole or not at all.

    Args:
        settings: the portal's; a base URL makes absolute links and a sitemap.
        folder: new, empty, or an earlier export, which is replaced.
        formats: the files of each view to write, some of :data:`FORMATS`.
        views: whether to write views with one option changed, beside each page as it opens.
        processes: that render at the same time; 1 renders in this one.
        progress: called with the number of addresses done and known.

    Returns:
        The manifest: release, package version, and the SHA-256 of every file.

    Raises:
        InputError: for a folder that holds something else, and fewer than one process.
        FlopcastError: where a page cannot be rendered.
    """
    if processes < 1:
        raise InputError(f"processes is {processes}; it is 1 or more.")
    require_ours(folder)
    patient = replace(settings, view_seconds=_PATIENCE, workers=1, png_apart=False)
    site = Site(patient, all_pages(studies=bool(settings.studies)))
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        place = _here if processes == 1 else _apart
        with ExitStack() as stack:
            workers = [
                stack.enter_context(place(patient, new, formats, views)) for _ in range(processes)
            ]
            files = _written(Places(site, formats, views=views), workers, progress)
        manifest = _manifest(site, files)
        text = json.dumps(manifest, indent=1) + "\n"
        (new / MANIFEST).write_text(text, encoding="utf-8")
        new.chmod(0o755)
        _replace(folder, new)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return manifest


def require_ours(folder: Path) -> None:
    """Checks that a folder is new, empty, or an earlier export.

    Raises:
        InputError: where it is something else.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError(f"{str(folder)!r} is a file.", "Name a folder.")
    if any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise InputError(
            f"{str(folder)!r} holds files that no export wrote.",
            "Name a new or empty folder, or one of an earlier export.",
        )


@contextmanager
def _here(
    settings: "Settings", folder: Path, formats: tuple[str, ...], views: bool
) -> Iterator[Submit]:
    """A worker in this process, which is done when it is asked."""
    worker = Worker(settings, folder, formats, views=views)

    def submit(addresses: Sequence[str]) -> "Future[list[Written]]":
        done: Future[list[Written]] = Future()
        done.set_result(worker.write(addresses))
        return done

    try:
        yield submit
    finally:
        worker.close()


@contextmanager
def _apart(
    settings: "Settings", folder: Path, formats: tuple[str, ...], views: bool
) -> Iterator[Submit]:
    """A worker in a process of its own, begun afresh: this one may have threads."""
    fresh = multiprocessing.get_context("spawn")
    pool: Executor = ProcessPoolExecutor(
        1, fresh, initializer=begin, initargs=(settings, folder, formats, views)
    )
    try:
        yield lambda addresses: pool.submit(write, addresses)
    finally:
        pool.shutdown(cancel_futures=True)


def _written(
    places: Places, workers: Sequence[Submit], progress: Callable[[int, int], None]
) -> dict[str, str]:
    """Files with their SHA-256, from the first page on as far as links lead."""
    waiting: list[deque[str]] = [deque() for _ in workers]
    known: set[str] = set()
    files: dict[str, str] = {}
    under_way: dict[Future[list[Written]], int] = {}

    def queue(addresses: Iterable[str]) -> None:
        """What is found goes first: the files of a view while what it shows is at hand."""
        for address in addresses:
            if address not in known and places.file(address) is not None:
                known.add(address)
                waiting[crc32(stem(address).encode()) % len(workers)].appendleft(address)

    queue(places.seeds())
    while under_way or any(waiting):
        for index, submit in enumerate(workers):
            if waiting[index] and index not in under_way.values():
                some = [waiting[index].popleft() for _ in range(min(_BATCH, len(waiting[index])))]
                under_way[submit(some)] = index
        for done in wait(under_way, return_when=FIRST_COMPLETED).done:
            del under_way[done]
            for written in done.result():
                files[written.file] = written.sha256
                queue(written.found)
        progress(len(files), len(files) + sum(len(part) for part in waiting))
    return dict(sorted(files.items()))


def _manifest(site: Site, files: dict[str, str]) -> dict[str, Any]:
    from flopcast import __version__

    return {
        "schema": "flopcast.export/1",
        "release": site.release,
        "version": __version__,
        "base_url": site.settings.base_url or None,
        "files": files,
    }


def _replace(folder: Path, new: Path) -> None:
    """Puts the new folder where the old one is; the old one goes last."""
    old = new.with_name(f"{new.name}-old")
    if folder.exists():
        folder.replace(old)
    try:
        new.replace(folder)
    except OSError:
        if old.exists():
            old.replace(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
