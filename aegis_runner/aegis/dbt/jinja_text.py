"""Values as Jinja literals that mean the same to Jinja2 (dbt 1) and minijinja (dbt 2).

A literal stands inside an expression block, and what people write in rules may hold anything: quotes, newlines,
``{{ }}``, ``{% raw %}``. Both engines read JSON's escapes in a string, so every delimiter is broken up by one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

_OPENING = re.compile(r"\{(?=[{%#])")
_DELIMITER = re.compile(r"\{(?=[{%#])|(?<=[}%#])\}|(?<=-)[%}#]")


def jinja_literal(value: object) -> str:
    """A JSON-like value as a Jinja literal on one line.

    Raises:
        TypeError: The value is of a type that JSON does not have.
    """
    if value is None:
        return "none"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _DELIMITER.sub(lambda found: f"\\u{ord(found.group()):04x}", json.dumps(value, ensure_ascii=False))
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{jinja_literal(key)}: {jinja_literal(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(jinja_literal(entry) for entry in value) + "]"
    raise TypeError(f"{type(value).__name__} has no Jinja literal")


def json_in_jinja(value: object) -> str:
    """A value as JSON on one line that Jinja leaves alone when it is text of a template.

    In text only an opening delimiter means something; JSON has none of its own, so it is inside a string, where an
    escape breaks it up.
    """
    return _OPENING.sub(r"\\u007b", json.dumps(value, ensure_ascii=False))


def jinja_comment(text: str) -> str:
    """A text inside a Jinja comment, which it cannot end."""
    return text.replace("#}", "# }").replace("\n", " ").replace("\r", " ")
