"""What a generic dbt test expects, in a few words, from the arguments it was given."""

from __future__ import annotations

from aegis.dbt.artifacts.schema import Node
from aegis.dbt.graph.nodes import arguments_of, type_of_test

_LONGEST = 300
_LIST_SHOWN = 20

# Arguments that name what is tested, or that dbt adds.
_PLUMBING = frozenset({"model", "column_name"})
_MISSING = dict.fromkeys(("values", "field", "to"), "None")


def expectation(test: Node | None) -> str | None:
    """For example ``one of placed, shipped where amount > 40``; ``None`` for tests that say nothing of it."""
    metadata = test.test_metadata if test else None
    if test is None or metadata is None:
        return None
    arguments = {name: value for name, value in arguments_of(test).items() if name not in _PLUMBING}
    from aegis.rules.foreign import foreign_test

    known = foreign_test(type_of_test(test))
    if known is None or known.expects is None:
        words = ", ".join(f"{name}: {_text(value)}" for name, value in arguments.items() if value is not None)
    else:
        words = known.expects.format_map({**_MISSING, **{name: _text(value) for name, value in arguments.items()}})
    where = test.config.where if test.config else None
    text = " ".join(part for part in (words, f"where {where}" if where else "") if part)
    return (text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…") or None


def _text(value: object) -> str:
    if isinstance(value, list):
        more = ", …" if len(value) > _LIST_SHOWN else ""
        return ", ".join(map(str, value[:_LIST_SHOWN])) + more
    return str(value)[:_LONGEST].strip().removeprefix("{{").removesuffix("}}").strip()
