"""Metadata for search engines and tools have what their specifications require."""

import json
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator
from tests.portal.running import awaited

from flopcast.portal import Settings, create_app
from flopcast.portal.discovery.metadata import CROISSANT
from flopcast.portal.export.asking import Answered, ask
from flopcast.records.query import Catalogue

BASE: Final = "https://example.org/flopcast"
TEXT: Final = {"type": "string", "minLength": 1}
ADDRESS: Final = {"type": "string", "pattern": f"^{BASE}/"}
#: ISO 8601, to the month where no day is known.
DATE: Final = {"type": "string", "pattern": r"^\d{4}-\d\d(-\d\d)?$"}
AGENT: Final = {
    "type": "object",
    "properties": {"@type": {"enum": ["Organization", "Person"]}, "name": TEXT},
    "required": ["@type", "name"],
}
#: What Croissant 1.1 (section "schema.org/Dataset", required) and Google's guide for datasets ask.
DESCRIBED: Final = {
    "name": TEXT,
    "description": {"type": "string", "minLength": 50, "maxLength": 5000},
    "license": {"type": "string", "pattern": "^https://"},
    "url": ADDRESS,
    "creator": AGENT,
    "publisher": AGENT,
    "datePublished": DATE,
    "version": TEXT,
    "keywords": {"type": "array", "items": TEXT, "minItems": 1},
}
ID: Final = {"type": "object", "properties": {"@id": TEXT}, "required": ["@id"]}
FIELD: Final = {
    "type": "object",
    "properties": {
        "@type": {"const": "cr:Field"},
        "@id": TEXT,
        "name": TEXT,
        "dataType": {"enum": ["sc:Text", "sc:Integer", "sc:Float", "sc:Boolean"]},
        "source": {
            "type": "object",
            "properties": {
                "fileObject": ID,
                "extract": {
                    "type": "object", "properties": {"column": TEXT}, "required": ["column"],
                },
            },
            "required": ["fileObject", "extract"],
        },
    },
    "required": ["@type", "@id", "name", "dataType", "source"],
}  # fmt: skip
CROISSANT_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        **DESCRIBED,
        "@context": {
            "type": "object",
            "required": ["@language", "@vocab", "sc", "cr", "dct", "conformsTo", "recordSet"],
        },
        "@type": {"const": "sc:Dataset"},
        "conformsTo": {"const": "http://mlcommons.org/croissant/1.1"},
        "citeAs": TEXT,
        "distribution": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "@type": {"const": "cr:FileObject"},
                    "@id": TEXT,
                    "name": TEXT,
                    "contentUrl": ADDRESS,
                    "encodingFormat": {"const": "text/csv"},
                    "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                },
                "required": ["@type", "@id", "name", "contentUrl", "encodingFormat", "sha256"],
            },
        },
        "recordSet": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "@type": {"const": "cr:RecordSet"},
                    "@id": TEXT,
                    "name": TEXT,
                    "field": {"type": "array", "items": FIELD, "minItems": 1},
                },
                "required": ["@type", "@id", "name", "field"],
            },
        },
    },
    "required": [
        "@context",
        "@type",
        "conformsTo",
        "citeAs",
        "distribution",
        "recordSet",
        *DESCRIBED,
    ],
}
DATASET_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        **DESCRIBED,
        "@context": {"const": "https://schema.org/"},
        "@type": {"const": "Dataset"},
        "isAccessibleForFree": {"const": True},
        "distribution": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "@type": {"const": "DataDownload"},
                    "encodingFormat": {"const": "text/csv"},
                    "contentUrl": ADDRESS,
                },
                "required": ["@type", "encodingFormat", "contentUrl"],
            },
        },
    },
    "required": ["@context", "@type", "distribution", *DESCRIBED],
}


@pytest.fixture(scope="module")
def published(release: Catalogue) -> dict[str, Answered]:
    """The two documents of a portal with a public address."""
    app = create_app(Settings(catalogue=release.path, base_url=BASE, view_seconds=300))
    return {
        name: awaited(ask(app, f"/{name}", root="/flopcast"))
        for name in ("croissant.json", "dataset.jsonld")
    }


@pytest.mark.parametrize(
    ("name", "schema"),
    [("croissant.json", CROISSANT_SCHEMA), ("dataset.jsonld", DATASET_SCHEMA)],
)
def test_required_properties(
    published: dict[str, Answered], name: str, schema: dict[str, Any]
) -> None:
    """Every property that the specification requires is there, of the type it asks for."""
    Draft202012Validator(schema).validate(json.loads(published[name].body))


def test_croissant_holds_together(published: dict[str, Answered]) -> None:
    """Identifiers are unique, every reference leads to one, the media type names the version."""
    answer = published["croissant.json"]
    assert answer.media_type == f'application/ld+json; profile="{CROISSANT}"'
    found = json.loads(answer.body)
    files = {file["@id"] for file in found["distribution"]}
    fields = [field for records in found["recordSet"] for field in records["field"]]
    ids = [records["@id"] for records in found["recordSet"]] + [field["@id"] for field in fields]
    assert len(set(ids) | files) == len(ids) + len(files)
    assert {field["source"]["fileObject"]["@id"] for field in fields} == files
    for records in found["recordSet"]:
        assert all(field["@id"].startswith(f"{records['@id']}/") for field in records["field"])
    assert set(found) - {"@context", "@type"} <= _terms(found["@context"])


def _terms(context: dict[str, Any]) -> set[str]:
    """What the context defines, and what schema.org does."""
    return set(context) | set(DESCRIBED) | {"distribution", "inLanguage", "isAccessibleForFree"}
