"""The catalogue described for programs: schema.org Dataset, and Croissant for ML tools."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from flopcast.portal.site import Site

_LICENCES: Final = {"CC BY 4.0": "https://creativecommons.org/licenses/by/4.0/"}
_CREATOR: Final = {"@type": "Organization", "name": "The flopcast contributors"}
_KEYWORDS: Final = ["machine learning", "scaling laws", "training compute", "benchmarks"]
_DESCRIPTION: Final = (
    "Results of machine-learning models on benchmarks with the compute behind them, each with its "
    "source, and with prices of hardware and carbon intensity of electricity."
)
_TYPES: Final = {str: "sc:Text", int: "sc:Integer", float: "sc:Float", bool: "sc:Boolean"}
#: The version of the format, as datasets name it and as its media type does.
CROISSANT: Final = "http://mlcommons.org/croissant/1.1"
CROISSANT_TYPE: Final = f'application/ld+json; profile="{CROISSANT}"'
_ALIASES: Final = (
    "annotation", "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty",
    "excludes", "extract", "field", "fileObject", "fileProperty", "fileSet", "format", "includes",
    "isArray", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "readLines",
    "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "sdVersion",
    "separator", "source", "subField", "transform", "unArchive", "value",
)  # fmt: skip
#: The context that the specification recommends (version 1.1 of 2026-01-29, appendix 1), with
#: schema.org under https: the reference implementation reads no other.
_CONTEXT: Final[Mapping[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{name: f"cr:{name}" for name in _ALIASES},
}


def dataset(site: "Site", absolute: Callable[[str], str]) -> dict[str, Any]:
    """The catalogue as a schema.org Dataset in JSON-LD."""
    return {"@context": "https://schema.org/", **_described(site, absolute)} | {
        "distribution": [
            {
                "@type": "DataDownload",
                "name": f"Results on {benchmark.name}",
                "encodingFormat": "text/csv",
                "contentUrl": absolute(f"/data/{benchmark.id}.csv"),
            }
            for benchmark in site.catalogue.benchmarks
        ],
    }


def croissant(
    site: "Site",
    absolute: Callable[[str], str],
    files: Mapping[str, tuple[str, list[dict[str, Any]]]],
) -> dict[str, Any]:
    """The catalogue in the Croissant format, version 1.1.

    Args:
        site: the portal.
        absolute: makes an address of a path of the site.
        files: benchmark id to the SHA-256 of its CSV and the rows in it.
    """
    described = _described(site, absolute)
    return {
        **described,
        "@context": dict(_CONTEXT),
        "@type": "sc:Dataset",
        "conformsTo": CROISSANT,
        "citeAs": site.catalogue.release["citation"],
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": f"{id}.csv",
                "name": f"{id}.csv",
                "contentUrl": absolute(f"/data/{id}.csv"),
                "encodingFormat": "text/csv",
                "sha256": digest,
            }
            for id, (digest, _) in files.items()
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": id,
                "name": id,
                "description": f"Results on {site.catalogue.find(id).name}, one per row.",
                "field": list(_fields(id, rows)),
            }
            for id, (_, rows) in files.items()
        ],
    }


def _described(site: "Site", absolute: Callable[[str], str]) -> dict[str, Any]:
    about = site.catalogue.release
    return {
        "@type": "Dataset",
        "name": about["title"],
        "description": _DESCRIPTION,
        "url": absolute("/data"),
        "version": about["id"],
        "datePublished": about["released"],
        "license": _LICENCES.get(about["licence"], about["licence"]),
        "creator": _CREATOR,
        "publisher": _CREATOR,
        "inLanguage": "en",
        "keywords": _KEYWORDS,
        "isAccessibleForFree": True,
    }


def _fields(id: str, rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The columns of a file, each with the type of its first known value."""
    for name in rows[0] if rows else ():
        known = next((row[name] for row in rows if row[name] is not None), "")
        yield {
            "@type": "cr:Field",
            "@id": f"{id}/{name}",
            "name": name,
            "dataType": _TYPES[type(known)],
            "source": {"fileObject": {"@id": f"{id}.csv"}, "extract": {"column": name}},
        }
