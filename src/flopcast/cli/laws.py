"""``flopcast laws``: the scaling laws that can be fitted, with equations and sources."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

if TYPE_CHECKING:
    from flopcast.laws.law import Law


def laws(
    name: str | None = None,
    /,
    *,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> None:
    """The scaling laws that can be fitted, with equations and sources.

    Parameters
    ----------
    name
        One law in full; laws of one axis take it as m2@params.
    as_json
        Print JSON instead of text.
    """
    from flopcast.laws.registry import get_law, law_names

    if name is not None:
        law = get_law(name)
        print(json.dumps(_in_full(law), indent=2) if as_json else "\n".join(_shown(law)))
        return
    every = [get_law(known) for known in law_names()]
    if as_json:
        listed = [_summary(law) for law in every]
        print(json.dumps({"schema": "flopcast.laws/1", "laws": listed}, indent=2))
    else:
        print("\n".join(line for law in every for line in _listed(law)))


def _summary(law: "Law") -> dict[str, Any]:
    return {
        "law": law.name,
        "title": law.title,
        "equation": law.equation,
        "inputs": list(law.inputs),
        "source": law.source,
    }


def _in_full(law: "Law") -> dict[str, Any]:
    """The law as JSON-ready data; bounds at infinity are null."""
    parameters = [
        {
            "parameter": item.name,
            "meaning": item.meaning,
            "unit": item.unit,
            "lower": _finite(item.lower),
            "upper": _finite(item.upper),
        }
        for item in law.parameters
    ]
    monotone = {"falls_with": list(law.falls_with), "rises_with": list(law.rises_with)}
    return {"schema": "flopcast.law/1", **_summary(law), "parameters": parameters, **monotone}


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None


def _families(names: Sequence[str]) -> str:
    """Names in a line; numbered ones, such as lr_drop_1 to lr_drop_16, once for all."""
    counts = Counter(re.sub(r"_\d+$", "_", name) for name in names)
    return ", ".join(
        f"{name}1…{count}" if name.endswith("_") else name for name, count in counts.items()
    )


def _listed(law: "Law") -> Iterator[str]:
    from flopcast.cli.fit_text import wrapped

    yield from wrapped(f"{law.name}: {law.title}; of {_families(law.inputs)}", 4)
    yield from wrapped(f"    {law.equation}", 8)
    yield from wrapped(f"    {law.source}", 8)


def _shown(law: "Law") -> Iterator[str]:
    from flopcast.cli.fit_text import table, wrapped

    yield f"{law.title} ({law.name})"
    yield from wrapped(f"  {law.equation}", 6)
    yield from wrapped(f"  Inputs: {_families(law.inputs)}.", 4)
    for name, verb in (("falls_with", "never rises"), ("rises_with", "never falls")):
        if getattr(law, name):
            yield from wrapped(f"  Loss {verb} with {_families(getattr(law, name))}.", 4)
    yield ""
    rows = [("parameter", "unit", "bounds", "meaning")]
    for item in law.parameters:
        bounds = f"{item.lower:g} to {item.upper:g}".replace("inf", "∞")
        rows.append((item.name, item.unit, bounds, item.meaning))
    yield from table(rows)
    yield ""
    yield from wrapped(f"Source: {law.source}.", 2)
