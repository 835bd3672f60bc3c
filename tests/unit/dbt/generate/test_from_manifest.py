"""dbt tests become rules on the table that they test, and nothing is left out without a reason."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.generate.model import Generated
from aegis.rules import Rule, load_text
from tests.unit.dbt.generate.manifests import generated, manifest, model, source, test_on, text_of

ORDERS = model("orders", "id", "customer_id", "status", "qty")
CUSTOMERS = model("customers", "id")


def only(found: Generated) -> Rule:
    assert [entry.reason for entry in found.not_carried] == []
    [entry] = found.rules
    return entry.rule


def reason(found: Generated) -> str:
    assert found.rules == ()
    [entry] = found.not_carried
    return entry.reason


def told(rule: Rule, *names: str) -> tuple[Any, ...]:
    return tuple(getattr(rule, name) for name in names)


def big() -> dict[str, Any]:
    """600 models of three packages, 100 of them in two versions, and 50 sources."""
    nodes: list[dict[str, Any]] = []
    for place in range(600):
        package = ("shop", "shop", "billing", "web")[place % 4]
        for version in (1, 2) if place % 6 == 0 else (None,):
            one = model(f"m{place}", "id", "other_id", "state", package=package, version=version, latest_version=2)
            parent = nodes[0] if nodes else one
            target = f"ref('{parent['name']}')" if parent["version"] is None else f"ref('{parent['name']}', v=1)"
            more: dict[str, Any] = {"package": package}
            nodes += [
                one,
                test_on(one, "not_null", "id", **more),
                test_on(one, "unique", "id", **more),
                test_on(one, "accepted_values", "state", {"where": f"other_id > {place}"}, **more, values=["a", "b"]),
                test_on(one, "relationships", "other_id", others=(parent,), **more, to=target, field="id"),
            ]
    for place in range(50):
        one = source(f"raw{place % 5}", f"t{place}", "id")
        nodes += [
            one,
            test_on(one, "not_null", "id"),
            test_on(one, "relationships", "id", others=(nodes[0],), to="ref('m0', v=1)", field="id"),
        ]
    return manifest(*nodes)


def test_each_built_in_test_of_600_models_becomes_a_rule_on_its_table_in_a_few_seconds(tmp_path: Path) -> None:
    document = big()
    started = time.process_time()
    found = generated(tmp_path, document)
    text = text_of(found)
    assert time.process_time() - started < 8
    assert found.not_carried == ()
    tests = {uid: node for uid, node in document["nodes"].items() if node["resource_type"] == "test"}
    assert len(found.rules) == len(tests) == 2_900
    tables = {entry.test: entry.rule.table for entry in found.rules}
    for uid, node in tests.items():
        kind, package, *name = node["depends_on"]["nodes"][-1].split(".")
        label = ".".join(name) if kind == "source" or package == "shop" else f"{package}.{'.'.join(name)}"
        assert tables[uid] == label, uid
    assert len(load_text(text, dialect="duckdb")) == len(tests)
    assert found.packages == {
        name: sum(uid.startswith(f"test.{name}.") for uid in tests) for name in ("billing", "web")
    }


def test_the_order_in_which_dbt_lists_tests_changes_nothing(tmp_path: Path) -> None:
    points = test_on(ORDERS, "relationships", "customer_id", others=(CUSTOMERS,), to="ref('customers')", field="id")
    nodes = [ORDERS, CUSTOMERS, test_on(ORDERS, "unique", "id"), test_on(CUSTOMERS, "unique", "id"), points]
    one = text_of(generated(tmp_path, manifest(*nodes)))
    assert one == text_of(generated(tmp_path, manifest(*reversed(nodes))))


@pytest.mark.parametrize("attached", [True, False])
def test_the_tested_table_is_the_attached_one_or_that_of_the_model_argument(tmp_path: Path, attached: bool) -> None:
    test = test_on(ORDERS, "relationships", "customer_id", others=(CUSTOMERS,), to="ref('customers')", field="id")
    test["attached_node"] = ORDERS["unique_id"] if attached else None
    for parents in (test["depends_on"]["nodes"], test["depends_on"]["nodes"][::-1]):
        test["depends_on"]["nodes"] = parents
        rule = only(generated(tmp_path, manifest(ORDERS, CUSTOMERS, test)))
        assert told(rule, "table", "column", "reference_table", "reference_column") == (
            "orders", "customer_id", "customers", "id",
        )  # fmt: skip


def test_a_reference_names_a_source_the_version_that_is_meant_or_the_table_itself(tmp_path: Path) -> None:
    old, new = (model("customers", "id", version=number, latest_version=2) for number in (1, 2))
    raw = source("raw", "customers", "id")
    for to, other, table in (
        ("source('raw', 'customers')", raw, "raw.customers"),
        ("ref('customers', v=1)", old, "customers.v1"),
        ("{{ ref('customers') }}", new, "customers.v2"),
        ("ref('shop', 'customers', version=2)", new, "customers.v2"),
        ("ref('orders')", ORDERS, "orders"),
    ):
        others = () if other is ORDERS else (other,)
        test = test_on(ORDERS, "relationships", "customer_id", others=others, to=to, field='"id"')
        rule = only(generated(tmp_path, manifest(ORDERS, old, new, raw, test)))
        assert told(rule, "reference_table", "reference_column") == (table, "id"), to


@pytest.mark.parametrize(
    ("arguments", "values"),
    [
        ({"values": [1, 2.5, True, "it''s"]}, ("1", "2.5", "True", "it's")),
        ({"values": [1, 2.5], "quote": False}, "(1, Decimal('2.5'))"),
        ({"values": ["1", "true", "'a'"], "quote": False}, (1, True, "a")),
    ],
)
def test_values_are_those_that_dbt_writes_into_its_sql(tmp_path: Path, arguments: Any, values: Any) -> None:
    rule = only(generated(tmp_path, manifest(ORDERS, test_on(ORDERS, "accepted_values", "status", **arguments))))
    assert told(rule, "values")[0] == values or str(told(rule, "values")[0]) == values


def test_a_list_of_sql_becomes_a_condition(tmp_path: Path) -> None:
    test = test_on(ORDERS, "accepted_values", "qty", values=["id + 1", 3], quote=False)
    rule = only(generated(tmp_path, manifest(ORDERS, test)))
    assert told(rule, "expression", "about") == ("qty in (id + 1, 3)", ("qty",))


@pytest.mark.parametrize(("adapter", "as_list"), [("duckdb", True), ("bigquery", False)])
def test_a_backslash_is_what_the_warehouse_takes_it_for(tmp_path: Path, adapter: str, as_list: bool) -> None:
    document = manifest(ORDERS, test_on(ORDERS, "accepted_values", "status", values=["a\\\\b"]))
    document["metadata"]["adapter_type"] = adapter
    rule = only(generated(tmp_path, document))
    assert getattr(rule, "values", None) == (("a\\\\b",) if as_list else None)
    assert as_list or rule.expression == "status in ('a\\\\b')"  # type: ignore[attr-defined]


def test_jinja_has_its_compiled_values_or_is_listed(tmp_path: Path) -> None:
    test = test_on(ORDERS, "accepted_values", "status", values="{{ var('states') }}")
    said = reason(generated(tmp_path, manifest(ORDERS, test)))
    assert "{{ var('states') }}" in said and "'values'" in said
    sql = "select * from (select status as value_field from orders) where value_field not in ('a', 'it''s')"
    rule = only(generated(tmp_path, manifest(ORDERS, {**test, "compiled_code": sql})))
    assert told(rule, "values") == (("a", "it's"),)
    bare = test_on(ORDERS, "accepted_values", "status", values="var('states')")
    assert "Jinja" in reason(generated(tmp_path, manifest(ORDERS, bare)))


@pytest.mark.parametrize(
    ("written", "column"),
    [
        ('"Order Ref"', "Order Ref"),
        ("`a.b`", "a.b"),
        ('"q""t"', 'q"t'),
        ("größe", "größe"),
        ("ID", "ID"),
        ("odd name", "odd name"),
    ],
)
def test_a_column_is_named_without_its_quotes(tmp_path: Path, written: str, column: str) -> None:
    node = model("orders", "odd name")
    assert told(only(generated(tmp_path, manifest(node, test_on(node, "not_null", written)))), "column") == (column,)


@pytest.mark.parametrize(
    ("kind", "more", "begins"),
    [
        ("not_null", {}, "(lower(status)) is not null"),
        ("unique", {}, "select lower(status) as found"),
        ("accepted_values", {"values": ["a"]}, "lower(status) in ('a')"),
        ("relationships", {"to": "ref('orders')", "field": "status"}, "select child.found from (select lower(status)"),
    ],
)
def test_an_expression_in_place_of_a_column_is_asked_as_sql(
    tmp_path: Path, kind: str, more: dict[str, Any], begins: str
) -> None:
    rule = only(generated(tmp_path, manifest(ORDERS, test_on(ORDERS, kind, "lower(status)", **more))))
    assert str(getattr(rule, "expression", getattr(rule, "query", ""))).startswith(begins)


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        ({}, [("high", None, None, None)]),
        ({"severity": "warn"}, [("medium", None, None, None)]),
        ({"severity": "WARN", "warn_if": ">= 10"}, [("medium", None, 9, None)]),
        ({"error_if": "> 10"}, [("high", None, 10, 0)]),
        ({"error_if": ">10", "warn_if": ">10"}, [("high", None, 10, None)]),
        ({"error_if": ">10", "warn_if": ">3"}, [("high", None, 10, None), ("high", "warn", 3, None)]),
        ({"meta": {"severity": "low"}}, [("low", "error", None, None)]),
    ],
)  # fmt: skip
def test_severity_and_thresholds_give_dbts_verdict(tmp_path: Path, config: Any, wanted: list[Any]) -> None:
    found = generated(tmp_path, manifest(ORDERS, test_on(ORDERS, "not_null", "id", config)))
    assert [told(entry.rule, "severity", "level", "max_failed_rows", "warn_pct") for entry in found.rules] == wanted


def test_a_threshold_on_values_is_asked_as_the_test_counts(tmp_path: Path) -> None:
    test = test_on(ORDERS, "unique", "id", {"error_if": ">5", "warn_if": ">5", "where": "qty > 0"})
    rule = only(generated(tmp_path, manifest(ORDERS, test)))
    assert told(rule, "max_failed_rows", "returns") == (5, "rows")
    assert "from (select * from orders where qty > 0) as tested where id is not null" in rule.query  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"error_if": "= 0"}, "error_if (= 0)"),
        ({"warn_if": "between 1 and 5"}, "warn_if (between 1 and 5)"),
        ({"fail_calc": "max(n) - 1"}, "fail_calc (max(n) - 1)"),
        ({"error_if": ">100", "limit": 10}, "limit of 10"),
        ({"where": "day > '{{ run_started_at }}'"}, "where holds Jinja"),
        ({"where": "id > 1; drop table orders"}, "statement"),
    ],
)
def test_what_a_config_says_and_a_rule_cannot_is_the_reason(tmp_path: Path, config: Any, said: str) -> None:
    assert said in reason(generated(tmp_path, manifest(ORDERS, test_on(ORDERS, "not_null", "id", config))))


def test_where_tags_owner_and_description_are_kept_and_other_meta_is_told(tmp_path: Path) -> None:
    config = {"where": "qty > 0", "tags": ["nightly", "nightly"], "meta": {"owner": "Ann", "ticket": 7}, "limit": 3}
    test = {**test_on(ORDERS, "not_null", "id", config), "description": "Ids are joined on."}
    found = generated(tmp_path, manifest(ORDERS, test))
    rule = only(found)
    assert told(rule, "where", "tags", "owner", "description") == ("qty > 0", ("nightly",), "Ann", "Ids are joined on.")
    assert found.rules[0].notes == (
        "limit (3) is not carried: the rule counts all failing rows", "meta is not carried: ticket",
    )  # fmt: skip


def test_all_that_becomes_no_rule_is_listed_with_its_reason(tmp_path: Path) -> None:
    ephemeral = model("eph", "id", config={"materialized": "ephemeral"})
    singular = {"unique_id": "test.shop.no_gaps", "name": "no_gaps", "resource_type": "test", "package_name": "shop",
                "original_file_path": "tests/no_gaps.sql", "depends_on": {"nodes": [ORDERS["unique_id"]]}}  # fmt: skip
    unit = {"unique_id": "unit_test.shop.orders.adds_up", "name": "adds_up", "resource_type": "unit_test"}
    found = generated(
        tmp_path,
        manifest(
            ORDERS, CUSTOMERS, ephemeral, singular,
            test_on(ephemeral, "not_null", "id"),
            test_on(ORDERS, "dbt_utils.equal_rowcount", compare_model="ref('customers')", others=(CUSTOMERS,)),
            test_on(ORDERS, "is_even", "qty"),
            test_on(ORDERS, "not_null", "qty", name="my_qty"),
            test_on(ORDERS, "dbt_expectations.expect_column_values_to_not_be_null", "qty"),
            unit_tests={unit["unique_id"]: unit},
            disabled={"test.shop.unique_orders_qty.0123456789": [test_on(ORDERS, "unique", "qty")]},
        ),
    )  # fmt: skip
    reasons = {entry.test: entry.reason for entry in found.not_carried}
    said = {
        "not_null_eph_id": "ephemeral",
        "no_gaps": "tests/no_gaps.sql",
        "orders.adds_up": "SQL of a model",
        "dbt_utils_equal_rowcount_orders_table": "two tables",
        "is_even_orders_qty": "the project's own",
        "unique_orders_qty": "disabled",
        "dbt_expectations_expect_column_values_to_not_be_null_orders_qty": "the same as my_qty",
    }
    assert {name: word for name, word in said.items() if word in reasons.get(name, "")} == said
    assert reasons.keys() == said.keys()
    assert [entry.rule.id for entry in found.rules] == ["my_qty"]
    text = text_of(found)
    assert [name for name, why in reasons.items() if name not in text or why not in text] == []


def test_ids_are_stable_unique_and_the_names_that_people_gave(tmp_path: Path) -> None:
    tests = [
        test_on(ORDERS, "not_null", "id", name="ids are there"),
        test_on(ORDERS, "unique", "id"),
        test_on(ORDERS, "accepted_values", "status", values=["a"]),
        test_on(ORDERS, "accepted_values", "status", {"where": "id > 1"}, values=["b"]),
    ]
    found = generated(tmp_path, manifest(ORDERS, *tests))
    ids = [entry.rule.id for entry in found.rules]
    assert ids[:2] == ["ids_are_there", "orders_id_unique"] and len(set(ids)) == 4
    # Each of the two lists keeps its id when a third comes.
    third = test_on(ORDERS, "accepted_values", "status", {"where": "id > 2"}, values=["c"])
    more = [entry.rule.id for entry in generated(tmp_path, manifest(ORDERS, *tests, third)).rules]
    assert set(ids) <= set(more)
    assert [rule.id for rule in load_text(text_of(found), dialect="duckdb")] == ids
