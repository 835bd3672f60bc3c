"""One test as the rules that give its verdict: as the rule type that asks the same, else as a condition on each row,
else as a query for what the test counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from aegis.dbt.artifacts.schema import Manifest, Node
from aegis.dbt.generate.arguments import REFERENCES, given_arguments, jinja_in, plain_column, referred_node
from aegis.dbt.generate.compiled_values import compiled_list
from aegis.dbt.generate.model import NotCarriedError, RuleDraft
from aegis.dbt.generate.thresholds import Thresholds, thresholds_of
from aegis.dbt.graph.nodes import plain_name, type_of_test
from aegis.rules.foreign import AS_CONDITION, AS_QUERY
from aegis.rules.foreign_arguments import ROWS, NotUnderstoodError
from aegis.rules.foreign_kind import ForeignTest
from aegis.rules.ids import slug
from aegis.rules.model import Rule, registry

# Where these texts of a test are names of columns, the rule wants them without their quotes.
_NAMES = ("column", "reference_column")
_ESCAPING = frozenset({"bigquery", "databricks", "mysql", "snowflake", "spark"})
"""Adapters of warehouses in whose texts a backslash begins an escape."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A test with what it takes to make a rule of it. ``given`` are its arguments, with SQL as it is written;
    ``filters`` conditions on the rows that it looks at; ``reference`` is the table that it refers to, as rules call
    it."""

    test: Node
    tested: Node
    table: str
    dialect: str | None
    known: ForeignTest
    given: Mapping[str, Any]
    filters: tuple[str, ...] = ()
    reference: str | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def column(self) -> str | None:
        """The column that it tests, if it tests one; "" where it is an expression."""
        written = self.given.get("column_name")
        return None if written is None else plain_column(str(written), self.tested, self.dialect) or ""

    @property
    def where(self) -> str | None:
        return self.filters[0] if len(self.filters) == 1 else " and ".join(f"({one})" for one in self.filters) or None


def drafts_of(
    test: Node, tested: Node, manifest: Manifest, labels: Mapping[str, str], known: ForeignTest
) -> list[RuleDraft]:
    """What a generic test becomes.

    Raises:
        NotCarriedError: No rule gives its verdict, with the reason.
    """
    asked = _asked(test, tested, manifest, labels, known)
    reasons: list[str] = []
    for way in _WAYS:
        try:
            return way(asked)
        except NotCarriedError as error:
            reasons += [text for text in error.args if text not in reasons]
        except NotUnderstoodError:
            continue
    raise NotCarriedError("; ".join(reasons) or known.beside or _unmatched(asked))


def _asked(test: Node, tested: Node, manifest: Manifest, labels: Mapping[str, str], known: ForeignTest) -> Asked:
    given, dialect = given_arguments(test), manifest.metadata.adapter_type
    reference = None
    for name in REFERENCES & given.keys():
        reference = labels.get(referred_node(manifest, test, tested.unique_id, given[name]))
    given = _rendered(test, given, known, dialect)
    filters = [test.config.where] if test.config and test.config.where else []
    for name in ROWS.keys() & given.keys():
        condition = str(given.pop(name))
        filters += [condition] if condition.strip() else []
    for condition in filters:
        if jinja_in(condition):
            raise NotCarriedError(f"its where holds Jinja ({condition}), and the manifest does not have its value")
    table = labels[tested.unique_id]
    return Asked(test, tested, table, dialect, known, given, tuple(filters), reference, _notes(test))


def _rendered(test: Node, given: dict[str, Any], known: ForeignTest, dialect: str | None) -> dict[str, Any]:
    """The arguments with Jinja in them as dbt rendered it, as far as the manifest tells."""
    unknown = {name: text for name, value in given.items() if name not in REFERENCES and (text := jinja_in(value))}
    if known.in_list is not None and known.in_list[0] in unknown:
        values, quoted = known.in_list
        found = compiled_list(test.compiled, dialect)
        if found is not None:
            given = {**given, values: found[0], quoted: found[1]}
            del unknown[values]
    if unknown:
        name, text = next(iter(unknown.items()))
        raise NotCarriedError(f"its argument '{name}' holds Jinja ({text}), and the manifest does not have its value")
    return given


def _notes(test: Node) -> list[str]:
    meta = {**(test.meta or {}), **((test.config.meta if test.config else None) or {})}
    lost = sorted(key for key in meta if key not in ("owner", "severity", "aegis"))
    return [f"meta is not carried: {', '.join(lost)}"] if lost else []


def _as_type(asked: Asked) -> list[RuleDraft]:
    """As the rule type that asks the same."""
    name = asked.known.rule_type
    if name is None or asked.column == "" or _has_escapes(asked):
        raise NotUnderstoodError
    cls, thresholds = registry()[name], thresholds_of(asked.test, asked.known.counts_rows)
    if not thresholds.plain and not asked.known.counts_rows:
        raise NotCarriedError("its warn_if or error_if counts values, where the rule counts rows")
    meant = asked.known.parameters(asked.given)
    if meant is None:
        raise NotUnderstoodError
    where = [*asked.filters, *([meant.pop("where")] if "where" in meant else [])]
    values = _plain_parameters(asked, cls, meant)
    if where and "where" in cls.checks:
        values["where"] = where[0] if len(where) == 1 else " and ".join(f"({one})" for one in where)
    elif where and cls.checks:
        raise NotCarriedError(f"{name} takes no where")
    return _with_settings(asked, name, values, thresholds)


def _has_escapes(asked: Asked) -> bool:
    """Whether the warehouse reads a text of the list otherwise than it is written."""
    if asked.known.in_list is None or asked.dialect not in _ESCAPING:
        return False
    return any("\\" in value for value in asked.given.get(asked.known.in_list[0], ()) if isinstance(value, str))


def _plain_parameters(asked: Asked, cls: type[Rule], meant: dict[str, Any]) -> dict[str, Any]:
    """Parameters as a rules file has them."""
    if "to" in meant:
        meant["reference_table"], meant["reference_column"] = _reference(asked), meant.pop("field", None)
        del meant["to"]
    if asked.column and "column" in cls.model_fields:
        meant.setdefault("column", asked.column)
    elif asked.column and "about" in cls.model_fields:
        meant["about"] = [asked.column]
    for name in _NAMES:
        if isinstance(meant.get(name), str):
            meant[name] = _column_name(asked, meant[name])
    if isinstance(meant.get("columns"), list):
        meant["columns"] = [_column_name(asked, one) for one in meant["columns"]]
    return {name: _number(value) for name, value in meant.items()}


def _column_name(asked: Asked, written: str) -> str:
    if written == asked.column:
        return written
    name = plain_column(written, asked.tested, asked.dialect)
    if name is None:
        raise NotUnderstoodError
    return name


def _number(value: Any) -> Any:
    """A number as rules hold it; the macros' form of one stands among converted parameters."""
    if isinstance(value, Mapping) and value.keys() == {"decimal"}:
        return Decimal(value["decimal"])
    return [_number(one) for one in value] if isinstance(value, list) else value


