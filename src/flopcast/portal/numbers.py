"""Numbers as pages write them; the words and digits are those of reports."""

import math
from typing import Any

from flopcast.accounting.uncertain import Uncertain
from flopcast.figures.words import percent as _percent
from flopcast.figures.words import power as _power
from flopcast.progress.decomposition import FACTORS
from flopcast.reports import numbers as reports
from flopcast.units import Unit, format_quantity

UNKNOWN = "–"


def percent(fraction: float | None) -> str:
    """A fraction as a percentage of three digits; a dash where it is unknown."""
    return UNKNOWN if fraction is None else _tied(_percent(fraction))


def share(fraction: float | None) -> str:
    """A fraction as a whole percentage."""
    return UNKNOWN if fraction is None else f"{fraction * 100:.0f}\u00a0%"


def power(log10: float | None, digits: int = 2) -> str:
    """10 to ``log10``, typeset."""
    return reports.OUT_OF_REACH if log10 is None else _tied(_power(log10, digits))


def power10(value: float | None) -> str:
    """An amount as a power of ten; a dash where it is unknown."""
    return UNKNOWN if value is None else _tied(_power(math.log10(value)))


def signed(value: float | None) -> str:
    """A small number with its sign."""
    return UNKNOWN if value is None else f"{value:+.3f}".replace("-", "−")


def flop(value: float | None) -> str:
    """FLOP as a power of ten; a dash where it is unknown."""
    return UNKNOWN if value is None else _tied(f"{_power(math.log10(value))} FLOP")


def quantity(value: float | None, unit: str) -> str:
    """An amount in FLOP, USD, kWh or kgCO2e, or a number of things."""
    if unit in ("FLOP", "USD", "kWh", "kgCO2e"):
        known: Any = unit
        written: Unit = known
        return _tied(reports.quantity(value, written))
    return _tied(reports.count(value, unit))


def amount(found: Uncertain | None, unit: str) -> str:
    """The median of an uncertain amount; a dash where it is unknown."""
    return UNKNOWN if found is None else quantity(found.median, unit)


def span(low: str, high: str) -> str:
    """An interval of two written numbers; a shared unit is said once."""
    return reports.span(low.replace("\u00a0", " "), high.replace("\u00a0", " "))


def bounds(found: Uncertain | None, unit: str, level: int = 90) -> str:
    """The 90 or 50 % interval of an uncertain amount."""
    if found is None:
        return UNKNOWN
    low, high = (found.p05, found.p95) if level == 90 else (found.p25, found.p75)
    return _tied(span(quantity(low, unit), quantity(high, unit)))


def measured(value: float | None, digits: int = 3, unit: str = "") -> str:
    """A plain number of so many significant digits with its unit; a dash where unknown."""
    if value is None:
        return UNKNOWN
    rounded = float(f"{value:.{digits - 1}e}")
    text = f"{rounded:,.{max(0, digits - 1 - math.floor(math.log10(abs(rounded) or 1.0)))}f}"
    return _tied(f"{text} {unit}".strip())


def plain(value: float | None, digits: int = 3) -> str:
    """A number of any size: as it is where that is short, else as a power of ten."""
    if value is None:
        return UNKNOWN
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.{digits}g}" if abs(value) < 10**digits else f"{value:,.0f}"
    sign = "−" if value < 0 else ""
    return sign + _tied(_power(math.log10(abs(value)), digits))


def times(ratio: float) -> str:
    """A factor by which something is larger."""
    if 1e-3 <= ratio < 1e6:
        return _tied(f"× {ratio:,.0f}" if ratio >= 100 else f"× {ratio:.3g}")
    return _tied(f"× {_power(math.log10(ratio))}")


def parameters(number: float) -> str:
    """A number of parameters."""
    return power(math.log10(number))


def dex(value: float) -> str:
    """Orders of magnitude to two decimals."""
    return f"{value:.2f}".replace("-", "−")


def rate(value: float | None) -> str:
    """A rate in FLOP/s; a dash where it is unknown."""
    return UNKNOWN if value is None else _tied(format_quantity(value, "FLOP/s"))


def factor(value: float, name: str) -> str:
    """A factor of compute, in the unit that its name has in a decomposition."""
    unit: Any = FACTORS[name][1]
    if unit:
        return _tied(format_quantity(value, unit))
    return f"{value:,.4g}" if value < 1e6 else power(math.log10(value), 3)


def _tied(text: str) -> str:
    """No line break between a number and what belongs to it."""
    for unit in ("%", "× 10", "million", "billion", "trillion", "FLOP"):
        text = text.replace(f" {unit}", f"\u00a0{unit}")
    return text.replace("× ", "×\u00a0")


def whole(value: float | None) -> str:
    """A whole number with its thousands apart; a dash where it is unknown."""
    return UNKNOWN if value is None else f"{value:,.0f}"
