"""What a generic dbt test expects, in a few words, from the arguments it was given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aegis.dbt.shapes import Node

_LONGEST = 300
_LIST_SHOWN = 20

# Arguments that name what is tested, or that dbt adds.
_PLUMBING = frozenset({"model", "column_name"})


def expectation(test: Node | None) -> str | None:
    """For example ``one of placed, shipped where amount > 40``; ``None`` for tests that say nothing of it."""
    metadata = test.test_metadata if test else None
    if test is None or metadata is None:
        return None
    arguments = {name: value for name, value in (metadata.kwargs or {}).items() if name not in _PLUMBING}
    words = _WORDS.get(metadata.kind or "", _arguments)(arguments)
    where = test.config.where if test.config else None
    text = " ".join(part for part in (words, f"where {where}" if where else "") if part)
    return (text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…") or None


def _accepted_values(arguments: Mapping[str, Any]) -> str:
    return f"one of {_text(arguments.get('values'))}"


def _relationships(arguments: Mapping[str, Any]) -> str:
    return f"a {_text(arguments.get('field'))} of {_text(arguments.get('to'))}"


def _arguments(arguments: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {_text(value)}" for name, value in arguments.items() if value is not None)


_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "not_null": lambda _: "no NULL",
    "unique": lambda _: "no duplicates",
    "accepted_values": _accepted_values,
    "relationships": _relationships,
}


def _text(value: object) -> str:
    if isinstance(value, list):
        more = ", …" if len(value) > _LIST_SHOWN else ""
        return ", ".join(map(str, value[:_LIST_SHOWN])) + more
    return str(value)[:_LONGEST].strip().removeprefix("{{").removesuffix("}}").strip()
