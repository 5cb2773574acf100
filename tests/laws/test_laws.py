"""Published values of laws, and how laws are found, written and refused."""

import numpy as np
import pytest

from flopcast.errors import InputError
from flopcast.laws.algebra import Positive, number, quantity, size, sum_of_parts
from flopcast.laws.law import Law, Parameter, amplitude, exponent, floor
from flopcast.laws.registry import get_law, law_names
from flopcast.laws.schedule import schedule_inputs
from flopcast.laws.sparsity import pruned

# Table 2 of Rosenfeld et al. 2020 with the error it gives at full scale (m = n = 1).
ROSENFELD_TABLE = {
    "ImageNet": (0.75, 0.61, 0.76, 3.63, 18.50, 0.999, 0.279),
    "CIFAR10": (0.66, 0.53, 5.87e-2, 7.14e-14, 19.77, 0.9, 0.048),
    "CIFAR100": (0.70, 0.51, 0.15, 0.71, 6.93, 0.99, 0.257),
    "DTD": (0.40, 1.16, 4.30e-5, 1.27e-9, 0.85, 0.979, 0.746),
    "Aircraft": (1.10, 0.83, 3.47e-3, 5.16e-10, 1.13, 0.99, 0.657),
    "UCF101": (0.93, 0.54, 4.68e-2, 1.16e-9, 2.98, 0.99, 0.328),
    "PTB": (0.81, 0.34, 0.15, 5.00, 6.27, 6.10, 4.27),
    "WikiText-2": (1.01, 0.22, 0.99, 8.23, 10.38, 6.21, 4.36),
    "WikiText-103": (0.74, 0.56, 0.33, 9.04, 16.34, 6.60, 3.54),
}
FARSEER = {
    "s": -0.06247, "q": 0.13, "S": 0.1285, "B": 230.73, "b": -0.1729, "Q": -1.5442,
    "A": -1.6656, "a": 0.0459, "E": 3.1333,
}  # fmt: skip


@pytest.mark.parametrize("name", ROSENFELD_TABLE)
def test_rosenfeld_envelope_gives_the_published_error_at_full_scale(name: str) -> None:
    """Each row of the paper's table, in fractions of full scale, gives its full-scale error."""
    alpha, beta, b, c_inf, eta, eps0, error = ROSENFELD_TABLE[name]
    params = {"alpha": alpha, "beta": beta, "b": b, "c_inf": c_inf, "eta": eta, "eps0": eps0}
    found = get_law("rosenfeld").predict(params, {"params": [1.0], "data": [1.0]})
    assert found[0] == pytest.approx(error, rel=0.011)


def test_rosenfeld_envelope_is_the_modulus_of_its_complex_form() -> None:
    """The real form equals ε0·|ε̃/(ε̃ − iη)|."""
    params = {"alpha": 0.7, "beta": 0.5, "b": 0.15, "c_inf": 0.7, "eta": 6.9, "eps0": 0.99}
    n, m = 0.1, 0.02
    core = n**-0.7 + 0.15 * m**-0.5 + 0.7
    found = get_law("rosenfeld").predict(params, {"params": [m], "data": [n]})
    assert found[0] == pytest.approx(0.99 * abs(core / (core - 6.9j)), rel=1e-12)


def test_farseer_published_parameters_predict_the_published_targets(
    farseer_targets: dict[str, np.ndarray],
) -> None:
    """The authors' parameters are within 1 % of all seven held-out runs."""
    inputs = {"params": farseer_targets["N"], "data": farseer_targets["D"]}
    predicted = get_law("farseer").predict(FARSEER, inputs)
    assert np.max(np.abs(predicted / farseer_targets["loss"] - 1.0)) < 0.01


def test_coupled_law_holds_chinchilla_and_kaplan() -> None:
    """At k = 1 the coupled law is Chinchilla, without a floor and with β = 1 it is Kaplan."""
    inputs = {"params": [1e8, 1e9, 1e10], "data": [1e9, 1e11, 1e10]}
    chinchilla = {"E": 1.7, "A": 400.0, "B": 2000.0, "alpha": 0.34, "beta": 0.37}
    coupled = get_law("coupled")
    np.testing.assert_allclose(
        coupled.predict({**chinchilla, "k": 1.0}, inputs),
        get_law("chinchilla").predict(chinchilla, inputs),
        rtol=1e-13,
    )
    kaplan = {"Nc": 6.4e13, "Dc": 1.8e13, "alpha_N": 0.076, "alpha_D": 0.103}
    ratio = 0.076 / 0.103
    same = {"E": 0.0, "A": 6.4e13**ratio, "B": 1.8e13, "alpha": ratio, "beta": 1.0, "k": 0.103}
    np.testing.assert_allclose(
        coupled.predict(same, inputs), get_law("kaplan").predict(kaplan, inputs), rtol=1e-12
    )


