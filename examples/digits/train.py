"""One multilayer perceptron on scikit-learn's digits: `train(config, ctx) -> metrics`.

The data come with scikit-learn: 1,797 images of 8 x 8 pixels, ten digits (UCI "Optical
Recognition of Handwritten Digits", Alpaydin and Kaynak 1998). The last 797 are the test set; a run
learns from `images` of the first 1,000, drawn by its seed. Every run takes the same number of
updates, so small samples are seen many times. Guessing is wrong 0.9 of the time.
"""

import warnings
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

PIXELS, CLASSES, TRAINING = 64, 10, 1000
UPDATES: Final = 1000
BATCH: Final = 32


def train(config: Mapping[str, Any], ctx: Any) -> dict[str, float]:
    """Fit one network; its error on the test set, and FLOP at 6 per weight and image seen."""
    hidden, images = int(config["hidden"]), int(config["images"])
    digits = load_digits()
    pixels, labels = digits.data / 16.0, digits.target
    chosen = np.random.default_rng([ctx.seed, images]).permutation(TRAINING)[:images]
    batch = min(BATCH, images)
    epochs = max(1, round(UPDATES * batch / images))
    model = MLPClassifier(
        (hidden,), activation="tanh", learning_rate_init=0.01, alpha=1e-4, batch_size=batch,
        max_iter=epochs, n_iter_no_change=epochs + 1, random_state=ctx.seed,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(pixels[chosen], labels[chosen])
    error = 1.0 - float(model.score(pixels[TRAINING:], labels[TRAINING:]))
    params = hidden * (PIXELS + 1) + CLASSES * (hidden + 1)
    flop = 6.0 * params * images * epochs
    ctx.report(epochs, images * epochs, float(model.loss_), flop=flop)
    return {"error": error, "flop": flop, "train_loss": float(model.loss_)}
