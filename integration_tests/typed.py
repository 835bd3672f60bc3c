"""The types of DuckDB and PostgreSQL, each with a table of values that are odd for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

NUMBER, FLOAT, TEXT, READABLE, TEMPORAL, TIME, BOOLEAN, OPAQUE = (
    "number", "float", "text", "readable", "temporal", "time", "boolean", "opaque",
)  # fmt: skip


@dataclass(frozen=True)
class Typed:
    """A column type and the values of its table, as texts that the type reads; NULL and a repeated value are added.

    ``some`` are values that list rules name, ``low`` and ``high`` the limits of range rules, ``odd`` another value that
    a text list may hold. ``groups`` says whether its values have equality, ``listed`` whether a list rule may be about
    it, ``declared`` what the catalog calls it.
    """

    name: str
    kind: str
    values: tuple[str, ...]
    some: tuple[Any, ...] = ()
    low: Any = None
    high: Any = None
    groups: bool = True
    listed: bool = True
    behind: str | None = None
    """The type as which its values are compared, where a literal cannot be cast to the type itself."""

    @property
    def base(self) -> str:
        return self.behind or self.name

    @property
    def special(self) -> bool:
        return self.kind in (NUMBER, FLOAT) and any(
            value.strip("+-").lower() in ("nan", "inf", "infinity") for value in self.values
        )


LONG = "x" * 3000


def types_of(warehouse: str) -> tuple[Typed, ...]:
    """Those of ``types/<warehouse>.yml``."""
    text = (Path(__file__).parent / "types" / f"{warehouse}.yml").read_text(encoding="utf-8")
    found = []
    for given in yaml.safe_load(text):
        values = tuple(LONG if value == "(long)" else value for value in given["values"])
        found.append(Typed(**{**given, "values": values, "some": tuple(given.get("some", ()))}))
    return tuple(found)


PREPARATION = (
    "create schema ty",
    "create type ty.mood as enum ('sad', 'ok', '')",
    "create type ty.pair as (a int, b text)",
    "create type ty.record as (a int, b json)",
    "create domain ty.quantity as int",
    "create domain ty.twice as ty.quantity",
    "create domain ty.code as varchar(4000)",
    "create domain ty.moment as timestamp(3)",
    "create domain ty.feeling as ty.mood",
    "create domain ty.many as int[]",
    "create domain ty.timezone as text",
    'create domain ty."Odd Name" as numeric(10,2)',
)
"""What PostgreSQL's types are made of."""


def literal(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"


def cast(value: object, type_: str) -> str:
    return f"cast({literal(value)} as {type_})"


def statements(types: tuple[Typed, ...], schema: str) -> Iterator[str]:
    """A table for each type: id, v, w (the same in another order), and one of some of its values to refer to."""
    for number, type_ in enumerate(types):
        table = f"{schema}.t{number}"
        values = [cast(value, type_.base) for value in (*type_.values, type_.values[0])] + ["null"]
        turned = [*values[1:], values[0]]
        yield f"create table {table} (id integer, v {type_.name}, w {type_.name})"
        rows = ", ".join(f"({i}, {v}, {w})" for i, (v, w) in enumerate(zip(values, turned, strict=True)))
        yield f"insert into {table} values {rows}"
        yield f"create table {schema}.r{number} (v {type_.name})"
        yield f"insert into {schema}.r{number} values ({cast(type_.values[0], type_.base)}), (null)"
