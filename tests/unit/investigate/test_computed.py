"""Values and keys that are computed: the way goes on to what they are computed from, where that is as wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.graph.column_flow import ColumnRef
from aegis.investigate.localise import Origin
from aegis.investigate.symptoms import Symptom
from aegis.warehouse.base import Rows
from aegis.warehouse.duckdb_files import DuckDbFiles
from tests.unit.investigate.lab import Lab

RAW, STG, FCT, DIM = "source.shop.raw.orders", "model.shop.stg_orders", "model.shop.orders", "model.shop.customers"
CUSTOMERS = "source.shop.raw.clients"
STATES = ["open", "closed"]
TIDY = "lower(coalesce(nullif(trim(state), ''), 'none'))"
GROUPS = "case when state in ('open', 'new') then 'active' when state = 'closed' then 'done' else 'other' end"


def orders(state: str = "'open'", customer: str = "i % 50", amount: str = "10.0") -> str:
    return f"select i as id, {customer} as customer_id, {state} as state, {amount} as amount from range(200) as t(i)"


def origin(path: Path, source: str, models: dict[str, str], symptom: Symptom, **known: Any) -> Origin:
    clients = known.pop("clients", "select i as id, i % 7 as shop_id, 'c' || i as name from range(50) as t(i)")
    shops = "select i as id from range(7) as t(i)"
    return Lab(path, {"orders": source, "clients": clients, "shops": shops}, models).origin(symptom, **known)


def staged(expression: str, name: str = "state") -> dict[str, str]:
    return {"stg_orders": f"select id, state as state_raw, {expression} as {name} from lab.raw.orders"}


def accepted(node: str, column: str, *values: str) -> Symptom:
    return Symptom(node, "accepted_values", (column,), {"values": list(values)})


TYPO = "case when i % 40 = 7 then 'Clsed' when i % 3 = 0 then ' Open ' else 'closed' end"


def test_a_wrong_value_that_an_expression_tidies_is_that_of_its_input(tmp_path: Path) -> None:
    found = origin(tmp_path, orders(TYPO), staged(TIDY), accepted(STG, "state", *STATES))
    assert (found.node, found.kind, [hop.rows_failed for hop in found.path]) == (RAW, "bad_source_data", [5, 5])


def test_a_rare_value_that_a_case_does_not_know_came_with_the_data(tmp_path: Path) -> None:
    models = {"stg_orders": f"select id, state, {GROUPS} as state_group from lab.raw.orders"}
    source = orders("case when i % 40 = 7 then 'clsed' when i % 3 = 0 then 'open' else 'closed' end")
    found = origin(tmp_path, source, models, accepted(STG, "state_group", "active", "done"))
    assert (found.node, found.kind, found.path[-1].column) == (RAW, "bad_source_data", "state")


def test_a_group_of_rows_that_a_case_does_not_know_is_the_cases_fault(tmp_path: Path) -> None:
    models = {"stg_orders": f"select id, state, {GROUPS} as state_group from lab.raw.orders"}
    source = orders("case when i % 4 = 0 then 'sent' when i % 3 = 0 then 'open' else 'closed' end")
    found = origin(tmp_path, source, models, accepted(STG, "state_group", "active", "done"))
    assert (found.node, found.kind) == (STG, "logic")


def test_a_value_that_only_the_node_makes_is_the_nodes(tmp_path: Path) -> None:
    expression = "case when state = 'open' and id % 50 = 1 then 'lost' else state end"
    found = origin(tmp_path, orders(), staged(expression), accepted(STG, "state", *STATES))
    assert (found.node, found.kind) == (STG, "logic")


def test_a_number_that_a_condition_passes_on_is_that_of_its_input(tmp_path: Path) -> None:
    models = staged("case when cast(amount as double) < 0 then null else cast(amount as double) end", "amount")
    most = Symptom(STG, "between", ("amount",), {"max_value": 100})
    found = origin(tmp_path, orders(amount="case when i % 40 = 7 then 1000.0 else 10.0 end"), models, most)
    assert (found.node, found.kind) == (RAW, "bad_source_data")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every query."""
    queries: list[str] = []
    execute = DuckDbFiles.execute_sample

    def noted(self: DuckDbFiles, sql: str, limit: int) -> Rows:
        queries.append(sql)
        return execute(self, sql, limit)

    monkeypatch.setattr(DuckDbFiles, "execute_sample", noted)
    return queries


