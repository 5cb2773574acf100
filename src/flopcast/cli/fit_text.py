"""Prints a fit for people, in 80 columns."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from flopcast.cli.runs import as_options, conventions

if TYPE_CHECKING:
    from flopcast.fitting.result import FitResult

WIDTH: Final = 80


def shown_fit(found: "FitResult", document: Mapping[str, Any]) -> str:
    """The fit as text: law, runs, parameters, predictions, findings."""
    lines = [
        *wrapped(f"{found.law.title}: {found.law.equation}", 2),
        "",
        *_facts(found),
        "",
        *_parameters(document),
    ]
    for part in (
        _predictions(document.get("predictions", ()), found.runs.metric, document),
        _isoflop(document.get("isoflop")),
        _findings(document["findings"]),
    ):
        shown = list(part)
        lines += ["", *shown] if shown else []
    return "\n".join([*lines, "", *wrapped(f"Source: {found.law.source}.", 2)])


def _facts(found: "FitResult") -> Iterator[str]:
    options = found.options
    delta = "least squares" if options["delta"] is None else f"Huber, delta {options['delta']:.3g}"
    lean = f", {options['over']:g} times above" if options["over"] != 1.0 else ""
    tail = f", weighted by compute^{options['tail']:g}" if options["tail"] else ""
    resamples = 0 if found.draws is None else len(found.draws.theta)
    rows = [
        ("runs", f"{len(found.runs)} of {found.runs.source}"),
        ("columns", conventions(found.runs)),
        ("objective", f"{found.objective:.7g} (sum; {delta}{lean}{tail})"),
        ("status", f"{found.status.replace('_', ' ')}: {found.message}"),
        ("intervals", f"{resamples} {options['resampling']} resamples, seed {found.seed}"),
    ]
    for name, text in rows:
        if name != "intervals" or resamples:
            yield from wrapped(f"  {name:<11}{text}", 13)


def _parameters(document: Mapping[str, Any]) -> Iterator[str]:
    interval = f"{document['interval_level'] * 100:g} % interval"
    rows = [("parameter", "estimate", interval, "unit", "meaning")]
    for row in document["parameters"]:
        spread = "" if row["low"] is None else f"[{row['low']:.4g}, {row['high']:.4g}]"
        cells = (f"{row['estimate']:.5g}", "held" if row["held"] else spread)
        rows.append((row["parameter"], *cells, row["unit"], row["meaning"]))
    yield from table(rows)


def _predictions(
    rows: Sequence[Mapping[str, Any]], metric: str, document: Mapping[str, Any]
) -> Iterator[str]:
    for row in rows:
        where = ", ".join(f"{name} {value:.4g}" for name, value in row["at"].items())
        group = f", group {row['group']}" if row["group"] else ""
        spread = "" if row["low"] is None else f" [{row['low']:.5g}, {row['high']:.5g}]"
        yield from wrapped(f"At {where}{group}: {metric} {row['predicted']:.5g}{spread}", 2)
    if rows and rows[0]["low"] is not None:
        yield from wrapped(
            f"In brackets the {document['interval_level'] * 100:g} % interval of the law's mean, "
            "if the law holds there: neither the noise of a run nor a wrong form is in it."
        )


def _isoflop(found: Mapping[str, Any] | None) -> Iterator[str]:
    if found is None:
        return
    yield "Best model size at a budget of compute C, N = coefficient · C^exponent"
    rows = [("by", "exponent", "90 % interval", "coefficient")]
    for name in ("parabolas", "law"):
        line = found[name]
        if "refused" in line:
            continue
        ends = line["exponent_interval"]
        spread = "" if ends is None else f"[{ends[0]:.3f}, {ends[1]:.3f}]"
        rows.append((name, f"{line['exponent']:.3f}", spread, f"{line['coefficient']:.4g}"))
    yield from table(rows)
    refused = found["parabolas"].get("refused")
    if refused is not None:
        yield from wrapped(f"By parabolas: refused ({refused['code']}): {refused['reason']}")
        yield from wrapped(f"  {refused['hint']}", 2)
    bias = found["parabolas"].get("bias")
    if bias is not None:
        yield from wrapped(
            f"Were the law true, parabolas at these runs would shift the exponent by "
            f"{bias['exponent']:+.4f}."
        )
    yield ""
    rows = [("budget, FLOP", "runs", "parabola", "cubic")]
    for profile in found["profiles"]:
        sizes = (profile["best_params"], profile["best_params_by_cubic"])
        first, second = ("not bracketed" if n is None else f"{n:.3g}" for n in sizes)
        rows.append((f"{profile['flop']:.3g}", str(profile["runs"]), first, second))
    yield from table(rows)
    yield from _findings(found["parabolas"].get("findings", ()))


def _findings(found: Sequence[Mapping[str, str]]) -> Iterator[str]:
    for item in found:
        yield from wrapped(f"{item['severity']} ({item['code']}): {item['message']}", 2)
        yield from wrapped(f"  {as_options(item['advice'])}", 2)


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows as aligned columns; the last column is wrapped to what room is left.

    A last column that has less than 16 characters of room stands below its row instead.
    """
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]) - 1)]
    start = 2 + sum(width + 2 for width in widths)
    room = max(WIDTH - start, 16)
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        last = textwrap.wrap(row[-1], room) or [""]
        yield ("  " + "  ".join([*cells, last[0]])).rstrip()
        yield from (" " * start + line for line in last[1:])


def wrapped(text: str, hanging: int = 0) -> list[str]:
    """Text in lines of 80 columns, all but the first indented."""
    return textwrap.wrap(text, WIDTH, subsequent_indent=" " * hanging, break_on_hyphens=False)
