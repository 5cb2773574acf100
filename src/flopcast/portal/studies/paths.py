"""Takes paths of the machine out of what runs left: readers need the file's name, no more."""

import re
from collections.abc import Mapping
from typing import Any, Final

_UNIX: Final = re.compile(r"""(?<![\w/.…<])/(?=[^\s/])(?:[^\s/:,;'"()<>]+/)*""")
_WINDOWS: Final = re.compile(r"""\b[A-Za-z]:\\(?:[^\s\\:,;'"()<>]+\\)*""")


def without_paths(text: str) -> str:
    """The text with "…/" where an absolute path began: "…/train.py:12"."""
    return _WINDOWS.sub("…/", _UNIX.sub("…/", text))


def cleaned(value: Any) -> Any:
    """JSON-ready data with every text, names included, as :func:`without_paths` gives it."""
    if isinstance(value, str):
        return without_paths(value)
    if isinstance(value, Mapping):
        return {without_paths(str(name)): cleaned(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(item) for item in value]
    return value