@pytest.mark.parametrize("personal", ["state", "state_raw", ""])
def test_personal_values_stand_in_no_query(tmp_path: Path, asked: list[str], personal: str) -> None:
    models = {"stg_orders": f"select id, state as state_raw, {TIDY} as state_tidy from lab.raw.orders"}
    symptom = accepted(STG, "state_tidy", *STATES)
    found = origin(tmp_path, orders(TYPO), models, symptom, personal=lambda column, _table: column == personal)
    assert any("CLSED" in sql.upper() for sql in asked) is (personal != "state")
    assert found.node == (STG if personal == "state" else RAW)


@pytest.mark.parametrize("personal", [True, False])
def test_personal_keys_stand_in_no_query(tmp_path: Path, asked: list[str], personal: bool) -> None:
    models = {
        "stg_orders": "select id, json_extract_string(state, '$.client') as client from lab.raw.orders",
        "customers": "select lower(name) as client from lab.raw.clients",
    }
    source = orders(state="""'{"client": "nobody' || (i % 4) || '"}'""")
    unmatched = Symptom(STG, "foreign_key", ("client",), reference=ColumnRef(DIM, "client"))
    origin(tmp_path, source, models, unmatched, personal=lambda column, _table: personal and column == "client")
    assert any("nobody" in sql for sql in asked) is not personal


# Keys

HASHED = {
    "stg_orders": "select id, customer_id from lab.raw.orders",
    "customers": "select md5(cast(id as varchar)) as customer_key, id, name from lab.raw.clients",
    "orders": "select id, md5(cast(customer_id as varchar)) as customer_key from lab.main.stg_orders",
}
UNMATCHED = Symptom(FCT, "foreign_key", ("customer_key",), reference=ColumnRef(DIM, "customer_key"))
ODD = "case when i % 50 = 7 then 9999 else i % 50 end"


def test_keys_that_are_hashes_are_held_against_each_other_by_what_they_are_made_of(tmp_path: Path) -> None:
    found = origin(tmp_path, orders(customer=ODD), HASHED, UNMATCHED)
    assert (found.node, found.kind) == (RAW, "bad_source_data")
    assert [hop.rows_failed for hop in found.path] == [4, 4, 4]


def test_keys_are_compared_without_case_and_blanks_where_the_models_do_so(tmp_path: Path) -> None:
    models = {
        "customers": "select upper(trim(code)) as code from lab.raw.clients",
        "orders": "select id, upper(nullif(trim(code), '')) as code from lab.raw.orders",
    }
    clients = "select ' c' || i || ' ' as code from range(50) as t(i)"
    source = (
        "select i as id, case when i % 50 = 7 then 'nobody' else 'c' || (i % 50) end as code from range(200) as t(i)"
    )
    unmatched = Symptom(FCT, "foreign_key", ("code",), reference=ColumnRef(DIM, "code"))
    found = origin(tmp_path, source, models, unmatched, clients=clients)
    assert (found.node, found.kind) == (RAW, "bad_source_data")


def test_a_table_that_lost_rows_where_it_made_its_key_is_the_origin(tmp_path: Path) -> None:
    lost = HASHED | {"customers": HASHED["customers"] + " where id % 5 <> 3"}
    found = origin(tmp_path, orders(), lost, UNMATCHED)
    assert (found.node, found.kind) == (DIM, "lost_rows")


def test_a_key_of_nobody_that_stands_for_no_match_is_traced_by_the_join(tmp_path: Path) -> None:
    models = HASHED | {
        "orders": "select o.id, coalesce(c.customer_key, md5('nobody')) as customer_key from lab.main.stg_orders as o "
        "left join lab.main.customers as c on o.customer_id = c.id"
    }
    found = origin(tmp_path, orders(customer=ODD), models, UNMATCHED)
    assert (found.node, found.kind) == (RAW, "bad_source_data")


