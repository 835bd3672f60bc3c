"""Rules made from dbt tests give dbt's own verdicts, beside those very tests in one run of dbt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from integration_tests.command import Done, aegis
from integration_tests.dbt_project import Project
from integration_tests.engines import Engine, engines
from integration_tests.warehouses import DuckDB

ORDERS = """
select
  case when i = 4 then 3 when i = 6 then null else i end as id,
  case when i = 2 then 77 when i = 9 then null else i end as customer_id,
  case when i in (1, 2) then 'lost' when i = 3 then 'gone' when i = 5 then null when i = 8 then 'it''s' else 'open' end
    as status,
  case when i = 7 then 40 else i % 4 end as qty,
  i % 2 = 0 as paid,
  case when i = 1 then null else i end as "Order Ref"
from range({n}) as t(i)"""


def on(kind: str, config: dict[str, Any] | None = None, name: str | None = None, **arguments: Any) -> dict[str, Any]:
    parts = {"name": name, "arguments": arguments or None, "config": config}
    return {kind: {key: value for key, value in parts.items() if value is not None}}


LISTED = ["open", "it''s", "lost"]
COLUMNS = {
    "id": [
        "not_null", "unique", on("unique", {"where": "id > 5"}, "unique_late"),
        on("unique", {"error_if": ">1", "warn_if": ">0"}, "unique_but_one"),
        on("not_null", {"error_if": ">1"}, "filled_but_one"),
        on("not_null", {"severity": "warn"}, "filled_or_warn"),
    ],
    "customer_id": [
        on("not_null", {"error_if": ">= 1", "store_failures": True}, "filled"),
        on("relationships", to="ref('customers', v=1)", field="id"),
        on("relationships", to="ref('customers')", field="id"),
        on("relationships", to="source('raw', 'customers')", field="id"),
        on("relationships", {"where": "customer_id < 50"}, "near", to="ref('customers')", field="id"),
        on("relationships", {"error_if": ">9", "warn_if": ">1"}, "few", to="ref('customers')", field="id"),
    ],
    "status": [
        on("accepted_values", values=["open"]), on("accepted_values", name="all_of_them", values=[*LISTED, "gone"]),
        on("accepted_values", {"error_if": ">1", "warn_if": ">1"}, "but_one", values=LISTED),
        on("accepted_values", name="by_var", values="{{ var('states') }}"),
    ],
    "qty": [
        on("accepted_values", name="bare", values=[0, 1, 2, 3], quote=False),
        on("accepted_values", name="as_text", values=[0, 1, 2, 3]),
        on("accepted_values", name="computed", values=["0", "1 + 0", "2", "3", "39 + 1"], quote=False),
    ],
    "paid": [on("accepted_values", name="booleans", values=[True], quote=False)],
    '"Order Ref"': ["not_null", "unique"],
}  # fmt: skip
OF_TABLE = [
    on("unique", name="pair", column_name="id || '-' || status"),
    on("not_null", name="trimmed", column_name="nullif(trim(status), 'lost')"),
    on("relationships", name="shifted", column_name="customer_id + 0", to="ref('customers')", field="id"),
    on("accepted_values", name="upper", column_name="upper(status)", values=["OPEN", "GONE"]),
]
WORSE = ("pass", "warn", "fail")
VALUES_NOT_ROWS = {"unique", "accepted_values"}
"""Tests that count values, where the rules count rows."""


def project(folder: Path, engine: Engine) -> Project:
    warehouse = DuckDB(folder / "shop.duckdb")
    warehouse.execute(["create schema raw", "create table raw.customers as select i as id from range(8) as t(i)"])
    made = Project(folder / "project", engine, warehouse)
    made.start(vars={"states": ["open", "lost"]})
    made.write("models/orders.sql", ORDERS.format(n=12))
    for version, rows in ((1, 12), (2, 8)):
        made.write(f"models/customers_v{version}.sql", f"select i as id from range({rows}) as t(i)")
    columns = [
        {"name": name.strip('"'), **({"quote": True} if '"' in name else {}), "data_tests": tests}
        for name, tests in COLUMNS.items()
    ]
    customers = {"name": "customers", "latest_version": 2, "versions": [{"v": 1}, {"v": 2}],
                 "columns": [{"name": "id", "data_tests": ["unique", "not_null"]}]}  # fmt: skip
    raw = {"name": "raw", "tables": [{"name": "customers", "columns": [{"name": "id", "data_tests": ["not_null"]}]}]}
    models = [{"name": "orders", "columns": columns, "data_tests": OF_TABLE}, customers]
    made.write("models/schema.yml", {"models": models, "sources": [raw]})
    return made


def ran(made: Project, *words: str) -> Done:
    return aegis(*words, cwd=made.folder, engine=made.engine, env={"DBT_PROFILES_DIR": str(made.folder)})


@pytest.mark.slow
@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_each_generated_rule_says_what_its_test_says(tmp_path: Path, engine: Engine) -> None:
    made = project(tmp_path, engine)
    built = made.run("build")
    assert len(built.results) > 30, built.output
    done = ran(made, "dbt", "generate", "target/", "--output", "rules/from_dbt.yml")
    assert done.code == 0 and "tests not carried" not in done.said, done.said
    checked = ran(made, "validate")
    assert checked.code == 0, checked.said
    compiled = ran(made, "compile")
    assert compiled.code == 0, compiled.said
    tested = made.run("test")
    assert tested.results, tested.output
    done = ran(made, "analyze", "target/", "--json", "--depth", "results")
    results = done.report["results"]
    rules = {one["rule_id"]: one for one in results if one["kind"] == "rule"}
    tests = {one["unique_id"]: one for one in results if one["kind"] == "test"}
    pairs = matched(made, tests, rules)
    assert len(pairs) == len(tests) == 31
    assert {name: said["status"] for name, (said, _) in pairs.items()} == {
        name: rule["status"] for name, (_, rule) in pairs.items()
    }
    assert {said["status"] for said, _ in pairs.values()} == {"pass", "warn", "fail"}
    other = {name for name, (said, rule) in pairs.items() if said["rows_failed"] != rule["rows_failed"]}
    assert {pairs[name][0]["rule_type"] for name in other} <= VALUES_NOT_ROWS, other


def matched(made: Project, tests: dict[str, Any], rules: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Each test with the rule that was made of it."""
    from aegis.dbt.artifacts.read import read_manifest
    from aegis.dbt.generate.from_manifest import generate

    found: dict[str, tuple[Any, Any]] = {}
    for entry in generate(read_manifest(made.folder / "target")[0]).rules:
        rule = rules[entry.rule.id]
        _, before = found.get(entry.test, (None, rule))
        # Of a test that fails from one number on and warns from another there are two rules: the worse one counts.
        found[entry.test] = tests[entry.test], max(before, rule, key=lambda one: WORSE.index(one["status"]))
    return found
