"""A fault in raw data behind two models and a join: each rule type says where it began, or that it does not know."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from aegis.rules.model import registry
from integration_tests.case_files import traced_rules
from integration_tests.command import DUCKDB, Done, aegis, make_database, make_project
from integration_tests.engines import Engine, engines

MODELS = {
    "stg_orders": "select id as order_id, line, customer as customer_id, price, state, mail, code, rank, size, made,"
    " due, sent, weight, height, depth from {{ source('raw', 'orders') }}",
    "stg_customers": "select id as customer_id, name from {{ source('raw', 'customers') }}",
    "int_orders": "select o.*, c.name from {{ ref('stg_orders') }} as o left join {{ ref('stg_customers') }} as c"
    " on o.customer_id = c.customer_id",
    "orders": "select order_id, line, customer_id, price as amount, state as status, mail as email, code, rank, size,"
    " made as placed_at, due as due_at, sent as sent_at, weight, height, depth, name from {{ ref('int_orders') }}",
}
ROWS = """\
create schema raw; create table raw.customers as select i as id, 'c' || i as name from range(1, 21) t(i);
create table raw.orders as select
  case when i = 200 then 199 else i end as id,
  case when i = 200 then 199 else i end as line,
  case when i = 7 then 99 else 1 + i % 20 end as customer,
  case when i = 11 then null else 10 + i % 5 end as price,
  case when i = 12 then 'nope' else 'open' end as state,
  case when i = 13 then '  ' else 'a' || i || '@b.c' end as mail,
  case when i = 14 then 'x-1' else 'A' || i end as code,
  case when i = 15 then 5000 else i % 7 end as rank,
  case when i in (16, 17) then null else i % 3 end as size,
  case when i = 18 then timestamp '2999-01-01' else timestamp '2020-01-01' + interval (i) hour end as made,
  timestamp '2020-02-01' + interval (i) hour as due,
  case when i = 19 then timestamp '2021-01-01' else timestamp '2020-01-02' + interval (i) hour end as sent,
  case when i = 20 then 90000 else i % 4 end as weight,
  case when i = 21 then -1 else 100 + i % 9 end as height,
  case when i = 22 then 900 else i % 9 end as depth
from range(1, 201) t(i)
"""
RULES = traced_rules()
"""By rule type, what its case file has of the table ``orders``."""
UNKNOWN = {"custom_sql", "column_exists", "column_type"}
"""Types that no other table can be asked."""
GENERIC: dict[str, list[Any]] = {
    "amount": ["not_null"], "order_id": ["unique"],
    "status": [{"accepted_values": {"arguments": {"values": ["open"]}}}],
    "customer_id": [{"relationships": {"arguments": {"to": "ref('stg_customers')", "field": "customer_id"}}}],
    "rank": [{"aegis.between": {"arguments": {"max_value": 100}}}],
}  # fmt: skip
RAW = "source.shop.raw.orders"


@pytest.fixture(scope="module", params=engines(long="dbt1"))
def done(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Done:
    engine: Engine = request.param
    folder = make_project(tmp_path_factory.mktemp("tracing") / "shop", DUCKDB, engine)
    for file in (*(folder / "models").iterdir(), *(folder / "seeds").iterdir(), *(folder / "rules").iterdir()):
        file.unlink()
    for name, sql in MODELS.items():
        (folder / "models" / f"{name}.sql").write_text(sql + "\n", encoding="utf-8")
    sources = [{"name": "raw", "tables": [{"name": "orders"}, {"name": "customers"}]}]
    columns = [{"name": name, "data_tests": tests} for name, tests in GENERIC.items()]
    known = {"version": 2, "sources": sources, "models": [{"name": "orders", "columns": columns}]}
    (folder / "models" / "schema.yml").write_text(yaml.safe_dump(known), encoding="utf-8")
    rules = [{name: given} for name, all_ in RULES.items() for given in all_]
    (folder / "rules" / "orders.yml").write_text(
        yaml.safe_dump({"table": "orders", "severity": "high", "rules": rules}), encoding="utf-8"
    )
    make_database(folder / "shop.duckdb", *ROWS.split(";"))
    compiled = aegis("compile", cwd=folder, engine=engine)
    assert compiled.code == 0, compiled.said
    return aegis("run", "--json", cwd=folder, engine=engine)


def test_every_rule_type_is_traced() -> None:
    assert {name for name, given in RULES.items() if given} == set(registry())


def test_a_fault_in_raw_data_began_there_or_nobody_knows_where(done: Done) -> None:
    told: dict[tuple[str, str], tuple[str, str] | None] = {}
    for finding in done.report["findings"]:
        rca, result = finding["rca"], finding["result"]
        told[result["rule_type"], result["rule_id"]] = None if rca is None else (rca["origin"], rca["kind"])
    assert {kind for kind, _ in told} >= {*RULES, "relationships", "aegis.between"}, "each rule fails"
    assert len(told) == sum(map(len, RULES.values())) + sum(map(len, GENERIC.values()))
    wrong = {
        name: found
        for name, found in told.items()
        if found != ((RAW, "bad_source_data") if name[0] not in UNKNOWN else ("model.shop.orders", "unknown"))
    }
    assert not wrong
    alone = {one["id"] for one in done.report["findings"] if one["result"]["rule_type"] in UNKNOWN}
    shared = [cause for cause in done.report["causes"] if alone & set(cause["finding_ids"])]
    assert len(shared) == len(alone), "what nobody was asked explains nothing else"