def test_a_join_by_columns_that_have_nothing_in_common_is_at_fault(tmp_path: Path) -> None:
    models = {
        "stg_orders": "select id + 1000 as id, customer_id from lab.raw.orders",
        "orders": "select o.id, c.name from lab.main.stg_orders as o left join lab.raw.clients as c on o.id = c.id",
    }
    found = origin(tmp_path, orders(), models, Symptom(FCT, "not_null", ("name",)))
    assert (found.node, found.kind) == (FCT, "join")
    assert found.detail == "stg_orders.id is joined to raw.clients.id, and 100% of its rows find no match"


def test_a_join_by_columns_of_other_names_that_hardly_matches_is_at_fault(tmp_path: Path) -> None:
    models = {
        "stg_orders": "select id as order_id, customer_id from lab.raw.orders",
        "stg_clients": "select id as client_id, name from lab.raw.clients",
        "orders": "select o.order_id, c.name from lab.main.stg_orders as o "
        "left join lab.main.stg_clients as c on o.order_id = c.client_id",
    }
    found = origin(tmp_path, orders(), models, Symptom(FCT, "not_null", ("name",)))
    assert (found.node, found.kind) == (FCT, "join")


def test_a_join_by_a_key_that_most_rows_find_is_innocent(tmp_path: Path) -> None:
    models = {
        "stg_orders": "select id, customer_id from lab.raw.orders",
        "orders": "select o.id, c.name from lab.main.stg_orders as o left join lab.raw.clients as c "
        "on o.customer_id = c.id",
    }
    found = origin(tmp_path, orders(customer=ODD), models, Symptom(FCT, "not_null", ("name",)))
    assert (found.node, found.kind) == (RAW, "bad_source_data")


def test_of_two_keys_that_never_match_the_one_made_unlike_its_input_is_at_fault(tmp_path: Path) -> None:
    models = {
        "customers": "select replace(upper(trim(code)), '.', '') as code from lab.raw.clients",
        "orders": "select id, upper(trim(code)) as code from lab.raw.orders",
    }
    source = "select i as id, 'e.' || (i % 50) as code from range(200) as t(i)"
    unmatched = Symptom(FCT, "foreign_key", ("code",), reference=ColumnRef(DIM, "code"))
    found = origin(tmp_path, source, models, unmatched, clients="select 'e.' || i as code from range(50) as t(i)")
    assert (found.node, found.kind) == (DIM, "logic")


def test_a_calendar_that_ends_before_the_rows_do_is_at_fault(tmp_path: Path) -> None:
    day = "date '2026-01-01' + i::int"
    models = {
        "days": f"select {day} as day from range(150) as t(i)",
        "orders": "select id, state as day from lab.raw.orders",
    }
    unmatched = Symptom(FCT, "foreign_key", ("day",), reference=ColumnRef("model.shop.days", "day"))
    found = origin(tmp_path, orders(state=day), models, unmatched)
    assert (found.node, found.kind) == ("model.shop.days", "logic")


def test_days_far_from_all_of_a_calendar_are_wrong_where_they_stand(tmp_path: Path) -> None:
    day = "case when i % 50 = 7 then date '2999-01-01' + i::int else date '2026-01-01' + i::int end"
    models = {
        "days": "select date '2026-01-01' + i::int as day from range(250) as t(i)",
        "orders": "select id, state as day from lab.raw.orders",
    }
    unmatched = Symptom(FCT, "foreign_key", ("day",), reference=ColumnRef("model.shop.days", "day"))
    found = origin(tmp_path, orders(state=day), models, unmatched)
    assert (found.node, found.kind) == (RAW, "bad_source_data")


def test_one_number_that_is_none_of_the_known_is_wrong_however_many_rows_have_it(tmp_path: Path) -> None:
    source = orders(customer="case when i % 3 = 0 then -1 else i % 50 end")
    unmatched = Symptom(FCT, "foreign_key", ("client",), reference=ColumnRef(DIM, "client"))
    models = {
        "customers": "select id as client from lab.raw.clients",
        "orders": "select id, customer_id as client from lab.raw.orders",
    }
    assert origin(tmp_path, source, models, unmatched).node == RAW


