"""The methods written down: every formula, where it comes from, what is known to be weak.

The formulas are text for people; the tests evaluate each of them against the function that
computes it, so that the two cannot part.
"""

from dataclasses import dataclass
from typing import Any, Final, final

from flopcast.accounting.cost import HOURS_PER_YEAR
from flopcast.accounting.ingredient import Ingredient
from flopcast.accounting.presets import PRESETS
from flopcast.accounting.terms import Terms
from flopcast.progress.burden import MIN_POINTS
from flopcast.progress.measures import METHOD_SD
from flopcast.progress.theory import COMPUTE_EXPONENT
from flopcast.records.differences import UTILISATION
from flopcast.records.query import Catalogue

_THOMPSON: Final = "Thompson et al. 2022, arXiv:2007.05558"
_COTTIER: Final = "Cottier et al. 2024, arXiv:2405.21015"


@final
@dataclass(frozen=True)
class Formula:
    """One formula: ``equation`` is ``left = right`` with ^ for powers and × for products."""

    name: str
    equation: str
    words: str
    source: str


#: Every formula, by what it is for.
FORMULAS: Final[dict[str, tuple[Formula, ...]]] = {
    "Compute": (
        Formula(
            "hardware burden", "burden = processors × peak × time",
            "What the chips could have done: FLOP, from the dense peak rate in the format that "
            "the source charges. Summed over phases and devices.",
            f"{_THOMPSON}, section 2",
        ),
        Formula(
            "counted operations", "operations = forward × pass_factor × epochs × samples",
            "What the model did: FLOP, a multiply-add counting two. The pass factor is 3, one "
            "pass forward and two backward.",
            f"{_THOMPSON}, section 2",
        ),
        Formula(
            "training of a transformer", "operations = 6 × parameters × tokens",
            "Two FLOP per parameter and token forward, four backward; attention is left out.",
            "Kaplan et al. 2020, arXiv:2001.08361, section 2.1",
        ),
        Formula(
            "implied utilisation", "utilisation = operations / burden",
            "The share of peak that was used. Outside of "
            f"{UTILISATION[0] * 100:g} % to {UTILISATION[1] * 100:g} % a figure is flagged.",
            f"{_THOMPSON}, section 2",
        ),
    ),
    "Error against compute": (
        Formula(
            "power law", "error = 10^-(a + b × log10(compute))",
            "Least squares of log10(1/error) on log10(compute); the exponent is 1/b. None is "
            f"given where the interval of b covers zero, nor with fewer than {MIN_POINTS} points.",
            f"{_THOMPSON}, section 3",
        ),
        Formula(
            "power law with a floor", "error = f + 10^(a - b × log10(compute))",
            "An error f that no compute takes away.",
            "Rosenfeld et al. 2020, arXiv:1909.12673; M2 of Alabdulmohsin et al. 2022",
        ),
        Formula(
            "error against log C", "error = 1 - (a + b × log10(compute))",
            "The first of the two exponential forms.", _THOMPSON,
        ),
        Formula(
            "1/error against log C", "error = 1 / (a + b × log10(compute))",
            "The second of the two exponential forms.", _THOMPSON,
        ),
        Formula(
            "theory", f"factor = improvement^{COMPUTE_EXPONENT}",
            "Compute for an error so many times smaller: it takes the square of the data, and "
            "parameters that grow with the data.",
            f"{_THOMPSON}, section 2",
        ),
        Formula(
            "one accounting from the other", "log10_wanted = intercept + slope × log10_known",
            "The line through the runs that have both. The error of its coefficients goes into "
            "every answer.",
            f"{_THOMPSON}; Carroll et al. 2006, section 1.4",
        ),
    ),
    "Hours, energy, carbon, money": (
        Formula(
            "chip-hours", "hours = flop / (peak × utilisation × 3600)",
            "Without a utilisation chips are paid for at their peak.", "by definition",
        ),
        Formula(
            "energy", "kwh = hours × watts / 1000 × pue",
            "Power of a chip with its share of the server, times that of the data centre.",
            "Patterson et al. 2021, arXiv:2104.10350",
        ),
        Formula(
            "carbon", "kg = kwh × kg_per_kwh",
            "Life-cycle average of the grid, of a zone and a year.",
            "Patterson et al. 2021, arXiv:2104.10350",
        ),
        Formula(
            "rent", "usd = hours × usd_per_hour", "List price, by commitment.", "by definition"
        ),
        Formula(
            "ownership",
            "usd = hours × value × depreciation × ln(10) / "
            f"{HOURS_PER_YEAR:.0f} / (1 - network_share) + kwh × usd_per_kwh",
            "What chip, server and network lose in value, and the electricity.",
            f"{_COTTIER}, appendix",
        ),
        Formula(
            "making the hardware",
            "kg_per_hour = (server_kg / chips + chip_kg) / (years × 8760 × in_use)",
            "Counted on request.", "Luccioni et al. 2023, arXiv:2211.02001, section 4.1",
        ),
    ),
}  # fmt: skip

#: What a reader should hold against the answers.
WEAKNESSES: Final = (
    "Leaderboards select on success, and results that nobody published are missing: the lines are "
    "neither a frontier nor a controlled experiment.",
    "Beyond the data the functional form decides. Forms are weighed by how well they predicted "
    "later models from earlier ones, a span shorter than most targets ask for.",
    "Hardware burden counts chips at their peak, GPUs mostly at fp32 and TPUs at bf16 per board: "
    "a bias between makers.",
    "Published compute does not always cover the same phases: architecture search is in some "
    "figures, inherited pre-training is missing from others. The preferred measure tells them "
    "apart where the catalogue knows.",
    "Hardware burden of most ImageNet models is imputed from counted operations by a line through "
    "few runs.",
    "Regressing error on compute and then solving for compute makes the exponent larger than "
    "regressing compute on error does, where the noise is in the error.",
    "Errors that come from wrong labels are no model's to remove; only the form with a floor has "
    "room for them.",
    "Dollars and carbon follow from stated assumptions. Staff, data, failed runs and development "
    "are not counted unless asked for.",
)


def constants(catalogue: Catalogue) -> tuple[Ingredient, ...]:
    """Every ingredient of a bill by default, with those that are counted on request.

    For an H100 rented on demand in the United States; with development and the making of the
    hardware.
    """
    terms = Terms(hardware="h100", development=True, embodied=True)
    return tuple(terms.recipe(catalogue)[0].ingredients.values())


def preset_rows() -> list[dict[str, Any]]:
    """Every preset with its ingredients and what it leaves out, JSON-ready."""
    return [
        {
            "name": name,
            "chip": found.chip,
            "format": found.format,
            "cost_concept": found.cost_concept,
            "leaves_out": list(found.leaves_out),
            "ingredients": [item.to_dict() for item in found.recipe().ingredients.values()],
        }
        for name, found in PRESETS.items()
    ]


def spreads() -> dict[str, float]:
    """How far a way of measuring compute may be off as a whole: one standard deviation, factor."""
    return {name: 10.0**sd for name, sd in METHOD_SD.items()}
