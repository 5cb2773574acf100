"""Write results as measurements.csv: `python record.py pilots.jsonl target/result.json`.

Takes files of `one_run.py` (.json) and files with one such result a line (.jsonl). Widths above
the pilots' are targets. Rows are in order of role, seed, size and data.
"""

import argparse
import csv
import json
from pathlib import Path
from typing import Any, Final

from train import DEFAULTS

PILOT_WIDTHS: Final = (16, 24, 32, 48)
COLUMNS: Final = (
    "role", "seed", "width", "depth", "params", "data", "compute", "loss", "learning_rate",
    "batch", "context", "updates", "wall_seconds", "data_id",
)  # fmt: skip


def rows(paths: list[Path]) -> list[dict[str, Any]]:
    """One record per run: loss in nats per character, compute in FLOP, batch in windows."""
    results: list[dict[str, Any]] = []
    for path in paths:
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines() if path.suffix == ".jsonl" else [text]
        results += [json.loads(line) for line in lines]
    found = [_row(result) for result in results]
    return sorted(found, key=lambda row: (row["role"], row["seed"], row["data"], row["width"]))


def _row(result: dict[str, Any]) -> dict[str, Any]:
    known = {name: result[name] for name in COLUMNS if name in result}
    return known | {
        "role": "pilot" if result["width"] in PILOT_WIDTHS else "target",
        "depth": DEFAULTS["depth"],
        "compute": result["flop"],
        "updates": result["steps"],
        "learning_rate": DEFAULTS["rate"],
        "context": DEFAULTS["context"],
        "wall_seconds": round(result["wall_seconds"], 1),
    }


def main() -> None:
    """Read the results and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "measurements.csv")
    given = parser.parse_args()
    with given.out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows(given.results))
    print(f"Written: {given.out}")


if __name__ == "__main__":
    main()
