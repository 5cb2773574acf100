"""What the sweep verbs say, in 80 columns."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from flopcast.sweeps.status import Status
from flopcast.units import Unit, format_quantity

_UNITS: Final[Mapping[str, Unit]] = {
    "flop": "FLOP", "seconds": "s", "usd": "USD", "kwh": "kWh",
}  # fmt: skip
_BAR: Final = 30
_WIDTH: Final = 80
_SHOWN: Final = 8


def shown_plan(document: Mapping[str, Any]) -> str:
    """The plan: what runs in which order, what it costs, what it is expected to tell."""
    return "\n".join(_plan_lines(document))


def shown_status(found: Status) -> str:
    """The status: progress, spend, the forecast as it narrowed, back-test, failures, findings."""
    return "\n".join(_status_lines(found))


def forecast_line(one: Mapping[str, Any]) -> str:
    """One forecast of the target."""
    if "refused" in one:
        return f"forecast after {one['runs']} runs: none yet, {one['refused']['reason']}"
    low, high = one["interval"]
    return (
        f"forecast after {one['runs']} runs: {one['forecast']['median']:.4g}  "
        f"[{low:.4g}, {high:.4g}]  width {one['width']:.1%}"
    )


def decision_line(one: Mapping[str, Any]) -> str:
    """One decision of the loop."""
    cells = f" {_cells(len(one['cells']))}" if one["cells"] else ""
    return f"{one['action']}{cells}: {one['reason']}"


def _plan_lines(document: Mapping[str, Any]) -> Iterator[str]:
    unit = document["budget"]["unit"]
    cells = document["cells"]
    yield f"{document['study']}: {len(cells)} cells ({document['grid']} grid)"
    yield ""
    for name, count, cost in document["stages"]:
        yield f"  {name:<28}{_cells(count):>12}  {_amount(cost, unit):>16}"
    yield f"  {'all':<28}{_cells(len(cells)):>12}  {_amount(document['cost'], unit):>16}"
    cap = document["budget"]["cap"]
    yield f"  {'cap':<42}{'none' if cap is None else _amount(cap, unit):>16}"
    yield ""
    yield f"  target {_settings(document['target']['config'])}"
    cost = _amount(document["target"]["cost"], unit)
    yield f"  costs {cost}, {document['cost_ratio']:.3g} times all cells"
    yield ""
    yield from _listed(cells)
    if document["rehearsal"]:
        yield ""
        yield "Expected of the target, played on invented losses:"
        for stage in document["rehearsal"]["stages"]:
            width = stage["width"]
            shown = "no forecast" if width is None else f"interval {width:.1%} of the median wide"
            yield f"  after {stage['name']:<24}{_cells(stage['cells']):>12}  {shown}"
        yield from _wrapped(f"Invented by {document['rehearsal']['law']}.")
    if cap is not None and document["cost"] > cap:
        yield ""
        yield "The cap does not pay every cell; the loop stops when it is reached."


def _listed(cells: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The first and the last cells, in the order of their cost."""
    for number, cell in enumerate(cells):
        if len(cells) > 2 * _SHOWN and number == _SHOWN:
            yield f"  ... {len(cells) - 2 * _SHOWN} more, see --json"
        if _SHOWN <= number < len(cells) - _SHOWN:
            continue
        where = f"{_settings(cell['settings'])} seed {cell['seed']}"
        yield f"  {cell['cell'][:8]}  {where[:46]:<46}  {cell['role']:<8} {cell['flop']:.2e}"


