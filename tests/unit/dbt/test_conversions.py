"""Which values a model converts is read off its SQL, and asked in SQL that does not fail."""

from __future__ import annotations

import duckdb
import pytest

from aegis.dbt.artifacts.schema import Manifest, Metadata, Node
from aegis.dbt.graph.column_lineage import LineageIndex
from aegis.dbt.graph.conversions import Conversion

RAW = "source.shop.raw.prices"
MODEL = "model.shop.out"
PRICES = "raw.prices"


def conversions(sql: str, adapter: str = "duckdb") -> tuple[Conversion, ...]:
    source = Node(unique_id=RAW, resource_type="source", relation_name=PRICES)
    other = Node(unique_id="source.shop.raw.rates", resource_type="source", relation_name="raw.rates")
    manifest = Manifest(metadata=Metadata(), nodes={}, sources={RAW: source, other.unique_id: other})
    columns = {RAW: ("id", "price", "day", "kind"), other.unique_id: ("kind", "rate")}
    return LineageIndex(manifest, adapter, columns, {MODEL: sql}).conversions(MODEL)


FOUND = {
    "a cast": ("select cast(price as double) as p from raw.prices", 2),
    "a cast of what a function gives": ("select replace(price, '$', '')::double as p from raw.prices", 1),
    "a date by its format": ("select strptime(day, '%d/%m/%Y') as d from raw.prices", 1),
    "behind CTEs that rename": (
        "with a as (select * from raw.prices), b as (select id, price as text from a) select text::double as p from b",
        2,
    ),
    "the rows of a filter alone": ("select price::double as p from raw.prices where id > 2", 1),
    "the rows of a filter in a CTE": (
        "with a as (select * from raw.prices where id <> 3) "
        "select replace(price, '$', '')::double as p from a where id > 0",
        0,
    ),
    "a cast within a filter": ("select id from raw.prices where price::double > 1", 2),
    "under an aggregate": ("select kind, sum(price::double) as p from raw.prices group by kind", 2),
    "in front of a left join": (
        "select p.price::double as p from raw.prices as p left join raw.rates as r on p.kind = r.kind",
        2,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("sql", "failing"), FOUND.values(), ids=list(FOUND))
def test_the_rows_whose_values_cannot_be_converted_are_counted(sql: str, failing: int) -> None:
    [found] = conversions(sql)
    assert found.node == RAW
    with duckdb.connect() as connection:
        connection.execute("create schema raw")
        connection.execute(
            "create table raw.prices as from (values (1, '10', '01/02/2026', 'a'), (2, '$7', '31/12/2026', 'b'), "
            "(3, 'ask', '2026-01-01', 'a'), (4, null, null, 'b')) as t(id, price, day, kind)"
        )
        rows = f"select count(*) from raw.prices where ({found.where or 'true'}) and not ({found.holds})"
        assert connection.execute(rows).fetchall() == [(failing,)]


NOT_FOUND = {
    "a cast that gives NULL": "select try_cast(price as double) as p from raw.prices",
    "a cast to a text": "select cast(id as varchar) as p from raw.prices",
    "a cast of a literal": "select cast('2026-01-01' as date) as p from raw.prices",
    "a cast under a condition": "select case when kind = 'a' then price::double end as p from raw.prices",
    "values of two tables": (
        "select (p.price || r.rate)::double as p from raw.prices as p left join raw.rates as r on p.kind = r.kind"
    ),
    "a join that may drop the rows": (
        "select p.price::double as p from raw.prices as p join raw.rates as r on p.kind = r.kind"
    ),
    "a value that a CTE computes": "with a as (select max(price) as m from raw.prices) select m::double as p from a",
    "a filter that reads another table": (
        "select price::double as p from raw.prices where kind in (select kind from raw.rates)"
    ),
}


@pytest.mark.parametrize("sql", NOT_FOUND.values(), ids=list(NOT_FOUND))
def test_what_is_not_a_question_to_the_rows_of_one_table_is_not_asked(sql: str) -> None:
    assert conversions(sql) == ()


@pytest.mark.parametrize(
    ("adapter", "asked"),
    [
        ("postgres", "pg_input_is_valid(cast(\"price\" as text), 'DECIMAL(8, 2)')"),
        ("bigquery", "SAFE_CAST(`price` AS NUMERIC(8, 2)) is not null"),
        ("databricks", "TRY_CAST(`price` AS DECIMAL(8, 2)) is not null"),
    ],
)
def test_each_warehouse_is_asked_in_its_own_words(adapter: str, asked: str) -> None:
    [found] = conversions("select cast(price as decimal(8, 2)) as p from raw.prices", adapter)
    assert asked in found.holds
