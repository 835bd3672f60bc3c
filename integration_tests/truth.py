"""Ten tables of ten columns with seeded faults, twenty rules each, and what plain SQL says about every rule.

The queries here are written by hand from the rule catalog's sentences and share nothing with the package's macros.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

TABLES = tuple(f"table_{number}" for number in range(10))
SIZES = (0, 1, 2, 17, 100, 333, 1000, 1500, 2500, 4000)
COLUMNS = (
    "id integer", "code varchar(40)", "email varchar(80)", "status varchar(20)", "qty integer", "price numeric(12, 2)",
    "created date", "updated timestamp", "parent_id integer", "note varchar(80)",
)  # fmt: skip
STATUSES = ("new", "active", "returned", "test")
PARENTS = 50


@dataclass(frozen=True)
class Truth:
    """What a rule must say: ``checked`` is None where the rule is about the whole table."""

    id: str
    table: str
    rule: dict[str, Any]
    failed_sql: str
    checked_sql: str | None
    passes: Callable[[int, int], bool]
    """By rows failed and rows of the table."""


def rows(number: int, chance: random.Random) -> Iterator[tuple[Any, ...]]:
    """A table's rows, each fault at a rate of the table's own."""
    rates = {fault: chance.choice((0, 0.01, 0.1, 0.4)) for fault in FAULTS}
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    for index in range(SIZES[number]):
        created = date(2020, 1, 1) + timedelta(days=chance.randrange(1500))
        row: dict[str, Any] = {
            "id": index,
            "code": f"c{index}",
            "email": f"user{index}@example.org",
            "status": chance.choice(STATUSES[:3]),
            "qty": chance.randrange(1, 101),
            "price": f"{chance.randrange(1, 90000) / 100:.2f}",
            "created": created,
            "updated": datetime(created.year, created.month, created.day) + timedelta(hours=chance.randrange(1, 200)),
            "parent_id": chance.randrange(PARENTS),
            "note": f"note {index}",
        }
        for fault, make in FAULTS.items():
            if chance.random() < rates[fault]:
                row |= make(chance, now, index)
        yield tuple(row.values())


FAULTS: dict[str, Callable[[random.Random, datetime, int], dict[str, Any]]] = {
    "repeated id": lambda chance, now, index: {"id": chance.randrange(index + 1)},
    "no id": lambda chance, now, index: {"id": None},
    "repeated code": lambda chance, now, index: {"code": f"c{chance.randrange(5)}"},
    "no code": lambda chance, now, index: {"code": None},
    "no email": lambda chance, now, index: {"email": None},
    "bad email": lambda chance, now, index: {"email": chance.choice(("nobody", "a@b@c", "@x", "x@", "", "it's"))},
    "odd status": lambda chance, now, index: {"status": chance.choice(("test", "TEST", "it's", "", "{{ x }}"))},
    "no status": lambda chance, now, index: {"status": None},
    "qty": lambda chance, now, index: {"qty": chance.choice((-5, 0, 101, None))},
    "price": lambda chance, now, index: {"price": chance.choice(("0.00", "-0.01", "1000.00", "999.99", None))},
    "future": lambda chance, now, index: {"created": (now + timedelta(days=chance.randrange(2, 400))).date()},
    "order": lambda chance, now, index: {"updated": datetime(2019, 1, 1)},
    "no updated": lambda chance, now, index: {"updated": None},
    "orphan": lambda chance, now, index: {"parent_id": chance.choice((PARENTS, 999, -1))},
    "no parent": lambda chance, now, index: {"parent_id": None},
    "no note": lambda chance, now, index: {"note": chance.choice((None, "", "  ", "\t\n "))},
}


def statements(schema: str) -> Iterator[str]:
    """Everything that makes the tables, the same for both databases."""
    chance = random.Random(2013)
    yield f"create table {schema}.parents (id integer)"
    yield f"insert into {schema}.parents values {', '.join(f'({index})' for index in range(PARENTS))}, (null)"
    for number, name in enumerate(TABLES):
        yield f"create table {schema}.{name} ({', '.join(COLUMNS)})"
        lines = [f"({', '.join(map(literal, row))})" for row in rows(number, chance)]
        for start in range(0, len(lines), 500):
            yield f"insert into {schema}.{name} values {', '.join(lines[start : start + 500])}"


def literal(value: object) -> str:
    if value is None or isinstance(value, int):
        return "null" if value is None else str(value)
    return "'" + str(value).replace("'", "''") + "'"


def never(failed: int, rows: int) -> bool:
    return failed == 0


def percent(threshold: float) -> Callable[[int, int], bool]:
    return lambda failed, of: of == 0 or 100 * failed / of <= threshold


WRONG_EMAIL = (
    "email is not null and (length(email) - length(replace(email, '@', '')) <> 1 or email like '@%' or email like '%@')"
)
NO_LETTERS = "length(replace(replace(replace(note, ' ', ''), chr(9), ''), chr(10), '')) = 0"

# type, its parameters, the condition of a failing row, the condition of a row that is checked
ROW_RULES: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("not_null", {"column": "email"}, "email is null", "true"),
    (
        "not_null",
        {"column": "code", "where": "status = 'active'"},
        "code is null and status = 'active'",
        "status = 'active'",
    ),
    ("not_empty_string", {"column": "note"}, f"note is null or {NO_LETTERS}", "true"),
    ("sql_expression", {"expression": "qty * price >= 0"}, "qty * price < 0", "qty * price is not null"),
    ("between", {"column": "qty", "min_value": 1, "max_value": 100}, "qty < 1 or qty > 100", "qty is not null"),
    (
        "between",
        {"column": "price", "min_value": 0, "max_value": 1000, "strictly": True, "where": "status <> 'test'"},
        "status <> 'test' and (price <= 0 or price >= 1000)",
        "status <> 'test' and price is not null",
    ),
    ("min_value_check", {"column": "qty", "min_value": 0, "nulls": "fail"}, "qty < 0 or qty is null", "true"),
    ("max_value_check", {"column": "price", "max_value": 899.99}, "price > 899.99", "price is not null"),
    ("regex_match", {"column": "email", "pattern": "^[^@]+@[^@]+$"}, WRONG_EMAIL, "email is not null"),
    (
        "accepted_values",
        {"column": "status", "values": ["new", "active", "returned", "it's", "{{ x }}"]},
        "status not in ('new', 'active', 'returned', 'it''s', '{{ x }}')",
        "status is not null",
    ),
    ("not_accepted_values", {"column": "code", "values": ["c1", "c3"]}, "code in ('c1', 'c3')", "code is not null"),
    ("no_future_dates", {"column": "created"}, "created > current_date", "created is not null"),
    (
        "date_order",
        {"column": "created", "column_b": "updated"},
        "created > updated",
        "created is not null and updated is not null",
    ),
    (
        "foreign_key",
        {"column": "parent_id", "reference_table": "{schema}.parents", "reference_column": "id"},
        "parent_id is not null and not exists (select 1 from {schema}.parents as p where p.id = t.parent_id)",
        "parent_id is not null",
    ),
    (
        "conditional_not_null",
        {"column": "note", "condition": "status = 'returned'"},
        "note is null and status = 'returned'",
        "status = 'returned'",
    ),
)  # fmt: skip


def truths(schema: str, *, named: str) -> tuple[Truth, ...]:
    """The 200 rules. ``named`` is how rules call the schema's tables: ``{schema}.{table}`` or a prefix of theirs."""
    return tuple(truth for table in TABLES for truth in _of_table(table, schema, named))


