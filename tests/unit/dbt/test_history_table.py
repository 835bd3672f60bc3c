"""The package's table of results: where it is, how it is asked, and what its rows say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from aegis.dbt.artifacts.schema import Manifest
from aegis.dbt.results.history import history_query, history_relation, is_missing, past_builds
from aegis.domain.results import Status
from aegis.errors import WarehouseError
from aegis.sql.read_only import reading


def a_manifest(**nodes: dict[str, Any]) -> Manifest:
    shaped = {
        uid: {"unique_id": uid, "name": uid, "resource_type": "model", "package_name": "p", **node}
        for uid, node in nodes.items()
    }
    return msgspec.convert({"metadata": {}, "nodes": shaped}, Manifest)


ORDERS = {"schema": "Main", "database": "db", "relation_name": '"db"."Main"."orders"'}
BIG = {"schema": "main", "database": "db", "relation_name": "`db`.`main`.`orders`"}
SNOW = {"schema": "main", "database": "db", "relation_name": "db.main.orders"}


@pytest.mark.parametrize(
    ("node", "variables", "told"),
    [
        (ORDERS, {}, '"db"."main"."aegis_rule_results"'),
        (BIG, {}, "`db`.`main`.`aegis_rule_results`"),
        (SNOW, {}, "db.main.aegis_rule_results"),
        (ORDERS, {"aegis_history_schema": "kept"}, '"db"."kept"."aegis_rule_results"'),
        (BIG, {"aegis_history_schema": "s", "aegis_history_database": "d"}, "`d`.`s`.`aegis_rule_results`"),
        ({"schema": "other"}, {}, "main.aegis_rule_results"),
    ],
)
def test_the_table_is_named_as_the_warehouse_names_others(
    node: dict[str, Any], variables: dict[str, str], told: str
) -> None:
    assert history_relation(a_manifest(orders=node), variables, {"schema": "main"}) == told


def test_the_package_itself_says_best_where_it_is() -> None:
    health = {"compiled_code": 'with history as (\n select * from "a"."b"."aegis_rule_results"\n)', **ORDERS}
    manifest = a_manifest(**{"model.aegis.aegis_rule_health": health})
    assert history_relation(manifest, {"aegis_history_schema": "x"}, {}) == '"a"."b"."aegis_rule_results"'


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "bigquery", "snowflake", "databricks", "athena", "tsql"])
def test_the_query_only_reads_in_every_dialect_and_holds_no_text_that_ends_a_literal(dialect: str) -> None:
    query = history_query("s.aegis_rule_results", "o'x\\", "dev\n", "inv", 29)
    assert reading(query, dialect)
    assert "project = 'o?x?'" in query and "target = 'dev?'" in query and "age <= 29" in query


def test_rows_are_builds_the_oldest_first_and_of_two_results_the_worse_counts() -> None:
    def row(build: str, at: str, rule: str, status: str) -> dict[str, Any]:
        return {"INVOCATION_ID": build, "RUN_STARTED_AT": at, "RULE_ID": rule, "STATUS": status, "AGE": 1}

    builds = past_builds(
        [
            row("b", "2026-11-02 00:00:00", "one", "fail"),
            row("b", "2026-11-02 00:00:00", "one", "pass"),
            row("a", "2026-11-01T10:00:00+02:00", "one", "pass"),
            row("a", "2026-11-01T10:00:00+02:00", "two", "weird"),
            row("c", "yesterday", "one", "pass"),
        ]
    )
    assert [(one.at, dict(one.statuses)) for one in builds] == [
        (datetime(2026, 11, 1, 8, tzinfo=UTC), {"one": Status.PASS}),
        (datetime(2026, 11, 2, tzinfo=UTC), {"one": Status.FAIL}),
    ]
    with pytest.raises(WarehouseError, match="has no column 'run_started_at'"):
        past_builds([{"invocation_id": "a"}])


@pytest.mark.parametrize(
    "message",
    [
        "Catalog Error: Table with name aegis_rule_results does not exist!",
        'relation "s.aegis_rule_results" does not exist',
        "Not found: Table p:d.aegis_rule_results was not found in location EU",
        "[TABLE_OR_VIEW_NOT_FOUND] The table or view `aegis_rule_results` cannot be found.",
    ],
)
def test_a_table_that_is_not_there_is_told_from_other_errors(message: str) -> None:
    assert is_missing(message) and not is_missing("permission denied for table aegis_rule_results")
