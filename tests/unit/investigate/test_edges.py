"""Where the search can look no further it says so, and accuses nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from aegis.dbt.graph.column_flow import ColumnRef
from aegis.investigate.symptoms import Symptom
from tests.unit.investigate.lab import CUSTOMERS, JOINED, ORDERS, STG_ORDERS


def test_a_table_above_that_cannot_be_asked_is_not_clean(make: Any) -> None:
    lab = make(orders=ORDERS.replace("i % 50 as customer_id", "case when i > 9 then i % 50 end as customer_id"))
    with duckdb.connect(str(lab.folder / "lab.duckdb")) as connection:
        connection.execute("create table main.kept as select * from main.fct; drop view main.fct")
        connection.execute("alter table main.kept rename to fct; drop view main.stg_orders")
    found = lab.origin(Symptom("model.shop.fct", "not_null", ("customer_id",)))
    assert (found.node, found.kind, found.confidence) == ("model.shop.fct", "unknown", 0.2)
    assert any("stg_orders" in text for text in found.unchecked)


def test_a_reference_above_that_cannot_be_asked_is_not_complete(make: Any) -> None:
    lab = make(
        customers=CUSTOMERS.replace("range(50)", "range(40)"), fct=STG_ORDERS.replace("raw.orders", "main.stg_orders")
    )
    with duckdb.connect(str(lab.folder / "lab.duckdb")) as connection:
        connection.execute("create table main.kept as select * from main.stg_customers; drop view main.stg_customers")
        connection.execute("alter table main.kept rename to stg_customers; drop table raw.customers")
    reference = ColumnRef("model.shop.stg_customers", "id")
    found = lab.origin(Symptom("model.shop.fct", "foreign_key", ("customer_id",), reference=reference))
    assert (found.node, found.kind) == ("model.shop.stg_customers", "unknown")


def test_a_star_of_which_the_columns_are_not_known_is_not_the_logic_of_the_node(make: Any) -> None:
    lab = make(
        orders=ORDERS.replace("i % 50 as customer_id", "case when i > 9 then i % 50 end as customer_id"),
        fct=JOINED.replace("o.id, o.customer_id, c.name, o.amount", "o.*, c.name"),
    )
    found = lab.origin(Symptom("model.shop.fct", "not_null", ("customer_id",)))
    assert (found.node, found.kind) == ("model.shop.fct", "unknown")
    assert "the columns of its * are not known" in found.unchecked[-1]


@pytest.mark.parametrize("stranger", ["lab.main.other", "read_csv('{folder}/x.csv')"])
def test_a_table_that_dbt_does_not_know_is_an_edge_and_no_fault_of_the_node(
    make: Any, tmp_path: Path, stranger: str
) -> None:
    (tmp_path / "x.csv").write_text("id,customer_id\n1,\n2,3\n")
    with duckdb.connect(str(tmp_path / "lab.duckdb")) as connection:
        connection.execute("create table main.other as select 1 as id, null::int as customer_id")
    lab = make(fct=f"select t.id, t.customer_id from {stranger.format(folder=tmp_path)} as t")
    found = lab.origin(Symptom("model.shop.fct", "not_null", ("customer_id",)))
    assert (found.node, found.kind, found.confidence) == ("model.shop.fct", "unknown", 0.2)
    assert "which dbt does not know" in found.unchecked[-1]


def test_a_column_of_which_the_table_is_not_known_is_no_fault_of_the_node(make: Any) -> None:
    lab = make(
        orders=ORDERS.replace("i % 50 as customer_id", "case when i > 9 then i % 50 end as customer_id"),
        fct=JOINED.replace("o.customer_id, c.name", "customer_id, name"),
    )
    found = lab.origin(Symptom("model.shop.fct", "not_null", ("customer_id",)))
    assert (found.node, found.kind) == ("model.shop.fct", "unknown")
