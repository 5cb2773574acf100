"""The ensemble's laws are the known laws in other parameters."""

import numpy as np
import pytest

from flopcast.forecasting import forms
from flopcast.laws.law import Law
from flopcast.laws.registry import get_law

INPUTS = {"params": np.array([0.1, 1.0, 30.0]), "data": np.array([0.2, 5.0, 40.0])}
INPUTS["unique_data"] = np.array([0.1, 5.0, 4.0])
SHARED = {"E": 0.5, "A": 0.3, "alpha": 0.4, "B": 0.2, "beta": 0.3}


def check(form: Law, more: dict[str, float], law: str, params: dict[str, float]) -> None:
    """The form at the shared parameters equals the law at these."""
    mine = form.predict({**SHARED, **more}, INPUTS)
    assert mine == pytest.approx(get_law(law).predict(params, INPUTS))


def test_additive_is_chinchilla() -> None:
    """Additive is chinchilla."""
    check(forms.ADDITIVE, {}, "chinchilla", SHARED)


def test_coupled() -> None:
    """Coupled."""
    k = 0.6
    inner = {"E": 0.5, "A": 0.3 ** (1 / k), "B": 0.2 ** (1 / k), "k": k}
    check(forms.COUPLED, {"k": k}, "coupled", {**inner, "alpha": 0.4 / k, "beta": 0.3 / k})


def test_kaplan_with_a_floor() -> None:
    """Kaplan with a floor."""
    params = {"E": 0.5, "Nc": 0.3 ** (1 / 0.4), "Dc": 0.2 ** (1 / 0.3)}
    check(forms.KAPLAN_FLOOR, {}, "kaplan-floor", {**params, "alpha_N": 0.4, "alpha_D": 0.3})


OVERFITTING = {"C": 0.1, "gamma": 0.5, "delta": 0.7}


def test_bounded_with_overfitting() -> None:
    """Bounded with overfitting."""
    inner = {"E": 0.5, "L0": 4.0, "a": 0.3 / 4, "b": 0.2 / 4, "alpha": 0.4, "beta": 0.3}
    inner = {**inner, "c": 0.1 / 4, "gamma": 0.5, "delta": 0.7}
    check(forms.BOUNDED_OVERFITTING, {"L0": 4.0, **OVERFITTING}, "bounded-overfitting", inner)


def test_the_laws_with_several_effects_hold_those_with_one() -> None:
    """At k = 1 and a high ceiling the richest law is the others, and without overfitting too."""

    def predict(form: Law, **more: float) -> np.ndarray:
        return form.predict({**SHARED, **OVERFITTING, **more}, INPUTS)

    joined, high, none = {"k": 0.6}, {"L0": 1e9}, {"C": 1e-12}
    rich = forms.COUPLED_BOUNDED
    bounded = predict(forms.BOUNDED_OVERFITTING, L0=4.0)
    assert predict(rich, k=1.0, L0=4.0) == pytest.approx(bounded)
    overfitting = predict(forms.COUPLED_OVERFITTING, **joined)
    assert predict(rich, **joined, **high) == pytest.approx(overfitting)
    coupled = forms.COUPLED.predict({**SHARED, **joined}, INPUTS)
    assert predict(forms.COUPLED_OVERFITTING, **joined, **none) == pytest.approx(coupled)


def test_lovelace() -> None:
    """Lovelace."""
    extra = {"P": 0.05, "gamma": 0.8, "delta": 0.6}
    params = {**SHARED, "P": 0.05, "delta": 0.8, "kappa": 0.6}
    check(forms.LOVELACE, extra, "lovelace", params)


def test_without_repeats_the_repeated_laws_are_the_plain_ones() -> None:
    """Without repeats the repeated laws are the plain ones."""
    once = {**INPUTS, "unique_data": INPUTS["data"]}
    plain = forms.ADDITIVE.predict(SHARED, once)
    assert forms.REPEATED.predict({**SHARED, "R": 5.0}, once) == pytest.approx(plain)
    coupled = forms.COUPLED.predict({**SHARED, "k": 0.6}, once)
    repeated = forms.COUPLED_REPEATED.predict({**SHARED, "k": 0.6, "R": 5.0}, once)
    assert repeated == pytest.approx(coupled)


@pytest.mark.parametrize(
    "law",
    [value for value in vars(forms).values() if isinstance(value, Law)],
    ids=lambda v: v.name,
)
def test_gradients_are_exact(law: Law) -> None:
    """Gradients are exact."""
    rng = np.random.default_rng(1)
    model = law.bind({name: INPUTS[name] for name in law.inputs})
    theta = rng.normal(-0.7, 0.2, (1, len(law.parameters)))
    for k, parameter in enumerate(law.parameters):
        if not parameter.positive:
            theta[0, k] = 0.3
        if parameter.name == "L0":
            theta[0, k] = 1.0
    jacobian = model.evaluate(theta).jacobian[0]
    for k in range(theta.shape[1]):
        step = np.zeros_like(theta)
        step[0, k] = 1e-6
        slope = (model.value(theta + step) - model.value(theta - step))[0] / 2e-6
        assert jacobian[k] == pytest.approx(slope, abs=1e-6)
