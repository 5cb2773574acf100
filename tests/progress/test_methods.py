"""The formulas that are written down are those that are computed."""

import math
import re
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from flopcast.accounting.cost import charge, chip_hours, embodied_kg_per_hour
from flopcast.accounting.flops.quantities import Parameters
from flopcast.accounting.flops.training import training_compute
from flopcast.progress.forms import FORMS
from flopcast.progress.imputation import Line
from flopcast.progress.methods import FORMULAS, Formula, constants, preset_rows
from flopcast.progress.theory import compute_factor
from flopcast.records.claims import claimed_flop, implied_utilisation
from flopcast.records.query import Catalogue
from flopcast.records.schema import Claim

_VALUES = {
    "processors": 3.0, "peak": 2e12, "time": 500.0, "forward": 4e9, "pass_factor": 3.0,
    "epochs": 7.0, "samples": 1e6, "parameters": 5e9, "tokens": 6e10, "operations": 3e20,
    "burden": 8e20, "a": -1.5, "b": 0.09, "f": 0.02, "compute": 1e21, "improvement": 1.7,
    "intercept": 3.1, "slope": 0.87, "log10_known": 20.0, "flop": 5e21, "utilisation": 0.3,
    "hours": 900.0, "watts": 800.0, "pue": 1.2, "kwh": 864.0, "kg_per_kwh": 0.4,
    "usd_per_hour": 2.5, "value": 3e4, "depreciation": 0.14, "network_share": 0.19,
    "usd_per_kwh": 0.08, "server_kg": 2500.0, "chips": 8.0, "chip_kg": 150.0, "years": 6.0,
    "in_use": 0.85,
}  # fmt: skip
_ONE = np.ones(1)


def _claim(**given: object) -> Claim:
    names = Claim.__dataclass_fields__
    return Claim(**{**dict.fromkeys(names), "run": "r", "scope": "training", **given})  # type: ignore[arg-type]


def _form(index: int) -> float:
    params = {0: [-1.5, 0.09], 1: [-1.5, 0.09, 0.02], 2: [-1.5, 0.09], 3: [-1.5, 0.09]}
    return float(FORMS[index].predict(np.array([params[index]]), np.array([21.0]))[0, 0])


def _charged(quantity: str, **values: float) -> float:
    return float(getattr(charge(_VALUES["hours"] * _ONE, values), quantity)[0])


_v = _VALUES
_COMPUTED: Mapping[str, Callable[[], float | None]] = {
    "hardware burden": lambda: claimed_flop(
        _claim(method="hardware_time", processors=3.0, peak=2e12, time=500.0), {}
    ),
    "counted operations": lambda: claimed_flop(
        _claim(method="operation_count", forward=4e9, pass_factor=3.0, epochs=7.0, samples=1e6),
        {},
    ),
    "training of a transformer": lambda: training_compute(
        Parameters(5e9, "total"), 6e10
    ).value,
    "implied utilisation": lambda: implied_utilisation(_v["operations"], _v["burden"]),
    "power law": lambda: _form(0),
    "power law with a floor": lambda: _form(1),
    "error against log C": lambda: _form(2),
    "1/error against log C": lambda: _form(3),
    "theory": lambda: compute_factor(1.7),
    "one accounting from the other": lambda: Line(
        3.1, 0.87, np.zeros((2, 2)), 0.0, 9, ""
    ).at(20.0),
    "chip-hours": lambda: float(
        chip_hours(_v["flop"] * _ONE, {"peak": 2e12, "utilisation": 0.3})[0]
    ),
    "energy": lambda: _charged("energy_kwh", watts=800.0, pue=1.2),
    "carbon": lambda: _charged("carbon_kgco2e", watts=800.0, pue=1.2, kg_per_kwh=0.4),
    "rent": lambda: _charged("usd", usd_per_hour=2.5),
    "ownership": lambda: _charged(
        "usd", watts=800.0, pue=1.2, purchase_usd=3e4, depreciation=0.14, network_share=0.19,
        usd_per_kwh=0.08,
    ),
    "making the hardware": lambda: embodied_kg_per_hour(2500.0, 150.0, 8.0, 6.0, 0.85),
}  # fmt: skip


def _evaluated(formula: Formula) -> float:
    right = formula.equation.split(" = ", 1)[1].replace("×", "*").replace("^", "**")
    names = {"log10": math.log10, "ln": math.log, **_VALUES}
    assert set(re.findall(r"[a-z_][a-z_0-9]*", right)) <= set(names)
    return float(eval(right, {"__builtins__": {}}, names))


@pytest.mark.parametrize(
    "formula", [f for part in FORMULAS.values() for f in part], ids=lambda f: f.name
)
def test_formulas_are_what_is_computed(formula: Formula) -> None:
    """The text of every formula evaluates to what the function gives."""
    assert _evaluated(formula) == pytest.approx(_COMPUTED[formula.name]())


def test_every_constant_and_preset_has_a_source(release: Catalogue) -> None:
    """No number stands without where it comes from."""
    assert {
        "peak",
        "utilisation",
        "usd_per_hour",
        "watts",
        "pue",
        "kg_per_kwh",
        "development",
    } <= {item.name for item in constants(release)}
    assert all(item.source and item.meaning for item in constants(release))
    for preset in preset_rows():
        assert all(item["source"] for item in preset["ingredients"]), preset["name"]
        assert preset["leaves_out"]
