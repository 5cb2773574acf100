"""Reads what a visitor sends: bounded in size and time, and text before anything else."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final, final

from starlette.datastructures import FormData, Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from flopcast.errors import InputError

#: Bytes of a request, and of the table in it.
LARGEST: Final = 1024 * 1024
#: Seconds that a request may take to arrive.
PATIENCE: Final = 15.0
_FIELDS: Final = 30
_MULTIPART: Final = "multipart/form-data"
_FORM: Final = "application/x-www-form-urlencoded"
_PLAIN: Final = ("text/csv", "text/plain")
#: Bytes that a refused sender may still send.
_DRAINED: Final = 64 * LARGEST
#: What is still on its way is not read.
_HANG_UP: Final = {"Connection": "close"}
_SAVE_AS_CSV: Final = "Save it as CSV in UTF-8, with one line per run."
#: How files begin that are not text, and what they are.
_KINDS: Final = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"SQLite format 3": "an SQLite database",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
}


@final
class TooLarge(HTTPException):
    """A request of more bytes than are taken; the rest is waited for only where it is little.

    A sender whose line is cut while sending may not see the answer.
    """

    def __init__(self, announced: int | None = None) -> None:
        little = announced is not None and announced <= _DRAINED
        detail = f"This is larger than {LARGEST // 1024} KiB; send fewer rows"
        super().__init__(413, detail, None if little else _HANG_UP)


async def received(request: Request) -> tuple[dict[str, str], str]:
    """The fields of a form, and the table as text: pasted, uploaded, or the whole body.

    Raises:
        HTTPException: 408 for a sender that is too slow, 413 for too many bytes, 415 for a
            compressed body or another media type, 400 for a form that cannot be read.
        InputError: for a table that is not text.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (_MULTIPART, _FORM, *_PLAIN):
        raise HTTPException(
            415, f"A table is sent as a form or as text/csv, not as {kind!r}"[:200]
        )
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise HTTPException(415, "Compressed uploads are not taken; send the file as it is")
    try:
        body = await asyncio.wait_for(_body(request), PATIENCE)
    except TimeoutError:
        detail = f"The upload took longer than {PATIENCE:g} seconds"
        raise HTTPException(408, detail, _HANG_UP) from None
    except ClientDisconnect:
        raise HTTPException(400, "The upload broke off") from None
    if kind in _PLAIN:
        return dict(request.query_params), decoded(body)
    return await _fields(request.headers, kind, body)


def decoded(body: bytes) -> str:
    """The text of a table.

    Raises:
        InputError: for a file of another kind, another encoding, or with NUL characters.
    """
    for start, name in _KINDS.items():
        if body.startswith(start):
            raise InputError(f"This is {name}, not CSV.", _SAVE_AS_CSV)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1} is {body[error.start]:#04x}"
        raise InputError(f"This is not text in UTF-8: {place}.", _SAVE_AS_CSV) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(f"Line {line} holds a NUL character: this is not CSV.", _SAVE_AS_CSV)
    return text


async def _body(request: Request) -> bytes:
    """The body, given up as soon as it is too large."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > LARGEST:
        raise TooLarge(int(announced))
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise TooLarge
    return bytes(body)


async def _fields(headers: Headers, kind: str, body: bytes) -> tuple[dict[str, str], str]:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        form = await _form(headers, kind, stream())
    except (MultiPartException, HTTPException, ValueError, KeyError):
        raise HTTPException(400, "The form cannot be read") from None
    try:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        upload = form.get("file")
        if isinstance(upload, UploadFile) and (sent := await upload.read()):
            return fields, decoded(sent)
        return fields, decoded(fields.pop("table", "").encode("utf-8", "surrogatepass"))
    finally:
        await form.close()


async def _form(headers: Headers, kind: str, stream: "AsyncGenerator[bytes, None]") -> FormData:
    if kind == _FORM:
        return await FormParser(headers, stream).parse()
    parser = MultiPartParser(
        headers,
        stream,
        max_files=1,
        max_fields=_FIELDS,
        max_part_size=LARGEST,
    )
    return await parser.parse()
