"""``flopcast portal``: what an operator does with a portal beside serving it."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from flopcast.errors import InputError, nearest

Json = Annotated[bool, Parameter(name="--json", negative="")]

app = App(
    name="portal",
    help="The portal as static files for any web host.",
    help_epilogue="Example: flopcast portal export site --base-url https://example.org",
)


@app.command(help_epilogue="")
def export(
    folder: Path,
    *,
    base_url: str = "",
    formats: str = "csv,json,svg,png,vl.json",
    views: Annotated[bool, Parameter(negative="--no-views")] = True,
    catalogue: Path | None = None,
    study: list[Path] | None = None,
    processes: int = 2,
    as_json: Json = False,
) -> None:
    """Write the whole portal as static files, which any web host can serve.

    Holds every page with its data, result and picture, and the views with one option changed.
    Forms become a note. The folder is replaced whole, or left as it was.

    Example: flopcast portal export site --base-url https://example.org

    Exit codes: 0 written; 2 bad input, or a folder that holds something else.

    Parameters
    ----------
    folder
        A new or empty folder, or an earlier export.
    base_url
        Where it will be served: makes the sitemap and absolute links in metadata.
    formats
        Files of each view: some of csv, json, svg, png, vl.json (Vega-Lite); "" for pages alone.
    views
        Write the views with one option changed, too; --no-views leaves them out.
    catalogue
        Another catalogue release than the bundled one.
    study
        Folder of a sweep study to show as it stands; may be given several times.
    processes
        That render at the same time.
    as_json
        Print the manifest as JSON.
    """
    import json
    import sys

    from flopcast.portal.export.places import FORMATS
    from flopcast.portal.export.write import export as write
    from flopcast.portal.settings import Settings
    from flopcast.portal.studies.folders import require_study

    wanted = tuple(name.strip() for name in formats.split(",") if name.strip())
    for name in wanted:
        if name not in FORMATS:
            known = f"it is one of {', '.join(FORMATS)}.{nearest(name, FORMATS)}"
            raise InputError(f"--formats names {name!r}; {known}")

    def shown(done: int, known: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done} of {known} ", end="", file=sys.stderr, flush=True)

    for each in study or []:
        require_study(each)
    settings = Settings(
        catalogue=catalogue, base_url=base_url.rstrip("/"), studies=tuple(study or ())
    )
    found = write(
        settings, folder, formats=wanted, views=views, processes=processes, progress=shown
    )
    if as_json:
        print(json.dumps(found, indent=2))
        return
    pages = sum(name.endswith(".html") for name in found["files"])
    count = len(found["files"])
    print(f"Written: {folder}, {pages} pages, {count} files of release {found['release']}.")
