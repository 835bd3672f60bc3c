"""The types of DuckDB and PostgreSQL, each with values that are odd for it, and what plain SQL says of every rule type.

The queries are written by hand from the rule catalog's sentences and share nothing with the package's macros.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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
        return self.kind in (NUMBER, FLOAT) and any(value.strip("+-").lower() in ("nan", "inf", "infinity") for value in self.values)


@dataclass(frozen=True)
class Check:
    """A rule about a column and what it must say: its verdict by failed and checked rows, or None for an error."""

    id: str
    rule: dict[str, Any]
    truth: str | None
    """A query of (failed, checked, fails)."""


FLOATS = ("1.5", "-0.0", "0", "nan", "inf", "-inf", "1e300", "-1e300", "5e-324")
TEXTS = ("", " ", "\t\n", "abc", "ABC", "été", "日本", "it's", 'a"b', "back\\slash", "x" * 3000, "1", "NULL")
UUIDS = ("11111111-1111-1111-1111-111111111111", "ffffffff-ffff-ffff-ffff-ffffffffffff")


def integer(name: str, low: int, high: int, **more: Any) -> Typed:
    return Typed(
        name, NUMBER, ("0", "1", "7", str(low), str(high)), ("1", 7, str(high)), "1", high - 1, **more
    )


def decimal(name: str, most: str, **more: Any) -> Typed:
    return Typed(name, NUMBER, ("0", "1.5", "-1.5", most, f"-{most}"), ("1.5", 0, most), "-1.50", 1.4, **more)


def times(name: str, *values: str, some: tuple[Any, ...] = ("2024-01-01 10:00:00",), **more: Any) -> Typed:
    return Typed(name, TEMPORAL, (*values, *some), some, "2000-01-01", "2024-06-30 12:00:00", **more)


DUCKDB = (
    integer("tinyint", -128, 127), integer("smallint", -32768, 32767), integer("integer", -(2**31), 2**31 - 1),
    integer("bigint", -(2**63), 2**63 - 1), integer("hugeint", -(2**127), 2**127 - 1), integer("utinyint", 0, 255),
    integer("usmallint", 0, 65535), integer("uinteger", 0, 2**32 - 1), integer("ubigint", 0, 2**64 - 1),
    integer("uhugeint", 0, 2**128 - 1), decimal("decimal(4,1)", "999.9"), decimal("decimal(18,3)", "999999999999999.999"),
    decimal("decimal(38,10)", "9999999999999999999999999999.9999999999"), Typed("bignum", NUMBER, ("0", "1", "7", str(10**60)), ("1", 7), 1, 7),
    Typed("float", FLOAT, ("1.5", "0.1", "-0.0", "nan", "inf", "-inf"), ("0.1", 1.5, "nan"), "0", 1.4),
    Typed("double", FLOAT, FLOATS, ("1.5", 0, "inf"), "0", 1.4),
    Typed("varchar", TEXT, TEXTS, ("abc", "it's", "", "back\\slash"), "a", "b"),
    Typed("boolean", BOOLEAN, ("true", "false"), ("t", "1"), "true", "true"),
    times("date", "-infinity", "infinity", "0001-01-01", "9999-12-31", some=("2024-01-01",)),
    times("timestamp", "-infinity", "infinity", "0001-01-01", "9999-12-31 23:59:59.999999"), times("timestamp_s", "1969-12-31 23:59:59"),
    times("timestamp_ms", "1969-12-31 23:59:59.999"), times("timestamp_ns", "1969-12-31 23:59:59.999999999"),
    times("timestamptz", "-infinity", "infinity", "1969-12-31 23:59:59+00", some=("2024-01-01 10:00:00+02",)),
    Typed("time", TIME, ("00:00:00", "23:59:59.999999", "09:30:00"), ("09:30",), "09:00", "12:00:00"),
    Typed("timetz", TIME, ("00:00:00+00", "23:59:59+00", "09:30:00+00"), ("09:30:00+00",), "09:00:00+00", "12:00:00+00"),
    Typed("interval", OPAQUE, ("1 day", "00:00:00", "-3 months"), ("1 day",)), Typed("uuid", READABLE, UUIDS, (UUIDS[1].upper(), "no uuid")),
    Typed("enum('sad','ok','')", READABLE, ("sad", "ok", ""), ("sad", "glad")), Typed("json", READABLE, ('{"a": 1}', "null", '""'), ('{"a": 1}',)),
    Typed("blob", OPAQUE, ("abc", r"\xFF\x00", ""), ("abc",)), Typed("bit", OPAQUE, ("0101", "1"), ("0101",)),
    Typed("integer[]", OPAQUE, ("[1, 2]", "[]"), ("[1, 2]",)), Typed("integer[2]", OPAQUE, ("[1, 2]", "[3, 4]"), ("[1, 2]",)),
    Typed("varchar[]", OPAQUE, ("[a]", "[]"), ("[a]",)), Typed("struct(a integer, b varchar)", OPAQUE, ("{'a': 1, 'b': x}", "{'a': 2, 'b': y}"), ("{'a': 1, 'b': x}",)),
    Typed("map(varchar, integer)", OPAQUE, ("{k=1}", "{}"), ("{k=1}",)), Typed("union(n integer, t varchar)", OPAQUE, ("1", "b"), ("1",)),
)  # fmt: skip

MOOD, QUANTITY, CODE, MOMENT = "ty.mood", "ty.quantity", "ty.code", "ty.moment"
PREPARATION = (
    "create schema ty", "create type ty.mood as enum ('sad', 'ok', '')", "create domain ty.quantity as int",
    "create domain ty.twice as ty.quantity", "create domain ty.code as varchar(4000)", "create domain ty.moment as timestamp(3)",
    "create domain ty.feeling as ty.mood", "create domain ty.many as int[]", "create type ty.pair as (a int, b text)",
    "create type ty.record as (a int, b json)", 'create domain ty."Odd Name" as numeric(10,2)', "create domain ty.timezone as text",
)  # fmt: skip

POSTGRES = (
    integer("smallint", -32768, 32767), integer("integer", -(2**31), 2**31 - 1), integer("bigint", -(2**63), 2**63 - 1),
    decimal("numeric(10,2)", "99999999.99"), decimal("numeric", "9" * 40 + ".9999999999"), integer("ty.quantity", -(2**31), 2**31 - 1, behind="integer"),
    integer("ty.twice", -(2**31), 2**31 - 1, behind="integer"), decimal('ty."Odd Name"', "99999999.99", behind="numeric(10,2)"),
    Typed("real", FLOAT, ("1.5", "0.1", "-0.0", "nan", "inf", "-inf"), ("0.1", 1.5, "nan"), "0", 1.4),
    Typed("double precision", FLOAT, FLOATS, ("1.5", 0, "inf"), "0", 1.4),
    Typed("text", TEXT, TEXTS, ("abc", "it's", "", "back\\slash"), "a", "b"), Typed("varchar(4000)", TEXT, TEXTS, ("abc",), "a", "b"),
    Typed("char(5)", TEXT, ("", "ab", "abcde"), ("ab",), "a", "b"), Typed("name", TEXT, ("", "ab", "AB"), ("ab",), "a", "b"),
    Typed("citext", TEXT, ("", "ab", "AB", "cd"), ("ab",), "a", "b"), Typed('"char"', READABLE, ("a", "b"), ("a",)),
    Typed("ty.code", TEXT, TEXTS, ("abc",), "a", "b", behind="varchar"), Typed("ty.timezone", TEXT, ("", "UTC"), ("UTC",), "a", "b", behind="text"),
    Typed("boolean", BOOLEAN, ("true", "false"), ("t", "1"), "true", "true"),
    times("date", "-infinity", "infinity", "0001-01-01", "9999-12-31", some=("2024-01-01",)),
    times("timestamp", "-infinity", "infinity", "0001-01-01", "9999-12-31 23:59:59.999999"), times("timestamp(0)", "1969-12-31 23:59:59"),
    times("ty.moment", "1969-12-31 23:59:59", behind="timestamp"), times("timestamptz", "-infinity", "infinity", "1969-12-31 23:59:59+00", some=("2024-01-01 10:00:00+02",)),
    Typed("time", TIME, ("00:00:00", "23:59:59.999999", "24:00:00", "09:30:00"), ("09:30",), "09:00", "12:00:00"),
    Typed("timetz", TIME, ("00:00:00+00", "23:59:59+00", "09:30:00+00"), ("09:30:00+00",), "09:00:00+00", "12:00:00+00"),
    Typed("interval", OPAQUE, ("1 day", "00:00:00", "-3 months"), ("1 day",), listed=False), Typed("money", OPAQUE, ("1.50", "-2"), ("1.50",), listed=False),
    Typed("uuid", READABLE, UUIDS, (UUIDS[1].upper(), "no uuid")), Typed("ty.mood", READABLE, ("sad", "ok", ""), ("sad", "glad")),
    Typed("ty.feeling", READABLE, ("sad", "ok", ""), ("sad", "glad"), behind="ty.mood"),
    Typed("json", READABLE, ('{"a": 1}', "null", '""'), ('{"a": 1}',), groups=False), Typed("jsonb", READABLE, ('{"a": 1}', "null", '""'), ('{"a": 1}',)),
    Typed("xml", READABLE, ("<a/>", "<b>x</b>"), ("<a/>",), groups=False), Typed("inet", READABLE, ("10.0.0.1", "10.0.0.0/8", "::1"), ("10.0.0.1",)),
    Typed("cidr", READABLE, ("10.0.0.0/8", "::1/128"), ("10.0.0.0/8",)), Typed("macaddr", READABLE, ("08:00:2b:01:02:03",), ("08:00:2b:01:02:03",)),
    Typed("macaddr8", READABLE, ("08:00:2b:01:02:03:04:05",), ("08:00:2b:01:02:03:04:05",)), Typed("bytea", OPAQUE, ("abc", r"\xff00", ""), ("abc",), listed=False),
    Typed("bit(4)", OPAQUE, ("0101", "1111"), ("0101",)), Typed("bit varying(8)", OPAQUE, ("0101", ""), ("0101",)),
    Typed("integer[]", OPAQUE, ("{1,2}", "{}"), ("{1,2}",)), Typed("text[]", OPAQUE, ("{a,NULL}", "{}"), ("{a,NULL}",)), Typed("json[]", OPAQUE, ("{1}", "{}"), ("{1}",), groups=False),
    Typed("timestamp[]", OPAQUE, ("{2024-01-01}",), ("{2024-01-01}",), listed=False), Typed("ty.many", OPAQUE, ("{1,2}", "{}"), ("{1,2}",)),
    Typed("ty.pair", OPAQUE, ("(1,x)", "(,)"), ("(1,x)",)), Typed("ty.record", OPAQUE, ("(1,{})", "(,)"), ("(1,{})",), groups=False),
    Typed("int4range", OPAQUE, ("[1,5)", "empty"), ("[1,5)",)), Typed("tstzrange", OPAQUE, ("[2024-01-01,2024-02-01)", "empty"), ("empty",), listed=False),
    Typed("int4multirange", OPAQUE, ("{[1,5)}", "{}"), ("{[1,5)}",)), Typed("point", OPAQUE, ("(1,2)",), ("(1,2)",), groups=False),
    Typed("line", OPAQUE, ("{1,2,3}",), ("{1,2,3}",), groups=False), Typed("lseg", OPAQUE, ("[(1,2),(3,4)]",), ("[(1,2),(3,4)]",), groups=False),
    Typed("box", OPAQUE, ("(3,4),(1,2)",), ("(3,4),(1,2)",), groups=False), Typed("path", OPAQUE, ("((1,2),(3,4))",), ("((1,2),(3,4))",), groups=False),
    Typed("polygon", OPAQUE, ("((1,2),(3,4))",), ("((1,2),(3,4))",), groups=False), Typed("circle", OPAQUE, ("<(1,2),3>",), ("<(1,2),3>",), groups=False),
    Typed("tsvector", OPAQUE, ("'a' 'b'", ""), ("'a' 'b'",)), Typed("tsquery", OPAQUE, ("'a'",), ("'a'",)), Typed("jsonpath", OPAQUE, ('$."a"',), ('$."a"',), groups=False),
    Typed("oid", OPAQUE, ("1", "4294967295"), ("1",)), Typed("regclass", OPAQUE, ("pg_class",), ("pg_class",)), Typed("pg_lsn", OPAQUE, ("0/1",), ("0/1",)),
)  # fmt: skip


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


def checks(number: int, type_: Typed, warehouse: str, schema: str, named: str) -> tuple[Check, ...]:
    """Every rule type on the type as a value, then the same inside a `where` that reads the column, then as a key."""
    made = list(_Truths(number, type_, warehouse, schema, named).all())
    inside = list(_Truths(number, type_, warehouse, schema, named, "v is not null and id > 0").all())
    key = Check(f"t{number}.key", {"max_value_check": {"column": "id", "max_value": -1, "keys": ["v"]}}, _count("true", "true", schema, number))
    return (*made, *inside, key)


def _count(failed: str, checked: str, schema: str, number: int) -> str:
    total = "sum(case when {} then 1 else 0 end)"
    return (
        f"select coalesce({total.format(failed)}, 0), coalesce({total.format(checked)}, 0), "
        f"coalesce({total.format(failed)}, 0) > 0 from {schema}.t{number}"
    )


@dataclass(frozen=True)
class _Truths:
    number: int
    type: Typed
    warehouse: str
    schema: str
    named: str
    where: str | None = None

    @property
    def table(self) -> str:
        return f"{self.schema}.t{self.number}"

    def rows(self, kind: str, rule: dict[str, Any], failed: str | None, checked: str = "v is not null") -> Check:
        """A rule about rows; ``failed`` is None where the type cannot be asked."""
        scope = f"({self.where}) and " if self.where else ""
        truth = None if failed is None else _count(f"{scope}{checked} and ({failed})", f"{scope}{checked}", self.schema, self.number)
        return self.check(kind, rule, truth)

    def whole(self, kind: str, rule: dict[str, Any], fails: str | None) -> Check:
        """A rule about the table; ``fails`` is a query of one boolean over `{rows}`."""
        rows = f"(select * from {self.table}{f' where {self.where}' if self.where else ''}) as t"
        return self.check(kind, rule, None if fails is None else f"select case when f then 1 else 0 end, null, f from ({fails.format(rows=rows)}) as x (f)")

    def check(self, kind: str, rule: dict[str, Any], truth: str | None) -> Check:
        name = f"t{self.number}.{'where' if self.where else 'value'}.{kind.replace('#', '-')}"
        type_ = kind.partition("#")[0]
        scoped = {"where": self.where} if self.where and type_ not in ("custom_sql", "column_exists", "column_type") else {}
        return Check(name, {type_: {**rule, **scoped}}, truth)

    def all(self) -> Iterator[Check]:
        yield from self.of_all()
        yield from self.of_values()
        yield from self.of_groups()
        yield from self.of_times()
        yield from self.of_numbers()
        if self.where is None:
            yield from self.of_table()

    def of_all(self) -> Iterator[Check]:
        v = {"column": "v"}
        yield self.rows("not_null", v, "v is null", "true")
        yield self.rows("conditional_not_null", {**v, "condition": "id > 1"}, "v is null", "id > 1")
        yield self.rows("sql_expression", {"expression": "v is not null or id < 0"}, "v is null and id >= 0", "true")
        share = f"select 100.0 * sum(case when v is null then 1 else 0 end) > 10 * count(*) from {{rows}}"
        count = _count(f"({self.where or 'true'}) and v is null", self.where or "true", self.schema, self.number)
        over = share.format(rows=f"{self.table} where {self.where or 'true'}")
        yield self.check("null_percentage_below", {**v, "threshold": 10}, f"select a, b, coalesce(({over}), false) from ({count}) as n (a, b, c)")
        yield self.whole("row_count", {"threshold": 3}, "select count(*) < 3 from {rows}")
        yield self.whole("row_count_between", {"max_value": 2}, "select count(*) > 2 from {rows}")

    def of_values(self) -> Iterator[Check]:
        t, v, kind = self.type, {"column": "v"}, self.type.kind
        text = self.text()
        blank = f"({text}) is null or trim(translate({text}, chr(9) || chr(10), '  ')) = ''" if text else None
        yield self.rows("not_empty_string", v, blank, "true")
        letters = "lower(" + text + ")" if text and t.name == "citext" else text
        yield self.rows("regex_match", {**v, "pattern": "a"}, f"position('a' in {letters}) = 0" if text else None)
        listed = self.listed()
        yield self.rows("accepted_values", {**v, "values": list(t.some)}, f"not ({listed})" if listed else None)
        yield self.rows("not_accepted_values", {**v, "values": list(t.some)}, listed)
        ordered = kind in (NUMBER, FLOAT, TEXT, TEMPORAL, TIME, BOOLEAN)
        low, high = (self.limit(t.low), self.limit(t.high)) if ordered else ("", "")
        nan = f" or {self.nan()}" if kind == FLOAT else ""
        given = ("x", "y") if t.low is None else (t.low, t.high)
        yield self.rows("min_value_check", {**v, "min_value": given[0]}, f"v < {low}{nan}" if ordered else None)
        yield self.rows("max_value_check", {**v, "max_value": given[1]}, f"v > {high}{nan}" if ordered else None)
        yield self.rows("between", {**v, "min_value": str(given[0]), "max_value": str(given[1])}, f"v < {low} or v > {high}{nan}" if ordered else None)
        if kind not in (TEXT, READABLE) and t.listed and kind != OPAQUE:
            yield self.rows("accepted_values#unreadable", {**v, "values": ["what is this"]}, None)

    def of_groups(self) -> Iterator[Check]:
        v, groups = {"column": "v"}, self.type.groups
        scope = f"({self.where}) and " if self.where else ""
        beyond = f"select coalesce(sum(n - 1), 0), coalesce(sum(n), 0) from (select count(*) as n from {self.table} where {scope}v is not null group by v) as g (n)"
        pairs = f"select coalesce(sum(n - 1), 0), coalesce(sum(n), 0) from (select count(*) as n from {self.table} where {self.where or 'true'} group by v, id) as g (n)"
        any_ = "select a, b, a > 0 from ({}) as q (a, b)"
        yield self.check("unique", v, any_.format(beyond) if groups else None)
        yield self.check("duplicate_percentage_below", {**v, "threshold": 5}, f"select a, b, 100 * a > 5 * b from ({beyond}) as q (a, b)" if groups else None)
        yield self.check("composite_unique", {"columns": ["v", "id"]}, any_.format(pairs) if groups else None)
        last = self.table.split(".")[-1]
        absent = f"not exists (select 1 from {self.schema}.r{self.number} as r where {self.comparable('r.v')} = {self.comparable(last + '.v')})"
        yield self.rows("foreign_key", {**v, "reference_table": f"{self.named}r{self.number}", "reference_column": "v"}, absent if groups else None)

    def of_times(self) -> Iterator[Check]:
        v, dated = {"column": "v"}, self.type.kind == TEMPORAL
        yield self.rows("no_future_dates", v, "v > timestamp '2026-06-01'" if dated else None)
        yield self.rows("date_order", {**v, "column_b": "w"}, "v > w" if dated else None, "v is not null and w is not null" if dated else "true")
        stale = "select coalesce(max(v) < timestamp '2026-01-01', true) from {rows}"
        yield self.whole("freshness", {**v, "threshold": 1}, stale if dated else None)

    def of_numbers(self) -> Iterator[Check]:
        v, number = {"column": "v"}, self.type.kind in (NUMBER, FLOAT)
        wide = "cast(v as double precision)" if self.warehouse == "postgres" else "cast(v as double)"
        if self.type.special:
            # A value that is no number, or none that is finite, is in no range and has no deviation.
            yield self.whole("mean_between", {**v, "min_value": -1000, "max_value": 1000}, "select true")
            yield self.whole("column_sum_between", {**v, "min_value": -1000, "max_value": 1000}, "select true")
            yield self.whole("stddev_below", {**v, "threshold": 1}, "select true")
            return
        inside = "select not (coalesce({0}(" + wide + ") between -1000 and 1000, false)) from {{rows}}"
        yield self.whole("mean_between", {**v, "min_value": -1000, "max_value": 1000}, inside.format("avg") if number else None)
        yield self.whole("column_sum_between", {**v, "min_value": -1000, "max_value": 1000}, inside.format("sum") if number else None)
        yield self.whole("stddev_below", {**v, "threshold": 1}, "select coalesce(stddev_samp(" + wide + ") > 1, true) from {rows}" if number else None)
        from_ = f"{self.table} as s where {self.where or 'true'}"
        limit = f"abs({wide} - (select avg({wide}) from {from_})) > 1 * (select nullif(stddev_samp({wide}), 0) from {from_})"
        yield self.rows("zscore_outlier", {**v, "zscore_threshold": 1}, limit if number else None)

    def of_table(self) -> Iterator[Check]:
        t, v = self.type, {"column": "v"}
        yield self.whole("column_exists", v, "select false from {rows} group by 1")
        yield self.whole("column_type", {**v, "data_type": t.name}, "select false from {rows} group by 1")
        yield self.whole("column_type#base", {**v, "data_type": t.base.partition("(")[0] if not t.base.endswith("]") else t.base}, "select false from {rows} group by 1")
        yield self.whole("column_type#other", {**v, "data_type": "text" if t.kind == NUMBER else "integer"}, "select true from {rows} group by 1")
        query = f"select v from {self.named}t{self.number} where v is null"
        yield self.check("custom_sql", {"query": query}, f"select count(*), count(*), count(*) > 0 from {self.table} where v is null")
        answer = f"select count(*) = 0 as passed, count(*) as row_count from {self.named}t{self.number} where v is not null"
        yield self.check("custom_sql#passed", {"query": answer}, f"select count(*), count(*), count(*) > 0 from {self.table} where v is not null")

    def text(self) -> str | None:
        """The text that people see, where the type is one to them."""
        if self.type.kind not in (TEXT, READABLE):
            return None
        return "abbrev(v)" if self.type.name == "inet" else f"cast(v as {'text' if self.warehouse == 'postgres' else 'varchar'})"

    def limit(self, value: Any) -> str:
        if self.type.kind in (NUMBER, FLOAT):
            return str(value)
        base = "timestamp" if self.type.base == "date" and len(value) > 10 else self.type.base
        return cast(value, base)

    def comparable(self, name: str) -> str:
        """PostgreSQL itself finds no equality for a domain of an enum."""
        return f"cast({name} as {self.type.behind})" if self.type.behind else name

    def nan(self) -> str:
        return "isnan(v)" if self.warehouse == "duckdb" else "v = 'NaN'"

    def listed(self) -> str | None:
        t = self.type
        if not t.listed:
            return None
        if t.kind in (OPAQUE, READABLE):
            text = self.text() or f"cast(v as {'text' if self.warehouse == 'postgres' else 'varchar'})"
            return f"{text} in ({', '.join(literal(str(one).lower() if t.name == 'uuid' else one) for one in t.some)})"
        if t.kind == NUMBER:
            return f"v in ({', '.join(map(str, t.some))})"
        return f"v in ({', '.join(cast(one, t.base) for one in t.some)})"
