"""What many answers share: uncertain quantities, refusals, pages of a list."""

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")


class Answer(BaseModel):
    """Base of every model: no field beyond those declared, so that the contract is complete."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Document(Answer):
    """Base of answers that carry the version of their schema."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    schema_: str = Field(alias="schema", description="Name and version of the document.")


class Quantiles(Answer):
    """An uncertain quantity; null lies beyond reach."""

    median: float | None
    p05: float | None = Field(description="Lower end of the 90 % interval.")
    p25: float | None = Field(description="Lower end of the 50 % interval.")
    p75: float | None = Field(description="Upper end of the 50 % interval.")
    p95: float | None = Field(description="Upper end of the 90 % interval.")


class Refusal(Answer):
    """Why the data do not support an answer."""

    code: str
    reason: str
    hint: str | None


class Refusing(Answer):
    """An answer that is refused for a stated statistical reason."""

    refused: Refusal


class Page(Answer, Generic[T]):
    """One page of a list."""

    items: list[T]
    total: int = Field(description="Number of items on all pages.")
    next: str | None = Field(description="Cursor of the next page; null on the last.")
    release: str = Field(description="Catalogue release.")


class Named(Answer):
    """A source, in short."""

    id: str
    title: str
    url: str | None


class Assumption(Answer):
    """One ingredient of a bill, with where it comes from."""

    name: str
    meaning: str
    value: float
    p05: float
    p95: float
    unit: str
    source: str
    option: str | None = Field(description="The parameter that changes it.")


class Notice(Answer):
    """Something to know about an answer."""

    severity: str
    code: str
    message: str


Plain = dict[str, Any]
"""An object whose keys depend on the question."""
