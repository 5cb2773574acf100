"""Writes the copy: everything into a new folder, which then takes the place of the old one."""

import hashlib
import json
import re
import shutil
import tempfile
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flopcast.errors import FlopcastError, InputError
from flopcast.portal.export.asking import ask
from flopcast.portal.export.places import FORMATS, Places
from flopcast.portal.export.rewriting import Page

if TYPE_CHECKING:
    from fastapi import FastAPI

    from flopcast.portal.settings import Settings
    from flopcast.portal.site import Site

MANIFEST: Final = "export.json"
#: Seconds that one view may take; nobody waits for it.
_PATIENCE: Final = 600.0
_LOCATION: Final = re.compile(rb"(<loc>[^<]*?)/?(</loc>)")


async def export(
    settings: "Settings",
    folder: Path,
    *,
    formats: tuple[str, ...] = FORMATS,
    views: bool = True,
    progress: Callable[[int, int], None] = lambda _done, _known: None,
) -> dict[str, Any]:
    """Writes every page of a portal, with its files, into a folder.

    The same release and package give the same bytes. The folder appears whole or not at all.

    Args:
        settings: the portal's; a base URL makes absolute links and a sitemap.
        folder: new, empty, or an earlier export, which is replaced.
        formats: the files of each view to write, some of :data:`FORMATS`.
        views: whether to write views with one option changed, beside each page as it opens.
        progress: called with the number of addresses done and known.

    Returns:
        The manifest: release, package version, and the SHA-256 of every file.

    Raises:
        InputError: for a folder that holds something else.
        FlopcastError: where a page cannot be rendered.
    """
    from flopcast.portal.app import create_app

    require_ours(folder)
    app = create_app(replace(settings, view_seconds=_PATIENCE))
    site: Site = app.state.site
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        places = Places(site, formats, views=views)
        files = await _written(app, places, new, progress)
        manifest = _manifest(site, files)
        text = json.dumps(manifest, indent=1) + "\n"
        (new / MANIFEST).write_text(text, encoding="utf-8")
        new.chmod(0o755)
        _replace(folder, new)
    finally:
        app.state.desk.close()
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


async def _written(
    app: "FastAPI", places: Places, folder: Path, progress: Callable[[int, int], None]
) -> dict[str, str]:
    """Files with their SHA-256, from the first page on as far as links lead."""
    waiting = deque(places.seeds())
    known = set(waiting)
    files: dict[str, str] = {}
    while waiting:
        address = waiting.popleft()
        file = places.file(address)
        if file is None or file in files:
            continue
        content = await _content(app, places, address, file)
        if content is None:
            continue
        body, found = content
        _write(folder / file, body)
        files[file] = hashlib.sha256(body).hexdigest()
        waiting.extend(link for link in dict.fromkeys(found) if link not in known)
        known.update(found)
        progress(len(files), len(files) + len(waiting))
    return dict(sorted(files.items()))


async def _content(
    app: "FastAPI", places: Places, address: str, file: str
) -> tuple[bytes, list[str]] | None:
    """The body of an address for the copy, and the addresses that it links to.

    None for a file that a view does not have: a chart of a refused answer, for one.
    """
    settings = places.site.settings
    answer = await ask(app, address, settings.root)
    if answer.status in (404, 422) and file.endswith(tuple(f".{name}" for name in FORMATS)):
        return None
    if answer.status != 200:
        raise FlopcastError(f"{address} answers with {answer.status}.", "Please report it.")
    if file.endswith("sitemap.xml"):
        return _LOCATION.sub(rb"\1/\2", answer.body), []
    if not answer.media_type.startswith("text/html"):
        return answer.body, []
    base = places.site.absolute("") if settings.origin else ""
    variants = places.variants(address)
    page = Page(file, places.file, variants=variants, base=base, root=settings.root)
    return page.written(answer.body.decode()).encode(), page.found


def _write(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


def _manifest(site: "Site", files: dict[str, str]) -> dict[str, Any]:
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
