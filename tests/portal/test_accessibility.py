"""Every page in a real browser: for all readers, on every screen, without scripts, on paper."""

import re
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.portal.conftest import Visitor

from flopcast.portal.pages import all_pages

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

#: One path of every page, by the page's own pattern.
EXAMPLES: Final = {
    "/benchmarks/{benchmark}": "/benchmarks/imagenet-top1",
    "/models/{model}": "/models/nasnet-a-6?against=alexnet",
    "/hardware/{processor}": "/hardware/v100-sxm2-16gb",
    "/methods/laws/{name}": "/methods/laws/chinchilla",
}
PATHS: Final = [
    *(EXAMPLES.get(page.path, page.path) for page in all_pages()),
    "/models/alexnett",
    "/benchmarks/wmt14-en-de-bleu?measure=nonsense&nothing=1",
    "/compare?first=alexnett",
]
CHARTED: Final = [
    "/", "/benchmarks/imagenet-top1", "/compare", "/compare/benchmarks", "/hardware", "/forecasts",
]  # fmt: skip


#: What axe may leave out: rows and points beyond the first few are made like those before them.
_ALIKE: Final = {"exclude": [["tbody tr:nth-child(n+4)"], ["svg g > :nth-child(n+6)"]]}


def serious(page: "Page", *rules: str) -> list[str]:
    """What axe finds that is serious or critical (by all its rules): rule and elements."""
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = list(rules)
    found: dict[str, Any] = Axe().run(page, context=_ALIKE, options=options).response
    return [
        f"{item['id']}: {[node['target'] for node in item['nodes']][:3]}"
        for item in found["violations"]
        if item["impact"] in ("serious", "critical")
    ]


def test_every_page_has_an_example() -> None:
    """A page with a parameter in its path is tested by an example."""
    assert {page.path for page in all_pages() if "{" in page.path} == set(EXAMPLES)


@pytest.mark.parametrize("path", PATHS)
def test_pages_are_for_all_readers(visit: Visitor, portal_url: str, path: str) -> None:
    """Light and dark: axe finds nothing serious, nothing fails, no other host is asked.

    In dark, where axe looks at contrast alone, the page is as narrow as a phone; in neither does
    it scroll sideways.
    """
    for dark, width in ((False, 1280), (True, 360)):
        seen = visit(path, width=width, dark=dark)
        assert serious(seen.page, *(["color-contrast"] if dark else [])) == []
        assert [text for text in seen.errors if "status of 404" not in text] == []
        assert [url for url in seen.requests if not url.startswith((portal_url, "data:"))] == []
        wide = seen.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, "the page scrolls sideways"
        assert seen.page.locator("h1").count() == 1
        seen.page.close()


@pytest.mark.parametrize("path", PATHS)
def test_pages_work_without_scripts(visit: Visitor, path: str) -> None:
    """Without JavaScript every page has its heading, its navigation, its tables and charts."""
    page = visit(path, js=False).page
    assert page.locator("h1").is_visible()
    assert page.get_by_role("navigation", name="Pages").is_visible()
    if path in CHARTED:
        assert page.locator("figure svg >> visible=true").count() >= 1
        assert page.locator("table, dl.figures, .multiples").count() >= 1


@pytest.mark.parametrize("path", CHARTED)
def test_charts_and_tables_print(visit: Visitor, path: str) -> None:
    """On paper the chart and the table stay, forms and navigation go."""
    page = visit(path).page
    page.emulate_media(media="print")
    assert page.locator("figure svg >> visible=true").count() >= 1
    assert page.locator("table >> visible=true").count() + page.locator("dl.figures").count() >= 1
    for gone in (".masthead nav", ".form", ".downloads"):
        assert page.locator(f"{gone} >> visible=true").count() == 0


def test_charts_have_names(visit: Visitor) -> None:
    """To a screen reader a chart is one image with a name, or a document of named points."""
    for path in CHARTED:
        page = visit(path).page
        for chart in page.locator("figure svg >> visible=true").all():
            assert chart.get_attribute("role"), path
            named = chart.get_attribute("aria-label") or chart.get_attribute("aria-labelledby")
            assert named, path


_FOCUSED: Final = """() => {
    const at = document.activeElement;
    const part = at.closest(".skip, .masthead nav, .seek, .form, thead, tbody, .search, .scroll");
    return (part ? part.className || part.tagName : "") + ":" + (at.textContent.trim() || at.name);
}"""


def test_the_keyboard_reaches_everything(visit: Visitor) -> None:
    """Tab goes to the skip link, the navigation, the searches, the form, the table."""
    page = visit("/models").page
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(_FOCUSED))
    for stop in (
        "skip:Skip to the content",
        "NAV:Benchmarks",
        "seek:q",
        "form:Show",
        "search:q",
        "THEAD:Model",
        "THEAD:Year",
    ):
        assert stop in seen, stop  # fmt: skip


def test_the_skip_link_leads_to_the_content(visit: Visitor) -> None:
    """The first Tab and Enter land on the main part."""
    page = visit("/data").page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_focus_is_visible(visit: Visitor) -> None:
    """A focused control has an outline."""
    page = visit("/compare").page
    page.locator("input[name=first]").focus()
    page.keyboard.press("Tab")
    style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert style != "none"


def test_no_page_carries_script_or_style_of_its_own(visit: Visitor) -> None:
    """The strict policy holds because no page has inline script, style or handlers."""
    for path in ("/", "/benchmarks/imagenet-top1", "/methods", "/hardware"):
        html = visit(path, js=False).page.content()
        for tag in re.findall(r"<script[^>]*>", html):
            assert "src=" in tag or "application/ld+json" in tag, tag
        assert "<style" not in html
        assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", html)
