from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.artifacts.read import read_manifest
from aegis.dbt.artifacts.schema import Manifest, Node
from aegis.dbt.graph.expectations import expectation
from aegis.dbt.graph.nodes import TestIds, node_under_test, plain_name, table_name, type_of_test
from tests.unit.dbt.targets import Document, generic_test, metadata, model, node, write_target

ORDERS = "model.shop.orders"
CUSTOMERS = "model.shop.customers"
TEST = "test.shop.t.0123456789"


def _manifest(tmp_path: Path, *nodes: Document, sources: tuple[Document, ...] = ()) -> Manifest:
    return read_manifest(write_target(tmp_path, nodes, sources=sources, manifest={"metadata": metadata()}))[0]


def _tested(tmp_path: Path, test: Document, *, sources: tuple[Document, ...] = ()) -> str | None:
    manifest = _manifest(tmp_path, model("orders"), model("customers"), test, sources=sources)
    return node_under_test(manifest, manifest.nodes[test["unique_id"]])


def _relationships(*reads: str, **fields: Any) -> Document:
    test = generic_test("t", ORDERS, "relationships", "customer_id", attached_node=None, **fields)
    return {**test, "depends_on": {"nodes": list(reads)}}


def _model_argument(text: str) -> Document:
    return {"name": "relationships", "kwargs": {"model": text, "to": "ref('customers')"}}


@pytest.mark.parametrize("reads", [(ORDERS, CUSTOMERS), (CUSTOMERS, ORDERS)])
def test_the_order_of_a_relationships_tests_nodes_never_decides(tmp_path: Path, reads: tuple[str, str]) -> None:
    assert _tested(tmp_path / "a", _relationships(*reads)) is None
    told = _relationships(*reads, test_metadata=_model_argument("{{ get_where_subquery(ref('orders')) }}"))
    assert _tested(tmp_path / "b", told) == ORDERS
    keyed = _relationships(*reads, file_key_name="models.orders")
    assert _tested(tmp_path / "c", keyed) == ORDERS


def test_the_attached_node_comes_first(tmp_path: Path) -> None:
    test = {**_relationships(CUSTOMERS, ORDERS), "attached_node": ORDERS}
    assert _tested(tmp_path, test) == ORDERS


def test_an_attached_node_that_is_gone_is_not_used(tmp_path: Path) -> None:
    assert _tested(tmp_path, {**_relationships(CUSTOMERS), "attached_node": "model.shop.gone"}) == CUSTOMERS


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("{{ ref('orders') }}", ORDERS),
        ('{{ ref("shop", "orders") }}', ORDERS),
        ("{{ ref('other', 'orders') }}", None),
        (
            "{% if x %}(select * from {{ ref('orders') }} where a) orders{% else %}{{ ref('orders') }}{% endif %}",
            ORDERS,
        ),
        ("{{ ref('orders') }} {{ ref('customers') }}", None),
        ("{{ ref('orders', v=2) }}", None),
        ("{{ source('raw', 'orders') }}", "source.shop.raw.orders"),
        ("{{ source('orders') }}", None),
        ("{{ ref(", None),
    ],
)
def test_a_tests_model_argument_names_its_node(tmp_path: Path, text: str, about: str | None) -> None:
    source = node("source.shop.raw.orders", source_name="raw")
    test = _relationships(ORDERS, CUSTOMERS, "source.shop.raw.orders", test_metadata=_model_argument(text))
    assert _tested(tmp_path, test, sources=(source,)) == about


def test_a_version_of_a_model_is_told_from_another(tmp_path: Path) -> None:
    versions = [model(f"orders.v{number}", name="orders", version=number) for number in (1, 2)]
    test = _relationships(
        *(item["unique_id"] for item in versions), test_metadata=_model_argument("ref('orders', v='2')")
    )
    manifest = _manifest(tmp_path, *versions, test)
    assert node_under_test(manifest, manifest.nodes[TEST]) == "model.shop.orders.v2"
    assert table_name(manifest.find("model.shop.orders.v2")) == "orders.v2"


def test_a_singular_test_of_two_nodes_is_about_neither(tmp_path: Path) -> None:
    assert _tested(tmp_path, node("test.shop.single", ORDERS, CUSTOMERS)) is None
    assert _tested(tmp_path, node("test.shop.other", ORDERS)) == ORDERS


def test_names_are_without_packages_and_hashes() -> None:
    assert plain_name("test.shop.unique_orders_id.fed79b3a6e") == "unique_orders_id"
    assert plain_name("test.shop.no_negative_revenue") == "no_negative_revenue"
    assert plain_name("unit_test.shop.orders.adds_up") == "orders.adds_up"
    assert plain_name("source.shop.raw.orders") == "raw.orders"
    assert plain_name("odd") == "odd"


def test_ids_of_tests_are_short_and_unique_whichever_ran(tmp_path: Path) -> None:
    tests = [
        "test.shop.alone.0000000001",
        "test.shop.twins.0000000002",
        "test.shop.twins.0000000003",
        "test.shop.two_packages.0000000004",
        "test.lib.two_packages.0000000005",
        "test.shop.like_a_rule",
    ]
    ids = TestIds(_manifest(tmp_path, *map(node, tests)), taken=["like_a_rule"])
    assert [ids(uid) for uid in tests] == [
        "alone",
        "shop.twins.0000000002",
        "shop.twins.0000000003",
        "shop.two_packages",
        "lib.two_packages",
        "shop.like_a_rule",
    ]


def _generic(kind: str, namespace: str | None = None, where: str | None = None, **kwargs: Any) -> Node:
    from aegis.dbt.artifacts.schema import NodeConfig, TestMetadata

    shape = TestMetadata(name=kind, namespace=namespace, kwargs={"column_name": "c", "model": "m", **kwargs})
    return Node(unique_id=TEST, test_metadata=shape, config=NodeConfig(where=where))


@pytest.mark.parametrize(
    ("test", "words"),
    [
        (_generic("not_null"), "no NULL"),
        (_generic("unique", where="x > 1"), "no duplicates where x > 1"),
        (_generic("accepted_values", values=["a", 1]), "one of a, 1"),
        (_generic("accepted_values", values=None), "one of None"),
        (_generic("relationships", to="{{ ref('b') }}", field="id"), "a id of ref('b')"),
        (_generic("accepted_range", "dbt_utils", min_value=0, max_value=None), "min_value: 0"),
        (_generic("own"), None),
        (Node(unique_id=TEST), None),
        (None, None),
    ],
)
def test_what_a_test_expects_is_in_words(test: Node | None, words: str | None) -> None:
    assert expectation(test) == words


def test_a_long_expectation_is_cut() -> None:
    assert len(str(expectation(_generic("accepted_values", values=["x" * 50] * 100)))) == 300


def test_a_test_type_has_its_package() -> None:
    assert type_of_test(_generic("accepted_range", "dbt_utils")) == "dbt_utils.accepted_range"
    assert type_of_test(_generic("unique")) == "unique"
    assert type_of_test(_generic("unique_rule", "aegis")) == "aegis.unique"
    assert type_of_test(_generic("unique_rule", "other")) == "other.unique_rule"
    assert type_of_test(Node(unique_id=TEST)) == "singular"
