"""``flopcast demo``: what ImageNet errors would take, and small runs that predict a large one."""

from pathlib import Path
from typing import Final

BENCHMARK: Final = "imagenet-top1"
TARGETS: Final = (0.05, 0.03, 0.01)


def demo(*, out: Path = Path("out"), catalogue: Path | None = None) -> None:
    """What would 5 %, 3 % and 1 % error on ImageNet take? And what will a larger model reach?

    Writes a report with charts, then trains 16 small students of a known teacher in seconds,
    predicts one of 50 times their cost, and trains that one to compare.

    Parameters
    ----------
    out
        Folder for report.html and the runs.
    catalogue
        Another catalogue release than the bundled one.
    """
    from flopcast.cli.show import console, print_burden, print_targets
    from flopcast.cli.sweep import demonstrate
    from flopcast.progress.burden import burden
    from flopcast.records.query import catalogue as open_catalogue
    from flopcast.reports import report

    found = burden(open_catalogue(catalogue)[BENCHMARK])
    targets = tuple(found.target(error) for error in TARGETS)
    print_burden(found)
    print_targets(found, targets)
    out.mkdir(parents=True, exist_ok=True)
    report(found, out / "report.html", targets=targets)
    console().print(f"\nWritten: {out / 'report.html'}")
    console().print("\nTrain small, predict large: a study of students of a known teacher\n")
    demonstrate(out / "teacher-student")
