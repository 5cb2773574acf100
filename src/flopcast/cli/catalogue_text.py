"""What ``flopcast catalogue`` prints for people: plain text in 80 columns, safe in any pipe."""

import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flopcast.units import format_power, format_quantity

if TYPE_CHECKING:
    from flopcast.records.check import Check
    from flopcast.records.differences import Difference
    from flopcast.records.facts import Facts
    from flopcast.records.query import BenchmarkRuns

WIDTH: Final = 80
MEASURES: Final = {"peak": "hardware burden", "operations": "network operations"}
_WORDS: Final[dict[str, Callable[[Any], str]]] = {
    "processors": lambda value: f"{value:g} x",
    "hardware": str,
    "peak_flop_per_s": lambda value: f"at {format_quantity(value, 'FLOP/s')}",
    "format": lambda value: f"({value})",
    "wall_seconds": lambda value: f"for {format_quantity(value, 's')}",
    "core_days": lambda value: f"(stated: {value:g} core-days)",
    "forward_flop": lambda value: f"{format_quantity(value, 'FLOP')} a pass",
    "pass_factor": lambda value: f"x {value:g}",
    "epochs": lambda value: f"x {value:g} epochs",
    "samples": lambda value: f"x {value:,.0f} samples",
    "dataset": lambda value: f"of {value}",
}


def built(facts: "Facts", target: Path) -> str:
    """What was built: counts, and where the release lies."""
    rows = [
        (id, str(len(results)), str(len(facts.claims[id])))
        for id, results in facts.results.items()
    ]
    total = sum(len(results) for results in facts.results.values())
    claims = sum(len(found) for found in facts.claims.values())
    rows.append(("together", str(total), str(claims)))
    beside = (
        f"{len(facts.models)} models, {len(facts.sources)} sources, "
        f"{len(facts.hardware)} processors, {len(facts.corrections)} corrections."
    )
    return "\n".join(
        [
            f"Catalogue release {facts.release['id']}",
            *_table(("benchmark", "results", "claims"), rows),
            beside,
            f"Written: {target}",
        ]
    )


def listed(release: dict[str, str], rows: list[dict[str, Any]]) -> str:
    """The benchmarks: results, which of them have which measure, and years."""
    cells = [
        (
            row["id"],
            *(str(row[name]) for name in ("results", "burdens", "operations", "both", "forward")),
            "" if row["first_year"] is None else f"{row['first_year']}–{row['last_year']}",
        )
        for row in rows
    ]
    header = ("benchmark", "results", "burdens", "operations", "both", "forward", "years")
    return "\n".join([f"Catalogue release {release['id']}", *_table(header, cells)])


def checked(found: "Check", *, everything: bool) -> str:
    """The outcome of a check: counts, agreement, and what stands out."""
    lines = [
        f"Catalogue release {found.release}",
        *_table(
            ("benchmark", "results", "burdens", "operations", "both", "forward"),
            [tuple(str(value) for value in vars(row).values()) for row in found.counts],
        ),
        "",
        "Published against recomputed from ingredients:",
    ]
    for basis in MEASURES:
        lines += _wrapped(_agreement([r for r in found.differences if r.basis == basis], basis))
    holding = sum(correction.holds for correction in found.corrections)
    lines += [
        *_wrapped(f"implied utilisation: {_utilisation(found)}"),
        f"  corrections: {holding} of {len(found.corrections)} find their record unchanged",
    ]
    if everything:
        lines += ["", *_differences(found)]
    for severity, title in (("error", "Errors"), ("flag", "Flags"), ("note", "Notes")):
        findings = [item for item in found.findings if item.severity == severity]
        if findings:
            lines += ["", f"{title} ({len(findings)})"]
        for item in findings:
            lines += _wrapped(f"{item.kind}: {item.subject}: {item.message}")
    return "\n".join(lines)


def _agreement(rows: "list[Difference]", basis: str) -> str:
    known = [row for row in rows if row.relative is not None]
    shown = f"{MEASURES[basis]}: {sum(row.within for row in known)} of {len(rows)} within 5 %"
    if len(known) < len(rows):
        shown += f", {len(rows) - len(known)} without ingredients"
    if known:
        largest = max(known, key=lambda row: abs(row.relative or 0.0))
        shown += f"; largest {_percent(largest.relative)} ({largest.run})"
    return shown


def _utilisation(found: "Check") -> str:
    parts = []
    for version in ("published", "corrected"):
        rows = [row for row in found.utilisations if row.version == version]
        odd = sum(not row.plausible for row in rows)
        parts.append(f"{len(rows)} runs as {version}, {odd} flagged")
    return "; ".join(parts)


