"""A release with a benchmark of many random results, to test what the portal does with many."""

import shutil
import sqlite3
from pathlib import Path

import numpy as np


def large_release(source: Path, target: Path, count: int) -> Path:
    """Copies a release and adds the benchmark ``many``: ``count`` runs with a stated burden."""
    shutil.copy(source, target)
    target.chmod(0o644)
    rng = np.random.default_rng(0)
    flop = 10 ** rng.uniform(16, 24, count)
    value = 100 - 60 * (flop / 1e16) ** -0.09 * 10 ** rng.normal(0, 0.05, count)
    with sqlite3.connect(target) as facts:
        columns = [row[1] for row in facts.execute("PRAGMA table_info(benchmarks)")]
        like = facts.execute("SELECT * FROM benchmarks LIMIT 1").fetchone()
        named = {"id": "many", "name": "Many", "aliases": "[]", "other_metrics": "[]"}
        about = {**dict(zip(columns, like, strict=True)), **named}
        marks = ", ".join("?" for _ in columns)
        facts.execute(f"INSERT INTO benchmarks VALUES ({marks})", list(about.values()))
        papers = [row[0] for row in facts.execute("SELECT id FROM sources LIMIT 20")]
        for k in range(count):
            run, paper = f"many-run-{k}", papers[k % len(papers)]
            facts.execute("INSERT INTO models VALUES (?, ?, NULL, ?)", (run, f"Run {k}", paper))
            facts.execute(
                "INSERT INTO results VALUES ('many', ?, ?, ?, ?, ?)",
                (run, run, paper, 2012 + k % 14, float(value[k])),
            )
            for table in ("claims", "claims_corrected"):
                facts.execute(
                    f"INSERT INTO {table} (benchmark, run, scope, method, basis, flop, source) "
                    "VALUES ('many', ?, 'total', 'reported', 'peak', ?, ?)",
                    (run, float(flop[k]), paper),
                )
    facts.close()
    return target
