"""The page of the documentation that says how forecasts did: tables in Markdown and a chart."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from forecast_scored import BANDS, LEVELS, TARGETS, FewRow, Rival, Scored, headline, pooled
from learn_forecast_constants import FEW

from flopcast import __version__
from flopcast.forecasting.backtest_result import Backtest, HeldOut
from flopcast.observations import Runs

ROOT: Final = Path(__file__).parent.parent


def tables(
    scored: Sequence[Scored], fifty: dict[str, list[float]], others: Sequence[Rival]
) -> list[str]:
    """The tables, in Markdown."""
    out = ["| split | error | asked for |", "|---|---|---|"]
    head = headline(scored)
    out += [f"| {n} | {head[n]:.2%} | ≤ {t:.2%} |" for n, t in TARGETS.items() if n in head]
    if head:
        values = list(head.values())
        out.append(f"| mean | {np.mean(values):.2%} | ≤ 1.30% |")
        out.append(f"| worst | {max(values):.2%} | ≤ 3.00% |")
    names = " | ".join(f"inside {level:.0%}" for level in LEVELS)
    columns = f"| split | beyond | error | bias | {names} | interval score | CRPS | best law |"
    out += ["", columns, "|---" * (columns.count("|") - 1) + "|"]
    out += [_row(s) for s in scored]
    for label, by_grid in (("all points", False), ("every grid once", True)):
        cells = " | ".join(f"{share:.0%}" for share in pooled(scored, by_grid))
        out.append(f"| **{label}** | | | | {cells} | | | |")
    out += ["", "| decades beyond | points | " + names + " |", "|---" * (2 + len(LEVELS)) + "|"]
    out += _bands(scored)
    if others:
        out += [
            "",
            "| listed splits | error | inside 90% | interval score | ours |",
            "|---" * 5 + "|",
        ]
        out += [
            f"| {r.law} | {r.error:.2%} | {r.coverage:.0%} | {r.interval:.4f} | "
            f"{r.ours:.4f} ({r.ours / r.interval - 1.0:+.0%}) |"
            for r in others
        ]
    if fifty:
        out += ["", "| grid | targets | error from a fiftieth of the cost |", "|---|---|---|"]
        out += [f"| {g} | {len(e)} | {np.mean(e):.2%} |" for g, e in fifty.items()]
    return out


def few_table(few: Sequence[FewRow]) -> list[str]:
    """How forecasts from a few runs drawn at random did, a row for each grid."""
    columns = "| runs | grid | forecasts | beyond | error | inside 50% | inside 90% | width |"
    out = ["", columns, "|---" * (columns.count("|") - 1) + "|"]
    for row in few:
        runs = str(row.fewest) if row.fewest == row.most else f"{row.fewest} to {row.most}"
        half, most = (row.coverage[LEVELS.index(level)] for level in (0.5, 0.9))
        out.append(
            f"| {runs} | {row.grid} | {row.forecasts} | {row.decades:.1f} decades | "
            f"{row.error:.1%} | {half:.0%} | {most:.0%} | ×{row.width:.2f} |"
        )
    return out


def _row(s: Scored) -> str:
    best = min(s.members, key=lambda name: s.members[name])
    cells = " | ".join(f"{share:.0%}" for share in s.coverage)
    return (
        f"| {s.name} | {s.decades.max():.1f} decades | {s.error:.2%} | {s.bias:+.2%} | {cells} | "
        f"{s.interval:.3f} | {s.crps:.4f} | {best} {s.members[best]:.2%} |"
    )


def _bands(scored: Sequence[Scored]) -> list[str]:
    inside = np.concatenate([s.inside for s in scored], axis=1)
    decades = np.concatenate([s.decades for s in scored])
    rows = []
    for low, high in BANDS:
        here = (decades >= low) & (decades < high)
        if here.any():
            cells = " | ".join(f"{share:.0%}" for share in inside[:, here].mean(axis=1))
            rows.append(f"| {low:g} to {high:g} | {here.sum()} | {cells} |")
    return rows


STRICT: Final = (
    "The constants come from trials on the other grids whose beliefs had not seen the grid",
    "either. One thing still flatters the table:",
)
QUICK: Final = (
    "Two things flatter the table. The trials of other grids, from which the constants come, used",
    "beliefs that had seen the grid (`--quick`). And",
)


def document(date: str, table: Sequence[str], strict: bool) -> str:
    """The page of the documentation."""
    return "\n".join(
        [
            "# How forecasts did",
            "",
            f"flopcast {__version__}, {date}. Made by `make bench-forecast`.",
            "",
            "Every split is forecast from its smaller runs with default settings. What forecasts",
            "believe beforehand (priors of parameters, weights of laws, size of the structural",
            "error) was learned without the grid of the split. Error is the mean absolute",
            "relative error of the held-out loss, bias the mean log of predicted over observed.",
            "Scores are relative to the outcome. *Best law* is the best single member after the",
            "fact. The last table is of forecasts of large runs from a few small ones, drawn at",
            f"random. No law can be tested on {FEW} of them, so past studies say how wide an",
            "interval is. Decades, error and width (upper end at 90% over lower one) are medians.",
            "",
            *(STRICT if strict else QUICK),
            "the rules (which laws there are, how runs, likelihoods and backtests are weighted,",
            "when a study is of a kind, the form of the structural error, how far constants are",
            "pulled) were chosen among some hundred while looking at these splits, so grids that",
            "nobody has looked at may be forecast worse, and their coverage be lower.",
            "",
            "![Share of outcomes inside intervals](images/forecast-calibration.svg)",
            "",
            *table,
            "",
        ]
    )


def picture(scored: Sequence[Scored]) -> Path:
    """The calibration chart of the documentation, a line for each grid."""
    from flopcast.figures.calibration_chart import calibration_chart
    from flopcast.figures.save import save_chart

    held = tuple(
        HeldOut(s.grid, 0, 0, 1.0, float(d), 1.0, 1.0, {}, s.crps, float(rank))
        for s in scored
        for rank, d in zip(s.ranks, s.decades, strict=True)
    )
    table = Runs({"params": np.ones(1)}, np.ones(1), source="public grids")
    chart = calibration_chart(Backtest(table, held, {}, {}, 0))
    return save_chart(chart, ROOT / "docs" / "images" / "forecast-calibration.svg")
