"""Who asks, and how often: a limit for each address, and nothing from pages of other sites."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final, final

from starlette.exceptions import HTTPException
from starlette.requests import Request

#: Requests of one address within a number of seconds.
MOST: Final = 12
WITHIN: Final = 60.0
_ADDRESSES: Final = 10_000


@final
class Visitors:
    """Counts the requests of each address; the longest silent are forgotten first."""

    def __init__(
        self,
        most: int = MOST,
        within: float = WITHIN,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._within = within
        self._clock = clock
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def admit(self, address: str) -> None:
        """Counts a request.

        Raises:
            HTTPException: 429 with Retry-After, where the address has had its share.
        """
        now = self._clock()
        times = self._seen.setdefault(address, deque())
        self._seen.move_to_end(address)
        while times and times[0] <= now - self._within:
            times.popleft()
        if len(times) >= self._most:
            wait = f"{times[0] + self._within - now:.0f}"
            detail = f"More than {self._most} requests within {self._within:g} seconds"
            raise HTTPException(429, detail, {"Retry-After": wait})
        times.append(now)
        while len(self._seen) > _ADDRESSES:
            self._seen.popitem(last=False)


def require_same_site(request: Request) -> None:
    """Lets no page of another site send forms in a visitor's name.

    Raises:
        HTTPException: 403 for a request that a browser says comes from elsewhere.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        allowed = site in ("same-origin", "none")
    else:
        origin = request.headers.get("origin")
        allowed = origin is None or origin.partition("://")[2] == request.headers.get("host")
    if not allowed:
        raise HTTPException(403, "This form was sent by a page of another site")
