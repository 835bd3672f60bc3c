"""What plain SQL says of every rule type about a column of some type.

The queries are written by hand from the rule catalog's sentences and share nothing with the package's macros.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from integration_tests.typed import BOOLEAN, FLOAT, NUMBER, OPAQUE, READABLE, TEMPORAL, TEXT, TIME, Typed, cast, literal


@dataclass(frozen=True)
class Check:
    """A rule about a column and what it must say: its verdict by failed and checked rows, or None for an error."""

    id: str
    rule: dict[str, Any]
    truth: str | None
    """A query of (failed, checked, fails)."""


def checks(number: int, type_: Typed, warehouse: str, schema: str, named: str) -> tuple[Check, ...]:
    """Every rule type on the type as a value, then the same inside a `where` that reads the column, then as a key."""
    made = list(_Truths(number, type_, warehouse, schema, named).all())
    inside = list(_Truths(number, type_, warehouse, schema, named, "v is not null and id > 0").all())
    key = Check(
        f"t{number}.key",
        {"max_value_check": {"column": "id", "max_value": -1, "keys": ["v"]}},
        _count("true", "true", schema, number),
    )
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
        truth = (
            None
            if failed is None
            else _count(f"{scope}{checked} and ({failed})", f"{scope}{checked}", self.schema, self.number)
        )
        return self.check(kind, rule, truth)

    def whole(self, kind: str, rule: dict[str, Any], fails: str | None) -> Check:
        """A rule about the table; ``fails`` is a query of one boolean over `{rows}`."""
        rows = f"(select * from {self.table}{f' where {self.where}' if self.where else ''}) as t"
        return self.check(
            kind,
            rule,
            None
            if fails is None
            else f"select case when f then 1 else 0 end, null, f from ({fails.format(rows=rows)}) as x (f)",
        )

    def check(self, kind: str, rule: dict[str, Any], truth: str | None) -> Check:
        name = f"t{self.number}.{'where' if self.where else 'value'}.{kind.replace('#', '-')}"
        type_ = kind.partition("#")[0]
        scoped = (
            {"where": self.where} if self.where and type_ not in ("custom_sql", "column_exists", "column_type") else {}
        )
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
        share = "select 100.0 * sum(case when v is null then 1 else 0 end) > 10 * count(*) from {rows}"
        count = _count(f"({self.where or 'true'}) and v is null", self.where or "true", self.schema, self.number)
        over = share.format(rows=f"{self.table} where {self.where or 'true'}")
        yield self.check(
            "null_percentage_below",
            {**v, "threshold": 10},
            f"select a, b, coalesce(({over}), false) from ({count}) as n (a, b, c)",
        )
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
        yield self.rows(
            "between",
            {**v, "min_value": str(given[0]), "max_value": str(given[1])},
            f"v < {low} or v > {high}{nan}" if ordered else None,
        )
        if kind not in (TEXT, READABLE) and t.listed and kind != OPAQUE:
            yield self.rows("accepted_values#unreadable", {**v, "values": ["what is this"]}, None)

    def of_groups(self) -> Iterator[Check]:
        v, groups = {"column": "v"}, self.type.groups
        scope = f"({self.where}) and " if self.where else ""
        grouped = f"(select count(*) as n from {self.table} where"
        sums = "select coalesce(sum(n - 1), 0), coalesce(sum(n), 0) from"
        beyond = f"{sums} {grouped} {scope}v is not null group by v) as g (n)"
        pairs = f"{sums} {grouped} {self.where or 'true'} group by v, id) as g (n)"
        any_ = "select a, b, a > 0 from ({}) as q (a, b)"
        yield self.check("unique", v, any_.format(beyond) if groups else None)
        yield self.check(
            "duplicate_percentage_below",
            {**v, "threshold": 5},
            f"select a, b, 100 * a > 5 * b from ({beyond}) as q (a, b)" if groups else None,
        )
        yield self.check("composite_unique", {"columns": ["v", "id"]}, any_.format(pairs) if groups else None)
        last = self.table.split(".")[-1]
        one, other = self.comparable("r.v"), self.comparable(last + ".v")
        absent = f"not exists (select 1 from {self.schema}.r{self.number} as r where {one} = {other})"
        yield self.rows(
            "foreign_key",
            {**v, "reference_table": f"{self.named}r{self.number}", "reference_column": "v"},
            absent if groups else None,
        )

    def of_times(self) -> Iterator[Check]:
        v, dated = {"column": "v"}, self.type.kind == TEMPORAL
        yield self.rows("no_future_dates", v, "v > timestamp '2026-06-01'" if dated else None)
        yield self.rows(
            "date_order",
            {**v, "column_b": "w"},
            "v > w" if dated else None,
            "v is not null and w is not null" if dated else "true",
        )
        # Infinity is no time at which anything arrived.
        stale = "select coalesce(max(case when isfinite(v) then v end) < timestamp '2026-01-01', true) from {rows}"
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
        yield self.whole(
            "mean_between", {**v, "min_value": -1000, "max_value": 1000}, inside.format("avg") if number else None
        )
        yield self.whole(
            "column_sum_between", {**v, "min_value": -1000, "max_value": 1000}, inside.format("sum") if number else None
        )
        yield self.whole(
            "stddev_below",
            {**v, "threshold": 1},
            "select coalesce(stddev_samp(" + wide + ") > 1, true) from {rows}" if number else None,
        )
        from_ = f"{self.table} as s where {self.where or 'true'}"
        deviation = f"(select nullif(stddev_samp({wide}), 0) from {from_})"
        limit = f"abs({wide} - (select avg({wide}) from {from_})) > 1 * {deviation}"
        yield self.rows("zscore_outlier", {**v, "zscore_threshold": 1}, limit if number else None)

    def of_table(self) -> Iterator[Check]:
        t, v = self.type, {"column": "v"}
        yield self.whole("column_exists", v, "select false from {rows} group by 1")
        yield self.whole("column_type", {**v, "data_type": t.name}, "select false from {rows} group by 1")
        yield self.whole(
            "column_type#base",
            {**v, "data_type": t.base.partition("(")[0] if not t.base.endswith("]") else t.base},
            "select false from {rows} group by 1",
        )
        yield self.whole(
            "column_type#other",
            {**v, "data_type": "text" if t.kind == NUMBER else "integer"},
            "select true from {rows} group by 1",
        )
        query = f"select v from {self.named}t{self.number} where v is null"
        yield self.check(
            "custom_sql", {"query": query}, f"select count(*), count(*), count(*) > 0 from {self.table} where v is null"
        )
        answer = (
            f"select count(*) = 0 as passed, count(*) as row_count from {self.named}t{self.number} where v is not null"
        )
        yield self.check(
            "custom_sql#passed",
            {"query": answer},
            f"select count(*), count(*), count(*) > 0 from {self.table} where v is not null",
        )

    def text(self) -> str | None:
        """The text that people see, where the type is one to them."""
        if self.type.kind not in (TEXT, READABLE):
            return None
        return (
            "abbrev(v)"
            if self.type.name == "inet"
            else f"cast(v as {'text' if self.warehouse == 'postgres' else 'varchar'})"
        )

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
