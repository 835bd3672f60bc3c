"""The arguments of a test as values: what is Jinja, which column is meant, which table is referred to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from aegis.dbt.artifacts.schema import Manifest, Node
from aegis.dbt.generate.model import NotCarriedError
from aegis.dbt.graph.nodes import arguments_of, calls, named_by
from aegis.errors import RefusedError

_JINJA = re.compile(r"\{\{|\{%|\{#")
# dbt takes the text of one such call for Jinja, braces or not.
_CALL = re.compile(r"\s*(env_var|ref|var|source|doc)\s*\(.+\)\s*", re.DOTALL)
_PLAIN = re.compile(r"[^\W\d][\w$]*")
_QUOTED = re.compile(r'"((?:[^"]|"")+)"|`([^`]+)`|\[([^\]]+)\]')

REFERENCES = frozenset({"to", "compare_model"})
"""Arguments that name another table by Jinja."""


def given_arguments(test: Node) -> dict[str, Any]:
    """What the test was given, without what was left out: its own name, and arguments that are none."""
    given = {
        name: value
        for name, value in arguments_of(test).items()
        if name not in ("name", "model", "description") and value is not None
    }
    if test.column_name is not None:
        given.setdefault("column_name", test.column_name)
    return given


def jinja_in(value: Any) -> str | None:
    """The first text in a value that dbt renders."""
    return next((text for text in _texts(value) if _JINJA.search(text) or _CALL.fullmatch(text)), None)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for entry in value:
            yield from _texts(entry)
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from _texts(entry)


def plain_column(written: str, node: Node, dialect: str | None) -> str | None:
    """The name of the column that a test names, without quotes; None where it is an expression.

    dbt pastes the name into its SQL as it is written, quotes and all.
    """
    quoted = _QUOTED.fullmatch(written.strip())
    if quoted is not None:
        name = quoted[1].replace('""', '"') if quoted[1] else quoted[2] or quoted[3]
        return str(name)
    if _PLAIN.fullmatch(written.strip()):
        return written.strip()
    if written not in {column.name for column in (node.columns or {}).values()}:
        return None
    from aegis.sql.gate import check_expression

    try:
        check_expression(written, dialect)
    except RefusedError:
        return written  # no SQL, and declared as a column: dbt's own test cannot run, but the column is there
    return None


def referred_node(manifest: Manifest, test: Node, tested: str, written: Any) -> str:
    """The node that ``to`` names.

    Raises:
        NotCarriedError: The manifest does not tell which it is.
    """
    parents = [uid for uid in dict.fromkeys(test.parents) if manifest.find(uid) is not None]
    named = [call for call in calls(written) if call[0] in ("ref", "source")] if isinstance(written, str) else []
    if len(named) == 1:
        fits = [uid for uid in parents if (node := manifest.find(uid)) is not None and named_by(node, named[0])]
        if len(fits) > 1 and named[0][2] is None:
            # Without a version dbt means the latest one.
            fits = [uid for uid in fits if (one := manifest.find(uid)) and one.version == one.latest_version] or fits
        if len(fits) == 1:
            return fits[0]
    others = [uid for uid in parents if uid != tested]
    if not named and len(others) == 1:
        return others[0]
    raise NotCarriedError(f"the manifest does not tell which table 'to' ({written}) is")
