"""Forecasts fixed before the outcome: a record that shows whether anybody changed it later."""

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np

from flopcast.errors import InputError
from flopcast.forecasting.result import Forecast
from flopcast.laws.features import FloatArray
from flopcast.tables import html_table

SCHEMA: Final = "flopcast.registration/1"
QUANTILES: Final = tuple(k / 200 for k in range(1, 200))
"""Quantiles that are registered: enough for any interval, and for the score of the whole."""


@final
@dataclass(frozen=True)
class Registration:
    """A forecast on record: `content` is JSON-ready, `sha256` the hash of its canonical text.

    The hash covers every number, the hash of the data, options, seed, version, date and note, so
    that whoever holds the hash can tell an unchanged record from a changed one.
    """

    content: Mapping[str, Any]
    sha256: str

    @property
    def metric(self) -> str:
        """What was forecast."""
        return str(self.content["metric"])

    @property
    def points(self) -> list[dict[str, Any]]:
        """One record per point: ``at`` (inputs), ``median``, ``quantiles``, ``decades``."""
        return list(self.content["points"])

    def quantiles(self, point: int) -> FloatArray:
        """The quantiles of one point (from 0) at `QUANTILES`, in the unit of the metric."""
        return np.asarray(self.content["points"][point]["quantiles"], dtype=np.float64)

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON-ready data."""
        return {"schema": SCHEMA, "sha256": self.sha256, "content": dict(self.content)}

    def to_json(self) -> str:
        """:meth:`to_dict` as JSON text, the same for the same record."""
        return json.dumps(self.to_dict(), indent=1, sort_keys=True, allow_nan=False)

    def _repr_html_(self) -> str:
        rows = [
            {**p["at"], self.metric: f"{p['median']:.5g}", "sha256": self.sha256[:12]}
            for p in self.points
        ]
        return html_table(rows)


def register(
    forecast: Forecast, *, date: datetime.date | str | None = None, note: str | None = None
) -> Registration:
    """The record of a forecast, to be published before its outcome is known.

    `date` is the day on which it is made, as a date or ``YYYY-MM-DD``; None leaves it out, and
    the record is then as old as the place where it is published. `note` says what will count as
    the outcome.

    Raises InputError for a date that is none.
    """
    from flopcast import __version__

    samples = np.quantile(forecast.samples, QUANTILES, axis=0).T
    content = {
        "metric": forecast.runs.metric,
        "direction": forecast.runs.direction,
        "best": forecast.runs.best,
        "params_convention": forecast.runs.params_convention,
        "kind": forecast.kind,
        "runs": len(forecast.runs),
        "data_sha256": forecast.runs.digest,
        "options": json.loads(json.dumps(dict(forecast.options))),
        "seed": forecast.seed,
        "version": __version__,
        "date": None if date is None else day_of(date),
        "note": note,
        "quantile_levels": list(QUANTILES),
        "points": [
            {
                "at": {name: float(column[k]) for name, column in forecast.at.items()},
                "decades": float(forecast.decades[k]),
                "median": float(forecast.median[k]),
                "quantiles": samples[k].tolist(),
            }
            for k in range(samples.shape[0])
        ],
    }
    return Registration(content, digest_of(content))


def read_registration(text: str, source: str = "the registration") -> Registration:
    """The record in a JSON text, checked against its own hash.

    Raises InputError for a text that is no registration, and one that was changed after it was
    made.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{source} is not JSON: {error.msg} (line {error.lineno}).") from None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise InputError(
            f"{source} is not a registered forecast: its schema is not {SCHEMA!r}.",
            "Give a file that flopcast register has written.",
        )
    content, stated = document.get("content"), document.get("sha256")
    if not isinstance(content, dict) or digest_of(content) != stated:
        raise InputError(
            f"{source} was changed after it was registered: its content does not have the hash "
            f"{str(stated)[:12]}… that it states.",
            "Settle the file as it was first published.",
        )
    return Registration(content, str(stated))


def digest_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical text of a JSON document: sorted keys, no spaces, UTF-8."""
    text = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


def day_of(date: datetime.date | str) -> str:
    """A day as ``YYYY-MM-DD``. Raises InputError for a text that is none."""
    try:
        return (datetime.date.fromisoformat(date) if isinstance(date, str) else date).isoformat()
    except ValueError:
        raise InputError(f"date is {date!r}; write it as YYYY-MM-DD.") from None
