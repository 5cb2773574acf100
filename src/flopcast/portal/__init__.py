"""The portal: pages and their data over a catalogue release; it shows results, computes none."""

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from flopcast.portal.app import create_app
    from flopcast.portal.settings import Settings

__all__ = ["Settings", "create_app"]

_HOME: Final = {"Settings": "flopcast.portal.settings", "create_app": "flopcast.portal.app"}


def __getattr__(name: str) -> Any:
    """The public ``name``, imported from its home on first use (FastAPI is heavy)."""
    if name not in _HOME:
        raise AttributeError(f"module 'flopcast.portal' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
