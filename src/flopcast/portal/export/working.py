"""A process that writes part of a copy: a portal of its own, addresses in, files out."""

import asyncio
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, final

from flopcast.errors import FlopcastError
from flopcast.portal.export.asking import ask
from flopcast.portal.export.places import FORMATS, Places
from flopcast.portal.export.rewriting import Page

if TYPE_CHECKING:
    from fastapi import FastAPI

    from flopcast.portal.settings import Settings

_LOCATION: Final = re.compile(rb"(<loc>[^<]*?)/?(</loc>)")


@final
@dataclass(frozen=True)
class Written:
    """A file of the copy: its SHA-256, and the addresses that it links to."""

    file: str
    sha256: str
    found: tuple[str, ...]


@final
class Worker:
    """Renders addresses of a portal into files under a folder.

    Raises:
        InputError: where the catalogue release is missing or is not one.
    """

    def __init__(
        self, settings: "Settings", folder: Path, formats: tuple[str, ...], *, views: bool
    ) -> None:
        from flopcast.portal.app import create_app

        self._app: FastAPI = create_app(settings)
        self._settings = settings
        self._folder = folder
        self._places = Places(self._app.state.site, formats, views=views)
        self._loop = asyncio.Runner()

    def write(self, addresses: Sequence[str]) -> list[Written]:
        """Writes what the addresses give; those that a view does not have are left out.

        Raises:
            FlopcastError: where a page cannot be rendered.
        """
        return self._loop.run(self._write(addresses))

    async def _write(self, addresses: Sequence[str]) -> list[Written]:
        found = [await self._one(address) for address in addresses]
        return [written for written in found if written is not None]

    async def _one(self, address: str) -> Written | None:
        file = self._places.file(address)
        content = None if file is None else await self._content(address, file)
        if file is None or content is None:
            return None
        body, links = content
        path = self._folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        return Written(file, hashlib.sha256(body).hexdigest(), tuple(dict.fromkeys(links)))

    async def _content(self, address: str, file: str) -> tuple[bytes, list[str]] | None:
        """The body of an address for the copy, and the addresses that it links to.

        None for a file that a view does not have: a chart of a refused answer, for one.
        """
        answer = await ask(self._app, address, self._settings.root)
        if answer.status in (404, 422) and file.endswith(tuple(f".{name}" for name in FORMATS)):
            return None
        if answer.status != 200:
            raise FlopcastError(f"{address} answers with {answer.status}.", "Please report it.")
        if file.endswith("sitemap.xml"):
            return _LOCATION.sub(rb"\1/\2", answer.body), []
        if not answer.media_type.startswith("text/html"):
            return answer.body, []
        base = self._places.site.absolute("") if self._settings.origin else ""
        page = Page(file, self._places.file, variants=self._places.variants(address), base=base,
                    root=self._settings.root)  # fmt: skip
        return page.written(answer.body.decode()).encode(), page.found

    def close(self) -> None:
        """Ends the portal."""
        self._loop.close()
        self._app.state.desk.close()


#: The worker of this process; set once, when the process begins.
_OWN: list[Worker] = []


def begin(settings: "Settings", folder: Path, formats: tuple[str, ...], views: bool) -> None:
    """Makes this process's worker."""
    _OWN.append(Worker(settings, folder, formats, views=views))


def write(addresses: Sequence[str]) -> list[Written]:
    """What this process's worker writes."""
    return _OWN[0].write(addresses)
