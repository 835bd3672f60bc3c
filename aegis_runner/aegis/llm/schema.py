"""The JSON Schema that providers accept for the form of an answer: the part of the language common to all of them.

Anthropic and OpenAI want every object closed and know few keywords; OpenAI also wants every property to be required.
What is left out here (a minimum, a length, a pattern) is told in the description, and checked when the answer comes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

_KEPT = frozenset({"type", "enum", "const", "description", "title", "$ref"})
_SAID_OTHERWISE = frozenset({"properties", "items", "anyOf", "oneOf", "allOf", "$defs", "required", "default"})
_NOT_TOLD = frozenset({"additionalProperties", "discriminator"})


def form_name(schema: type[BaseModel]) -> str:
    """What the form is called on the wire: letters, digits, ``_`` and ``-``, at most 64."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", schema.__name__)[:64]


@cache
def form_of(schema: type[BaseModel]) -> Mapping[str, Any]:
    """The schema to send.

    Raises:
        TypeError: A field is a mapping or an open object, which providers cannot be asked for.
    """
    return _plain(schema.model_json_schema(), schema.__name__)


def _plain(node: Mapping[str, Any], place: str) -> dict[str, Any]:
    if "$ref" in node:
        return {"$ref": node["$ref"], **({"$defs": _each(node["$defs"], place)} if "$defs" in node else {})}
    if len(node.get("allOf", ())) == 1:
        node = {**node["allOf"][0], **{key: value for key, value in node.items() if key != "allOf"}}
    plain = {key: value for key, value in node.items() if key in _KEPT}
    if node.get("type") == "object":
        if "properties" not in node or node.get("additionalProperties"):
            raise TypeError(f"{place}: a mapping cannot be asked for; use a list of models with named fields")
        plain["properties"] = _each(node["properties"], place)
        plain |= {"required": list(node["properties"]), "additionalProperties": False}
    if "items" in node:
        plain["items"] = _plain(node["items"], place)
    if "anyOf" in node or "oneOf" in node:
        plain["anyOf"] = [_plain(one, place) for one in node.get("anyOf", node.get("oneOf", ()))]
    if "$defs" in node:
        plain["$defs"] = _each(node["$defs"], place)
    told = {key: node[key] for key in sorted(node.keys() - _KEPT - _SAID_OTHERWISE - _NOT_TOLD)}
    if told:
        said = ", ".join(f"{key}: {value}" for key, value in told.items())
        plain["description"] = f"{plain.get('description', '')} ({said})".strip()
    return plain


def _each(nodes: Mapping[str, Any], place: str) -> dict[str, Any]:
    return {name: _plain(node, f"{place}.{name}") for name, node in nodes.items()}
