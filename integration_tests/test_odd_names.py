"""Names that mean something to YAML, Jinja, SQL or a file system: the right verdict about the right table, or a refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from integration_tests.command import DUCKDB, Done, aegis, make_database, make_project
from integration_tests.engines import Engine, engines

ODD = [
    "a{{1}}b", "{% raw %}", "{#", "#}", "%}", "}}", "{{ x }}", "{{ '", "{%- endset -%}", "a\x85b", "a\u2028b", "a\u2029b",
    "a\x7fb", "\ufeffa", "a\tb", "a\nb", "a\r\nb", "ends in a line\n", "it's", 'say "it"', '"', "''", "a.b.c", ".", "a\\b",
    "a\\u007bb", "100%s", "%(x)s", " leads", "trails ", "  ", "n" * 200, "m" * 120 + "1", "m" * 120 + "2", "😀", "😀😀",
    "売上", "顧客", "a売", "a顧", "é", "e\u0301", "select", "null", "true", "~", "- a", "a: b", "a #b", "&a", "*a", "!a", "|",
    ">", "@a", "`a`", "[a]", "{a: 1}", "2024", "1e3", "0x1f", "2024-01-01", "?", "a?", "a/b", "../a", "CON", "aux", ".sql",
    "x y", "x-y", "x_y", "«this»", "this", "$1", ":a", "--", "/* */", "a;b", "İ", "ß", "ss", "\u202ea",
]  # fmt: skip
"""What a table may be called. `x y`, `x-y` and `x_y` fold to one name in files and in ids of dbt 2; so do the others of
letters that are not ASCII."""

SCHEMAS = ["s{{1}}", "売", "顧", "a.b", "s q", 'q"q', "s\x85"]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def rows_of(number: int) -> int:
    """A number of failing rows of its own for each table, so that a verdict of another's is seen."""
    return number % 7 + 1


def statements(names: list[tuple[str, str]], column: str = "id") -> list[str]:
    made = [f"create schema if not exists {quoted(schema)}" for schema in sorted({schema for schema, _ in names})]
    for number, (schema, name) in enumerate(names):
        values = ", ".join(["(1)", *["(null)"] * rows_of(number)])
        table = f"{quoted(schema)}.{quoted(name)}"
        made += [f"create table {table} ({quoted(column)} integer)", f"insert into {table} values {values}"]
    return made


def rules_of(names: list[tuple[str, str]], column: str = "id", **more: Any) -> str:
    documents = [
        {
            "metadata": {"id": f"r{number}", "severity": "high"},
            "scope": {"table": name, "schema": schema},
            "logic": {"type": "not_null", "column": column, **more},
        }
        for number, (schema, name) in enumerate(names)
    ]
    return yaml.safe_dump_all(documents, allow_unicode=False, default_style='"')


def check(done: Done, names: list[tuple[str, str]]) -> None:
    """Every rule failed with the number of rows of its own table, under that table's name."""
    assert done.out, done.err
    report = done.report
    found = {one["rule_id"]: (one["status"], one["rows_failed"], one["message"]) for one in report["results"]}
    wrong = {
        f"r{number}": (names[number], found.get(f"r{number}"))
        for number in range(len(names))
        if (found.get(f"r{number}") or ())[:2] != ("fail", rows_of(number))
    }
    assert not wrong, wrong
    tables = {one["rule_id"]: one["table"] for one in report["results"]}
    said = {f"r{number}": name if schema == "main" else f"{schema}.{name}" for number, (schema, name) in enumerate(names)}
    assert {rule_id: tables[rule_id] for rule_id in said} == said
    assert report["summary"]["rules"] == len(names) and report["omitted"] == []


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_a_table_of_a_database_may_have_any_name(tmp_path: Path, engine: Engine) -> None:
    names = [("main", name) for name in ODD] + [(schema, name) for schema in SCHEMAS for name in ("t", "{{ x }}", "表")]
    make_database(tmp_path / "shop.duckdb", *statements(names))
    (tmp_path / "rules.yml").write_text(rules_of(names), encoding="utf-8")
    arguments = ("run", "rules.yml", "--db", "shop.duckdb", "--json", "--privacy", "off", "--depth", "results")
    done = aegis(*arguments, cwd=tmp_path, engine=engine)
    assert done.code == 1, done.said
    check(done, names)
