"""Training functions of milliseconds that the tests run, by path."""

import json
import os
import time
from pathlib import Path
from typing import Any


def steps(config: dict[str, Any], ctx: Any) -> dict[str, float]:
    """Takes `steps` steps of `pause` seconds, with a checkpoint after each, to a known loss."""
    state = ctx.checkpoint_dir / "state.json"
    step, loss = json.loads(state.read_text()) if state.exists() else (0, 3.0)
    while step < config["steps"] and not ctx.should_stop():
        time.sleep(config.get("pause", 0.0))
        step, loss = step + 1, loss * 0.9 + 0.01 * ((ctx.seed * 31 + config["n"] + step) % 7)
        partial = state.with_suffix(".partial")
        partial.write_text(json.dumps([step, loss]))
        partial.replace(state)
        ctx.report(step, step * config["n"], loss, flop=6.0 * step * config["n"])
    return {"loss": loss, "flop": 6.0 * step * config["n"]}


def logged(config: dict[str, Any], ctx: Any) -> dict[str, float]:
    """Appends a line to the file `log`, so that runs can be counted; costs `flop`."""
    log = os.open(config["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(log, f"{config['n']}\n".encode())
    os.close(log)
    time.sleep(config.get("pause", 0.0))
    if "fails_every" in config and config["n"] % config["fails_every"] == 1:
        raise ValueError("this cell fails")
    return {"loss": 1.0 + config["n"], "flop": config.get("flop", 1.0)}


def gathered(config: dict[str, Any], ctx: Any) -> dict[str, float]:
    """Like `steps`, once `together` runs have come as far: they then run at the same time."""
    mine = Path(config["folder"]) / f"{config['n']}.seen"
    mine.touch()
    while len(list(mine.parent.glob("*.seen"))) < config["together"]:
        time.sleep(0.01)
    return steps(config, ctx)


def device(config: dict[str, Any], ctx: Any) -> dict[str, float]:
    """The device that the run sees, while `together` runs do."""
    measured = gathered({**config, "steps": 1}, ctx)
    return {**measured, "device": float(os.environ["CUDA_VISIBLE_DEVICES"])}
