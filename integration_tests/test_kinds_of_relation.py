"""Rules may be about whatever holds rows: tables and views of every kind, and columns of every domain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from integration_tests.command import aegis, make_project, quickest
from integration_tests.servers import PostgresServer

STATEMENTS = (
    "create domain {s}.quantity as int",
    "create domain {s}.stock as {s}.quantity",
    "create table {s}.plain (id int, qty {s}.stock, at timestamp(3) with time zone, t time)",
    "insert into {s}.plain values (1, 500, now(), '10:00'), (2, 5, now(), '11:00')",
    "create view {s}.seen as select * from {s}.plain",
    "create materialized view {s}.kept as select * from {s}.plain",
    "create table {s}.parts (like {s}.plain) partition by range (id)",
    "create table {s}.part_one partition of {s}.parts for values from (0) to (100)",
    "insert into {s}.parts select * from {s}.plain",
    "create unlogged table {s}.fast as select * from {s}.plain",
    "create table {s}.heir () inherits ({s}.plain)",
    "insert into {s}.heir select * from only {s}.plain",
)
TABLES = ("plain", "seen", "kept", "parts", "fast", "heir")
RULES: list[dict[str, Any]] = [
    {"max_value_check": {"column": "qty", "max_value": 100, "id": "domain"}},
    {"column_type": {"column": "qty", "data_type": "stock", "id": "own_name"}},
    {"column_type": {"column": "qty", "data_type": "integer", "id": "behind"}},
    {"column_type": {"column": "at", "data_type": "timestamp", "id": "no_zone"}},
    {"column_type": {"column": "at", "data_type": "timestamptz", "id": "zone"}},
    {"column_type": {"column": "t", "data_type": "time", "id": "clock"}},
    {"unique": {"column": "id", "id": "once"}},
]
WANTED = {"domain": "fail", "own_name": "pass", "behind": "pass", "no_zone": "fail", "zone": "pass", "clock": "pass"}


@pytest.mark.postgres
def test_postgresql_relations_of_every_kind_are_validated_and_checked(tmp_path: Path, postgres: PostgresServer) -> None:
    import psycopg2

    connection = psycopg2.connect(postgres.dsn)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("create schema kinds")
            for statement in STATEMENTS:
                cursor.execute(statement.format(s="kinds"))
    finally:
        connection.close()
    engine = quickest()
    project = make_project(tmp_path / "shop", postgres.profile("kinds_built"), engine)
    documents = [
        {
            "table": f"kinds.{table}",
            "severity": "high",
            "rules": [
                {kind: {**given, "id": f"{table}.{given['id']}"}} for rule in RULES for kind, given in rule.items()
            ],
        }
        for table in TABLES
    ]
    (project / "rules" / "orders.yml").write_text(yaml.safe_dump_all(documents), encoding="utf-8")
    compiled = aegis("compile", "--declare-sources", cwd=project, engine=engine)
    assert compiled.code == 0, compiled.err
    validated = aegis("validate", "--online", cwd=project, engine=engine)
    assert validated.code == 0, validated.said
    done = aegis("run", "--depth", "results", "--json", cwd=project, engine=engine)
    assert done.out, done.err
    found = {rule_id: verdict[0] for rule_id, verdict in done.verdicts().items()}
    once = {"plain": "fail", "seen": "fail"}  # with what its heir holds
    assert found == {
        f"{table}.{rule}": status
        for table in TABLES
        for rule, status in {**WANTED, "once": once.get(table, "pass")}.items()
    }