def _status_lines(found: Status) -> Iterator[str]:
    account, counts = found.account, found.counts
    total = sum(counts.values())
    ended = total - counts["waiting"] - counts["planned"] - counts["leased"] - counts["running"]
    yield f"{found.name}: {ended} of {total} cells ended"
    states = ", ".join(f"{n} {name}" for name, n in counts.items() if n)
    yield f"  {_bar(ended / total if total else 0.0)}  {states}"
    spent = _amount(account.spent, account.unit)
    if account.cap is None:
        yield f"  spent {spent}, no cap"
    else:
        cap = _amount(account.cap, account.unit)
        yield f"  {_bar(account.spent / account.cap)}  spent {spent} of {cap}"
    for one in found.running[:_SHOWN]:
        loss = "" if one["loss"] is None else f"  loss {one['loss']:.4g} at step {one['step']:g}"
        yield f"  runs {one['cell'][:8]} {_settings(one['config'])[:40]}{loss}"
    yield ""
    yield f"{found.metric} at {_settings(found.target)}"
    yield from _forecasts(found.forecasts)
    if found.backtest is not None:
        yield _compared("back-test, top level held out", found.backtest)
    if found.outcome is not None:
        yield _compared("the target itself", found.outcome)
        ratio = found.target_flop / found.pilot_flop
        yield f"  the pilots took 1/{ratio:.1f} of the target's FLOP"
    for one in found.wrong[:_SHOWN]:
        reason = str(one["reason"]).splitlines()[0] if one["reason"] else ""
        yield f"  {one['state']} {one['cell'][:8]} ({one['code']}): {reason}"[:_WIDTH]
    if len(found.wrong) > _SHOWN:
        yield f"  ... {len(found.wrong) - _SHOWN} more without a result, see --json"
    for finding in found.findings:
        yield from _wrapped(f"{finding['severity']}: {finding['message']} {finding['advice']}")
    if found.stopped is not None:
        yield f"Stopped: {found.stopped['reason']}."


def _forecasts(forecasts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The intervals below each other on one scale, newest last."""
    if not forecasts:
        yield "  no forecast yet"
        return
    shown = [one for one in forecasts if "refused" not in one][-_SHOWN:]
    if not shown:
        yield f"  {forecast_line(forecasts[-1])}"
        return
    lowest = min(one["interval"][0] for one in shown)
    highest = max(one["interval"][1] for one in shown)
    yield f"  {'runs':>5}  {'median':>8}  {shown[0]['level']:.0%} interval"
    for one in shown:
        low, high = one["interval"]
        drawn = _span(low, one["forecast"]["median"], high, lowest, highest)
        numbers = f"{one['forecast']['median']:8.4g}  [{low:.4g}, {high:.4g}]"
        yield f"  {one['runs']:>5}  {numbers:<28} {drawn}"


def _span(low: float, middle: float, high: float, lowest: float, highest: float) -> str:
    """``  ├──●──┤ `` on a line of 30 characters."""
    scale = (_BAR - 1) / ((highest - lowest) or 1.0)
    left, dot, right = (round((value - lowest) * scale) for value in (low, middle, high))
    drawn = [" "] * left + ["─"] * (right - left + 1)
    drawn[left], drawn[right], drawn[dot] = "├", "┤", "●"
    return "".join(drawn)


def _compared(what: str, body: Mapping[str, Any]) -> str:
    if "refused" in body:
        return f"  {what}: {body['refused']['reason']}"
    rows = body["held_out"]
    if len(rows) == 1:
        one = rows[0]
        inside = "inside" if one["inside"] else "outside"
        return (
            f"  {what}: measured {one['measured']:.4g}, predicted {one['predicted']:.4g} "
            f"({one['error']:+.1%}), {inside}"
        )
    return (
        f"  {what}: off by {body['mean_error']:.1%} on average, "
        f"{body['covered']} of {len(rows)} inside"
    )


def _settings(config: Mapping[str, Any]) -> str:
    shown = (f"{k}={v:g}" if isinstance(v, float) else f"{k}={v}" for k, v in config.items())
    return " ".join(shown)


def _cells(count: int) -> str:
    return f"{count} cell" if count == 1 else f"{count} cells"


def _amount(value: float, unit: str) -> str:
    return format_quantity(value, _UNITS[unit])


def _bar(share: float) -> str:
    full = round(_BAR * min(max(share, 0.0), 1.0))
    return "█" * full + "░" * (_BAR - full)


def _wrapped(text: str) -> Iterator[str]:
    import textwrap

    yield from textwrap.wrap(text, _WIDTH - 2, initial_indent="  ", subsequent_indent="    ")
