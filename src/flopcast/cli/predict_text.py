"""Prints forecasts for people, in 80 columns."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flopcast.cli.fit_text import table, wrapped
from flopcast.cli.runs import as_options

_CAUSES = {
    "noise": "noise of a run",
    "parameters": "parameters",
    "form": "which law",
    "distance": "distance",
}


def shown_forecast(document: Mapping[str, Any]) -> str:
    """One file's forecast as text: points and their width, members, targets, findings."""
    parts = [list(_head(document))]
    if "points" in document:
        parts += [list(_points(document)), list(_members(document))]
    parts += [list(_targets(document)), list(_findings(document))]
    return "\n\n".join("\n".join(part) for part in parts if part)


def shown_forecasts(documents: Sequence[Mapping[str, Any]]) -> str:
    """Several files' forecasts, a line each and point."""
    rows = [("file", "at", "median", "interval")]
    for found in documents:
        problem = found.get("error") or found.get("refused")
        if problem is not None:
            reason = problem.get("message") or problem["reason"]
            rows.append((found["source"], "", "", reason))
            continue
        for item in found.get("points", ()):
            low, high = item["interval"]
            median = item[found["metric"]]["median"]
            at = _where(item)
            rows.append((found["source"], at, f"{median:.5g}", f"[{low:.5g}, {high:.5g}]"))
    return "\n".join(table(rows))


def _head(document: Mapping[str, Any]) -> Iterator[str]:
    runs = f"{document['runs']} runs of " if "runs" in document else ""
    yield from wrapped(f"{runs}{document['source']}: {document['conventions']}.")


def _points(document: Mapping[str, Any]) -> Iterator[str]:
    metric = document["metric"]
    level = f"{100 * document['level']:g} % interval"
    rows = [("at", metric, level, "beyond the runs")]
    for item in document["points"]:
        low, high = item["interval"]
        far = f"10^{item['decades']:.1f} × compute" if item["decades"] > 0.0 else "within"
        spread = f"[{low:.5g}, {high:.5g}]"
        rows.append((_where(item), f"{item[metric]['median']:.5g}", spread, far))
    yield from table(rows)
    for item in document["points"]:
        shares = sorted(item["breakdown"].items(), key=lambda pair: -pair[1])
        words = ", ".join(f"{_CAUSES.get(name, name)} {share:.0%}" for name, share in shares)
        yield from wrapped(f"Width at {_where(item)} from: {words}.", 2)
    if document["kind"] == "new-run":
        yield from wrapped("The interval is for one new run, its own luck included.")
    else:
        yield from wrapped("The interval is for the mean over runs, without their luck.")


def _members(document: Mapping[str, Any]) -> Iterator[str]:
    rows = [("law", "weight", "missed larger runs by", "alone it says, or why it was left out")]
    for member in sorted(document["members"], key=lambda m: -m["weight"]):
        error = member["backtest_error"]
        missed = "" if error is None else f"{error:.2%}"
        said = ", ".join("no value" if v is None else f"{v:.4g}" for v in member["prediction"][:4])
        weight = f"{member['weight']:.0%}" if member["status"] == "used" else "dropped"
        rows.append((member["name"], weight, missed, member["reason"] or said))
    yield from table(rows)


def _targets(document: Mapping[str, Any]) -> Iterator[str]:
    for found in document.get("targets", ()):
        unit = "flop" if found["of"] == "compute" else found["of"]
        name = {"flop": "compute, FLOP", "data": "data", "params": "parameters"}[unit]
        beside = ", ".join(f"{name} {value:.4g}" for name, value in found["held"].items())
        held = f" with {beside}" if beside else ""
        amounts = found[unit]
        median, low, high = (_amount(amounts[key]) for key in ("median", "p05", "p95"))
        yield from wrapped(
            f"{found['metric']} {found['target']:g}{held} takes {name}: {median} "
            f"(90 % interval {low} to {high}); {found['probability']:.0%} of the draws get there.",
            2,
        )


def _findings(document: Mapping[str, Any]) -> Iterator[str]:
    for item in document.get("findings", ()):
        yield from wrapped(f"{item['severity']} ({item['code']}): {item['message']}", 2)
        yield from wrapped(f"  {as_options(item['advice'])}", 2)


def _amount(value: float | None) -> str:
    return "out of reach" if value is None else f"{value:.3g}"


def _where(item: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in item["inputs"].items())
