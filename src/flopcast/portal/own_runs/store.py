"""Results that a visitor asked to keep: under an address that nobody can guess, for a time.

The address is never stored, only its digest, so that a copy of the database opens no result.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self, final

import sqlalchemy as sql

from flopcast.errors import InputError
from flopcast.portal.database import connected
from flopcast.portal.failures import Busy

#: Days until a kept result is deleted, and how many are kept at most.
DAYS: Final = 30
MOST: Final = 10_000
_BYTES: Final = 24

METADATA: Final = sql.MetaData()
KEPT: Final = sql.Table(
    "kept_results",
    METADATA,
    sql.Column("digest", sql.String(64), primary_key=True),
    sql.Column("expires", sql.BigInteger, nullable=False, index=True),
    sql.Column("result", sql.Text, nullable=False),
)


@final
@dataclass(frozen=True)
class Kept:
    """A kept result, and when it is deleted (UTC)."""

    result: dict[str, Any]
    expires: datetime


@final
class Store:
    """The kept results in a database.

    Raises:
        InputError: where the database cannot be used.
    """

    def __init__(self, engine: sql.Engine) -> None:
        self._engine = engine
        METADATA.create_all(engine)

    @classmethod
    def at(cls, url: str | None) -> Self:
        """The store at an SQLAlchemy URL; None for the embedded default."""
        engine = connected(url)
        try:
            return cls(engine)
        except sql.exc.SQLAlchemyError as error:
            engine.dispose()
            raise InputError(f"The database cannot be used: {error}.") from None

    def close(self) -> None:
        """Closes the connections."""
        self._engine.dispose()

    def keep(self, result: dict[str, Any], now: datetime | None = None) -> str:
        """Keeps a result; gives the token of its address.

        Raises:
            Busy: where too many are kept already.
        """
        moment = datetime.now(UTC) if now is None else now
        token = secrets.token_urlsafe(_BYTES)
        with self._engine.begin() as connection:
            connection.execute(KEPT.delete().where(KEPT.c.expires <= _seconds(moment)))
            count = connection.scalar(sql.select(sql.func.count()).select_from(KEPT)) or 0
            if count >= MOST:
                raise Busy("No more results can be kept.")
            row = {
                "digest": _digest(token),
                "expires": _seconds(moment + timedelta(days=DAYS)),
                "result": json.dumps(result, allow_nan=False),
            }
            connection.execute(KEPT.insert().values(row))
        return token

    def find(self, token: str, now: datetime | None = None) -> Kept | None:
        """The result under a token; None where there is none, or its time is over."""
        moment = datetime.now(UTC) if now is None else now
        wanted = sql.select(KEPT.c.result, KEPT.c.expires).where(
            KEPT.c.digest == _digest(token), KEPT.c.expires > _seconds(moment)
        )
        with self._engine.connect() as connection:
            row = connection.execute(wanted).first()
        if row is None:
            return None
        return Kept(json.loads(row.result), datetime.fromtimestamp(row.expires, UTC))

    def delete(self, token: str) -> bool:
        """Deletes a result; False where there was none."""
        with self._engine.begin() as connection:
            done = connection.execute(KEPT.delete().where(KEPT.c.digest == _digest(token)))
        return done.rowcount > 0


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _seconds(moment: datetime) -> int:
    """Seconds since 1970, which every database holds alike."""
    return int(moment.timestamp())
