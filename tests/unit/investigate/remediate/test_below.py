"""A fix says what it does to the tables below: to how many rows, and to the sums of which numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pytest

from aegis.dbt.artifacts.schema import DependsOn, Node, NodeConfig
from aegis.dbt.graph.lineage import Lineage
from aegis.domain.proposals import Effect, Trial
from aegis.investigate.made import Recipes
from aegis.investigate.remediate.trial import try_sql
from tests.unit.investigate.remediate import shop

TOTALS, LARGE, DAILY = "model.shop.totals", "model.shop.large", "model.shop.daily"
COMPILED = {
    TOTALS: 'select customer_id, sum(amount) as total, count(*) as orders from "shop"."raw"."orders" group by 1',
    LARGE: 'with t as (select * from "shop"."main"."totals") select customer_id, total from t where total > 4000',
    DAILY: 'select date_trunc(\'day\', created_at) as day, sum(amount) as total from "shop"."raw"."orders" group by 1',
}


def model(unique_id: str, above: str, materialized: str = "table") -> Node:
    name = unique_id.rpartition(".")[2]
    return Node(
        unique_id=unique_id, name=name, resource_type="model", database="shop", schema_="main", package_name="shop",
        relation_name=f'"shop"."main"."{name}"', depends_on=DependsOn(nodes=[above]),
        config=NodeConfig(materialized=materialized),
    )  # fmt: skip


def tried(path: Path, rule: str, sql: str, personal: str = "") -> Trial:
    nodes = {"totals": model(TOTALS, shop.ORDERS), "large": model(LARGE, TOTALS, "view"),
             "daily": model(DAILY, shop.ORDERS, "incremental")}  # fmt: skip
    known = shop.manifest(tuple(shop.RULES), **nodes)
    bench = shop.bench(path, known)
    recipes = Recipes(Lineage.of(known), COMPILED.get, bench.checks)
    case = shop.case(path, rule, known=known, probes=bench.checks, recipes=recipes,
                     personal=lambda column, _table: column == personal)  # fmt: skip
    trial = try_sql(sql, case)
    case.bench.budget.warehouse.close()
    return trial


@pytest.fixture
def dear(tmp_path: Path) -> Path:
    """One order costs a hundred times as much, so that its customer is a large one; and an order is there twice."""
    path = shop.make(
        tmp_path / "shop.duckdb",
        "update raw.orders set amount = amount * 100 where id = 47",
        "insert into raw.orders select * from raw.orders where id = 3",
    )
    with duckdb.connect(str(path)) as connection:
        for node, kind in ((TOTALS, "table"), (LARGE, "view"), (DAILY, "table")):
            connection.execute(f"create {kind} main.{node.rpartition('.')[2]} as {COMPILED[node]}")
        connection.execute("insert into main.daily values ('2025-01-01', 5)")  # of a load of before
    return path


def of(trial: Trial) -> Mapping[str, Effect]:
    return {one.table: one for one in trial.below}


def test_rows_and_sums_of_what_is_below_are_told_before_and_after(dear: Path) -> None:
    trial = tried(dear, "amount", 'update "shop"."raw"."orders" set amount = amount / 100 where amount > 1000')
    assert trial.verdict == "verified"
    totals, large = of(trial)["totals"], of(trial)["large"]
    assert (totals.rows_before, totals.rows_after) == (20, 20)
    assert totals.sums == {"total": (12556, 6913)}
    assert (large.rows_before, large.rows_after) == (1, 0)
    assert large.sums == {"total": (6013, None)}


def test_a_delete_of_copies_takes_them_out_of_the_sums(dear: Path) -> None:
    sql = (
        'delete from "shop"."raw"."orders" where rowid in (select rowid from (select rowid, '
        'row_number() over (partition by id) as copy from "shop"."raw"."orders") as n where copy > 1)'
    )
    trial = tried(dear, "id unique", sql)
    assert of(trial)["totals"].sums == {"total": (12556, 12543), "orders": (201, 200)}, trial


def test_what_keeps_rows_of_before_is_not_measured_and_says_so(dear: Path) -> None:
    trial = tried(dear, "amount", 'update "shop"."raw"."orders" set amount = amount / 100 where amount > 1000')
    daily = of(trial)["daily"]
    assert daily.rows_before is None
    assert daily.sums == {}
    assert daily.why == "no query gives all rows there"


def test_personal_numbers_are_in_no_sum(dear: Path) -> None:
    sql = 'update "shop"."raw"."orders" set amount = amount / 100 where amount > 1000'
    assert of(tried(dear, "amount", sql, personal="total"))["totals"].sums == {}


def test_a_fix_that_does_not_help_measures_nothing(dear: Path) -> None:
    trial = tried(dear, "amount", 'update "shop"."raw"."orders" set note = null where amount > 1000')
    assert not trial.below
