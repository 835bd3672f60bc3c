"""Evidence and origins on a warehouse that is no DuckDB: the same SQL has to work there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from integration_tests.command import aegis, make_project
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
    assert "50 of 50 failing rows (100 %) have channel = 'phone'; 10 % of all rows do" in told["not_null"]["segments"]
    assert told["not_null"]["onset"].startswith("since '2026-01-")
    assert told["accepted_values"]["shape"] == "'shiped' (25×) is close to 'shipped'"
    for rule in ("not_null", "accepted_values"):
        rca = found[rule]["rca"]
        assert rca["origin"] == "model.shop.landing", rca
        assert [hop["rows_failed"] for hop in rca["path"]] == [found[rule]["result"]["rows_failed"]] * 2
        assert rca["unchecked"] == []
    assert found["foreign_key"]["rca"]["origin"] in ("model.shop.customers", "model.shop.landing")
    assert report["queries"] > 10
    for one in report["findings"]:
        assert all(proposal["trial"]["verdict"] == "not tried" for proposal in one["proposals"])
