"""Evidence and origins on a warehouse that is no DuckDB: the same SQL has to work there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from integration_tests.command import aegis, make_project, quickest
from integration_tests.engines import Engine, engines
from integration_tests.servers import PostgresServer

LANDING = """\
select i as id, case when i % 10 = 0 and i > 500 then null else i % 50 end as customer_id,
    case when i % 10 = 0 then 'phone' else 'web' end as channel,
    case when i % 40 = 7 then 'shiped' else 'shipped' end as status,
    cast('2026-01-01' as timestamp) + i * interval '1 hour' as ordered_at, i * 1.5 as amount
from generate_series(1, 1000) as t(i)
"""
RULES = """\
table: orders
severity: high
rules:
  - not_null: customer_id
  - accepted_values: {column: status, values: [shipped, placed]}
  - foreign_key: {column: customer_id, reference_table: customers, reference_column: id}
  - unique: id
"""


@pytest.fixture
def report(tmp_path: Path, request: pytest.FixtureRequest, postgres: PostgresServer) -> dict[str, Any]:
    engine: Engine = request.param
    folder = make_project(tmp_path / "shop", postgres.profile(f"causes_{engine.name}"), engine)
    models = folder / "models"
    (models / "labels.sql").unlink()
    (models / "landing.sql").write_text(LANDING, encoding="utf-8")
    (models / "orders.sql").write_text("select * from {{ ref('landing') }}\n", encoding="utf-8")
    (models / "customers.sql").write_text("select i as id from generate_series(0, 44) as t(i)\n", encoding="utf-8")
    (folder / "rules" / "orders.yml").write_text(RULES, encoding="utf-8")
    # Two tables with findings are two branches, and may be two threads.
    second = "table: customers\nseverity: low\nrules:\n  - max_value_check: {column: id, max_value: 40}\n"
    (folder / "rules" / "customers.yml").write_text(second, encoding="utf-8")
    done = aegis("run", "--json", cwd=folder, engine=engine)
    assert done.code == 1, done.said
    return done.report


@pytest.mark.postgres
@pytest.mark.parametrize("report", engines(long="dbt1"), indirect=True)
def test_evidence_and_origins_are_found_on_postgresql(report: dict[str, Any]) -> None:
    assert report["errors"] == []
    found = {one["result"]["rule_type"]: one for one in report["findings"]}
    assert set(found) == {"not_null", "accepted_values", "foreign_key", "max_value_check"}
    told = {rule: {item["kind"]: item["text"] for item in one["evidence"]} for rule, one in found.items()}
    assert "50 of 50 failing rows (100%) have channel = 'phone'; 10% of all rows do" in told["not_null"]["segments"]
    assert told["not_null"]["onset"].startswith("since '2026-01-")
    assert told["accepted_values"]["shape"] == "'shiped' (25×) is close to 'shipped'"
    for rule in ("not_null", "accepted_values"):
        rca = found[rule]["rca"]
        assert rca["origin"] == "model.shop.landing", rca
        assert [hop["rows_failed"] for hop in rca["path"]] == [found[rule]["result"]["rows_failed"]] * 2
        assert rca["unchecked"] == []
    assert found["foreign_key"]["rca"]["origin"] in ("model.shop.customers", "model.shop.landing")
    assert report["queries"] > 10


ARRIVED = (
    "drop schema if exists arrived cascade; create schema arrived",
    "create table arrived.customers as select i as id from generate_series(1, 40) as t(i)",
    "create table arrived.orders as select i as id, case when i = 77 then 999 else i % 40 + 1 end as customer_id, "
    "case i % 50 when 7 then 'shiped' when 8 then ' Shipped' else 'shipped' end as status "
    "from generate_series(1, 200) as t(i)",
    "insert into arrived.orders select * from arrived.orders where id in (20, 30)",
)
SOURCES = {"sources": [{"name": "arrived", "tables": [{"name": "orders"}, {"name": "customers"}]}]}
SOURCE_RULES = """\
table: arrived.orders
severity: high
rules:
  - accepted_values: {column: status, values: [shipped, placed]}
  - foreign_key: {column: customer_id, reference_table: arrived.customers, reference_column: id}
  - unique: id
"""


@pytest.mark.postgres
def test_fixes_of_rows_are_tried_on_temporary_copies(tmp_path: Path, postgres: PostgresServer) -> None:
    connection = psycopg2.connect(postgres.dsn)
    connection.autocommit = True
    cursor = connection.cursor()
    for statement in ARRIVED:
        cursor.execute(statement)
    engine = quickest()
    folder = make_project(tmp_path / "shop", postgres.profile("fixes"), engine)
    (folder / "models" / "sources.yml").write_text(json.dumps(SOURCES), encoding="utf-8")
    (folder / "rules" / "orders.yml").write_text(SOURCE_RULES, encoding="utf-8")

    def everything() -> list[Any]:
        cursor.execute("select table_schema, table_name from information_schema.tables order by 1, 2")
        tables = [row for row in cursor.fetchall() if not row[0].startswith("fixes")]
        cursor.execute("select *, xmin::text, ctid::text from arrived.orders order by ctid")
        return [tables, cursor.fetchall()]

    before = everything()
    done = aegis("run", "--json", cwd=folder, engine=engine)
    assert done.code == 1, done.said
    assert done.report["errors"] == []
    assert everything() == before
    found = {one["result"]["rule_type"]: one["proposals"][0] for one in done.report["findings"]}
    trials = {rule: (one["trial"]["verdict"], one["trial"]["rows_changed"]) for rule, one in found.items()}
    assert trials == {"accepted_values": ("verified", 8), "foreign_key": ("partial", 1), "unique": ("verified", 2)}
    # What a person pastes does what the trial did, and is taken back by what the report says.
    cursor.execute("select * from arrived.orders order by 1, 2, 3")
    rows = cursor.fetchall()
    for one in found.values():
        keep, restore = one["trial"]["undo"].split("-- To take it back:")
        cursor.execute(keep)
        cursor.execute(one["sql"])
        assert cursor.rowcount == one["trial"]["rows_changed"]
        cursor.execute(restore)
        cursor.execute("drop table arrived.orders_before_fix")
        cursor.execute("select * from arrived.orders order by 1, 2, 3")
        assert cursor.fetchall() == rows
    connection.close()
