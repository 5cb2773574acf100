"""A release with two benchmarks and few models, whose portal is soon written out."""

import shutil
import sqlite3
from pathlib import Path
from typing import Final

_BENCHMARKS: Final = ("imagenet-top1", "coco-box-ap")
_BY_BENCHMARK: Final = ("results", "claims", "claims_corrected", "scores")
_KEPT: Final = "SELECT run FROM claims WHERE basis = 'peak'"


def small_release(source: Path, target: Path) -> Path:
    """Copies a release, with only the runs whose hardware burden is known, and their chips."""
    shutil.copy(source, target)
    with sqlite3.connect(target) as facts:
        for table in _BY_BENCHMARK:
            facts.execute(f"DELETE FROM {table} WHERE benchmark NOT IN (?, ?)", _BENCHMARKS)
        facts.execute("DELETE FROM benchmarks WHERE id NOT IN (?, ?)", _BENCHMARKS)
        facts.execute(f"DELETE FROM results WHERE run NOT IN ({_KEPT})")
        facts.execute("DELETE FROM models WHERE id NOT IN (SELECT model FROM results)")
        facts.execute("DELETE FROM claims WHERE run NOT IN (SELECT run FROM results)")
        facts.execute("DELETE FROM claims_corrected WHERE run NOT IN (SELECT run FROM results)")
        facts.execute(
            "DELETE FROM hardware WHERE kind <> 'tpu' AND id NOT IN"
            " (SELECT hardware FROM claims WHERE hardware IS NOT NULL)"
            " AND id NOT LIKE 'h100%' AND id NOT LIKE 'v100%' AND id NOT LIKE 'a100%'"
        )
    facts.close()
    return target
