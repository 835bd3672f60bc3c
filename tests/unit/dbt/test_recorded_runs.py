"""Results of runs that dbt 1.10, dbt 1.12 and dbt 2 made of the same project."""

from __future__ import annotations

import pytest

from aegis.dbt.results.read import ExtraFacts, read_results
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Level, Severity
from aegis.rules.lookup import failed_share
from tests.unit.dbt.targets import (
    ENGINES,
    SUITE,
    recorded,
    recorded_rows,
)


def _by_id(engine: str, known: ExtraFacts | None = None) -> dict[str, Result]:
    return {item.rule_id: item for item in read_results(recorded(engine), known).results}


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_agree_on_what_passed_and_what_failed(engine: str) -> None:
    results = _by_id(engine)
    expected = {
        "accepted_values_stg_orders_status__placed__shipped__returned": Status.FAIL,
        "not_below_stg_orders_amount__0": Status.FAIL,
        "not_null_stg_orders_customer_id": Status.WARN,
        "not_null_stg_orders_order_id": Status.PASS,
        "orders_have_customers": Status.FAIL,
        "relationships_stg_orders_customer_id__customer_id__ref_stg_customers_": Status.FAIL,
        "status_known_when_large": Status.PASS,
        "no_negative_revenue": Status.SKIPPED,
        "dim_customers.names_are_shouted": Status.FAIL,
        "model.corner.broken": Status.ERROR,
        "model.corner.after_broken": Status.SKIPPED,
        "model.corner.stg_orders": Status.PASS,
        "seed.corner.raw_orders": Status.PASS,
        "source_freshness.raw.raw_orders": Status.FAIL,
        "source_freshness.raw.raw_fresh": Status.PASS,
    }
    assert {rule_id: results[rule_id].status for rule_id in expected} == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_agree_on_everything_a_report_shows_of_a_failed_test(engine: str) -> None:
    test = _by_id(engine)["relationships_stg_orders_customer_id__customer_id__ref_stg_customers_"]
    assert (test.kind, test.rule_type, test.node, test.table) == (
        ResultKind.TEST,
        "relationships",
        "model.corner.stg_orders",
        "stg_orders",
    )
    assert (test.column, test.rows_failed, test.severity, test.owner) == ("customer_id", 1, Severity.CRITICAL, "crm")
    assert test.expected == "a customer_id of ref('stg_customers')"
    assert test.message == "1 failing row"
    assert test.path == "models/schema.yml"
    assert test.seconds is not None
    assert "select" in str(test.failing_rows_sql)


@pytest.mark.parametrize("engine", ENGINES)
def test_why_a_node_was_skipped_is_found_in_the_graph(engine: str) -> None:
    results = _by_id(engine)
    assert results["model.corner.after_broken"].message == "skipped because model broken could not run"
    assert results["not_null_broken_x"].message == "skipped because model broken could not run"
    unit = "skipped because unit test dim_customers.names_are_shouted failed"
    assert results["model.corner.dim_customers"].message == unit
    # A test of two nodes stops only what lies below both, so the other failed tests of stg_orders are the reason.
    assert "orders_have_customers" not in str(results["model.corner.daily_revenue"].message)
    assert " failed" in str(results["model.corner.daily_revenue"].message)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_error_keeps_what_the_database_said_and_nothing_else(engine: str) -> None:
    message = str(_by_id(engine)["model.corner.broken"].message)
    assert message.startswith('Binder Error: Referenced column "no_such_column" not found')
    assert "broken.sql" not in message
    assert "unknown" not in message


@pytest.mark.parametrize("engine", ["dbt-1.10", "dbt-1.12"])
def test_a_test_whose_sql_broke_could_not_run(engine: str) -> None:
    broken = _by_id(engine)["broken_check_stg_orders_amount"]
    assert broken.status is Status.ERROR
    assert broken.rows_failed is None


