"""What made one run's compute larger than another's: factors as steps on a log axis."""

import math
from typing import Any, Final

import altair as alt

from flopcast.errors import Refused
from flopcast.figures.theme import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    Layout,
    dressed,
    layered,
    log_scale,
    powers_axis,
    values,
)
from flopcast.figures.words import short_name, superscript
from flopcast.progress.comparison import Comparison
from flopcast.progress.decomposition import FACTORS, Decomposition

ROW: Final = 30
WORDS: Final = (
    "Each bar is a factor of the compute ratio, on a log scale; together they make the whole. "
    "Orange: more in the second, blue: less."
)
_LABELS: Final = {
    "rate": "rate per processor",
    "processors": "processors",
    "time": "time",
    "processor_time": "processors × time",
    "forward": "operations of a pass",
    "pass_factor": "passes per sample",
    "samples": "samples seen",
}
KIND_COLOURS: Final = {"more": ORANGE, "less": BLUE, "compute": INK, "error": GREEN}


def comparison_chart(
    found: Comparison, *, basis: str | None = None, width: int = 720, caption: bool = True
) -> alt.LayerChart:
    """The factors of a compute ratio as steps from 1 to the whole, with the fall of error below.

    Args:
        found: the comparison.
        basis: the accounting; None for hardware burden where it is known, else operations.
        width: of the whole picture, px; below 540 the layout is that of a phone.
        caption: whether to explain the marks under the title.

    Raises:
        Refused: where no accounting of both runs is known.
    """
    parts = chosen(found, basis)
    layout = Layout(width, 0)
    rows = steps(found, parts)
    low, high = span(rows)
    left = 150 if layout.compact else 190
    inner, height = width - left - 24, ROW * len(rows)
    data = [{**row, "end": max(row["from"], row["to"])} for row in rows]
    data = [{**row, **{k: 10.0 ** row[k] for k in ("from", "to", "end")}} for row in data]
    layers = _layers(data, low, high, layout, left)
    title = (
        f"{short_name(found.second.name)} ({found.second.year}) against "
        f"{short_name(found.first.name)} ({found.first.year})"
    )
    chart: alt.LayerChart = dressed(
        layered(layers, inner, height), layout, title, [WORDS] if caption else []
    )
    return chart


def chosen(found: Comparison, basis: str | None) -> Decomposition:
    """The factors on one accounting; None for the first that is known.

    Raises:
        Refused: where it is not known of both runs.
    """
    for each, parts in found.decompositions.items():
        if parts is not None and basis in (None, each):
            return parts
    reason = f"no factors to draw: the compute of {found.first.name} and {found.second.name}"
    raise Refused("no_factors", f"{reason} is not known on one accounting.")


def steps(found: Comparison, parts: Decomposition) -> list[dict[str, Any]]:
    """Rows from top to bottom, ends in log10: factors one after another, the whole, the error."""
    rows, at = [], 0.0
    for factor in parts.factors:
        step = math.log10(factor.ratio)
        kind = "more" if step >= 0 else "less"
        rows.append(_row(_LABELS[factor.name], at, at + step, factor.ratio, kind))
        rows[-1]["spoken"] = f"{FACTORS[factor.name][0]}: × {factor.ratio:.3g}"
        at += step
    rows.append(_row("compute", 0.0, math.log10(parts.ratio), parts.ratio, "compute"))
    if found.error_ratio is not None:
        ratio = found.error_ratio
        rows.append(_row("1 / error", 0.0, math.log10(ratio), ratio, "error"))
    return rows


def span(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """Ends of the log10 axis, with room for the words beside the bars."""
    ends = [row[end] for row in rows for end in ("from", "to")]
    wide = max(ends) - min(ends)
    return min(ends) - 0.04 * wide - 0.02, max(ends) + 0.15 * wide + 0.2


def _row(name: str, start: float, end: float, ratio: float, kind: str) -> dict[str, Any]:
    if 1e-3 <= ratio < 1e6:
        written = f"× {ratio:,.0f}" if ratio >= 100 else f"× {ratio:.3g}"
    else:
        written = f"× {_powered(ratio)}"
    return {
        "name": name, "from": start, "to": end, "text": written, "kind": kind,
        "spoken": f"{name}: {written}",
    }  # fmt: skip


def _powered(ratio: float) -> str:
    exponent = math.floor(math.log10(ratio))
    return f"{ratio / 10.0**exponent:.2g} × 10{superscript(exponent)}"


def _layers(
    rows: list[dict[str, Any]], low: float, high: float, layout: Layout, left: int
) -> list[alt.Chart]:
    names = [row["name"] for row in rows]
    base = alt.Chart(values(rows)).encode(
        y=alt.Y(
            "name:N", sort=names,
            axis=alt.Axis(
                title=None, domain=False, ticks=False, labelLimit=left, minExtent=left - 24
            ),
        ),
        tooltip=alt.Tooltip("spoken:N"), description="spoken:N",
    )  # fmt: skip
    axis = powers_axis(low, high, layout, "times as much (log scale)")
    scale = log_scale(low, high)
    colour = alt.Color(
        "kind:N",
        legend=None,
        scale=alt.Scale(domain=list(KIND_COLOURS), range=list(KIND_COLOURS.values())),
    )
    bars = base.mark_bar(height=13).encode(
        x=alt.X("from:Q", scale=scale, axis=axis), x2="to:Q", color=colour
    )
    one = (
        alt.Chart(values([{"x": 1.0}])).mark_rule(color=MUTED).encode(x=alt.X("x:Q", scale=scale))
    )
    text = base.mark_text(align="left", dx=5, fontSize=layout.font, color=INK).encode(
        x=alt.X("end:Q", scale=scale), text="text:N"
    )
    return [one, bars, text]
