"""Names that mean something to YAML, Jinja, SQL or a file system: a right verdict on the right table, or a refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from integration_tests.command import DUCKDB, Done, aegis, make_database, make_project
from integration_tests.engines import Engine, engines

ODD = [
    "a{{1}}b", "{% raw %}", "{#", "#}", "%}", "}}", "{{ x }}", "{{ '", "{%- endset -%}", "a\x85b", "a\u2028b",
    "a\u2029b", "a\x7fb", "\ufeffa", "a\tb", "a\nb", "it's", 'say "it"', '"', "''", "a.b.c", ".", "a\\b",
    "a\\u007bb", "100%s", "%(x)s", " leads", "trails ", "  ", "n" * 200, "m" * 120 + "1", "m" * 120 + "2",
    "\U0001f600", "\U0001f600" * 2, "売上", "顧客", "a売", "a顧", "é", "e\u0301", "select", "null", "true", "~",
    "- a", "a: b", "a #b", "&a", "*a", "!a", "|", ">", "@a", "`a`", "[a]", "{a: 1}", "2024", "1e3", "0x1f",
    "2024-01-01", "?", "a?", "a/b", "../a", "CON", "aux", ".sql", "x y", "x-y", "x_y", "«this»", "this", "$1", ":a",
    "--", "/* */", "a;b", "\u0130", "ß", "ss", "\u202ea",
]  # fmt: skip
"""What a table may be called. `x y`, `x-y` and `x_y` fold to one name in files and in ids of dbt 2; so do the others of
letters that are not ASCII."""

REFUSED = ["a\r\nb", "a\r", "ends in a line\n", "\nstarts"]
"""What dbt 1 does not keep as it is: another table might be meant."""

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
    report, numbered = done.report, list(enumerate(names))
    found = {one["rule_id"]: (one["status"], one["rows_failed"], one["message"]) for one in report["results"]}
    wrong = {
        f"r{number}": (names[number], found.get(f"r{number}"))
        for number in range(len(names))
        if (found.get(f"r{number}") or ())[:2] != ("fail", rows_of(number))
    }
    assert not wrong, wrong
    tables = {one["rule_id"]: one["table"] for one in report["results"]}
    said = {f"r{number}": name if schema == "main" else f"{schema}.{name}" for number, (schema, name) in numbered}
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


@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_dbt_does_not_keep_is_refused(tmp_path: Path, name: str) -> None:
    make_database(tmp_path / "shop.duckdb", *statements([("main", name), ("main", name.replace("\r", ""))][:1]))
    (tmp_path / "rules.yml").write_text(rules_of([("main", name)]), encoding="utf-8")
    done = aegis("run", "rules.yml", "--db", "shop.duckdb", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "rules.yml" in done.err and "line break" in done.err and "view" in done.err


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_a_column_of_a_database_may_have_any_name(tmp_path: Path, engine: Engine) -> None:
    columns = [name for name in ODD if name not in ("İ", "e\u0301")]
    row = ", ".join("null" for _ in columns)
    make_database(
        tmp_path / "shop.duckdb",
        f"create table t (id integer, {', '.join(f'{quoted(name)} integer' for name in columns)})",
        f"insert into t values (1, {row}), (2, {row})",
    )
    rules = [{"not_null": {"column": name, "id": f"r{n}", "keys": [name]}} for n, name in enumerate(columns)]
    wheres = [
        {"not_null": {"column": name, "id": f"w{n}", "where": f"{quoted(name)} is null"}}
        for n, name in enumerate(columns)
        if not any(sign in name for sign in ("{{", "{%", "{#"))  # Jinja in rules is refused
    ]
    text = yaml.safe_dump({"table": "t", "severity": "high", "rules": [*rules, *wheres]}, default_style='"')
    (tmp_path / "rules.yml").write_text(text, encoding="utf-8")
    arguments = ("run", "rules.yml", "--db", "shop.duckdb", "--json", "--privacy", "off", "--depth", "results")
    done = aegis(*arguments, cwd=tmp_path, engine=engine)
    assert done.out, done.err
    verdicts = done.verdicts()
    # It is what suites write for the table itself in a rule's own SQL: said to be an error, and nothing worse.
    assert verdicts.pop(f"w{columns.index('«this»')}")[0] == "error"
    wrong = {rule_id: found for rule_id, found in verdicts.items() if found != ("fail", 2, 2)}
    assert not wrong, {rule_id: (columns[int(rule_id[1:])], found) for rule_id, found in wrong.items()}
    assert done.report["summary"]["rules"] == len(rules) + len(wheres)


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_a_source_of_a_project_may_have_any_name(tmp_path: Path, engine: Engine) -> None:
    """Declared by Aegis; and told by the name that people gave it."""
    names = [("raw", name) for name in ODD] + [(schema, name) for schema in SCHEMAS for name in ("t", "表")]
    folder = make_project(tmp_path / "shop", DUCKDB, engine)
    (folder / "models" / "labels.sql").unlink()
    make_database(folder / "shop.duckdb", *statements(names))
    (folder / "rules" / "orders.yml").write_text(rules_of(names), encoding="utf-8")
    declared = aegis("compile", "--declare-sources", cwd=folder, engine=engine)
    assert declared.code == 0, declared.said
    again = aegis("compile", "--check", cwd=folder, engine=engine)
    assert again.code == 0, again.said
    done = aegis("run", "--json", "--privacy", "off", "--depth", "results", cwd=folder, engine=engine)
    check(done, names)
    assert done.code == 1, done.err
