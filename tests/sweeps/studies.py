"""Small studies for tests."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flopcast.sweeps.executor import open_executor
from flopcast.sweeps.loop import Loop
from flopcast.sweeps.opened import open_study

TOY = Path(__file__).resolve().parent / "toy.py"

BASE: Mapping[str, Any] = {
    "name": "toy",
    "train": f"{TOY}:train",
    "axes": {
        "n": {"role": "params", "values": [10, 20, 40, 80]},
        "d": {"role": "data", "values": [100, 200, 400, 800]},
    },
    "target": {"n": 640, "d": 6400},
}


def written(folder: Path, **changes: Any) -> Path:
    """A study file with the base study and `changes` of its top level."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "study.toml"
    path.write_text(as_toml({**BASE, **changes}), encoding="utf-8")
    return path


def as_toml(table: Mapping[str, Any], prefix: str = "") -> str:
    """A mapping as TOML, tables last."""
    plain = {k: v for k, v in table.items() if not isinstance(v, Mapping)}
    lines = [f"{key} = {_value(value)}" for key, value in plain.items()]
    for key, value in table.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{prefix}{key}]", as_toml(value, f"{prefix}{key}.")]
    return "\n".join(lines)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k} = {_value(v)}" for k, v in value.items()) + "}"
    return repr(value)


def run(path: Path, *, target: bool = False) -> tuple[Loop, str]:
    """Runs a study in this process; the loop and why it stopped. The store is closed."""
    opened = open_study(path)
    executor = open_executor("inline")
    with opened.store() as store:
        loop = Loop(opened.study, store, executor, opened.cells, opened.goal)
        code = loop.run()
        if target:
            loop.run_target()
    executor.close()
    return loop, code
