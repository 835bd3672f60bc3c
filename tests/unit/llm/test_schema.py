"""The form that is sent is one that all providers accept, and forgets nothing that a model must know."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field, RootModel

from aegis.domain.base import Frozen
from aegis.llm.schema import form_name, form_of


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
        "title",
        "$ref",
        "$defs",
        "properties",
        "items",
        "anyOf",
        "required",
        "additionalProperties",
    }
    for node in nodes(dict(form_of(Diagnosis))):
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


class Mapped(BaseModel):
    counts: dict[str, int]


class Anything(BaseModel):
    value: list[dict[str, Any]]


class Listed(RootModel[list[Mapped]]):
    pass


@pytest.mark.parametrize("schema", [Mapped, Anything, Listed])
def test_what_no_provider_can_be_asked_for_is_named(schema: type[BaseModel]) -> None:
    with pytest.raises(TypeError, match=r"(counts|value|Mapped).*use a list of models"):
        form_of(schema)


def test_a_name_has_only_letters_that_every_wire_takes() -> None:
    class Wörter(BaseModel):
        pass

    assert form_name(Wörter) == "W_rter"
