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

_KEPT = frozenset({"type", "enum", "const", "description"})
_SAID_OTHERWISE = frozenset({"properties", "items", "anyOf", "oneOf", "allOf", "$ref", "$defs", "required", "default"})
_NOT_TOLD = frozenset({"additionalProperties", "discriminator", "title"})

_Node = Mapping[str, Any]


def form_name(schema: type[BaseModel]) -> str:
    """What the form is called on the wire: letters, digits, ``_`` and ``-``, at most 64."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", schema.__name__)[:64]


@cache
def form_of(schema: type[BaseModel]) -> _Node:
    """The schema to send.

    Raises:
        TypeError: It is no object, or has a mapping or an open object in it, which no provider can be asked for.
    """
    form = _plain(schema.model_json_schema(), schema.__name__)
    if form.get("type") != "object":
        raise TypeError(f"{schema.__name__}: only a model with named fields can be asked for")
    return {"title": form_name(schema), **form}


@cache
def arguments_of(schema: type[BaseModel]) -> _Node:
    """The same as the arguments of a tool: what is referred to stands in its place, and nothing is said to be closed.

    Of the models at Bedrock, Nova knows no more at the top than type, properties and required, and others refuse
    ``additionalProperties`` (`tool use <https://docs.aws.amazon.com/nova/latest/userguide/tool-use.html>`_).

    Raises:
        TypeError: As `form_of`, and for a form that holds itself.
    """
    form = form_of(schema)
    whole = _in_place(form, form.get("$defs", {}), ())
    return {key: whole[key] for key in ("type", "properties", "required")}


def _plain(node: _Node, place: str) -> dict[str, Any]:
    """``node`` in the words that all providers know."""
    if len(node.get("allOf", ())) == 1:
        node = {**node["allOf"][0], **{key: value for key, value in node.items() if key != "allOf"}}
    plain = {key: value for key, value in node.items() if key in _KEPT}
    if "$ref" in node:  # which may have no neighbours but for definitions
        plain |= {"anyOf": [{"$ref": node["$ref"]}]} if plain else {"$ref": node["$ref"]}
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


def _each(nodes: _Node, place: str) -> dict[str, Any]:
    return {name: _plain(node, f"{place}.{name}") for name, node in nodes.items()}


def _in_place(node: _Node, definitions: _Node, inside: tuple[str, ...]) -> dict[str, Any]:
    """``node`` with what it refers to; ``inside`` names the definitions that it stands in."""
    if "$ref" in node:
        name = str(node["$ref"]).rpartition("/")[2]
        if name in inside:
            raise TypeError(f"{name}: holds itself, which Bedrock cannot be asked for")
        return _in_place(definitions[name], definitions, (*inside, name))
    placed = {key: value for key, value in node.items() if key not in ("additionalProperties", "$defs")}
    if "properties" in node:
        placed["properties"] = {name: _in_place(one, definitions, inside) for name, one in node["properties"].items()}
    if "items" in node:
        placed["items"] = _in_place(node["items"], definitions, inside)
    if "anyOf" in node:
        choices = [_in_place(one, definitions, inside) for one in placed.pop("anyOf")]
        placed = {**choices[0], **placed} if len(choices) == 1 else {**placed, "anyOf": choices}
    return placed
