"""Artifacts that somebody else wrote: the SQL in them is run to look at rows, and can do no more."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg2
import pytest

from integration_tests.command import aegis, make_project, quickest
from integration_tests.servers import PostgresServer

EVIL = "; commit; begin read write; delete from hostile.victim; commit"
MODELS = 3
"""Of `make_project`: a seed and two models."""
HOSTILE = (
    f"select 1 as rule_id{EVIL}",
    f"select 1 as €$a${EVIL}; select 1 as €$a$",
    "with gone as (delete from hostile.victim returning *) select * from gone",
    "delete from hostile.victim returning *",
    "copy (select 1) to program 'touch here'",
)


@pytest.mark.postgres
def test_no_sql_of_an_artifact_writes_to_postgresql(tmp_path: Path, postgres: PostgresServer) -> None:
    with psycopg2.connect(postgres.dsn) as connection, connection.cursor() as cursor:
        cursor.execute("drop schema if exists hostile cascade; create schema hostile")
        cursor.execute("create table hostile.victim as select 1 as id")
    engine = quickest()
    folder = make_project(tmp_path / "shop", postgres.profile("hostile_target"), engine)
    (folder / "rules" / "labels.yml").write_text("table: labels\nseverity: high\nrules:\n  - not_null: id\n")
    assert aegis("run", "--json", cwd=folder, engine=engine).code == 1
    target = folder / "target"
    found = {name: json.loads((target / name).read_text()) for name in ("manifest.json", "run_results.json")}
    opener = "select set_config('default_transaction_read_only', 'off', false) as rule_id"
    for sql in HOSTILE:
        tests = [node for node in found["manifest.json"]["nodes"].values() if node["resource_type"] == "test"]
        assert len(tests) == len(found["run_results.json"]["results"]) - MODELS == 2
        for node in (*tests, *found["run_results.json"]["results"]):
            # The first of two could open the way for the other.
            node["compiled_code"], node["relation_name"] = (opener if "labels" in node["unique_id"] else sql), None
        for name, artifact in found.items():
            (target / name).write_text(json.dumps(artifact))
        done = aegis("analyze", "target", "--json", cwd=folder, engine=engine)
        assert done.code in (1, 3), done.said
    with psycopg2.connect(postgres.dsn) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from hostile.victim")
        assert cursor.fetchone() == (1,)
    assert not (folder / "here").exists()