def _of_table(table: str, schema: str, named: str) -> Iterator[Truth]:
    full = f"{schema}.{table}"
    for position, (kind, parameters, failing, checked) in enumerate(ROW_RULES):
        given = {key: named + "parents" if key == "reference_table" else value for key, value in parameters.items()}
        bad = failing.replace("{schema}", schema)
        yield Truth(
            f"{table}.r{position}",
            table,
            {kind: given},
            f"select count(*) from {full} as t where {bad}",
            f"select count(*) from {full} as t where {checked}",
            never,
        )
    yield from _uniqueness(table, full)
    yield from _whole(table, full)


def _uniqueness(table: str, full: str) -> Iterator[Truth]:
    beyond = f"select count(code) - count(distinct code) from {full}"
    pairs = f"select count(*) - (select count(*) from (select distinct code, status from {full}) as d) from {full}"
    yield Truth(
        f"{table}.u0", table, {"unique": {"column": "id"}},
        f"select count(id) - count(distinct id) from {full}", f"select count(id) from {full}", never,
    )  # fmt: skip
    yield Truth(
        f"{table}.u1", table, {"composite_unique": {"columns": ["code", "status"]}},
        pairs, f"select count(*) from {full}", never,
    )  # fmt: skip
    yield Truth(
        f"{table}.u2", table, {"duplicate_percentage_below": {"column": "code", "threshold": 10}},
        beyond, f"select count(code) from {full}", percent(10),
    )  # fmt: skip


def _whole(table: str, full: str) -> Iterator[Truth]:
    yield Truth(
        f"{table}.w0", table, {"null_percentage_below": {"column": "email", "threshold": 5}},
        f"select count(*) - count(email) from {full}", f"select count(*) from {full}", percent(5),
    )  # fmt: skip
    others: dict[int, tuple[dict[str, Any], str]] = {
        0: ({"row_count": {"threshold": 100}}, f"select case when count(*) < 100 then 1 else 0 end from {full}"),
        1: (
            {"mean_between": {"column": "qty", "min_value": 45, "max_value": 55}},
            f"select case when avg(qty) between 45 and 55 then 0 else 1 end from {full}",
        ),
        2: (
            {"column_sum_between": {"column": "price", "min_value": 1000}},
            f"select case when sum(price) >= 1000 then 0 else 1 end from {full}",
        ),
        3: (
            {"stddev_below": {"column": "qty", "threshold": 29}},
            f"select case when stddev_samp(qty) <= 29 then 0 else 1 end from {full}",
        ),
        4: (
            {"custom_sql": {"query": f"select * from {table} where qty = 7 and price < 500"}},
            f"select count(*) from {full} where qty = 7 and price < 500",
        ),
    }
    rule, failed_sql = others[int(table[-1]) % 5]
    yield Truth(f"{table}.w1", table, rule, failed_sql, None, never)
