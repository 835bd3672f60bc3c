"""Walks a tree and refuses what is not on the lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from aegis.errors import RefusedError
from aegis.sql.functions import OWN_SCHEMAS, TABLE_FUNCTIONS, danger, refused, refused_known
from aegis.sql.nodes import ALLOWED, MANY_VALUED, SELECT_PARTS
from aegis.sql.tables import real_tables

if TYPE_CHECKING:
    from sqlglot import exp

# DuckDB reads a file where a table of that name is wanted; Spark and Drill have `parquet`.`/path`.
_FILE_NAME = re.compile(r"\.(csv|tsv|txt|parquet|json|jsonl|ndjson|geojson|xlsx?|arrow|feather|ipc|avro|orc|db|duckdb|"
                        r"ddb|sqlite3?|log|dat|gz|zst|bz2|zip|shp|gpkg)\Z", re.IGNORECASE)  # fmt: skip
_NO_TABLE_NAME = re.compile(r"[/\\:*?\[\]{}$@'\n\r]|^\.|\.\.")
_SYSTEM = re.compile(r"pg_.*|duckdb_.*|sqlite_.*|pragma_.*|sys|mysql|performance_schema|system", re.IGNORECASE)
_SYSTEM_SCHEMA = re.compile(r"pg_catalog|pg_toast|sys|mysql|performance_schema|system", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d][\w$#]*")
_WORD = re.compile(r"\w+( \w+)*")


def check_tree(
    tree: exp.Expr, dialect: str | None, allow: frozenset[str], *, one_value: bool, known_tables: bool = False
) -> None:
    """Refuses what is not known to be read-only; with ``one_value`` also what is no value of one row.

    With ``known_tables`` the caller looks up each table before the SQL runs, and puts the relation that it is in its
    place: then a table may have a name that would otherwise read a file.

    Raises:
        RefusedError: With what was found.
    """
    from sqlglot import exp

    try:
        for node in tree.walk():
            _check_node(node, dialect, allow)
        if one_value:
            _check_one_value(tree)
        looked_up = set(map(id, real_tables(tree))) if known_tables else set()
        named = (node for node in tree.find_all(exp.Table) if isinstance(node.this, exp.Identifier))
        check_table_names(node for node in named if id(node) not in looked_up)
    except RecursionError:
        raise RefusedError("is nested too deeply") from None


def _check_node(node: exp.Expr, dialect: str | None, allow: frozenset[str]) -> None:
    name = type(node).__name__
    special = _CHECKS.get(name)  # the kinds that need a closer look
    if special is not None:
        special(node, dialect, allow)
    elif name in ALLOWED:
        return
    elif _is_function(node):
        reason = refused_known(name)
        if reason is not None:
            raise RefusedError(f"calls {_called(node)}, which {reason}")
    else:
        raise RefusedError(f"holds {_plain_name(node)}, which does not pass")


def _is_function(node: exp.Expr) -> bool:
    from sqlglot import exp

    return isinstance(node, exp.Func)


def _check_select(node: exp.Expr, dialect: str | None, allow: frozenset[str]) -> None:
    del dialect, allow
    for part, value in node.args.items():
        if value and part not in SELECT_PARTS:
            raise RefusedError(f"holds {part.rstrip('_').replace('_', ' ').upper()}, which does not pass")


def _check_anonymous(node: exp.Expr, dialect: str | None, allow: frozenset[str]) -> None:
    if not isinstance(node.this, str):
        raise RefusedError(f"calls {node.name} by a quoted name; functions are called by plain names")
    qualifier = _qualifier(node)
    reason = refused(node.this, allow)
    if qualifier and f"{qualifier}.{node.this}".lower() in allow and danger(node.this) is None:
        return
    if qualifier and reason is None and qualifier.lower() not in OWN_SCHEMAS and dialect != "duckdb":
        raise RefusedError(f"calls {qualifier}.{node.this}, which is not known to be read-only", hint=_ALLOW)
    if reason is not None:
        hint = _ALLOW if danger(node.this) is None else None
        raise RefusedError(f"calls {node.this}, which {reason}", hint=hint)


_ALLOW = "If it is a function of your own without side effects, allow it by name."


def _qualifier(node: exp.Expr) -> str:
    """``pg_catalog`` of ``pg_catalog.lower(x)``."""
    from sqlglot import exp

    parent = node.parent
    if isinstance(parent, exp.Dot) and parent.expression is node:
        return str(parent.this.sql())
    if isinstance(parent, exp.Table):
        return ".".join(part for part in (parent.catalog, parent.db) if part)
    return ""


def _check_table(node: exp.Expr, dialect: str | None, allow: frozenset[str]) -> None:
    from sqlglot import exp

    del dialect, allow
    assert isinstance(node, exp.Table)
    extra = [part for part, value in node.args.items() if value and part not in _TABLE_PARTS]
    if extra:
        raise RefusedError(f"holds {extra[0].rstrip('_').replace('_', ' ').upper()} of a table, which does not pass")
    inner = node.this
    if not isinstance(inner, exp.Identifier):
        if type(inner).__name__ in TABLE_FUNCTIONS and not node.db:
            return
        called = inner.sql() if not isinstance(inner, exp.Func) else _called(inner)
        raise RefusedError(f"reads {called}, which is not a table; table functions do not pass")


def check_table_names(tables: Iterable[exp.Table]) -> None:
    """Refuses names by which a database may read a file or a table of the system.

    Raises:
        RefusedError: With the name.
    """
    for node in tables:
        check_table_name(node.name, node.db, node.catalog)


def check_table_name(name: str, schema: str = "", database: str = "") -> None:
    """Refuses one such name, by its parts.

    Raises:
        RefusedError: With the name.
    """
    parts = [part for part in (database, schema, name) if part]
    whole = ".".join(parts)
    if _FILE_NAME.search(whole) or any(_NO_TABLE_NAME.search(part) for part in parts):
        raise RefusedError(f"reads {whole!r}, which a database may take for a file; tables have plain names")
    if _SYSTEM.fullmatch(name) or (schema and _SYSTEM_SCHEMA.fullmatch(schema)):
        raise RefusedError(f"reads {whole}, a table of the system")


_TABLE_PARTS = frozenset({"this", "db", "catalog", "alias", "joins", "pivots"})


def _check_column(node: exp.Expr, dialect: str | None, allow: frozenset[str]) -> None:
    del dialect, allow
    if node.args.get("table") and node.name.lower() in ("nextval", "currval"):
        raise RefusedError(f"draws from a sequence ({node.sql()}), which has side effects")


def _check_identifier(node: exp.Expr, dialect: str | None, allow: frozenset[str]) -> None:
    """An unquoted name is a word; what is read as a name here may be a parameter or a quote elsewhere."""
    del dialect, allow
    if not node.args.get("quoted") and not _NAME.fullmatch(node.name):
        raise RefusedError(f"holds {node.name!r}, which is not a plain name; quote it if it is one")


def _check_alias_of_table(node: exp.Expr, dialect: str | None, allow: frozenset[str]) -> None:
    del dialect, allow
    # BigQuery's `unnest(items) as item` and Spark's `lateral view explode(items) as item` name what they make.
    made = node.parent.this if type(node.parent).__name__ == "Lateral" and node.parent is not None else node.parent
    if node.args.get("columns") and node.this is None and type(made).__name__ not in TABLE_FUNCTIONS:
        raise RefusedError("names columns of a table without naming the table; table functions do not pass")


def _check_var(node: exp.Expr, dialect: str | None, allow: frozenset[str]) -> None:
    """A bare word, such as the unit of an interval; opaque text would hide anything."""
    del dialect, allow
    if not _WORD.fullmatch(node.name):
        raise RefusedError(f"holds {node.name!r}, which is not an SQL keyword")


def _check_suffixed(node: exp.Expr, dialect: str | None, allow: frozenset[str]) -> None:
    """Aggregates of ClickHouse with parameters or suffixes: the parser makes these of the aggregates it knows only."""
    del dialect, allow
    name = str(node.name)
    reason = danger(name)
    if reason is not None:
        raise RefusedError(f"calls {name}, which {reason}")


_BACKSLASH = re.compile(r"\\'|\\\Z")


def _check_literal(node: exp.Expr, dialect: str | None, allow: frozenset[str]) -> None:
    """Without a dialect nobody knows whether a backslash hides the quote after it."""
    del allow
    if dialect is None and node.is_string and _BACKSLASH.search(node.name):
        raise RefusedError("holds a backslash before a quote, which warehouses read differently")


_CHECKS: dict[str, Callable[[exp.Expr, str | None, frozenset[str]], None]] = {
    "Select": _check_select,
    "Anonymous": _check_anonymous,
    "AnonymousAggFunc": _check_suffixed,
    "CombinedAggFunc": _check_suffixed,
    "ParameterizedAgg": _check_suffixed,
    "CombinedParameterizedAgg": _check_suffixed,
    "Table": _check_table,
    "Column": _check_column,
    "Var": _check_var,
    "Identifier": _check_identifier,
    "TableAlias": _check_alias_of_table,
    "Literal": _check_literal,
}


def _check_one_value(tree: exp.Expr) -> None:
    from sqlglot import exp

    for node in _outside_subqueries(tree):
        if isinstance(node, exp.AggFunc):
            raise RefusedError(f"aggregates rows ({_called(node)}); an expression is about one row", hint=_CUSTOM)
        if type(node).__name__ in TABLE_FUNCTIONS:
            raise RefusedError(f"makes rows ({_called(node)}); an expression is about one row", hint=_CUSTOM)
        if type(node).__name__ not in MANY_VALUED:
            continue
        if isinstance(node, exp.Tuple) and node is not tree:
            continue
        what = _MANY.get(type(node).__name__, "several values")
        raise RefusedError(f"is {what} where one value is wanted", hint=_CUSTOM)


_CUSTOM = "Use custom_sql for a check over several rows."
_MANY = {"Alias": "a value with an alias", "Window": "a window function", "Star": "all columns (*)"}


def _outside_subqueries(tree: exp.Expr) -> Iterator[exp.Expr]:
    from sqlglot import exp

    for node in tree.walk(prune=lambda found: isinstance(found, exp.Query)):
        if not isinstance(node, exp.Query):
            yield node


def _called(node: exp.Expr) -> str:
    from sqlglot import exp

    if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc):
        return str(node.name)
    return str(node.sql_name()).lower() if isinstance(node, exp.Func) else node.key


def _plain_name(node: exp.Expr) -> str:
    """``ForUpdate`` as ``FOR UPDATE``: a kind of syntax in words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).upper()
