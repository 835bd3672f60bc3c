"""The case files: rows in, verdict out, the same for every warehouse and engine. ``cases/`` has one per rule type;
``odd/`` is about odd names, types and sizes, and its rules say their ``type``.

tables:
  people:                                 # a key of this file; `name` is what the table is called (default: the key)
    name: select                          # reserved words, spaces, unicode, mixed case: all of them are tables
    columns: {id: integer, email: text}   # generic types, see warehouses.TYPES
    rows:
      - [1, a@b.c]
      - [2, null]
      - [3, {ago: 2 hours}]               # a moment before now (UTC); {ahead: 1 day} one after it
  large: {select: {duckdb: …, postgres: …}, view: true}   # or what a query gives: a table of it, or a view
cases:
  - a NULL fails:                         # the sentence that the case proves
      table: people
      rule: {column: email}               # the arguments of this file's rule type; severity is high unless said
      expect: fail 1 of 2                 # status, rows_failed, rows_checked; `warn` is a failure of level warn
      keys: [2]                           # optional: failing_keys, observed, expected, level, message (a part of it)
mutation:                                 # `rule` passes, fails with the fault, and passes again without it
  table: people
  rule: {column: email}
  fault: {add: [[3, null]], set: {1: {email: null}}, remove: [2]}   # rows by their first column; or columns:
  # fault: {drop: email} or {retype: {email: integer}}
  expect: fail 1 of 3
traced: [{column: email}]                 # arguments on `orders` of test_tracing.py, which fails by its faults
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

CASES = Path(__file__).parent / "cases"
ODD = Path(__file__).parent / "odd"
EXPECT = re.compile(r"(pass|fail|warn) (\d+) of (\d+)|(error)")
OPTIONAL = frozenset({"keys", "observed", "expected", "level", "message", "only", "references"})


class CaseError(Exception):
    """A case file says something that has no meaning."""


def traced_rules() -> dict[str, tuple[Any, ...]]:
    """What each case file asks of the table of `integration_tests/test_tracing.py`, by its rule type."""
    files = sorted(CASES.rglob("*.yml"))
    return {path.stem: tuple(yaml.safe_load(path.read_text(encoding="utf-8")).get("traced", ())) for path in files}


@dataclass(frozen=True)
class Table:
    """Columns by generic type, and rows. `key` is unique among all case files and serves as dbt's name."""

    key: str
    name: str
    columns: dict[str, str]
    rows: tuple[tuple[Any, ...], ...]
    select: dict[str, str] | None = None
    """By warehouse, the query that it is made from instead."""
    view: bool = False
    undo: Table | None = None
    """What the table is turned into once it has been made: itself without the fault."""


