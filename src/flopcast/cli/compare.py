"""``flopcast compare``: how much more compute one model took than another, and why."""

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import Parameter

from flopcast.errors import Refused

if TYPE_CHECKING:
    from flopcast.progress.attribution import Attribution
    from flopcast.progress.comparison import Comparison
    from flopcast.progress.decomposition import Decomposition, Factor

WIDTH: Final = 80
_BASES: Final = {"peak": "hardware burden", "operations": "counted operations"}


def compare(
    first: str,
    second: str,
    *,
    benchmark: str | None = None,
    corrected: bool = False,
    catalogue: Path | None = None,
    chart: Path | None = None,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> None:
    """Two models: score, compute, and rate x count x time between them.

    Parameters
    ----------
    first
        A model, or a run as benchmark/run; see: flopcast catalogue search TEXT
    second
        What to compare it with.
    benchmark
        Where models are compared; by default the first benchmark that both share.
    corrected
        Make the catalogue's corrections and leave architecture search out.
    catalogue
        Another catalogue release than the bundled one.
    chart
        Write the chart: .html, .png, .svg or .json (Vega-Lite).
    as_json
        Print JSON instead of text.
    """
    from flopcast.progress.comparison import compare as compare_runs
    from flopcast.records.query import catalogue as open_catalogue

    release = open_catalogue(catalogue)
    found = compare_runs(release, first, second, benchmark=benchmark, corrected=corrected)
    if chart is not None:
        from flopcast.figures.comparison_chart import comparison_chart
        from flopcast.figures.save import save_chart

        save_chart(comparison_chart(found), chart)
    print(found.to_json() if as_json else "\n".join(_shown(found)))


def _shown(found: "Comparison") -> Iterator[str]:
    for of, run in (
        (found.first_benchmark, found.first),
        (found.second_benchmark, found.second),
    ):
        error = "error unknown" if run.error is None else f"error {run.error:.4g}"
        yield from _wrapped(f"{run.name} ({run.year}): {error} on {of.benchmark.name}", 0)
    if found.error_ratio is not None:
        yield f"  error divided by {found.error_ratio:.3g}"
    for basis, parts in found.decompositions.items():
        if parts is not None:
            yield ""
            yield from _factors(found, parts)
        if split := found.attributions.get(basis):
            yield from _split(split)
    yield ""
    for text in found.findings:
        yield from _wrapped(text)


def _factors(found: "Comparison", parts: "Decomposition") -> Iterator[str]:
    from flopcast.cli.fit_text import table
    from flopcast.units import format_power

    rows: list[tuple[str, ...]] = [(_BASES[parts.basis], "first", "second", "times", "share")]
    for factor in parts.factors:
        share = "" if factor.share is None else f"{factor.share:+.0%}"
        values = (_amount(factor, factor.first), _amount(factor, factor.second))
        rows.append((factor.to_dict()["meaning"], *values, f"{factor.ratio:.3g}", share))
    ends = (format_power(parts.first_flop), format_power(parts.second_flop))
    rows.append(("compute, FLOP", *ends, f"{parts.ratio:,.4g}", ""))
    yield from table(rows)
    degree = found.degree(parts.basis)
    if degree is not None:
        yield f"  compute = (1/error)^{degree:.1f} between these two alone"


def _amount(factor: "Factor", value: float) -> str:
    from flopcast.progress.decomposition import FACTORS
    from flopcast.units import format_quantity

    unit: Any = FACTORS[factor.name][1]
    return format_quantity(value, unit) if unit else f"{value:,.4g}"


def _split(split: "Attribution | Refused") -> Iterator[str]:
    if isinstance(split, Refused):
        yield from _wrapped(f"What compute explains is refused: {split.reason}")
        return
    low, high = split.compute_interval
    yield from _wrapped(
        f"Of the fall of error, {split.gain:.3f} orders of magnitude, compute explains "
        f"{split.compute:.3f} [{low:.3f}, {high:.3f}] and the years between {split.time:.3f} "
        f"[{split.time_interval[0]:.3f}, {split.time_interval[1]:.3f}], by the line through "
        f"{split.n} models with a year term ({split.measure}, {split.level:.0%} intervals); "
        f"{split.rest:+.3f} is these two runs' own."
    )


def _wrapped(text: str, indent: int = 2) -> list[str]:
    space = " " * indent
    return textwrap.wrap(text, WIDTH, initial_indent=space, subsequent_indent=space + "  ")