def _differences(found: "Check") -> Iterator[str]:
    for basis, title in MEASURES.items():
        cells = [
            (
                f"{row.benchmark}/{row.run}",
                _flop(row.published_flop),
                _flop(row.recomputed_flop) if row.recomputed_flop else "no ingredients",
                _percent(row.relative),
            )
            for row in found.differences
            if row.basis == basis
        ]
        yield from _table((title, "published", "recomputed", "differ"), cells)
        yield ""


def shown_benchmark(benchmark: "BenchmarkRuns", rows: list[dict[str, Any]]) -> str:
    """A benchmark and its runs with their published compute in FLOP."""
    about = benchmark.benchmark
    cells = [
        (
            row["run"],
            str(row["year"]),
            "" if row["value"] is None else f"{row['value']:g}",
            _flop(row["hardware_burden_flop"]),
            _flop(row["network_operations_flop"]),
        )
        for row in rows
    ]
    return "\n".join(
        [
            about.name,
            *_wrapped(f"{about.metric} in percent; error = {about.error}"),
            *_wrapped(
                f"{about.id}; also {', '.join(about.aliases)}" if about.aliases else about.id
            ),
            f"  {len(rows)} runs in release {benchmark.release}; compute in FLOP as published",
            *_table(("run", "year", "score", "burden", "operations"), cells),
        ]
    )


def shown_run(run: dict[str, Any]) -> str:
    """A run as :func:`flopcast.records.describe.describe_run` gives it."""
    params = "" if run["params"] is None else f", {format_power(run['params'])} parameters"
    score = "no score" if run["value"] is None else f"{run['value']:g} % {run['metric']}"
    lines = [
        f"{run['name']} ({run['year']}): {score}{params}",
        f"  {run['benchmark']}/{run['run']}",
        *_wrapped(run["source"]["title"]),
        f"  {run['source']['url'] or 'no address'}",
        *_compute_lines(run),
        *(line for claim in run["claims"] for line in _claim_lines(claim)),
    ]
    for correction in run["corrections"]:
        lines += _wrapped(f"correction {correction['id']}: {correction['reason']}")
    return "\n".join(lines)


def _compute_lines(run: dict[str, Any]) -> list[str]:
    header = ("compute in FLOP", "published", "recomputed", "differ", "corrected")
    cells = [
        (
            MEASURES[item["basis"]],
            _flop(item["published_flop"]) or "unknown",
            _flop(item["recomputed_flop"]) or "unknown",
            _percent(item["difference"]),
            _flop(item["corrected_training_flop"]) or "unknown",
        )
        for item in run["compute"]
        if any(item[name] is not None for name in ("published_flop", "recomputed_flop"))
    ]
    lines = _table(header, cells) if cells else ["  no figure of its compute"]
    shares = {name: share for name, share in run["implied_utilisation"].items() if share}
    if shares:
        shown = ", ".join(f"{share:.1%} {name}" for name, share in shares.items())
        lines.append(f"  implied utilisation: {shown}")
    return lines


def _claim_lines(claim: dict[str, Any]) -> list[str]:
    flop = "unknown" if claim["flop"] is None else f"{format_power(claim['flop'], 3)} FLOP"
    inputs = " ".join(_inputs(claim["inputs"]))
    about = f"{claim['scope']}, {claim['method'].replace('_', ' ')}: "
    lines = _wrapped(f"{about}{inputs}{' = ' if inputs else ''}{flop}")
    for field, change in claim["changes"].items():
        before, after = (
            "unknown" if change[k] is None else change[k] for k in ("published", "corrected")
        )
        lines.append(f"    corrected: {field} is {after}, not {before}")
    source = claim["source"]
    return [*lines, f"    {source['url'] or source['id']}"]


def _inputs(inputs: dict[str, Any]) -> Iterator[str]:
    """The inputs that are known, as a product in words."""
    for name, word in _WORDS.items():
        if name in inputs:
            yield word(inputs[name])


def found(matches: dict[str, list[dict[str, Any]]]) -> str:
    """What a search found, by kind."""
    lines = []
    for kind, rows in matches.items():
        lines += [f"{kind} ({len(rows)})", *(f"  {row['id']}" for row in rows)]
    return "\n".join(lines)


def _flop(value: float | None) -> str:
    return "" if value is None else format_power(value, 3, ascii=True)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:+.1%}"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns of text: the first to the left, cut with … where all would not fit; others right."""
    cells = [tuple(header), *(tuple(row) for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    widths[0] = min(widths[0], WIDTH - 2 - sum(width + 2 for width in widths[1:]))
    lines = []
    for first, *others in cells:
        cut = first if len(first) <= widths[0] else first[: widths[0] - 1] + "…"
        right = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        lines.append("  ".join(["  " + cut.ljust(widths[0]), *right]).rstrip())
    return lines
