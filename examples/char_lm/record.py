"""Write what a study measured into measurements.csv: `python record.py char-lm`.

Takes the folder of `flopcast sweep run`. Rows of the table that the study measured again are
replaced; other pilots stay under the role grid, and a target stays. Rows are in order of role,
seed, data and size.
"""

import argparse
import csv
from pathlib import Path
from typing import Any, Final

from corpus import corpus
from train import DEFAULTS

from flopcast.sweeps.export import export_rows
from flopcast.sweeps.opened import open_study

COLUMNS: Final = (
    "role", "seed", "width", "depth", "params", "data", "compute", "loss", "learning_rate",
    "batch", "context", "updates", "wall_seconds", "data_id",
)  # fmt: skip
_ROLES: Final = ("pilot", "grid", "target")

Record = dict[str, Any]


def measured(study: Path) -> list[Record]:
    """One record per finished run: loss in nats per character, compute in FLOP."""
    opened = open_study(study)
    with opened.store(read_only=True) as store:
        found = export_rows(opened.study, store.rows())
    return [
        {
            **{name: line[name] for name in ("seed", "width", "params", "data", "loss", "batch")},
            "role": "target" if line["role"] == "target" else "pilot",
            "depth": DEFAULTS["depth"],
            "compute": line["flop"],
            "learning_rate": line["rate"],
            "context": DEFAULTS["context"],
            "updates": line["steps"],
            "wall_seconds": round(line["wall_seconds"], 1),
            "data_id": corpus().data_id,
        }
        for line in found
    ]


def merged(new: list[Record], old: list[Record]) -> list[Record]:
    """The new records, and those of the old that were not measured again."""
    known = {_cell(record) for record in new}
    kept = [
        record | {"role": "target" if record["role"] == "target" else "grid"}
        for record in old
        if _cell(record) not in known
    ]
    return sorted([*new, *kept], key=lambda one: (_ROLES.index(one["role"]), *_cell(one)))


def _cell(record: Record) -> tuple[int, ...]:
    return tuple(int(float(record[name])) for name in ("seed", "data", "width"))


def main() -> None:
    """Read the study and the table, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "measurements.csv")
    given = parser.parse_args()
    old: list[Record] = []
    if given.out.exists():
        with given.out.open(encoding="utf-8", newline="") as file:
            old = list(csv.DictReader(file))
    with given.out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        for record in merged(measured(given.study), old):
            writer.writerow({name: _plain(record[name]) for name in COLUMNS})
    print(f"Written: {given.out}")


def _plain(value: Any) -> Any:
    """Whole numbers without a decimal point."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


if __name__ == "__main__":
    main()
