"""Claims of compute in words, as pages and their files show them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flopcast.portal import numbers
from flopcast.units import format_quantity

BASES: Final = {"peak": "hardware burden", "operations": "counted operations"}
METHODS: Final = {
    "hardware_time": "processors × peak rate × time",
    "operation_count": "operations counted",
    "reported": "stated by the authors",
    "third_party": "stated by a compilation",
}
_INPUTS: Final[Mapping[str, Callable[[Any], str]]] = {
    "processors": lambda value: f"{value:g} ×",
    "hardware": str,
    "peak_flop_per_s": lambda value: f"at {format_quantity(value, 'FLOP/s')}",
    "format": lambda value: f"({value})",
    "wall_seconds": lambda value: f"for {format_quantity(value, 's')}",
    "core_days": lambda value: f"stated as {value:g} core-days",
    "forward_flop": lambda value: f"{numbers.flop(value)} a pass",
    "pass_factor": lambda value: f"× {value:g}",
    "epochs": lambda value: f"× {value:g} epochs",
    "samples": lambda value: f"× {value:,.0f} samples",
    "dataset": lambda value: f"of {value}",
}


def shown(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The claims of a described run, each with its words."""
    return [
        {
            **claim,
            "basis_words": BASES[claim["basis"]],
            "method_words": METHODS[claim["method"]],
            "inputs_words": _inputs(claim["inputs"]),
            "changes_words": [
                f"{name}: {change['published']} → {change['corrected'] or 'unknown'}"
                for name, change in claim["changes"].items()
            ],
        }
        for claim in facts["claims"]
    ]


def _inputs(inputs: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """Parts of the inputs in order: words, and the processor's id where the part names one."""
    return [
        (write(inputs[name]), inputs[name] if name == "hardware" else None)
        for name, write in _INPUTS.items()
        if name in inputs
    ]


def rows(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One flat record per claim of a described run."""
    about = {name: facts[name] for name in ("benchmark", "run", "name", "year", "value", "error")}
    return [
        {
            **about,
            "scope": claim["scope"],
            "method": claim["method"],
            "basis": claim["basis"],
            "flop": claim["flop"],
            **{name: claim["inputs"].get(name) for name in _INPUTS},
            "source": claim["source"]["title"],
            "url": claim["source"]["url"],
            "release": facts["release"],
        }
        for claim in facts["claims"]
    ]