def _reference(asked: Asked) -> str:
    if asked.reference is None:
        raise NotCarriedError("the manifest does not tell which table it refers to")
    return asked.reference


def _as_condition(asked: Asked) -> list[RuleDraft]:
    """As a condition on each row."""
    if asked.known.condition is None:
        raise NotUnderstoodError
    thresholds = thresholds_of(asked.test, asked.known.counts_rows)
    if not thresholds.plain and not asked.known.counts_rows:
        raise NotUnderstoodError
    values: dict[str, Any] = {"expression": asked.known.condition(asked.given)}
    if asked.column:
        values["about"] = [asked.column]
    if asked.where:
        values["where"] = asked.where
    return _with_settings(asked, AS_CONDITION, values, thresholds)


def _as_query(asked: Asked) -> list[RuleDraft]:
    """As a query that gives what the test counts."""
    if asked.known.query is None:
        raise NotUnderstoodError
    table = _as_sql(asked.table)
    rows = f"(select * from {table} where {asked.where}) as tested" if asked.where else table
    to = _as_sql(_reference(asked)) if "to" in asked.given else ""
    values: dict[str, Any] = {"query": asked.known.query(asked.given, rows, to), "returns": "rows"}
    if asked.column:
        values["about"] = [asked.column]
    # An id made of the SQL would say less than the name that dbt gave the test.
    values["id"] = slug(plain_name(asked.test.unique_id))
    return _with_settings(asked, AS_QUERY, values, thresholds_of(asked.test, True))


_WAYS: tuple[Callable[[Asked], list[RuleDraft]], ...] = (_as_type, _as_condition, _as_query)


def _as_sql(label: str) -> str:
    """A table as SQL names it; it is found by what stands between the quotes."""
    return ".".join(part if part.isidentifier() and part.isascii() else f'"{part}"' for part in label.split("."))


def _with_settings(asked: Asked, name: str, values: Mapping[str, Any], thresholds: Thresholds) -> list[RuleDraft]:
    notes = (*thresholds.notes, *asked.notes)
    return [
        RuleDraft(name, {"table": asked.table, **values, **settings}, notes, suffix=suffix)
        for settings, suffix in thresholds.settings(registry()[name])
    ]


def _unmatched(asked: Asked) -> str:
    """Why a test that is known did not fit."""
    known = asked.known
    if known.rule_type is None and known.condition is None and known.query is None:
        return "no rule type asks the same"
    strangers: Sequence[str] = sorted(asked.given.keys() - {"column_name", *known.arguments})
    if strangers and known.arguments:
        return f"its argument{'s' if len(strangers) > 1 else ''} {', '.join(strangers)} cannot be said in a rule"
    told = ", ".join(f"{name}: {value}" for name, value in _told(asked.given))
    return f"no rule takes these arguments ({told})"


def _told(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in sorted(given.items()) if name != "column_name")


def own_drafts(test: Node, table: str, dialect: str | None, tested: Node) -> list[RuleDraft]:
    """A generic test made from a rule type of ours, as the rule itself."""
    name = type_of_test(test).rpartition(".")[2]
    cls, given = registry()[name], given_arguments(test)
    if (text := jinja_in(given)) is not None:
        raise NotCarriedError(f"its arguments hold Jinja ({text}), and the manifest does not have their values")
    written = given.pop("column_name", None)
    column = plain_column(str(written), tested, dialect) if written is not None else None
    if column and "column" in cls.model_fields:
        given["column"] = column
    if strangers := sorted(given.keys() - set(cls.takes())):
        raise NotCarriedError(f"its argument {strangers[0]} cannot be said in a rule")
    where = test.config.where if test.config else None
    if where:
        given["where"] = f"({given['where']}) and ({where})" if given.get("where") else where
    thresholds = thresholds_of(test, True)
    return [
        RuleDraft(name, {"table": table, **settings, **given}, thresholds.notes, suffix=suffix)
        for settings, suffix in thresholds.settings(cls)
    ]
