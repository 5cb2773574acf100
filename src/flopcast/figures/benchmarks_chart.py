"""Two benchmarks on one chart: error against compute, points and fitted lines."""

import math
from collections.abc import Sequence
from typing import Any, Final

import altair as alt
import numpy as np

from flopcast.figures.theme import (
    BLUE,
    ORANGE,
    Layout,
    dressed,
    error_axis,
    layered,
    log_scale,
    powers_axis,
    values,
)
from flopcast.figures.words import AXIS_TITLES, percent, power
from flopcast.progress.burden import Burden

_STYLES: Final = ((BLUE, "circle"), (ORANGE, "diamond"))


def benchmarks_chart(
    burdens: Sequence[Burden], *, width: int = 720, caption: bool = True
) -> alt.LayerChart:
    """Error against compute of two benchmarks under one measure, with each fitted line.

    A line is drawn over the compute of its own points, and only where there is an exponent.

    Args:
        burdens: two regressions under the same measure.
        width: of the whole picture, px; below 540 the layout is that of a phone.
        caption: whether to explain the marks under the title.
    """
    layout = Layout(width, 260 if width < 540 else 380)
    log_x = np.concatenate([each.points.log10_compute for each in burdens])
    log_y = np.log10(np.concatenate([each.points.error for each in burdens]))
    x_range = (float(log_x.min()) - 0.2, float(log_x.max()) + 0.2)
    y_range = (float(log_y.min()) - 0.05, min(0.0, float(log_y.max()) + 0.05))
    names = [each.source.benchmark.name for each in burdens]
    x_axis = powers_axis(*x_range, layout, AXIS_TITLES[burdens[0].points.measure])
    x = alt.X("flop:Q", scale=log_scale(*x_range), axis=x_axis)
    y_axis = error_axis(*y_range, layout, "Error, percent")
    y = alt.Y("error:Q", scale=log_scale(*y_range), axis=y_axis)
    legend = alt.Legend(title=None, orient="bottom", columns=1 if layout.compact else 2)
    legend.labelLimit = layout.inner_width
    colour = alt.Color(
        "name:N", legend=legend,
        scale=alt.Scale(domain=names, range=[colour for colour, _ in _STYLES]),
    )  # fmt: skip
    shape = alt.Shape(
        "name:N", legend=legend, scale=alt.Scale(domain=names, range=[s for _, s in _STYLES])
    )
    lines = [line for each in burdens if (line := _line(each, x, y, colour)) is not None]
    points = alt.Chart(values([row for each in burdens for row in _points(each)]))
    marks = points.mark_point(size=38, filled=True, opacity=0.8).encode(
        x=x, y=y, color=colour, shape=shape, description="spoken:N", tooltip="spoken:N"
    )
    chart: alt.LayerChart = dressed(
        layered([*lines, marks], layout.inner_width, layout.height),
        layout,
        "Error against compute: " + " and ".join(names),
        ["Lines: power laws by least squares, over the compute of their points."]
        if caption
        else [],
    )
    return chart


def _points(burden: Burden) -> list[dict[str, Any]]:
    found = burden.points
    return [
        {
            "flop": 10.0 ** float(found.log10_compute[i]),
            "error": float(found.error[i]),
            "name": burden.source.benchmark.name,
            "spoken": f"{run.name} ({run.year}): {percent(float(found.error[i]))} error, "
            f"{power(float(found.log10_compute[i]))} FLOP",
        }
        for i, run in enumerate(found.runs)
    ]


def _line(burden: Burden, x: alt.X, y: alt.Y, colour: alt.Color) -> alt.Chart | None:
    if burden.refusal is not None or burden.with_year:
        return None
    ends = (float(burden.points.log10_compute.min()), float(burden.points.log10_compute.max()))
    fixed = burden.regression.param("intercept")
    rows = [
        {
            "flop": 10.0**at,
            "error": math.pow(10.0, -(fixed + burden.slope * at)),
            "name": burden.source.benchmark.name,
        }
        for at in ends
    ]
    line: alt.Chart = alt.Chart(values(rows)).mark_line(strokeWidth=2)
    found: alt.Chart = line.encode(x=x, y=y, color=colour)
    return found
