"""Citations as files: BibTeX of the release, of a benchmark with its sources, of one; CFF."""

from typing import TYPE_CHECKING

from flopcast.errors import nearest
from flopcast.portal.site import NotFound
from flopcast.records.cite import bibtex, bibtex_of

if TYPE_CHECKING:
    from flopcast.portal.site import Site
    from flopcast.records.query import BenchmarkRuns


def of_benchmark(site: "Site", source: "BenchmarkRuns", url: str) -> str:
    """The release, then every source of the benchmark's results, each once."""
    sources = {run.source.id: run.source for run in source.runs}
    entries = [bibtex(site.catalogue, url=url), *(bibtex_of(item) for item in sources.values())]
    return "\n".join(entries)


def of_source(site: "Site", id: str) -> str:
    """One source.

    Raises:
        NotFound: for an unknown one, with the nearest.
    """
    sources = site.catalogue.sources
    if id not in sources:
        raise NotFound(f"The catalogue has no source {id!r}.{nearest(id, sources)}")
    return bibtex_of(sources[id])


def citation_file(site: "Site", url: str) -> str:
    """The release as CITATION.cff (version 1.2.0)."""
    about = site.catalogue.release
    lines = [
        "cff-version: 1.2.0",
        "message: Please cite the release, and the sources of the facts you use.",
        f"title: {_quoted(about['title'])}",
        "type: dataset",
        f"version: {_quoted(about['id'])}",
        f"license: {_quoted(about['licence'].replace(' ', '-'))}",
        f"url: {_quoted(url)}",
        "authors:",
        "  - name: The flopcast contributors",
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
