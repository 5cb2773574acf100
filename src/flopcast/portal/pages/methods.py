"""Every formula, constant, preset and known weakness, from the library's own objects."""

import re
from collections.abc import Sequence
from typing import Any

from flopcast.errors import InputError
from flopcast.laws.registry import get_law, law_names
from flopcast.portal.options import Options, State
from flopcast.portal.site import NotFound, Site
from flopcast.portal.tables import Column, leaf, table_options
from flopcast.portal.view import Page, View
from flopcast.progress import methods as written

_COLUMNS = (
    Column("title", "Law", link=lambda row: f"/methods/laws/{row['law']}"),
    Column("equation", "Equation"),
    Column("inputs", "Of"),
    Column("source", "Source"),
)
_LAWS = Options(table_options(_COLUMNS, sort="title"))


def view(site: Site, _: State) -> View:
    """Formulas, constants, presets, weaknesses."""
    constants = site.once("constants", lambda: written.constants(site.catalogue))
    presets = written.preset_rows()
    document = {
        "schema": "flopcast.methods/1",
        "formulas": {
            part: [vars(formula) for formula in formulas]
            for part, formulas in written.FORMULAS.items()
        },
        "constants": [item.to_dict() for item in constants],
        "presets": presets,
        "spreads": written.spreads(),
        "weaknesses": list(written.WEAKNESSES),
        "release": site.release,
    }
    return View(
        title="Methods",
        description="Every formula, constant and known weakness behind the answers.",
        template="methods.html",
        context={
            "formulas": written.FORMULAS,
            "constants": constants,
            "presets": presets,
            "spreads": written.spreads(),
            "weaknesses": written.WEAKNESSES,
            "laws": len(law_names()),
        },
        name="methods",
        rows=lambda: [item.to_dict() for item in constants],
        result=lambda: document,
    )


def laws(site: Site, state: State) -> View:
    """The scaling laws that can be fitted."""
    rows = site.once("laws", _law_rows)
    return View(
        title="Scaling laws",
        description=f"{len(rows)} scaling laws with equation, parameters and source.",
        template="laws.html",
        context={"found": leaf(rows, _COLUMNS, state)},
        name="laws",
        rows=lambda: rows,
    )


def _law_rows() -> list[dict[str, Any]]:
    found = (get_law(name) for name in law_names())
    return [
        {
            "law": law.name.partition("@")[0],
            "title": law.title,
            "equation": law.equation,
            "inputs": _listed(law.inputs),
            "source": law.source,
        }
        for law in found
    ]


def _listed(inputs: Sequence[str]) -> str:
    """The inputs by name; numbered ones of a kind are one: ``lr_drop_1…16``."""
    last: dict[str, str] = {}
    for name in inputs:
        stem, number = re.fullmatch(r"(.*?)(\d*)", name).groups()  # type: ignore[union-attr]
        last[stem] = number
    return ", ".join(
        f"{stem}1…{number}" if number not in ("", "1") else stem + number
        for stem, number in last.items()
    )


def law(_site: Site, _state: State, name: str) -> View:
    """One law: equation, parameters with bounds, source."""
    if name not in law_names():
        try:
            get_law(name)
        except InputError as error:
            raise NotFound(error.message, error.hint) from None
        raise NotFound(f"There is no page of the law {name!r}.", "See the list of laws.")
    found = get_law(name)
    return View(
        title=found.title,
        description=f"{found.title}: {found.equation}",
        template="law.html",
        context={"law": found, "law_name": name, "inputs": _listed(found.inputs)},
        name=name,
        rows=lambda: [
            {
                "parameter": item.name,
                "meaning": item.meaning,
                "unit": item.unit,
                "lower": item.lower,
                "upper": item.upper,
            }
            for item in found.parameters
        ],
    )


def _paths(_: Site) -> list[str]:
    return [f"/methods/laws/{name}" for name in law_names()]


PAGES = (
    Page("/methods", view, nav="Methods", formats=("csv", "json")),
    Page("/methods/laws", laws, _LAWS, formats=("csv",)),
    Page("/methods/laws/{name}", law, formats=("csv",), paths=_paths),
)
