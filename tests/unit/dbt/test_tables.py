"""Which table a rule means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.artifacts.read import read_artifacts
from aegis.dbt.graph.tables import Table, Tables, UnknownTable, tables_of
from tests.unit.dbt.targets import metadata, model, node, write_target


def source(name: str, table: str, **fields: Any) -> dict[str, Any]:
    unique_id = f"source.shop.{name}.{table}"
    base = {
        "unique_id": unique_id,
        "resource_type": "source",
        "package_name": "shop",
        "name": table,
        "source_name": name,
    }
    return {**base, "schema": name, "identifier": table, "database": "db", **fields}


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    nodes = [
        model("orders", schema="main", database="db", alias="orders"),
        model("customers", schema="main", database="db", alias="dim_customers"),
        node("model.other.orders", schema="main", database="db", alias="other_orders"),
        node("model.other.only_there", schema="main", database="db"),
        node("model.shop.prices.v1", name="prices", version=1, latest_version=2, alias="prices_v1", schema="main"),
        node("model.shop.prices.v2", name="prices", version=2, latest_version=2, alias="prices_v2", schema="main"),
        node("seed.shop.countries", schema="main"),
        node("snapshot.shop.history", schema="snaps"),
        model("passing", config={"materialized": "ephemeral"}),
        model("MixedCase", schema="main"),
    ]
    nodes += [
        model(name, constraints=given) for name, given in (("keyed", [{"type": "primary_key", "columns": ["a", "b"]}]),)
    ]
    sources = [
        source("raw", "orders", loaded_at_field="at"),
        source("raw", "events", identifier="evt"),
        source("erp", "events"),
        source("erp", "odd name", identifier='select "x"'),
    ]
    manifest = {
        "metadata": metadata(project_name="shop"),
        "disabled": {"model.shop.gone": [{}], "source.shop.raw.left": [{}], "test.shop.t": [{}]},
    }
    write_target(tmp_path, nodes, sources=sources, manifest=manifest)
    return tables_of(read_artifacts(tmp_path).manifest)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("orders", 'ref("orders")'),
        ("ORDERS", 'ref("orders")'),
        ("raw.orders", 'source("raw", "orders")'),
        ("main.orders", 'ref("orders")'),
        ("db.main.orders", 'ref("orders")'),
        ("dim_customers", 'ref("customers")'),
        ("other.orders", 'ref("other", "orders")'),
        ("only_there", 'ref("other", "only_there")'),
        ("prices", 'ref("prices", v="2")'),
        ("prices.v1", 'ref("prices", v="1")'),
        ("prices_v2", 'ref("prices", v="2")'),
        ("countries", 'ref("countries")'),
        ("snaps.history", 'ref("history")'),
        ("raw.evt", 'source("raw", "events")'),
        ("evt", 'source("raw", "events")'),
        ("erp.odd name", 'source("erp", "odd name")'),
        ("MixedCase", 'ref("MixedCase")'),
        ("keyed", 'ref("keyed")'),
    ],
)
def test_a_name_finds_the_table_it_is_closest_to(tables: Tables, name: str, call: str) -> None:
    assert tables.find(name).call == call


@pytest.mark.parametrize(("name", "candidates"), [("events", ("erp.events", "raw.events"))])
def test_a_name_that_means_two_tables_is_refused_with_both(
    tables: Tables, name: str, candidates: tuple[str, ...]
) -> None:
    with pytest.raises(UnknownTable) as caught:
        tables.find(name)
    assert caught.value.ambiguous and caught.value.candidates == candidates


def test_a_schema_beside_the_name_tells_which(tables: Tables) -> None:
    assert tables.find("events", "erp").call == 'source("erp", "events")'
    assert tables.find("orders", "RAW").call == 'source("raw", "orders")'
    assert tables.find("orders", "main", "DB").call == 'ref("orders")'
    with pytest.raises(UnknownTable):
        tables.find("orders", "main", "elsewhere")


@pytest.mark.parametrize("name", ["gone", "raw.left"])
def test_a_disabled_table_is_told_as_such(tables: Tables, name: str) -> None:
    with pytest.raises(UnknownTable) as caught:
        tables.find(name)
    assert caught.value.reason is not None and "disabled" in caught.value.reason


@pytest.mark.parametrize("name", ["v2", "t", "", "order", "raw"])
def test_what_dbt_does_not_know_is_unknown(tables: Tables, name: str) -> None:
    with pytest.raises(UnknownTable) as caught:
        tables.find(name)
    assert not caught.value.ambiguous and caught.value.reason is None


def test_the_nearest_names_are_told(tables: Tables) -> None:
    with pytest.raises(UnknownTable) as caught:
        tables.find("custmers")
    assert caught.value.candidates == ("customers",)


def test_what_the_manifest_tells_of_a_table_is_kept(tables: Tables) -> None:
    assert tables.find("keyed").keys == ("a", "b")
    assert tables.find("raw.orders").time_column == "at"
    assert tables.find("passing").unfit is not None


def test_two_tables_of_one_label_are_told_apart_by_their_place() -> None:
    twins = Tables([Table("a", "x", "one", "x"), Table("b", "x", "two", "x")])
    with pytest.raises(UnknownTable) as caught:
        twins.find("x")
    assert caught.value.candidates == ("one.x", "two.x")


def test_who_may_read_a_model_is_kept_wherever_dbt_writes_it(tmp_path: Path) -> None:
    nodes = [
        model("orders", access="private", group="finance"),
        model("pay", config={"access": "private", "group": "sales"}),
        model("free", access="protected", group="sales"),
        node("model.lib.inner", access="protected"),
        node("model.lib.front", access="public"),
        node("seed.lib.list"),
    ]
    write_target(tmp_path, nodes, manifest={"metadata": metadata(project_name="shop")})
    manifest = read_artifacts(tmp_path).manifest
    found = tables_of(manifest, {"lib"})
    told = {name: (found.find(name).group, found.find(name).private) for name in ("orders", "pay", "free")}
    assert told == {"orders": ("finance", True), "pay": ("sales", True), "free": ("sales", False)}
    assert {t.label for t in found.all if t.unfit and "restrict-access" in t.unfit} == {"lib.inner"}
    assert not any(table.unfit for table in tables_of(manifest).all)
