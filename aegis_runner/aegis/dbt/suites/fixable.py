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
    sql = (
        "select table_type from information_schema.tables "
        f"where lower(table_name) = lower({name['identifier']}) and lower(table_schema) = lower({name['schema']})"
    )
    return sql if name.relation.database is None else f"{sql} and lower(table_catalog) = lower({name['database']})"


def _by_type(row: Mapping[str, JsonValue]) -> Fixable:
    kind = str(row["table_type"])
    if kind.upper() in ("BASE TABLE", "TABLE", "MANAGED"):
        return Fixable()
    return Fixable(f"is a {kind.lower()}: it has no rows of its own to fix")


def _duckdb(name: _Names) -> str:
    columns = _standard(name).replace("table_type", "min(column_name)").replace("schema.tables", "schema.columns")
    return _standard(name).replace("table_type", f"table_type, ({columns} and is_generated = 'ALWAYS') as computed")


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
    columns = (
        f"information_schema.columns as i where i.table_schema = {name['schema']} "
        f"and i.table_name = {name['identifier']} and i"
    )
    return (
        "select cast(c.relkind as text) as kind, c.relrowsecurity as secured, "
        f"{first('h.relname', inherited)} as heir, "
        f"{first('r.relname', following)} as follower, "
        f"{first('t.tgname', triggers)} as trigger, "
        f"{first('w.rulename', rules)} as rule, "
        f"(select count(*) from {columns}.identity_generation = 'ALWAYS') as numbered, "
        "(select cast(json_object_agg(i.column_name, i.generation_expression) as text) "
        f"from {columns}.is_generated = 'ALWAYS') as computed "
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