def test_muennighoff_without_repetition_is_chinchilla() -> None:
    """One pass over the data and no surplus parameters leave both terms as they are."""
    params = {"E": 1.87, "A": 521.0, "B": 1488.0, "alpha": 0.353, "R_N": 5.31, "R_D": 15.39}
    data = np.array([1e10, 1e11])
    inputs = {"params": np.full(2, 1e8), "data": data, "unique_data": data}
    expected = 1.87 + 521.0 * 1e8**-0.353 + 1488.0 * data**-0.353
    np.testing.assert_allclose(
        get_law("muennighoff").predict(params, inputs), expected, rtol=1e-12
    )


def test_muennighoff_values_four_passes_almost_like_new_data() -> None:
    """With the published constants four passes are worth at least 90 % of four times the data."""
    r_d = 15.39
    worth = 1.0 + r_d * (1.0 - np.exp(-3.0 / r_d))
    params = {"E": 0.0, "A": 1.0, "B": 1.0, "alpha": 1.0, "R_N": 5.31, "R_D": r_d}
    loss = get_law("muennighoff").predict(
        params, {"params": [1e9], "data": [4e9], "unique_data": [1e9]}
    )
    assert 1.0 / (loss[0] - 1e-9) / 1e9 == pytest.approx(worth, rel=1e-6)
    assert worth > 0.9 * 4.0


def test_m4_solves_its_implicit_equation() -> None:
    """(L − E)/(L0 − L)^α equals b·x^−c at the predicted loss."""
    x = np.array([1.0, 10.0, 1e3, 1e6])
    params = {"E": 0.1, "L0": 0.9, "alpha": 1.7, "b": 0.8, "c": 0.4}
    loss = get_law("m4").predict(params, {"data": x})
    np.testing.assert_allclose((loss - 0.1) / (0.9 - loss) ** 1.7, 0.8 * x**-0.4, rtol=1e-10)


def test_broken_law_without_turns_is_a_power_law() -> None:
    """Breaks that change no slope leave a + b·x^−c0."""
    x = np.array([10.0, 1e3, 1e5])
    params = {"a": 0.3, "b": 2.0, "c0": 0.4, "d1": 100.0, "c1": 0.0, "f1": 0.3}
    loss = get_law("bnsl1").predict(params, {"data": x})
    np.testing.assert_allclose(loss, 0.3 + 2.0 * x**-0.4, rtol=1e-13)


def test_pruning_law_starts_at_the_unpruned_error_and_ends_on_its_plateau() -> None:
    """A dense network has its own error, one with almost no weights left that of the plateau."""
    params = {"eps_up": 0.9, "gamma": 1.2, "p": 0.01}
    inputs = {"density": [1e9, 1e-9], "unpruned_error": [0.06, 0.06]}
    loss = get_law("pruning").predict(params, inputs)
    np.testing.assert_allclose(loss, [0.06, 0.9], rtol=1e-6)


def test_pruning_composes_with_another_law() -> None:
    """With a whole law in place of the measured error, a dense network has that law's loss."""
    unpruned = get_law("m2")
    both = Law(
        name="pruned-m2",
        title="",
        equation="pruned M2",
        loss=pruned(unpruned.loss, size("density")),
        parameters=(*unpruned.parameters, *get_law("pruning").parameters),
        inputs=("data", "density"),
        source="a test",
    )
    params = {"E": 0.05, "b": 3.0, "c": 0.4, "eps_up": 0.9, "gamma": 1.2, "p": 0.01}
    data = np.array([1e3, 1e6])
    dense = both.predict(params, {"data": data, "density": np.full(2, 1e9)})
    np.testing.assert_allclose(dense, 0.05 + 3.0 * data**-0.4, rtol=1e-9)


def test_schedule_inputs_add_up_rates_and_annealing() -> None:
    """A constant rate anneals nothing; one drop of δ adds δ, then decayed δ at every step."""
    constant = schedule_inputs([0.1] * 4, decay=0.5)
    np.testing.assert_allclose(constant["lr_sum"], [0.1, 0.2, 0.3, 0.4])
    assert np.all(constant["lr_annealing"] < 1e-11)
    dropped = schedule_inputs([0.3, 0.1, 0.1], decay=0.5)
    np.testing.assert_allclose(dropped["lr_annealing"][1:], [0.2, 0.3])


