"""The form that is sent is one that all providers accept, and forgets nothing that a model must know."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field, RootModel

from aegis.domain.base import Frozen
from aegis.llm.schema import arguments_of, form_name, form_of


class Kind(StrEnum):
    LATE = "late"
    LOST = "lost"


class Step(Frozen):
    """One step."""

    node: str = Field(description="A dbt node.", min_length=3)
    inner: Step | None = None


class One(Frozen):
    type: Literal["one"]
    number: float = Field(ge=0, le=1)


class Two(Frozen):
    type: Literal["two"]
    words: list[str] = Field(max_length=5)


class Diagnosis(Frozen):
    kind: Kind
    steps: tuple[Step, ...] = ()
    either: Annotated[One | Two, Field(discriminator="type")]
    maybe: int | None = None


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from nodes(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from nodes(value)


def test_every_object_is_closed_and_all_its_properties_are_required() -> None:
    objects = [node for node in nodes(dict(form_of(Diagnosis))) if node.get("type") == "object"]
    assert len(objects) == 4
    for node in objects:
        assert node["additionalProperties"] is False
        assert node["required"] == list(node["properties"])


def test_only_words_that_every_provider_knows_are_left() -> None:
    known = {
        "type",
        "enum",
        "const",
        "description",
        "$ref",
        "$defs",
        "properties",
        "items",
        "anyOf",
        "required",
        "additionalProperties",
    }
    form = dict(form_of(Diagnosis))
    assert form.pop("title") == "Diagnosis"
    for node in nodes(form):
        if "type" in node and isinstance(node["type"], str):
            assert not node.keys() - known, node


def test_limits_are_told_in_words() -> None:
    text = str(form_of(Diagnosis))
    for said in ("A dbt node. (minLength: 3)", "(maximum: 1, minimum: 0)", "(maxItems: 5)"):
        assert said in text


def test_the_form_is_a_schema_and_a_whole_answer_fits_it() -> None:
    Draft202012Validator.check_schema(form_of(Diagnosis))
    whole = Diagnosis(
        kind=Kind.LATE, steps=(Step(node="abc", inner=Step(node="def")),), either=One(type="one", number=1)
    )
    assert not list(Draft202012Validator(form_of(Diagnosis)).iter_errors(whole.model_dump(mode="json")))


class Told(Frozen):
    kind: Kind = Field(description="Why it broke.")
    title: str = Field(description="A headline.")


def test_what_is_said_about_a_field_is_not_lost_with_a_reference() -> None:
    field = form_of(Told)["properties"]["kind"]
    assert field == {"description": "Why it broke.", "anyOf": [{"$ref": "#/$defs/Kind"}]}
    placed = arguments_of(Told)["properties"]["kind"]
    assert (placed["description"], placed["enum"]) == ("Why it broke.", ["late", "lost"])


class Flat(Frozen):
    told: Told
    more: tuple[Told, ...] = ()
    either: Annotated[One | Two, Field(discriminator="type")]


def test_the_arguments_of_a_tool_are_the_form_without_references_and_closed_objects() -> None:
    arguments = dict(arguments_of(Flat))
    assert list(arguments) == ["type", "properties", "required"]
    text = str(arguments)
    assert "$ref" not in text and "$defs" not in text and "additionalProperties" not in text
    assert "A headline." in text and "title" in arguments["properties"]["told"]["properties"]
    Draft202012Validator.check_schema(arguments)
    told = Told(kind=Kind.LATE, title="t")
    whole = Flat(told=told, more=(told,), either=Two(type="two", words=["a"])).model_dump(mode="json")
    assert not list(Draft202012Validator(arguments).iter_errors(whole))
    assert list(Draft202012Validator(arguments).iter_errors({**whole, "told": {"kind": "other", "title": "t"}}))


def test_a_form_that_holds_itself_cannot_be_the_arguments_of_a_tool() -> None:
    with pytest.raises(TypeError, match="Step: holds itself"):
        arguments_of(Diagnosis)


class Mapped(BaseModel):
    counts: dict[str, int]


class Anything(BaseModel):
    value: list[dict[str, Any]]


class Listed(RootModel[list[int]]):
    pass


@pytest.mark.parametrize("schema", [Mapped, Anything, Listed])
def test_what_no_provider_can_be_asked_for_is_named(schema: type[BaseModel]) -> None:
    with pytest.raises(TypeError, match=r"(counts|value|Listed): (a mapping cannot|only a model)"):
        form_of(schema)


def test_a_name_has_only_letters_that_every_wire_takes() -> None:
    class Wörter(BaseModel):
        pass

    assert form_name(Wörter) == "W_rter"
