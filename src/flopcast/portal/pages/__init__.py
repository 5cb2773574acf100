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
    "forecasts",
    "methods",
    "data",
    "about",
    "search",
)
#: What is there only where the operator names a study.
_OF_STUDIES: Final = "studies"


def all_pages(*, studies: bool = False) -> tuple["Page", ...]:
    """Every page, with those of studies if wanted; paths are matched in this order."""
    names = (*MODULES, _OF_STUDIES) if studies else MODULES
    modules = (importlib.import_module(f"{__name__}.{name}") for name in names)
    return tuple(page for module in modules for page in module.PAGES)
