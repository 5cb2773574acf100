"""Scaling laws, as ``flopcast laws --json`` prints them."""

from flopcast.portal.api.models.common import Answer


class Law(Answer):
    """A law in a list."""

    law: str
    title: str
    equation: str
    inputs: list[str]
    source: str


class Parameter(Answer):
    """A parameter of a law with its bounds; null is unbounded."""

    parameter: str
    meaning: str
    unit: str
    lower: float | None
    upper: float | None


class LawInFull(Law):
    """A law with its parameters and limits."""

    parameters: list[Parameter]
    falls_with: list[str]
    rises_with: list[str]
