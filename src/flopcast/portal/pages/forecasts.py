"""How forecasts did: errors, calibration and rivals of the standing benchmark on public grids."""

from typing import Any, Final

from flopcast.figures.plain.calibration import Group, calibration_picture
from flopcast.forecasting.benchmark import forecast_benchmark
from flopcast.portal import numbers
from flopcast.portal.charts import Chart
from flopcast.portal.options import Options, State
from flopcast.portal.site import Site
from flopcast.portal.tables import Column, leaf, table_options
from flopcast.portal.view import Page, View

#: The level that the lead of the page speaks of.
_LEVEL: Final = 0.9
COLUMNS: Final = (
    Column("split", "Split"),
    Column("domain", "Domain"),
    Column("decades", "Decades beyond", lambda value: f"{value:.1f}", numeric=True),
    Column("points", "Points", numbers.whole, numeric=True),
    Column("error", "Error", lambda value: f"{value:.2%}", numeric=True,
           hint="Mean absolute relative error of the held-out loss"),
    Column("bias", "Bias", lambda value: f"{value:+.2%}".replace("-", "−"), numeric=True,
           hint="Mean log of predicted over observed"),
    Column("inside_50", "Inside 50 %", numbers.share, numeric=True),
    Column("inside_80", "Inside 80 %", numbers.share, numeric=True),
    Column("inside_90", "Inside 90 %", numbers.share, numeric=True),
    Column("inside_95", "Inside 95 %", numbers.share, numeric=True),
    Column("interval_score", "Interval score", lambda value: f"{value:.3f}", numeric=True),
    Column("crps", "CRPS", lambda value: f"{value:.4f}", numeric=True),
    Column("best_law", "Best single law after the fact"),
    Column("best_law_error", "Its error", lambda value: f"{value:.2%}", numeric=True),
)  # fmt: skip
_OPTIONS: Final = Options(table_options(COLUMNS, sort="split"))


def view(site: Site, state: State) -> View:
    """The page of the benchmark."""
    found = forecast_benchmark()
    rows = [_row(split, found["levels"]) for split in found["splits"]]
    chart = _chart(found)
    at = found["levels"].index(_LEVEL)
    points, grids = (group["coverage"][at] for group in found["calibration"])
    return View(
        title="How forecasts did",
        description=f"Forecasts of {len(rows)} splits of {len(found['by_grid'])} public grids "
        "against what came: errors, and how often outcomes fell into the intervals.",
        template="forecasts.html",
        context={
            "found": found,
            "chart": chart,
            "inside": {"level": _LEVEL, "points": points, "grids": grids},
            "table": leaf(rows, COLUMNS, state),
        },
        name="forecast-benchmark",
        rows=lambda: rows,
        result=lambda: found,
        picture=lambda width: chart.sheet(site, width),
        state=state,
    )


def _row(split: dict[str, Any], levels: list[float]) -> dict[str, Any]:
    """A split with its coverage as one column per level."""
    row = {name: value for name, value in split.items() if name != "coverage"}
    shares = zip(levels, split["coverage"], strict=True)
    return row | {f"inside_{level * 100:.0f}": share for level, share in shares}


def _chart(found: dict[str, Any]) -> Chart:
    strong = [Group(group["over"], group["coverage"]) for group in found["calibration"]]
    faint = [Group(group["grid"], group["coverage"]) for group in found["by_grid"]]
    words = (
        f"{found['calibration'][0]['points']:,} outcomes of held-out runs; grey: each grid. Above "
        "the dashed line intervals are wider than they need be, below it they promise too much.",
    )
    return Chart(
        "calibration",
        "How often outcomes fell into the intervals",
        words,
        lambda width: calibration_picture(found["levels"], strong, faint, width),
        f"benchmark of {found['date']} on public grids of training runs.",
    )


PAGES = (
    Page("/forecasts", view, _OPTIONS, nav="Forecasts", formats=("csv", "json", "svg", "png"),
         embeds=True),
)  # fmt: skip
