"""Rows whose key occurs more than once are the same rows, however they are looked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aegis.investigate.checks import CheckRunner
from aegis.investigate.query_budget import Bounds, QueryBudget
from aegis.investigate.symptoms import Symptom
from aegis.warehouse import duckdb_repeated
from aegis.warehouse.duckdb_files import DuckDbFiles
from aegis.warehouse.duckdb_repeated import repeated
from integration_tests.command import make_database
from tests.unit.investigate.lab import Lab

MANY = 1_000_000
SAME = "(t.{0} is not distinct from d.{0})"
EQUAL = "(t.{0} = d.{0})"


def asked_of(keys: list[str], where: str = "", match: str = SAME) -> str:
    within, by = f" where {where}" if where else "", ", ".join(keys)
    return (
        f"select t.* from (select * from rows{within}) as t join (select {by} from rows{within} group by {by} "
        f"having count(*) > 1) as d on {' and '.join(match.format(key) for key in keys)}"
    )


NUMBERS = st.one_of(st.none(), st.integers(-3, 70), st.integers(-(2**63), -(2**63) + 40))
ROWS = st.lists(st.tuples(NUMBERS, st.one_of(st.none(), st.integers(-2, 2))), min_size=1, max_size=60)


@given(ROWS, st.sampled_from([["a"], ["a", "b"], ["b", "a"]]), st.sampled_from(["", "b is not null", "b > 0 or a = 5"]),
       st.sampled_from([SAME, EQUAL]))  # fmt: skip
def test_by_buckets_the_rows_are_those_of_the_query(
    rows: list[tuple[int | None, int | None]], keys: list[str], where: str, match: str
) -> None:
    query = asked_of(keys, where, match)
    found = repeated(query)
    assert found is not None and (found.relation, list(found.keys)) == ("rows", keys)
    with duckdb.connect() as connection:
        connection.execute("create table rows (a bigint, b tinyint, place integer)")
        connection.executemany("insert into rows values (?, ?, ?)", [[*row, n] for n, row in enumerate(rows)])
        extent = connection.execute(found.extent).fetchone()
        assert extent is not None and extent[0] == len(rows)
        other = found.by_buckets(MANY, extent[1:-1])
        expected = sorted(connection.execute(query).fetchall(), key=lambda row: row[2])
        if other is not None:
            assert sorted(connection.execute(other).fetchall(), key=lambda row: row[2]) == expected


@pytest.mark.parametrize(
    ("rows", "ends"),
    [
        (199_999, [0, 9]),
        (None, [0, 9]),
        (MANY, [None, None]),
        (MANY, ["a", "b"]),
        (MANY, [False, True]),
        (MANY, [0, 2**63]),
        (MANY, [0, 5_000_000]),
    ],
)
def test_keys_that_are_few_no_integers_or_far_apart_are_asked_for_as_they_stand(
    rows: int | None, ends: list[object]
) -> None:
    found = repeated(asked_of(["a"]))
    assert found is not None
    assert found.by_buckets(MANY, [0, 4_000_000]) is not None
    assert found.by_buckets(rows, ends) is None


@pytest.mark.parametrize(
    "query",
    [
        "select * from rows where a is null",
        asked_of(["a"]).replace("> 1", "> 2"),
        asked_of(["a"]).replace("from rows group", "from others group"),
        asked_of(["lower(a)"]),
    ],
)
def test_another_query_is_none_for_repeated_keys(query: str) -> None:
    assert repeated(query) is None


@pytest.mark.parametrize(
    "symptom",
    [
        Symptom("source.shop.raw.orders", "unique", ("id",)),
        Symptom("source.shop.raw.orders", "composite_unique", ("id", "line"), {"columns": ["id", "line"]}),
    ],
    ids=lambda symptom: symptom.type,
)
def test_rows_that_a_rule_on_keys_gives_are_looked_for_by_buckets(
    symptom: Symptom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The form that is known here is the one that the suites write."""
    monkeypatch.setattr(duckdb_repeated, "_LEAST_ROWS", 100)
    lab = Lab(tmp_path, {"orders": "select i % 99 as id, i % 7 as line from range(1000) as t(i)"}, {})
    warehouse = DuckDbFiles({"lab": tmp_path / "lab.duckdb"})
    checks = CheckRunner(lab.artifacts().manifest, QueryBudget(warehouse, Bounds()))
    query = checks.ask([symptom])[0].rows_sql
    assert query is not None and repeated(query) is not None
    asked: list[str] = []
    monkeypatch.setattr(DuckDbFiles, "_cheaper", _noting(asked))
    warehouse.keep_rows([query], 2_000)
    assert len(asked) == 1 and ">> 5" in asked[0]
    warehouse.close()


def _noting(asked: list[str]) -> Callable[[DuckDbFiles, str], str | None]:
    cheaper = DuckDbFiles._cheaper

    def noting(self: DuckDbFiles, query: str) -> str | None:
        found = cheaper(self, query)
        asked.append(found or "")
        return found

    return noting


def test_a_view_is_asked_as_it_stands(tmp_path: Path) -> None:
    path = make_database(tmp_path / "x.duckdb", "create view rows as select i % 250000 as a from range(300000) as t(i)")
    warehouse = DuckDbFiles({"x": path})
    assert warehouse._cheaper(asked_of(["a"])) is None
    assert warehouse.keep_rows([asked_of(["a"])], 200_000) == [100_000]
    warehouse.close()
