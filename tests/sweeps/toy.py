"""Training functions with a known law, for studies in tests."""

import random

FLOOR = 0.5


def law(params: float, data: float) -> float:
    """The loss without noise."""
    return float(FLOOR + 2.0 * params**-0.4 + 3.0 * data**-0.35)


def train(config, ctx):  # type: ignore[no-untyped-def]
    """The law with 0.2 % of noise."""
    noise = random.Random(f"{ctx.seed} {config}").gauss(0.0, 0.002)
    return {"loss": law(config["n"], config["d"]) * (1.0 + noise), "rate": config.get("rate", 0)}


def ladder(config, ctx):  # type: ignore[no-untyped-def]
    """One run with a result at each level of data."""
    points = [{"d": level, "loss": law(config["n"], level)} for level in config["d"]]
    return {"loss": points[-1]["loss"], "points": points}


def broken(config, ctx):  # type: ignore[no-untyped-def]
    """Fails everywhere."""
    raise RuntimeError("no GPU here")


def sometimes(config, ctx):  # type: ignore[no-untyped-def]
    """Gives NaN for one size."""
    return {"loss": float("nan") if config["n"] == 40 else law(config["n"], config["d"])}
