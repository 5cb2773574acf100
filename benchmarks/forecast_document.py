"""The benchmark of forecasts as data of the package, from the rows that forecast.py scored.

`src/flopcast/forecasting/benchmark.json` is what the portal's page of forecasts shows. Shares and
errors are fractions; coverage stands in the order of `levels`; unknown is null.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
from forecast_scored import FewRow, Rival, Scored

from flopcast import __version__
from flopcast.laws.features import FloatArray

FILE: Final = Path(__file__).parent.parent / "src/flopcast/forecasting/benchmark.json"
SCHEMA: Final = "flopcast.forecast-benchmark/1"


def benchmark_document(
    scored: Sequence[Scored],
    *,
    date: str,
    strict: bool,
    levels: Sequence[float],
    bands: Sequence[tuple[float, float]],
    headline: Mapping[str, float],
    targets: Mapping[str, float],
    rivals: Sequence[Rival] = (),
    fiftieth: Mapping[str, Sequence[float]] = {},
    few: Sequence[FewRow] = (),
) -> dict[str, Any]:
    """The document; `headline` and `targets` are errors by row, reached and asked for."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "date": date,
        "strict": strict,
        "levels": list(levels),
        "asked": [
            {"split": name, "error": headline[name], "asked": asked}
            for name, asked in targets.items()
            if name in headline
        ],
        "calibration": _calibration(scored),
        "by_grid": _groups(scored, "grid"),
        "by_domain": _groups(scored, "domain"),
        "by_decades": _bands(scored, bands),
        "rivals": [
            {"rival": r.law, "error": r.error, "coverage_90": r.coverage,
             "interval_score": r.interval, "ours": r.ours}
            for r in rivals
        ],
        "fiftieth": [
            {"grid": grid, "targets": len(errors), "error": float(np.mean(errors))}
            for grid, errors in fiftieth.items()
        ],
        "few": [asdict(row) | {"coverage": list(row.coverage)} for row in few],
        "splits": [_split(s) for s in scored],
    }  # fmt: skip


def write_benchmark(document: Mapping[str, Any], file: Path = FILE) -> None:
    """Writes the document, numbers to 6 significant digits."""
    text = json.dumps(_rounded(document), indent=1, ensure_ascii=False, allow_nan=False)
    file.write_text(f"{text}\n", "utf-8")


def _split(s: Scored) -> dict[str, Any]:
    best = min(s.members, key=lambda name: s.members[name])
    return {
        "split": s.name,
        "grid": s.grid,
        "domain": s.domain,
        "points": len(s.decades),
        "decades": float(np.max(s.decades)),
        "error": s.error,
        "bias": s.bias,
        "coverage": _means(s.inside),
        "interval_score": s.interval,
        "crps": s.crps,
        "best_law": best,
        "best_law_error": s.members[best],
    }


def _calibration(scored: Sequence[Scored]) -> list[dict[str, Any]]:
    """Coverage over all points, and with every grid counting once."""
    grids = dict.fromkeys(s.grid for s in scored)
    means = [
        np.mean([np.mean(s.inside, axis=1) for s in scored if s.grid == grid], axis=0)
        for grid in grids
    ]
    everything = np.concatenate([s.inside for s in scored], axis=1)
    count = everything.shape[1]
    return [
        {"over": "all points", "points": count, "coverage": _means(everything)},
        {"over": "every grid once", "points": count,
         "coverage": np.mean(means, axis=0).tolist()},
    ]  # fmt: skip


def _groups(scored: Sequence[Scored], by: str) -> list[dict[str, Any]]:
    """Means over the splits of each grid or domain; coverage over their points."""
    found = []
    for name in dict.fromkeys(getattr(s, by) for s in scored):
        own = [s for s in scored if getattr(s, by) == name]
        inside = np.concatenate([s.inside for s in own], axis=1)
        found.append({
            by: name,
            "splits": len(own),
            "points": inside.shape[1],
            "error": _mean(s.error for s in own),
            "bias": _mean(s.bias for s in own),
            "coverage": _means(inside),
            "interval_score": _mean(s.interval for s in own),
        })  # fmt: skip
    return found


def _bands(scored: Sequence[Scored], bands: Sequence[tuple[float, float]]) -> list[dict[str, Any]]:
    inside = np.concatenate([s.inside for s in scored], axis=1)
    decades = np.concatenate([s.decades for s in scored])
    return [
        {"from": low, "to": high, "points": int(here.sum()), "coverage": _means(inside[:, here])}
        for low, high in bands
        if (here := (decades >= low) & (decades < high)).any()
    ]


def _means(inside: FloatArray) -> list[float]:
    return [float(share) for share in np.mean(inside, axis=1)]


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, Mapping):
        return {name: _rounded(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return value
