"""Whether rows of a relation can be changed so that a trial on a copy shows what happens: asked of the catalog.

A copy is a plain table. What is no plain table (a view, a partitioned table), or does more than to hold rows (triggers,
rules, foreign keys that delete along), behaves otherwise than its copy.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from aegis.dbt.suites.columns import Execute
from aegis.dbt.suites.render import RenderedRelation, text_literal


@dataclass(frozen=True, slots=True)
class Fixable:
    """How a table's rows can be changed.

    Attributes:
        change: Why no change of rows can be tried; None where it can. It follows the table's name.
        removal: The same of a removal of rows.
        computed: Columns that take no value, since the database computes them, each with the SQL of it.
        numbered: Whether there is a column of numbers that the database gives unless it is overridden.
    """

    change: str | None = None
    removal: str | None = None
    computed: Mapping[str, str] = field(default_factory=dict)
    numbered: bool = False


def fixable(dialect: str, relation: RenderedRelation, execute: Execute) -> Fixable:
    """What the catalog says of a relation.

    Raises:
        WarehouseError: The catalog cannot be read.
    """
    ask, tell = _CATALOGS.get(dialect, (_standard, _by_type))
    if relation.schema is None:
        return Fixable(_UNKNOWN)
    rows = execute(ask(_Names(dialect, relation)), 2).dicts()
    if len(rows) != 1:
        return Fixable(_UNKNOWN)
    return tell({name.lower(): value for name, value in rows[0].items()})


@dataclass(frozen=True, slots=True)
class _Names:
    """The parts of a relation's name as literals of the warehouse."""

    dialect: str
    relation: RenderedRelation

    def __getitem__(self, part: str) -> str:
        return text_literal(self.dialect, getattr(self.relation, part))


_UNTOLD = "a trial on a copy does not show what happens there"
_UNKNOWN = "is not known to the catalog as one table"


def _standard(name: _Names) -> str:
    return f"select table_type from information_schema.tables where {_place(name)}"


def _place(name: _Names) -> str:
    """The condition of standard catalogs on the table's name."""
    parts = {"table_name": "identifier", "table_schema": "schema", "table_catalog": "database"}
    known = {column: part for column, part in parts.items() if getattr(name.relation, part) is not None}
    return " and ".join(f"lower({column}) = lower({name[part]})" for column, part in known.items())


def _by_type(row: Mapping[str, JsonValue]) -> Fixable:
    kind = str(row["table_type"])
    if kind.upper() in ("BASE TABLE", "TABLE", "MANAGED"):
        return Fixable()
    return Fixable(f"is a {kind.lower()}: it has no rows of its own to fix")


def _duckdb(name: _Names) -> str:
    computed = (
        f"select min(column_name) from information_schema.columns where {_place(name)} and is_generated = 'ALWAYS'"
    )
    return f"select table_type, ({computed}) as computed from information_schema.tables where {_place(name)}"


def _of_duckdb(row: Mapping[str, JsonValue]) -> Fixable:
    if row["computed"] is not None:
        return Fixable(f"has a generated column ({row['computed']}): {_UNTOLD}")
    return _by_type(row)


def _postgres(name: _Names) -> str:
    def first(column: str, source: str) -> str:
        return f"(select min(cast({column} as text)) from {source})"

    inherited = "pg_inherits as i join pg_class as h on h.oid = i.inhrelid where i.inhparent = c.oid"
    following = (
        "pg_constraint as f join pg_class as r on r.oid = f.conrelid where f.confrelid = c.oid and f.contype = 'f' "
        "and (f.confdeltype in ('c', 'n', 'd') or f.confupdtype in ('c', 'n', 'd'))"
    )
    triggers = "pg_trigger as t where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled <> 'D'"
    rules = "pg_rewrite as w where w.ev_class = c.oid and w.rulename <> '_RETURN'"

    def of_columns(what: str, which: str) -> str:
        here = f"i.table_schema = {name['schema']} and i.table_name = {name['identifier']}"
        return f"(select {what} from information_schema.columns as i where {here} and i.{which} = 'ALWAYS')"

    computed = "cast(json_object_agg(i.column_name, i.generation_expression) as text)"
    return (
        "select cast(c.relkind as text) as kind, c.relrowsecurity as secured, "
        f"{first('h.relname', inherited)} as heir, "
        f"{first('r.relname', following)} as follower, "
        f"{first('t.tgname', triggers)} as trigger, "
        f"{first('w.rulename', rules)} as rule, "
        f"{of_columns('count(*)', 'identity_generation')} as numbered, "
        f"{of_columns(computed, 'is_generated')} as computed "
        "from pg_class as c join pg_namespace as n on n.oid = c.relnamespace "
        f"where n.nspname = {name['schema']} and c.relname = {name['identifier']}"
    )


_RELKINDS = {"v": "view", "m": "materialized view"}
_OTHER_KINDS = {"p": "partitioned table", "f": "foreign table"}


def _of_postgres(row: Mapping[str, JsonValue]) -> Fixable:
    kind = str(row["kind"])
    computed = json.loads(str(row["computed"])) if row["computed"] is not None else {}
    hidden = next((column for column, sql in computed.items() if sql is None), None)
    troubles = {
        f"is a {_RELKINDS.get(kind)}: it has no rows of its own to fix": kind in _RELKINDS,
        f"is a {_OTHER_KINDS.get(kind)}: no copy of its kind is made to try a fix on": kind in _OTHER_KINDS,
        _UNKNOWN: kind not in ("r", *_RELKINDS, *_OTHER_KINDS),
        f"has rows in tables that inherit from it ({row['heir']}): {_UNTOLD}": row["heir"] is not None,
        f"has a trigger ({row['trigger']}): {_UNTOLD}": row["trigger"] is not None,
        f"has a rewrite rule ({row['rule']}): {_UNTOLD}": row["rule"] is not None,
        f"has a generated column ({hidden}) whose SQL this user cannot see: {_UNTOLD}": hidden is not None,
        f"has row-level security: {_UNTOLD}": str(row["secured"]).lower() in ("true", "t", "1"),
    }
    change = next((text for text, there in troubles.items() if there), None)
    follows = f"takes rows of {row['follower']} along when it loses rows (a foreign key says so)"
    return Fixable(change, follows if row["follower"] is not None else None, computed, int(str(row["numbered"])) > 0)


_Catalog = tuple[Callable[[_Names], str], Callable[[Mapping[str, JsonValue]], Fixable]]
_CATALOGS: Mapping[str, _Catalog] = {"postgres": (_postgres, _of_postgres), "duckdb": (_duckdb, _of_duckdb)}
