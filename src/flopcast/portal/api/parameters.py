"""Query parameters that no route knows are rejected, with the nearest known name."""

from typing import Any

from fastapi import FastAPI, Request

from flopcast.errors import nearest
from flopcast.portal.api.problem import Invalid, Rejected, shortened


def known_parameters(app: FastAPI, path: str) -> list[str]:
    """Names of the query parameters of a route, in the order of the OpenAPI document."""
    listed: list[dict[str, Any]] = app.openapi()["paths"][path]["get"].get("parameters", [])
    return [item["name"] for item in listed if item["in"] == "query"]


async def only_known(request: Request) -> None:
    """Rejects parameters that the route has no use for.

    Raises:
        Rejected: naming each of them.
    """
    route = request.scope["route"]
    given = list(dict.fromkeys(request.query_params))
    if not given or not route.include_in_schema:
        return
    known = known_parameters(request.app, route.path)
    unknown = [
        Invalid(
            parameter=shortened(name) or "",
            value=shortened(request.query_params[name]),
            message=f"there is no such parameter.{nearest(name, known)}",
        )
        for name in given
        if name not in known
    ]
    if unknown:
        raise Rejected(unknown)
