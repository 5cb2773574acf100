"""``flopcast catalogue``: builds, checks, lists, shows, searches and exports the facts."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from flopcast.errors import nearest

Json = Annotated[bool, Parameter(name="--json", negative="")]
BROKEN = 2

app = App(
    name="catalogue",
    help="The facts: build, check, list, show, search and export them.",
    help_epilogue="Example: flopcast catalogue show imagenet-top1/alexnet",
)


@app.command(help_epilogue="")
def build(*, source: Path = Path("catalogue"), out: Path | None = None) -> None:
    """Check every record of the text and write the release; a broken record writes nothing.

    Example: flopcast catalogue build --source catalogue

    Exit codes: 0 written; 2 a broken record, named by file, line, field, value and rule.

    Parameters
    ----------
    source
        Folder with the catalogue's text files.
    out
        The SQLite file to write; by default the release bundled with the package.
    """
    from flopcast.cli.catalogue_text import built
    from flopcast.records import query
    from flopcast.records.build import build_release

    target = query.BUNDLED if out is None else out
    print(built(build_release(source, target), target))


@app.command(help_epilogue="")
def check(
    *,
    everything: Annotated[bool, Parameter(name="--all", negative="")] = False,
    catalogue: Path | None = None,
    as_json: Json = False,
) -> int:
    """Compare the facts with each other: published against recomputed, hardware, corrections.

    Example: flopcast catalogue check --all

    Exit codes: 0 nothing breaks the release (flags ask for a look); 2 something does.

    Parameters
    ----------
    everything
        Print the whole table of differences.
    catalogue
        Another catalogue release than the bundled one.
    as_json
        Print JSON instead of text.
    """
    from flopcast.cli.catalogue_text import checked
    from flopcast.records.check import check as check_release
    from flopcast.records.query import catalogue as open_catalogue

    found = check_release(open_catalogue(catalogue))
    print(found.to_json() if as_json else checked(found, everything=everything))
    return 0 if found.passed else BROKEN


@app.command(name="list", help_epilogue="")
def list_benchmarks(*, catalogue: Path | None = None, as_json: Json = False) -> None:
    """The benchmarks, with how many results have which measure of compute, and from when.

    Example: flopcast catalogue list

    Parameters
    ----------
    catalogue
        Another catalogue release than the bundled one.
    as_json
        Print JSON instead of text.
    """
    from flopcast.cli.catalogue_text import listed
    from flopcast.records.listing import overview
    from flopcast.records.query import catalogue as open_catalogue

    release = open_catalogue(catalogue)
    rows = overview(release)
    if as_json:
        _print_json("catalogue", release=release.release, benchmarks=rows)
    else:
        print(listed(release.release, rows))


@app.command(help_epilogue="")
def show(name: str, *, catalogue: Path | None = None, as_json: Json = False) -> None:
    """A benchmark with its runs, or a run with every claim about its compute.

    Example: flopcast catalogue show imagenet-top1/alexnet

    Parameters
    ----------
    name
        A benchmark (its runs, best first), a run as benchmark/run, or a model.
    catalogue
        Another catalogue release than the bundled one.
    as_json
        Print JSON instead of text.
    """
    from dataclasses import asdict

    from flopcast.cli.catalogue_text import shown_benchmark, shown_run
    from flopcast.records.describe import describe_run
    from flopcast.records.listing import by_score, flat_rows, is_benchmark, runs_named
    from flopcast.records.query import catalogue as open_catalogue

    release = open_catalogue(catalogue)
    if is_benchmark(release, name):
        benchmark = release[name]
        rows = by_score(flat_rows(benchmark), benchmark.benchmark.direction)
        if as_json:
            _print_json("benchmark", benchmark=asdict(benchmark.benchmark), runs=rows)
        else:
            print(shown_benchmark(benchmark, rows))
        return
    runs = [describe_run(release, of, run) for of, run in runs_named(release, name)]
    if as_json:
        _print_json("runs", runs=runs)
    else:
        print("\n\n".join(shown_run(run) for run in runs))


@app.command(help_epilogue="")
def search(text: str, *, catalogue: Path | None = None, as_json: Json = False) -> None:
    """Models, runs, hardware and sources that hold a text, upper and lower case alike.

    Example: flopcast catalogue search nasnet

    Parameters
    ----------
    text
        Part of an id, a name, a title or an address.
    catalogue
        Another catalogue release than the bundled one.
    as_json
        Print JSON instead of text.
    """
    from flopcast.cli.catalogue_text import found
    from flopcast.records import listing
    from flopcast.records.query import catalogue as open_catalogue

    release = open_catalogue(catalogue)
    matches = listing.search(release, text)
    if as_json:
        _print_json("search", text=text, **matches)
    elif any(matches.values()):
        print(found(matches))
    else:
        print(f"Nothing holds {text!r}.{nearest(text, listing.names(release))}")


@app.command(help_epilogue="")
def export(
    name: str,
    *,
    format: Literal["csv", "json"] = "csv",
    out: Path | None = None,
    catalogue: Path | None = None,
) -> None:
    """One flat row per run of a benchmark, each with its source.

    Text in a CSV cell that a spreadsheet would run as a formula gets a ' in front.

    Example: flopcast catalogue export imagenet-top1 --format csv --out imagenet.csv

    Parameters
    ----------
    name
        Id or alias of a benchmark; see: flopcast catalogue list
    format
        csv or json.
    out
        The file to write; standard output by default.
    catalogue
        Another catalogue release than the bundled one.
    """
    from dataclasses import asdict

    from flopcast.records.listing import flat_rows
    from flopcast.records.query import catalogue as open_catalogue
    from flopcast.tables import to_csv

    release = open_catalogue(catalogue)
    benchmark = release[name]
    rows = flat_rows(benchmark)
    if format == "csv":
        text = to_csv(rows)
    else:
        about = {"release": release.release, "benchmark": asdict(benchmark.benchmark)}
        text = _json("export", **about, rows=rows) + "\n"
    if out is None:
        print(text, end="")
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8", newline="")
    licence, id = release.release["licence"], release.release["id"]
    print(f"Written: {out}, {len(rows)} rows of release {id} ({licence}).")


def _json(kind: str, **fields: Any) -> str:
    content = {"schema": f"flopcast.{kind}/1", **fields}
    return json.dumps(content, indent=2, ensure_ascii=False)


def _print_json(kind: str, **fields: Any) -> None:
    print(_json(kind, **fields))