def test_a_sum_of_parts_is_the_sum_written_out() -> None:
    """Values and derivatives are those of one term for each part."""
    rate, scale = number("rate"), quantity("scale")

    def law(loss: Positive) -> Law:
        return Law(
            name="parts", title="", equation="", loss=loss, inputs=("x_1", "x_2", "x_3"),
            parameters=(Parameter("rate", ""), amplitude("scale", "")), source="",
        )  # fmt: skip

    written = [1.0 + scale * size(f"x_{part}") ** -rate for part in (1, 2, 3)]
    apart = law(scale + (written[0] + (written[1] + written[2])))
    together = law(scale + sum_of_parts(1.0 + scale * size("x") ** -rate, 3))
    rng = np.random.default_rng(0)
    inputs = {f"x_{part}": rng.uniform(1.0, 50.0, 7) for part in (1, 2, 3)}
    theta = rng.normal(size=(4, 2))
    pull, weight = rng.normal(size=(4, 7)), rng.uniform(size=(4, 7))
    found = []
    for model in (apart.bind(inputs), together.bind(inputs)):
        state = model.evaluate(theta)
        second = model.second_order(state, pull, weight)
        found.append((model.value(theta), state.value, state.jacobian, second))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-10)


def test_every_law_is_found_by_its_name() -> None:
    """The registry returns each law under the name it gives itself."""
    assert all(get_law(name).name == name for name in law_names())
    assert get_law("m2@params").inputs == ("params",)


def test_an_unknown_law_is_named_with_the_nearest() -> None:
    """A misspelt name is answered with the law that was probably meant."""
    with pytest.raises(InputError, match="Did you mean 'chinchilla'"):
        get_law("chinchila")


def test_a_law_is_written_as_its_equation() -> None:
    """Size × data × precision is one expression, and evaluates to what it says."""
    n, d = size("params"), size("data")
    law = Law(
        name="mine",
        title="Mine",
        equation="L = E + A·(N·p)^−a·D^−b",
        loss=quantity("E") + quantity("A") * (n * size("p")) ** -number("a") * d ** -number("b"),
        parameters=(floor(), amplitude("A", "size"), exponent("a", "rate"), exponent("b", "rate")),
        inputs=("params", "data", "p"),
        source="a test",
    )
    params = {"E": 1.0, "A": 3.0, "a": 0.5, "b": 0.25}
    found = law.predict(params, {"params": [100.0], "data": [16.0], "p": [4.0]})
    assert found[0] == pytest.approx(1.0 + 3.0 / 20.0 / 2.0)


def test_a_law_must_declare_what_its_equation_uses() -> None:
    """A parameter that is missing from the declaration is refused when the law is made."""
    with pytest.raises(InputError, match="parameters"):
        Law(
            name="broken",
            title="",
            equation="",
            loss=quantity("E") * size("data"),
            parameters=(),
            inputs=("data",),
            source="",
        )


def test_impossible_parameters_and_inputs_are_refused() -> None:
    """Crossed bounds, unknown parameters and inputs that are not positive say what is wrong."""
    with pytest.raises(InputError, match="lower one must be below"):
        Parameter("a", "rate", lower=1.0, upper=0.5)
    law = get_law("m1")
    with pytest.raises(InputError, match="no parameter 'd'"):
        law.predict({"d": 1.0}, {"data": [1.0]})
    with pytest.raises(InputError, match="positive and finite"):
        law.predict({"b": 1.0, "c": 1.0}, {"data": [1.0, 0.0]})
    with pytest.raises(InputError, match="needs the input 'data'"):
        law.predict({"b": 1.0, "c": 1.0}, {"params": [1.0]})


def test_lovelace_penalty_is_that_of_repeats_alone() -> None:
    """One pass over the data is Chinchilla; three passes add P·2^δ·(N/U)^κ."""
    base = {"E": 1.7, "A": 400.0, "B": 2000.0, "alpha": 0.34, "beta": 0.37}
    params = {**base, "P": 0.3, "delta": 1.5, "kappa": 0.5}
    inputs = {"params": [1e8, 1e8, 1e8], "data": [3e9, 3e9, 3e9]}
    seen_again = get_law("lovelace").predict(params, {**inputs, "unique_data": [3e9, 1e9, 6e9]})
    extra = seen_again - get_law("chinchilla").predict(base, inputs)
    np.testing.assert_allclose(extra, [0.0, 0.3 * 2.0**1.5 * 0.1**0.5, 0.0], atol=1e-12)