@dataclass(frozen=True)
class Expect:
    status: str
    failed: int | None
    checked: int | None
    level: str
    also: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One rule on one table, and the row that the suite must give for it."""

    id: str
    type: str
    name: str
    table: Table
    rule: dict[str, Any]
    references: dict[str, Table]
    expect: Expect
    only: str | None = None
    """The one warehouse that can hold the table."""

    def __str__(self) -> str:
        return f"{self.type}: {self.name}"


class Exact(yaml.SafeLoader):
    """Numbers stay the decimals that were written."""


def _number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float | Decimal:
    value: float = loader.construct_yaml_float(node)
    return Decimal(node.value) if math.isfinite(value) else value


Exact.add_constructor("tag:yaml.org,2002:float", _number)


def load_cases() -> tuple[Case, ...]:
    """All cases of all files, mutations included (three cases each), in a fixed order."""
    paths = [*sorted(CASES.glob("*/*.yml")), *sorted(ODD.glob("*.yml"))]
    return tuple(case for path in paths for case in cases_of(path))


def cases_of(path: Path) -> Iterator[Case]:
    rule_type = path.stem
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=Exact)
    if unknown := set(content) - {"tables", "cases", "mutation", "traced"}:
        raise CaseError(f"{path.name}: unknown sections {sorted(unknown)}")
    tables = {key: table_of(f"{rule_type}__{key}", given) for key, given in content["tables"].items()}
    for number, entry in enumerate(content["cases"]):
        ((name, given),) = entry.items()
        yield case_of(f"{rule_type}.{number:02}", rule_type, name, given, tables)
    if mutation := content.get("mutation"):
        yield from mutants(rule_type, mutation, tables)


def table_of(key: str, given: dict[str, Any]) -> Table:
    if "select" in given:
        return Table(key, str(given.get("name", key)), {"id": "integer"}, (), given["select"], given.get("view", False))
    columns = given["columns"]
    rows = tuple(tuple(row) for row in given.get("rows") or ())
    for row in rows:
        if len(row) != len(columns):
            raise CaseError(f"{key}: row {row} has {len(row)} values for {len(columns)} columns")
    return Table(key, str(given.get("name", key)), columns, rows)


def case_of(case_id: str, rule_type: str, name: str, given: dict[str, Any], tables: dict[str, Table]) -> Case:
    if unknown := set(given) - OPTIONAL - {"table", "rule", "expect"}:
        raise CaseError(f"{case_id}: unknown fields {sorted(unknown)}")
    rule = dict(given["rule"] or {})
    rule_type = rule.pop("type", rule_type)
    references = {key: tables[key] for key in given.get("references", ())}
    if rule.get("reference_table") in tables:
        references[rule["reference_table"]] = tables[rule["reference_table"]]
    return Case(case_id, rule_type, name, tables[given["table"]], rule, references, expect_of(given), given.get("only"))


def expect_of(given: dict[str, Any]) -> Expect:
    match = EXPECT.fullmatch(given["expect"])
    if not match:
        raise CaseError(f"expect: {given['expect']!r} is not like 'fail 1 of 3' or 'error'")
    word = match[1] or match[4]
    level = given.get("level", "warn" if word == "warn" else "error")
    also: dict[str, Any] = {key: given[key] for key in ("keys", "observed", "expected", "message") if key in given}
    if word == "error":
        return Expect("error", None, None, level, also)
    return Expect("fail" if word == "warn" else word, int(match[2]), int(match[3]), level, also)


def mutants(rule_type: str, given: dict[str, Any], tables: dict[str, Table]) -> Iterator[Case]:
    """The table as it is, with the fault, and after the fault was taken away."""
    table = tables[given["table"]]
    faulty = replace(seeded(table, given["fault"]), key=f"{table.key}__faulty", name=f"{table.name} faulty")
    repaired = replace(faulty, key=f"{table.key}__repaired", name=f"{table.name} repaired", undo=table)
    before = {**given, "expect": given.get("before", f"pass 0 of {len(table.rows)}")}
    passing = {key: value for key, value in before.items() if key in {"table", "rule", "expect", "references", "only"}}
    failing = {key: value for key, value in given.items() if key not in {"fault", "before"}}
    for suffix, name, stage, fields in (
        ("a", "passes before a fault is seeded", table, passing),
        ("b", "fails once the fault is seeded", faulty, failing),
        ("c", "passes again once the fault is gone", repaired, passing),
    ):
        yield case_of(f"{rule_type}.mutation_{suffix}", rule_type, name, fields, {**tables, given["table"]: stage})


def seeded(table: Table, fault: dict[str, Any]) -> Table:
    """The table with its fault."""
    names = list(table.columns)
    removed = set(fault.get("remove", ()))
    changed = fault.get("set", {})
    kept = [number for number, name in enumerate(names) if name != fault.get("drop")]
    rows = [
        [changed.get(row[0], {}).get(name, value) for name, value in zip(names, row, strict=True)]
        for row in table.rows
        if row[0] not in removed
    ]
    columns = {**table.columns, **fault.get("retype", {})}
    return replace(
        table,
        columns={names[number]: columns[names[number]] for number in kept},
        rows=tuple(tuple(row[number] for number in kept) for row in (*rows, *fault.get("add", ()))),
    )
