"""Proposals: what contracts, names and a small profile suggest, each run on the real rows first."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis.app.generate import GeneratedFiles, ProposeOptions, generate_rules
from aegis.connection.project import ProjectOptions
from aegis.dbt.generate.names import entity, key_stem, layer
from aegis.errors import WarehouseError
from aegis.rules import load_text
from integration_tests.command import make_database
from tests.unit.dbt.generate.manifests import manifest, model, test_on, written

ORDERS = (
    "create table stg_orders as select case when i = 7 then 6 else i end as order_id, "
    "case when i = 5 then 99 else 1 + i % 20 end as customer_id, case when i = 9 then null else i end as line_id, "
    "case i % 3 when 0 then 'open' when 1 then 'it''s {{ 7 }}' else 'paid' end as status, "
    "'p' || i || '@x.y' as email, case i % 2 when 0 then 'Ann' else 'Bob' end as first_name, "
    "i % 5 - 1 as quantity, i % 101 as discount_pct, 1 + i % 5 as rating, i * 1.5 as amount "
    "from range(1, 101) as t(i)"
)
CUSTOMERS = "create table stg_customers as select i as id, 'n' || i as label from range(1, 21) as t(i)"


@pytest.fixture
def proposed(tmp_path: Path) -> GeneratedFiles:
    database = make_database(tmp_path / "shop.duckdb", ORDERS, CUSTOMERS)
    orders = model("stg_orders", "order_id", "customer_id")
    orders["columns"]["line_id"] = {"name": "line_id", "constraints": [{"type": "not_null"}]}
    document = manifest(
        orders, model("stg_customers", "id"), model("not_built", "id"), test_on(orders, "not_null", "customer_id")
    )
    options = ProposeOptions(ProjectOptions(), database)
    return generate_rules(written(tmp_path, document), propose=options)


def test_what_is_suggested_carries_what_it_found_today(proposed: GeneratedFiles) -> None:
    found = {one.rule.id: one.found for one in proposed.proposed}
    assert found == {
        "stg_orders_order_id_not_null": "0 of 100 rows fail",
        "stg_orders_order_id_unique": "1 of 100 rows fail",
        "stg_orders_customer_id_foreign_key": "1 of 100 rows fail",
        "stg_orders_line_id_not_null": "1 of 100 rows fail",
        "stg_orders_status_accepted_values": "0 of 100 rows fail",
        "stg_orders_quantity_between": "20 of 100 rows fail",
        "stg_orders_discount_pct_between": "0 of 100 rows fail",
        "stg_orders_rating_between": "0 of 100 rows fail",
        "stg_orders_amount_between": "0 of 100 rows fail",
        "stg_customers_id_not_null": "0 of 20 rows fail",
        "stg_customers_id_unique": "0 of 20 rows fail",
    }


def test_a_proposal_is_a_draft_with_its_count_beside_it_and_never_asks_what_a_test_asks(
    proposed: GeneratedFiles,
) -> None:
    assert proposed.text is not None
    rules = list(load_text(proposed.text, dialect="duckdb"))
    drafts = [rule for rule in rules if rule.status == "draft"]
    assert {rule.generated_by for rule in drafts} == {"aegis dbt generate --propose"}
    assert len(drafts) == len(proposed.proposed) == len(rules) - 1
    assert "# 1 of 100 rows fail today; named like the table's key\n  - unique: order_id" in proposed.text
    assert [rule.id for rule in rules if rule.status == "active"] == ["stg_orders_customer_id_not_null"]


def test_values_of_people_are_not_written_down_and_others_stay_text(proposed: GeneratedFiles) -> None:
    assert proposed.text is not None
    assert "Ann" not in proposed.text and "@x.y" not in proposed.text
    [listed] = [one.rule for one in proposed.proposed if one.rule.id == "stg_orders_status_accepted_values"]
    assert listed.values == ("it's {{ 7 }}", "open", "paid")  # type: ignore[attr-defined]


def test_tables_that_are_not_there_are_named(proposed: GeneratedFiles, tmp_path: Path) -> None:
    assert any("not_built" in note for note in proposed.notes)
    other = make_database(tmp_path / "other.duckdb", "create table unrelated as select 1 as id")
    with pytest.raises(WarehouseError, match="none of the manifest's tables"):
        generate_rules(tmp_path / "manifest.json", propose=ProposeOptions(ProjectOptions(), other))


@pytest.mark.parametrize(
    ("label", "about", "of"),
    [
        ("stg_stripe__payments", "payment", "stg"),
        ("raw.categories", "category", ""),
        ("dim_addresses.v2", "address", "dim"),
        ("orders", "order", ""),
        ("fct_business", "business", "fct"),
    ],
)
def test_a_table_is_about_what_its_name_says(label: str, about: str, of: str) -> None:
    assert (entity(label), layer(label)) == (about, of)


@pytest.mark.parametrize(
    ("column", "stem"), [("id", ""), ("customer_id", "customer"), ("user_uuid", "user"), ("paid", None), ("idle", None)]
)
def test_a_key_is_told_by_its_name(column: str, stem: str | None) -> None:
    assert key_stem(column) == stem
