"""One run outside a sweep: `python one_run.py --width 192 --data 14899200 --folder target`.

Started again with the same folder it goes on from its last checkpoint. Prints a line per report
and leaves `result.json` in the folder.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from corpus import corpus
from train import train


class Alone:
    """What a run needs from a sweep, with nobody there to stop it."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed = seed
        self.checkpoint_dir = folder
        folder.mkdir(parents=True, exist_ok=True)

    def report(self, step: int, samples: int, loss: float, flop: float | None = None) -> None:
        """Print the report."""
        now = time.strftime("%H:%M:%S")
        print(f"{now} step {step} samples {samples} loss {loss:.4f} flop {flop:.3e}", flush=True)

    def should_stop(self) -> bool:
        """Never."""
        return False


def main() -> None:
    """Train once and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--width", type=int, required=True)
    parser.add_argument("--data", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    config: dict[str, Any] = {"width": given.width, "data": given.data, "reports": 200}
    result: dict[str, Any] = dict(train(config, Alone(given.seed, given.folder)))
    result |= {"width": given.width, "seed": given.seed, "data_id": corpus().data_id}
    (given.folder / "result.json").write_text(json.dumps(result, indent=2), encoding="utf-8")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
