"""Home, Benchmark and the question: in a real browser, with the command line's own numbers."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from tests.portal.conftest import Visitor

from flopcast.cli.app import main
from flopcast.figures.words import power
from flopcast.records.query import Catalogue

pytestmark = pytest.mark.browser


@pytest.fixture
def asked(release: Catalogue, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """What ``flopcast burden`` answers in JSON."""

    def run(*arguments: str) -> dict[str, Any]:
        capsys.readouterr()
        assert main(["burden", *arguments, "--catalogue", str(release.path), "--json"]) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return run


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u00a0", " "))


def test_the_slider_gives_the_numbers_of_the_command_line(
    visit: Visitor, asked: Callable[..., dict[str, Any]]
) -> None:
    """Moved to 4 %, the page and the view's JSON say what the command says for 4 %."""
    seen = visit("/")
    before = seen.page.inner_text("#answer")
    seen.page.locator("#error").evaluate(
        "(slider) => { slider.value = 4; "
        "slider.dispatchEvent(new Event('input', {bubbles: true})) }"
    )
    seen.page.wait_for_function("(old) => document.getElementById('answer').innerText !== old",
                                arg=before)  # fmt: skip
    assert seen.page.inner_text("output").startswith("4")
    assert seen.page.url.endswith("?error=4")
    target = asked("imagenet-top1", "--error", "4%")["targets"][0]
    text = _spaced(seen.page.inner_text("#answer"))
    for log10 in (target["power_law"]["log10_flop"]["median"], target["log10_flop"]["median"]):
        assert power(log10) in text
    answer = json.loads(seen.page.request.get(seen.page.url.replace("/?", "/index.json?")).text())
    assert answer["targets"][0] == target
    from flopcast.portal.numbers import quantity

    for name, unit in (("usd", "USD"), ("energy_kwh", "kWh"), ("carbon_kgco2e", "kgCO2e")):
        assert _spaced(quantity(target["power_law"][name]["median"], unit)) in text
    assert seen.errors == []


def test_the_slider_works_as_a_form(visit: Visitor) -> None:
    """Without scripts a button asks, and the address restores the target."""
    seen = visit("/?error=4", js=False)
    assert seen.page.input_value("#error") == "4"
    with_button = seen.page.locator(".slider button")
    assert with_button.is_visible()
    with_button.click()
    assert seen.page.url.endswith("?error=4")


def test_a_target_already_met_is_refused_on_the_page(visit: Visitor) -> None:
    """As an answer, with the model that met it."""
    text = visit("/?error=30").page.inner_text(".refused")
    assert "already met" in text


def test_filters_change_the_points_and_survive_a_reload(visit: Visitor) -> None:
    """Fewer points after a choice, at once; the address holds it."""
    seen = visit("/benchmarks/imagenet-top1")
    page = seen.page
    count = page.locator(".wide .dot").count
    every = count()
    page.select_option("#measure", "hardware")
    page.wait_for_function(
        "(n) => document.querySelectorAll('.wide .dot').length !== n", arg=every
    )
    hardware = count()
    assert (every, hardware) == (102, 36)
    page.fill("[name=from]", "2018")
    page.wait_for_function(
        "(n) => document.querySelectorAll('.wide .dot').length !== n", arg=hardware
    )
    fewer = count()
    assert "measure=hardware" in page.url
    assert "from=2018" in page.url
    page.reload()
    assert count() == fewer
    assert page.input_value("#measure") == "hardware"
    assert seen.errors == []


def test_numbers_beside_the_chart_are_the_library_s(
    visit: Visitor, asked: Callable[..., dict[str, Any]]
) -> None:
    """Exponent, slope, R², points under options, as the command gives them."""
    found = asked("coco-box-ap", "--measure", "preferred", "--regress", "inverse", "--search")
    query = "measure=preferred&regress=inverse&search=in"
    text = _spaced(visit(f"/benchmarks/coco-box-ap?{query}", js=False).page.inner_text(".figures"))
    low, high = found["exponent_interval"]
    assert f"{found['exponent']:.1f} [{low:.1f}, {high:.1f}]" in text
    assert f"{found['slope']:.4f}" in text
    assert f"{found['r_squared']:.3f}" in text
    assert f"Models {found['n']}" in text


def test_a_refusal_is_shown_with_the_points(visit: Visitor) -> None:
    """No exponent and no line, but the results; too few points, then the years."""
    page = visit("/benchmarks/wmt14-en-de-bleu").page
    assert "covers zero" in page.inner_text(".refused")
    assert page.locator(".wide .dot").count() == 12
    few = visit("/benchmarks/conll2003-f1?measure=network").page
    assert "Too few points" in few.inner_text(".refused")
    assert few.locator(".wide .dot").count() > 0


def test_without_scripts_chart_and_table_are_there(visit: Visitor) -> None:
    """Links sort the table and search it; every point of the chart is in it."""
    page = visit("/benchmarks/squad11-em", js=False).page
    assert page.locator(".wide .dot").count() == 12
    assert page.locator("#table tbody tr").count() == 40
    page.click("#table th a:has-text('Year')")
    years = page.locator("#table tbody td:nth-child(2)").all_inner_texts()
    assert years == sorted(years, reverse=True)
    page.fill("#table-q", "bert")
    page.click(".search button")
    names = page.locator("#table tbody tr").all_inner_texts()
    assert 0 < len(names) < 40
    assert all("bert" in name.casefold() for name in names)


def test_points_are_walked_by_keyboard(visit: Visitor) -> None:
    """One stop for the chart; arrows go on and a card says what each point is; Escape closes."""
    page = visit("/benchmarks/squad11-em").page
    assert page.locator('.wide .dot[tabindex="0"]').count() == 1
    page.locator('.wide .dot[tabindex="0"]').focus()
    first = page.inner_text(".wide .card")
    page.keyboard.press("ArrowRight")
    second = page.inner_text(".wide .card")
    assert "FLOP" in first
    assert first != second
    page.keyboard.press("Escape")
    assert page.locator(".wide .card").is_hidden()


def test_the_bill_answers_to_every_assumption(
    visit: Visitor, asked: Callable[..., dict[str, Any]]
) -> None:
    """The page's JSON is the command's for the same chip, price, PUE and grid."""
    options = ("--chip", "h200-sxm", "--price", "4", "--pue", "1.2", "--grid", "0.1")
    wanted = asked("coco-box-ap", "--error", "30%", *options)["targets"][0]
    query = "benchmark=coco-box-ap&error=30&chip=h200-sxm&price=4&pue=1.2&grid=0.1"
    seen = visit(f"/what-will-it-take?{query}", js=False)
    address = seen.page.url.replace("/what-will-it-take?", "/what-will-it-take.json?")
    assert seen.page.request.get(address).json()["targets"][0] == wanted
    text = seen.page.inner_text("main")
    assert "computer-progress-2022" in text
    assert "shape of the curve" in text
    assert "trainings of GPT-3" in text


def test_assumptions_that_cannot_be_used_are_said(visit: Visitor) -> None:
    """With near names; the rest of the bill stands."""
    text = visit("/what-will-it-take?chip=h2000&grid=Frnce&pue=0.5", js=False).page.inner_text(
        "main"
    )
    assert "Unknown hardware" in text
    assert "France" in text
    assert "between 1 and 10" in text
    assert "Money" in text
