"""Hyper-parameters of a cell: fixed, by a table, or by a law of what is scaled."""

from collections.abc import Mapping
from typing import Any

from flopcast.errors import InputError
from flopcast.sweeps.study import Rule, Study


def with_rules(study: Study, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The whole configuration of a cell: its place on the axes, and what the rules say of it.

    A law may use every axis, every amount (``params``, ``data``, ...) and earlier rules. Raises
    InputError for a table without an entry, and a law without a value.
    """
    config = dict(settings)
    amounts = study.amounts(settings)
    for name, rule in study.rules.items():
        try:
            config[name] = _value(rule, {**amounts, **config})
        except InputError as error:
            raise InputError(f"rules.{name}: {error.message}", error.hint) from None
    return config


def _value(rule: Rule, known: Mapping[str, Any]) -> Any:
    if rule.law is not None:
        value = rule.law(known)
        return max(1, round(value)) if rule.whole else value
    if rule.by is not None:
        key = str(known[rule.by])
        if key not in rule.table:
            raise InputError(
                f"the table has no entry for {rule.by} {key}; it has {', '.join(rule.table)}.",
                "Add the entry, or give a law.",
            )
        return rule.table[key]
    return rule.fixed
