"""The one shape of every error: a problem document (RFC 9457) with a code and a hint."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from flopcast.errors import FlopcastError, InputError, Refused

MEDIA_TYPE: Final = "application/problem+json"
#: Characters of a value that is quoted back.
_QUOTED: Final = 100


class Invalid(BaseModel):
    """One parameter that was rejected."""

    parameter: str
    value: str | None = Field(description="The value seen, shortened.")
    message: str


class Problem(BaseModel):
    """Why a request was not answered."""

    type: str = Field(description="urn:flopcast:problem: and the code.")
    title: str
    status: int
    code: str = Field(description="bad_input, not_found, busy, or the code of a refusal.")
    detail: str
    hint: str | None
    errors: list[Invalid] = Field(description="Parameters that were rejected, if any.")


class NotFound(FlopcastError):
    """Something that was named does not exist; the message may suggest the nearest name."""

    code = "not_found"


class Busy(FlopcastError):
    """Too much work is under way; trying again later helps."""

    code = "busy"


class Rejected(InputError):
    """Parameters that cannot be used, each with its reason."""

    def __init__(self, errors: list[Invalid]) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{item.parameter}: {item.message}" for item in errors))


STATUS: Final[dict[type[FlopcastError], int]] = {NotFound: 404, Busy: 503, Refused: 422}


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    hint: str | None = None,
    errors: list[Invalid] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """A problem document as a response."""
    document = Problem(
        type=f"urn:flopcast:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        hint=hint,
        errors=errors or [],
    )
    return JSONResponse(
        document.model_dump(), status_code=status, headers=headers, media_type=MEDIA_TYPE
    )


@contextmanager
def named_in_path() -> Iterator[None]:
    """Turns "unknown name" into 404 for names that stand in the path."""
    try:
        yield
    except NotFound:
        raise
    except InputError as error:
        raise NotFound(error.message, error.hint) from None


def add_handlers(app: FastAPI) -> None:
    """Has every error of an application answered in the one shape."""
    app.add_exception_handler(FlopcastError, _foreseen)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unforeseen)


def _foreseen(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, FlopcastError)
    default = 422 if isinstance(error, InputError) else 500
    status = STATUS.get(type(error), default)
    errors = error.errors if isinstance(error, Rejected) else None
    headers = {"Retry-After": "5"} if isinstance(error, Busy) else None
    return problem(
        status, error.code, error.message, hint=error.hint, errors=errors, headers=headers
    )


def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = [
        Invalid(
            parameter=str(item["loc"][1] if len(item["loc"]) > 1 else item["loc"][0]),
            value=shortened(item.get("input")),
            message=str(item["msg"]),
        )
        for item in error.errors()
    ]
    return _foreseen(_, Rejected(found))


def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
    hint = "See the list of routes: /api/v1/openapi.json" if error.status_code == 404 else None
    headers = dict(error.headers) if error.headers else None
    return problem(error.status_code, code, str(error.detail), hint=hint, headers=headers)


def _unforeseen(_: Request, _error: Exception) -> JSONResponse:
    return problem(500, "internal", "The server failed to answer.", hint="Please report it.")


def shortened(value: Any) -> str | None:
    """A value seen, as printable text of bounded length."""
    if value is None:
        return None
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value))
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"
