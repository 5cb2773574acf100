"""The interactive twin of a chart, where the bundle is built: zoom, names, nothing evaluated."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.portal.running import running

from flopcast.portal import Settings, create_app
from flopcast.portal.assets import BUNDLE, FOLDER
from flopcast.records.query import Catalogue

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

ON_CI = os.environ.get("CI") == "true"


@pytest.fixture(scope="module")
def bundle(repository: Path) -> Path:
    """The built bundle; built on CI where Node is there, skipped elsewhere."""
    path = FOLDER / BUNDLE
    if path.is_file():
        return path
    if not ON_CI or shutil.which("npm") is None:
        pytest.skip("the interactive bundle is not built: make portal-assets, with Node 20")
    subprocess.run(["make", "portal-assets"], cwd=repository, check=True, timeout=600)
    return path


@pytest.fixture(scope="module")
def address(
    bundle: Path, release: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A portal with the bundle."""
    kept = f"sqlite:///{tmp_path_factory.mktemp('interactive') / 'visitors.sqlite'}"
    app = create_app(Settings(catalogue=release.path, database=kept, view_seconds=300))
    with running(app) as client:
        yield str(client.base_url).rstrip("/")


@pytest.fixture
def opened(browser: "Browser", address: str) -> Iterator[Callable[..., "Page"]]:
    """Opens a path and asks for the interactive chart; fails on any error of the console."""
    contexts = []
    errors: list[str] = []

    def elsewhere(url: str) -> list[str]:
        return [] if url.startswith((address, "data:", "blob:")) else [url]

    def open_path(path: str, *, dark: bool = False, width: int = 1200) -> "Page":
        context = browser.new_context(color_scheme="dark" if dark else "light")
        contexts.append(context)
        context.set_default_timeout(120_000)
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.extend([said.text] * (said.type == "error")))
        page.on("request", lambda asked: errors.extend(elsewhere(asked.url)))
        page.goto(address + path)
        page.locator(".offer").first.click()
        page.locator("figure canvas").first.wait_for()
        return page

    yield open_path
    for context in contexts:
        context.close()
    assert errors == []


def test_a_chart_can_be_zoomed(opened: Callable[..., "Page"]) -> None:
    """The wheel changes what the canvas shows; the strict policy holds meanwhile."""
    page = opened("/benchmarks/imagenet-top1")
    canvas = page.locator("figure canvas").first
    before = canvas.screenshot()
    box = canvas.bounding_box()
    assert box is not None
    assert box["width"] > 300
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -400)
    page.wait_for_timeout(300)
    assert canvas.screenshot() != before
    assert page.locator("figcaption").is_visible()


def test_a_point_says_what_it_is(opened: Callable[..., "Page"]) -> None:
    """Moving over the points shows the card with a model's name."""
    page = opened("/benchmarks/imagenet-top1")
    box = page.locator("figure canvas").first.bounding_box()
    assert box is not None
    card = page.locator("figure .wide > .card")
    for step in range(1, 400):
        across, down = step % 20 / 20, (step // 20) / 20
        page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
        if card.is_visible():
            break
    assert card.inner_text().strip()


def test_dark_pages_get_dark_charts(opened: Callable[..., "Page"]) -> None:
    """On a dark page the canvas has the page's background, on a phone it fits."""
    page = opened("/benchmarks/imagenet-top1", dark=True, width=360)
    corner = page.evaluate(
        "() => { const c = document.querySelector('figure canvas');"
        " return [...c.getContext('2d').getImageData(3, 3, 1, 1).data]; }"
    )
    assert max(corner[:3]) < 64
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