@pytest.mark.parametrize(("share", "node"), [("i % 3 = 0", CUSTOMERS), ("i % 50 = 7", RAW)])
def test_one_text_without_a_partner_is_missing_there_if_a_large_part_of_the_rows_has_it(
    tmp_path: Path, share: str, node: str
) -> None:
    models = {
        "customers": "select name from lab.raw.clients",
        "orders": "select id, customer_id as name from lab.raw.orders",
    }
    source = orders(customer=f"case when {share} then 'SP' else 'c' || (i % 50) end")
    unmatched = Symptom(FCT, "foreign_key", ("name",), reference=ColumnRef(DIM, "name"))
    assert origin(tmp_path, source, models, unmatched).node == node


def test_what_is_computed_in_an_ephemeral_model_is_that_models(tmp_path: Path) -> None:
    inlined = "with __dbt__cte__enriched as (select id, 0 - amount as amount from lab.main.stg_orders) "
    models = {
        "stg_orders": "select id, amount from lab.raw.orders",
        "enriched": "select id, 0 - amount as amount from lab.main.stg_orders",
        "orders": inlined + "select id, amount from __dbt__cte__enriched -- main.enriched ",
    }
    found = origin(tmp_path, orders(), models, Symptom(FCT, "between", ("amount",), {"min_value": 0}))
    assert (found.node, found.kind) == ("model.shop.enriched", "logic")
    assert found.detail == "how amount is made"


# Several reasons for one thing on the way

PRODUCTS = {
    "customers": "select c.id, s.id as shop from lab.raw.clients as c left join lab.raw.shops as s on c.shop_id = s.id",
    "orders": "select o.id, c.shop from lab.raw.orders as o join lab.main.customers as c on o.customer_id = c.id",
}


@pytest.mark.parametrize("few", ["id = 11", "id in (11, 12, 13)"])
def test_of_several_reasons_for_nulls_on_the_way_that_of_the_finding_is_found(tmp_path: Path, few: str) -> None:
    # Nearly half of the clients have no shop, and never order; of those who order, some have a shop that is not there.
    clients = (
        f"select i as id, case when i >= 50 then null when {few.replace('id', 'i')} then 99 else i % 7 end as shop_id"
    )
    found = origin(tmp_path, orders(), PRODUCTS, Symptom(FCT, "not_null", ("shop",)),
                   clients=f"{clients} from range(90) as t(i)")  # fmt: skip
    assert found.node == CUSTOMERS
    assert found.path[-1].type == "foreign_key", found


@pytest.mark.parametrize(("code", "node"), [("'c' || (i % 53)", CUSTOMERS), ("'c' || (i % 50)", STG)])
def test_keys_that_a_node_takes_out_of_a_text_are_none_that_it_made(tmp_path: Path, code: str, node: str) -> None:
    # Of 53 codes in the payload three are no client's; else the model spoils some itself.
    spoilt = "case when i % 40 = 7 then 'x' || i else json_extract_string(payload, '$.client') end"
    taken = spoilt if node == STG else "json_extract_string(payload, '$.client')"
    models = {
        "stg_orders": f"select i, {taken} as client from lab.raw.orders",
        "customers": "select lower(name) as client from lab.raw.clients",
    }
    source = f"select i, '{{\"client\": \"' || {code} || '\"}}' as payload from range(212) as t(i)"
    unmatched = Symptom(STG, "foreign_key", ("client",), reference=ColumnRef(DIM, "client"))
    assert origin(tmp_path, source, models, unmatched).node == node


def test_keys_that_differ_by_blanks_alone_are_no_lost_rows(tmp_path: Path) -> None:
    models = {
        "stg_orders": "select id, lower(customer_id) as client from lab.raw.orders",
        "customers": "select lower(name) as client from lab.raw.clients",
    }
    clients = "select 'C' || i || case when i in (3, 4, 5) then ' ' else '' end as name from range(50) as t(i)"
    unmatched = Symptom(STG, "foreign_key", ("client",), reference=ColumnRef(DIM, "client"))
    found = origin(tmp_path, orders(customer="'C' || (i % 50)"), models, unmatched, clients=clients)
    assert (found.node, found.kind) == (CUSTOMERS, "bad_source_data")
