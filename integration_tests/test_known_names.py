"""A table is a table, whatever it is called: names that a database would read a file by, and those of the system."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from integration_tests.command import aegis, make_database

NAMES = ("log", "csv", "json", "gz", "parquet", "orders.csv", "a/b.parquet", "system", "pg_orders", "duckdb_things")


def quoted(name: str) -> str:
    return f'"{name}"'


@pytest.mark.parametrize("schema", ["main", "raw"])
def test_sql_may_read_a_known_table_of_any_name(tmp_path: Path, schema: str) -> None:
    make_database(
        tmp_path / "x.duckdb",
        f"create schema if not exists {schema}",
        f"create table {schema}.orders as select i as id from range(4) as t(i)",
        *(f"create table {schema}.{quoted(name)} as select i as id from range(3) as t(i)" for name in NAMES),
    )
    rules = []
    reference = {"column": "id", "reference_column": "id"}
    for number, name in enumerate(NAMES):
        full = f"{schema}.{quoted(name)}"
        outside = f"id not in (select id from {full})"
        rules += [
            {"custom_sql": {"query": f"select id from {schema}.orders where {outside}", "id": f"query{number}"}},
            {"sql_expression": {"expression": f"id in (select x.id from {full} as x)", "id": f"expression{number}"}},
            {"not_null": {"column": "id", "where": outside, "id": f"where{number}"}},
            {"foreign_key": {**reference, "reference_table": f"{schema}.{name}", "id": f"reference{number}"}},
        ]
    documents = [{"table": f"{schema}.orders", "severity": "high", "rules": rules}]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump_all(documents), encoding="utf-8")
    done = aegis("run", "rules.yml", "--db", "x.duckdb", "--depth", "results", "--json", cwd=tmp_path)
    assert done.out, done.err
    wanted = {
        "query": ("fail", 1, 1),
        "expression": ("fail", 1, 4),
        "where": ("pass", 0, 1),
        "reference": ("fail", 1, 4),
    }
    assert done.verdicts() == {f"{kind}{n}": verdict for n in range(len(NAMES)) for kind, verdict in wanted.items()}


NO_TABLES = ('"secret.csv"', "raw.csv", '"/etc/passwd"', "pg_catalog.pg_class", "sqlite_master")


@pytest.mark.parametrize("command", [("run", "rules.yml"), ("validate", "rules.yml")], ids=["run", "validate"])
def test_what_is_no_table_is_refused_before_anything_runs(tmp_path: Path, command: tuple[str, ...]) -> None:
    make_database(tmp_path / "x.duckdb", "create table orders as select 1 as id")
    for name in ("secret.csv", "raw.csv"):
        (tmp_path / name).write_text("id\n1\n", encoding="utf-8")
    rules = [{"custom_sql": {"query": f"select id from {name}", "id": f"q{n}"}} for n, name in enumerate(NO_TABLES)]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"table": "orders", "rules": rules}), encoding="utf-8")
    done = aegis(*command, "--db", "x.duckdb", cwd=tmp_path)
    assert done.code == 2, done.said
    assert done.said.count("there is no table") == len(NO_TABLES)