def test_a_test_whose_sql_broke_is_doubtful_under_dbt_2_until_the_caller_knows() -> None:
    artifacts = recorded("dbt-2")
    uid = next(item.unique_id for item in artifacts.run_results.results if "broken_check" in item.unique_id)
    doubtful = read_results(artifacts)
    assert uid in doubtful.doubtful
    assert any("dbt 2 reports a test whose SQL broke" in notice.what for notice in doubtful.notices)
    settled = read_results(artifacts, ExtraFacts(broken={uid: "no such column"}, checked=frozenset(doubtful.doubtful)))
    assert settled.doubtful == ()
    assert not any("dbt 2" in notice.what for notice in settled.notices)
    broken = next(item for item in settled.results if item.unique_id == uid)
    assert (broken.status, broken.message, broken.rows_failed) == (Status.ERROR, "no such column", None)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_suite_gives_one_result_per_rule_from_its_stored_rows(engine: str) -> None:
    outcome = read_results(recorded(engine), ExtraFacts(stored=recorded_rows(engine)))
    rules = {item.rule_id: item for item in outcome.results if item.kind is ResultKind.RULE}
    assert outcome.pending == ()
    assert {rule_id: (item.status, item.level) for rule_id, item in rules.items()} == {
        "stg_orders_order_id_unique": (Status.FAIL, Level.ERROR),
        "stg_orders_customer_id_not_null": (Status.FAIL, Level.ERROR),
        "stg_orders_amount_between": (Status.WARN, Level.WARN),
        "stg_orders_rows": (Status.WARN, Level.NONE),
        "stg_orders_vat": (Status.ERROR, Level.ERROR),
    }
    rule = rules["stg_orders_customer_id_not_null"]
    assert (rule.rows_checked, rule.rows_failed, rule.failing_keys, failed_share(rule)) == (5, 1, (3,), 0.2)
    assert (rule.owner, rule.runbook, rule.tags) == ("sales", "https://example.com/runbook", ("billing",))
    assert (rule.node, rule.table, rule.path) == (
        "model.corner.stg_orders",
        "stg_orders",
        "tests/aegis/aegis_stg_orders.sql",
    )
    assert rule.unique_id == SUITE


@pytest.mark.parametrize("engine", ENGINES)
def test_a_suite_whose_rows_were_not_given_is_pending_with_all_it_takes_to_get_them(engine: str) -> None:
    outcome = read_results(recorded(engine))
    (suite,) = outcome.pending
    assert suite.unique_id == SUITE
    assert suite.relation_name == '"shop"."main_dbt_test__audit"."aegis_stg_orders"'
    assert "rule_id" in str(suite.compiled_code)
    assert len(suite.rules) == 5
    assert suite.ran
    assert not any(item.kind is ResultKind.RULE for item in outcome.results)


def test_rows_that_could_not_be_had_are_errors_that_say_why() -> None:
    outcome = read_results(recorded("dbt-1.12"), ExtraFacts(unavailable={SUITE: "the database is locked"}))
    rules = [item for item in outcome.results if item.kind is ResultKind.RULE]
    assert {item.status for item in rules} == {Status.ERROR}
    assert {item.message for item in rules} == {"rows not available: the database is locked"}
    assert len(rules) == 5


@pytest.mark.parametrize("engine", ENGINES)
def test_every_result_has_an_id_of_its_own(engine: str) -> None:
    results = read_results(recorded(engine), ExtraFacts(stored=recorded_rows(engine))).results
    assert len({item.rule_id for item in results}) == len(results)


@pytest.mark.parametrize("engine", ENGINES)
def test_exposures_are_no_results(engine: str) -> None:
    assert not [item for item in read_results(recorded(engine)).results if "exposure" in item.unique_id]


def test_a_failing_unit_test_shows_the_difference() -> None:
    assert "actual differs from expected" in str(_by_id("dbt-1.12")["dim_customers.names_are_shouted"].message)
    assert "\x1b" not in str(_by_id("dbt-1.12")["dim_customers.names_are_shouted"].message)
