"""``flopcast serve``: the portal on this machine."""

import contextlib
import importlib.util
import socket
from pathlib import Path

from flopcast.errors import InputError, MissingExtra


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    catalogue: Path | None = None,
    database: str | None = None,
    base_url: str = "",
    study: list[Path] | None = None,
) -> int:
    """The portal on this machine, until it is interrupted.

    Parameters
    ----------
    host
        Address to listen on; 0.0.0.0 for every one of this machine.
    port
        Port to listen on; 0 for any that is free.
    catalogue
        Another catalogue release than the bundled one.
    database
        SQLAlchemy URL of what visitors leave; SQLite in the user's data folder by default.
    base_url
        Public address behind a proxy, such as https://example.org/flopcast.
    study
        Folder of a sweep study to show, read only, under /studies; may be given several times.
    """
    for module in ("fastapi", "jinja2", "uvicorn", "sqlalchemy"):
        if importlib.util.find_spec(module) is None:
            raise MissingExtra("The portal", "portal")
    studies = _studies(study or [])
    listener = _listening(host, port)

    import uvicorn

    from flopcast.portal.app import create_app
    from flopcast.portal.settings import Settings

    app = create_app(
        Settings(catalogue=catalogue, database=database, base_url=base_url, studies=studies)
    )
    shown = f"[{host}]" if ":" in host else host
    at = listener.getsockname()[1]
    print(f"flopcast portal, catalogue release {app.state.site.release}")
    print(f"http://{'127.0.0.1' if host == '0.0.0.0' else shown}:{at}/", flush=True)
    config = uvicorn.Config(app, log_level="warning", server_header=False, timeout_keep_alive=30)
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _studies(folders: list[Path]) -> tuple[Path, ...]:
    """The folders, each of them one of a study.

    Raises:
        InputError: where one is not.
    """
    from flopcast.portal.studies.folders import require_study

    for folder in folders:
        require_study(folder)
    return tuple(folders)


def _listening(host: str, port: int) -> socket.socket:
    """A socket on the address, before anything is loaded.

    Raises:
        InputError: where the address cannot be used.
    """
    if not 0 <= port <= 65535:
        raise InputError(f"--port is {port}; it must be between 0 and 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, or asyncio leaves small answers to wait 40 ms for an acknowledgement.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError as error:
        found.close()
        hint = "Another program may hold the port: give another with --port."
        raise InputError(f"{host}:{port} cannot be listened on: {error.strerror}.", hint) from None
    return found
