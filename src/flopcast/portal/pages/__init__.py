"""The pages, one file each; a page without a verb behind it does not exist."""

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from flopcast.portal.view import Page

#: Modules of this folder in the order of the navigation; each has ``PAGES``, a tuple of pages.
MODULES: Final = (
    "home",
    "benchmarks",
    "benchmark",
    "ask",
    "models",
    "model",
    "compare",
    "hardware",
    "own_runs",
    "methods",
    "data",
    "about",
    "search",
)


def all_pages() -> tuple["Page", ...]:
    """Every page; paths are matched in this order."""
    modules = (importlib.import_module(f"{__name__}.{name}") for name in MODULES)
    return tuple(page for module in modules for page in module.PAGES)
