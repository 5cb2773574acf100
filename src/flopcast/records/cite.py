"""How to cite a release, a benchmark's data, or one source: BibTeX."""

import re
from typing import Final

from flopcast.records.query import Catalogue
from flopcast.records.schema import Source

_SPECIAL: Final = re.compile(r"([&%$#_{}])")


def bibtex(catalogue: Catalogue, *, url: str | None = None) -> str:
    """The release as a BibTeX entry.

    Args:
        catalogue: the release.
        url: an address at which it can be had; None for none.
    """
    about = catalogue.release
    fields = {
        "title": f"{{{_escaped(about['title'])}}}",
        "author": "{{The flopcast contributors}}",
        "year": about["released"][:4],
        "version": f"{{{_escaped(about['id'])}}}",
        "note": f"{{{_escaped(about['licence'])}; each fact is credited to its source}}",
        **({"url": f"{{{url}}}"} if url else {}),
    }
    key = re.sub(r"\W", "", about["id"])
    return _entry("misc", f"flopcast{key}", fields)


def bibtex_of(source: Source) -> str:
    """A source of facts as a BibTeX entry: title, year and address, as far as they are known."""
    fields = {"title": f"{{{_escaped(source.title)}}}"}
    if source.year is not None:
        fields["year"] = str(source.year)
    if source.url is not None:
        fields["url"] = f"{{{source.url}}}"
    return _entry("misc", source.id, fields)


def _entry(kind: str, key: str, fields: dict[str, str]) -> str:
    lines = ",\n".join(f"  {name} = {value}" for name, value in fields.items())
    return f"@{kind}{{{key},\n{lines},\n}}\n"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
