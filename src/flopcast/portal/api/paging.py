"""Pages of a list, by an opaque cursor that belongs to one catalogue release."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, TypeVar, final

from fastapi import Query

from flopcast.errors import InputError
from flopcast.portal.api.models.common import Page

T = TypeVar("T")
R = TypeVar("R")
LARGEST: Final = 200


@final
@dataclass(frozen=True)
class Paging:
    """Which part of a list is asked for."""

    limit: Annotated[int, Query(ge=1, le=LARGEST, description="Items on a page.")] = 50
    cursor: Annotated[
        str | None, Query(max_length=100, description="`next` of the page before.")
    ] = None

    def page(self, items: Sequence[R], release: str, show: Callable[[R], T]) -> Page[T]:
        """One page of ``items``, each shown by ``show``.

        Raises:
            InputError: for a cursor that is not one, or is of another release.
        """
        start = 0 if self.cursor is None else _start(self.cursor, release)
        stop = start + self.limit
        return Page(
            items=[show(item) for item in items[start:stop]],
            total=len(items),
            next=_cursor(stop, release) if stop < len(items) else None,
            release=release,
        )


def _cursor(start: int, release: str) -> str:
    return base64.urlsafe_b64encode(f"{release}:{start}".encode()).decode().rstrip("=")


def _start(cursor: str, release: str) -> int:
    """Index of the first item of the page that a cursor stands for."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode()
        found, start = text.rsplit(":", 1)
        number = int(start) if start.isdecimal() and len(start) < 10 else -1
    except (ValueError, binascii.Error):
        number = -1
    if number < 0:
        raise InputError("The cursor is not one.", "Take it from `next` of the page before.")
    if found != release:
        raise InputError(
            f"The cursor is of release {found!r}; this is {release!r}.",
            "Start from the first page.",
        )
    return number
