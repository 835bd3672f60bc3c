"""Random rule books in which rules cannot run, are disabled, deselected, drafts or deprecated, and have odd names; and
what must become of each rule, worked out beside the product."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from integration_tests.test_odd_names import ODD, quoted

GOOD = ("not_null", "unique", "between", "row_count", "expression")
BROKEN = ("no column", "breaks the statement", "no such type of value")


@dataclass(frozen=True)
class Asked:
    """A rule as it is written, and what must become of it: ``result``, ``error``, ``silent`` (its table was not built),
    or why it is left out."""

    rule_id: str
    entry: dict[str, Any]
    fate: str


@dataclass(frozen=True)
class AskedTable:
    """A table of a book. ``kind``: a model, a source with an odd name, a disabled or a broken model, and a model whose
    suite is disabled or excluded."""

    name: str
    kind: str
    rules: tuple[Asked, ...]

    @property
    def model(self) -> str:
        if self.kind == "broken":
            return "select no_such_column from (select 1 as id) as t\n"
        head = "{{ config(enabled=false) }}\n" if self.kind == "disabled" else ""
        return f"{head}select 1 as id, 'a' as name union all select null, null union all select 1, 'b'\n"


@dataclass(frozen=True)
class Book:
    tables: tuple[AskedTable, ...] = field(default_factory=tuple)

    @property
    def rules(self) -> tuple[Asked, ...]:
        return tuple(rule for table in self.tables for rule in table.rules)

    @property
    def text(self) -> str:
        documents = [{"table": table.name, "rules": [rule.entry for rule in table.rules]} for table in self.tables]
        return yaml.safe_dump_all(documents, allow_unicode=False)


KINDS = ("model", "model", "model", "source", "disabled", "broken", "suite off", "excluded")
FATES = {"disabled": "disabled", "suite off": "disabled", "excluded": "deselected", "broken": "silent"}


def make_book(seed: int, kinds: tuple[str, ...] = KINDS) -> Book:
    """The book of a seed, always the same."""
    chance = random.Random(seed)
    tables = []
    for number in range(chance.randint(1, 3)):
        kind = chance.choice(kinds)
        name = f"b{seed}_t{number}"
        if kind == "source":
            name = f"raw.{name}{chance.choice([one for one in ODD if '.' not in one])}"
        if kind == "table":
            name = f"{name}{chance.choice(['', *(one for one in ODD if '.' not in one)])}"
        made = (_rule(chance, f"b{seed}_{number}_{index}", kind) for index in range(chance.randint(1, 5)))
        tables.append(AskedTable(name, kind, tuple(made)))
    return Book(tuple(tables))


def _rule(chance: random.Random, rule_id: str, kind: str) -> Asked:
    broken = chance.random() < 0.2
    what = chance.choice(BROKEN if broken else GOOD)
    status = chance.choices(["active", "draft", "deprecated"], [8, 1, 1])[0]
    common = {"id": rule_id, "severity": chance.choice(["critical", "high", "medium", "low", "info"]), "status": status}
    entries: dict[str, dict[str, Any]] = {
        "not_null": {"not_null": {"column": "id", **common}},
        "unique": {"unique": {"column": "id", **common}},
        "between": {"between": {"column": "id", "min_value": 0, "max_value": 5, **common}},
        "row_count": {"row_count": {"threshold": chance.choice([1, 100]), **common}},
        "expression": {"sql_expression": {"expression": "id > 0", **common}},
        "no column": {"not_null": {"column": "no_such_column", **common}},
        "breaks the statement": {"sql_expression": {"expression": "cast(name as integer) > 0", **common}},
        "no such type of value": {"between": {"column": "name", "min_value": 1, **common}},
    }
    fate = "deprecated" if status == "deprecated" else FATES.get(kind, "error" if broken else "result")
    return Asked(rule_id, entries[what], fate)


def statements(tables: Iterable[AskedTable], schema: str) -> list[str]:
    """SQL that makes the tables that dbt does not."""
    made = [f"create schema if not exists {quoted(schema)}"]
    for table in tables:
        name = f"{quoted(schema)}.{quoted(table.name.removeprefix('raw.'))}"
        made.append(f"create or replace table {name} as select 1 as id, 'a' as name union all select null, null")
    return made


def write_models(folder: Path, tables: Iterable[AskedTable]) -> None:
    """The models of the tables, in place of those that were there."""
    models = folder / "models"
    for file in models.glob("*.sql"):
        file.unlink()
    (models / "aegis_sources.yml").unlink(missing_ok=True)
    for table in tables:
        if table.kind != "source":
            (models / f"{table.name}.sql").write_text(table.model, encoding="utf-8")


def check(books: Iterable[Book], report: dict[str, Any]) -> None:
    """Results and stated omissions are the rules that were asked, each once, and each for the right reason."""
    asked = {rule.rule_id: rule for book in books for rule in book.rules}
    results = [(one["rule_id"], one["status"]) for one in report["results"] if one["kind"] == "rule"]
    omitted = [(one["rule_id"], one["why"]) for one in report["omitted"]]
    answered = [rule_id for rule_id, _ in (*results, *omitted)]
    assert sorted(answered) == sorted(asked), set(asked) ^ set(answered)
    became = {rule_id: _FATES.get(status, "result") for rule_id, status in results} | dict(omitted)
    wrong = {
        rule_id: (rule.fate, became[rule_id], rule.entry)
        for rule_id, rule in asked.items()
        if became[rule_id] != rule.fate
    }
    assert not wrong, wrong
    assert all(one["text"] for one in report["omitted"])
    assert all(one["message"] for one in report["results"] if one["status"] in ("error", "skipped"))
    summary = report["summary"]
    assert summary["rules"] == len(asked)
    counts = {why: sum(one == why for _, one in omitted) for why in ("disabled", "deselected", "deprecated")}
    assert {why: summary[why] for why in counts} == counts
    drafts = {rule_id for rule_id, rule in asked.items() if next(iter(rule.entry.values()))["status"] == "draft"}
    assert summary["drafts"] == len(drafts & {rule_id for rule_id, _ in results})


_FATES = {"error": "error", "skipped": "silent"}
