"""Train the character model once: `train(config, ctx) -> metrics`, for a sweep or alone.

Every run sees each character at most once, with a learning rate that warms up and then falls to
zero within the run. Widths differ, so matrices learn at a rate proportional to 1/width, which
keeps one base rate right for all of them (Yang et al. 2022, arXiv:2203.03466, table 8); the batch
grows with the square root of the data.
"""

import math
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from corpus import VOCABULARY, Corpus, corpus
from model import NEAR, CharacterModel
from torch.nn import functional

from flopcast.accounting.flops.architecture import Transformer
from flopcast.accounting.flops.transformer import transformer_training

DEFAULTS: Final[Mapping[str, Any]] = {
    "depth": 2,
    "head_size": 8,
    "context": 128,
    "rate": 0.01,
    "widthless": 10.0,
    "warmup": 0.1,
    "validation_windows": 2048,
    "reports": 20,
}
_WIDTH_OF_RATE: Final = 64
#: Weights whose products do not sum over the width: their rate does not depend on it.
_WIDTHLESS: Final = ("embedding.weight", "near.weight")


def shape(config: Mapping[str, Any]) -> Transformer:
    """The model as the accounting layer sees it."""
    width = int(config["width"])
    return Transformer(
        layers=int(config["depth"]),
        width=width,
        heads=width // int(config["head_size"]),
        feed_forward=4 * width,
        vocabulary=VOCABULARY,
        tied=False,
    )


def training_flop(config: Mapping[str, Any], characters: float) -> float:
    """FLOP of training on so many characters: layers, attention, head, short convolutions.

    A forward and a backward pass, masked pairs of positions not counted.
    """
    if not characters:
        return 0.0
    products = transformer_training(shape(config), int(config["context"]), characters).value
    return products + 6.0 * NEAR * config["width"] * config["depth"] * characters


def train(config: Mapping[str, Any], ctx: Any) -> dict[str, float]:
    """One run; returns loss (nats per character, validation files), sizes, FLOP and seconds."""
    return Run({**DEFAULTS, **config}, ctx).result()


class Run:
    """The state of one training run: model, optimizer, and how many batches it has seen."""

    def __init__(self, config: Mapping[str, Any], ctx: Any) -> None:
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
        torch.manual_seed(ctx.seed)
        self.config, self.ctx = config, ctx
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.text: Corpus = corpus()
        width = int(config["width"])
        heads = width // int(config["head_size"])
        self.model = CharacterModel(width, config["depth"], heads, config["context"])
        self.model.to(self.device)
        self.batch = batch_size(config)
        self.steps = max(1, round(config["data"] / (self.batch * config["context"])))
        self.optimizer = _optimizer(self.model, config)
        self.done, self.seconds = 0, 0.0
        self.order = np.random.default_rng(ctx.seed).permutation(self._windows())
        if self.steps * self.batch > len(self.order):
            raise ValueError(
                f"data is {config['data']:,} characters, but the text has {self._windows():,} "
                f"windows of {config['context']}; a run sees each once. Choose less data."
            )

    def result(self) -> dict[str, float]:
        """Train to the end, from the last checkpoint if there is one, and measure."""
        self._load()
        every = max(1, self.steps // self.config["reports"])
        started = time.perf_counter()
        while self.done < self.steps:
            loss = self._step()
            if self.done % every == 0 or self.done == self.steps:
                now = time.perf_counter()
                self.seconds, started = self.seconds + now - started, now
                value = float(loss)
                self.ctx.report(self.done, self.seen, value, flop=self.flop)
                if not math.isfinite(value) or self.ctx.should_stop():
                    break
                self._save()
        return {
            "loss": self.validation_loss(),
            "params": sum(weight.numel() for weight in self.model.parameters()),
            "data": self.seen,
            "flop": self.flop,
            "batch": self.batch,
            "steps": self.done,
            "wall_seconds": self.seconds + time.perf_counter() - started,
        }

    @property
    def seen(self) -> int:
        """Characters trained on."""
        return self.done * self.batch * int(self.config["context"])

    @property
    def flop(self) -> float:
        """Counted FLOP of the training so far."""
        return training_flop(self.config, self.seen)

    def validation_loss(self) -> float:
        """Nats per character over windows spread evenly through the validation files."""
        context, count = self.config["context"], self.config["validation_windows"]
        last = len(self.text.validation) - context - 1
        starts = np.linspace(0, last, count).astype(int)
        total = 0.0
        with torch.no_grad():
            for some in np.array_split(starts, max(1, count // 64)):
                inputs, targets = self._batch(self.text.validation, some)
                total += float(_loss(self.model(inputs), targets)) * len(some)
        return total / count

    def _step(self) -> torch.Tensor:
        rate = schedule(self.done, self.steps, self.config["warmup"])
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * rate
        chosen = self.order[self.done * self.batch : (self.done + 1) * self.batch]
        inputs, targets = self._batch(self.text.train, chosen * self.config["context"])
        loss = _loss(self.model(inputs), targets)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.done += 1
        return loss.detach()

    def _windows(self) -> int:
        return (len(self.text.train) - 1) // int(self.config["context"])

    def _batch(self, text: Any, starts: Any) -> tuple[torch.Tensor, torch.Tensor]:
        index = starts[:, None] + np.arange(self.config["context"] + 1)
        symbols = torch.from_numpy(text[index].astype(np.int64)).to(self.device)
        return symbols[:, :-1], symbols[:, 1:]

    def _save(self) -> None:
        path = Path(self.ctx.checkpoint_dir) / "state.pt"
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "done": self.done,
            "seconds": self.seconds,
        }
        torch.save(state, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    def _load(self) -> None:
        path = Path(self.ctx.checkpoint_dir) / "state.pt"
        if not path.exists():
            return
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.done, self.seconds = state["done"], state["seconds"]


def batch_size(config: Mapping[str, Any]) -> int:
    """Windows per batch: as given, else growing with the root of the data, 4 at 2^20 characters.

    Short runs take enough steps by this rule, and long ones use the processor well.
    """
    given = config.get("batch")
    return int(given) if given else max(1, round(4 * math.sqrt(config["data"] / 2**20)))


def schedule(step: int, steps: int, warmup: float) -> float:
    """Share of the peak rate: a linear rise, then a linear fall to zero."""
    rising = max(1.0, warmup * steps)
    return min((step + 1) / rising, (steps - step) / max(1.0, steps - rising))


def _optimizer(model: CharacterModel, config: Mapping[str, Any]) -> torch.optim.AdamW:
    narrow = _WIDTH_OF_RATE / config["width"]
    weights = dict(model.named_parameters())
    by_width = [w for name, w in weights.items() if not name.endswith(_WIDTHLESS)]
    widthless = [w for name, w in weights.items() if name.endswith(_WIDTHLESS)]
    groups = [
        {"params": by_width, "peak": config["rate"] * narrow},
        {"params": widthless, "peak": config["rate"] * config["widthless"]},
    ]
    return torch.optim.AdamW(
        groups, lr=config["rate"], betas=(0.9, 0.98), weight_decay=0.0, foreach=True
    )


def _loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
