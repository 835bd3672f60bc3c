from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.artifacts import read_artifacts
from aegis.dbt.results import Known, Outcome, read_results
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Level, Severity
from tests.unit.dbt.targets import (
    ENGINES,
    SUITE,
    Document,
    generic_test,
    model,
    node,
    recorded,
    recorded_rows,
    result,
    write_target,
)

ABOUT = "model.shop.orders"
TEST = "test.shop.t.0123456789"


def _outcome(
    tmp_path: Path, *nodes: Document, results: list[Document], known: Known | None = None, **parts: Any
) -> Outcome:
    return read_results(read_artifacts(write_target(tmp_path, nodes, results, **parts)), known)


def _one(tmp_path: Path, *nodes: Document, **fields: Any) -> Result:
    """The result of the generic test ``t`` on ``orders``."""
    parts = {key: fields.pop(key) for key in ("dbt_version", "run_results", "sources", "manifest") if key in fields}
    status = fields.pop("status", "fail")
    outcome = _outcome(tmp_path, *nodes, results=[result(TEST, status, **fields)], **parts)
    assert len(outcome.results) == 1
    return outcome.results[0]


def _not_null(**fields: Any) -> Document:
    return generic_test("t", ABOUT, "not_null", "id", **fields)


def _by_id(engine: str, known: Known | None = None) -> dict[str, Result]:
    return {item.rule_id: item for item in read_results(recorded(engine), known).results}


# --- recorded runs of three engines ---


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
    settled = read_results(artifacts, Known(broken={uid: "no such column"}, checked=frozenset(doubtful.doubtful)))
    assert settled.doubtful == ()
    assert not any("dbt 2" in notice.what for notice in settled.notices)
    broken = next(item for item in settled.results if item.unique_id == uid)
    assert (broken.status, broken.message, broken.rows_failed) == (Status.ERROR, "no such column", None)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_suite_gives_one_result_per_rule_from_its_stored_rows(engine: str) -> None:
    outcome = read_results(recorded(engine), Known(stored=recorded_rows(engine)))
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
    assert (rule.rows_checked, rule.rows_failed, rule.failing_keys, rule.failed_share) == (5, 1, (3,), 0.2)
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
    outcome = read_results(recorded("dbt-1.12"), Known(unavailable={SUITE: "the database is locked"}))
    rules = [item for item in outcome.results if item.kind is ResultKind.RULE]
    assert {item.status for item in rules} == {Status.ERROR}
    assert {item.message for item in rules} == {"rows not available: the database is locked"}
    assert len(rules) == 5


@pytest.mark.parametrize("engine", ENGINES)
def test_every_result_has_an_id_of_its_own(engine: str) -> None:
    results = read_results(recorded(engine), Known(stored=recorded_rows(engine))).results
    assert len({item.rule_id for item in results}) == len(results)


@pytest.mark.parametrize("engine", ENGINES)
def test_exposures_are_no_results(engine: str) -> None:
    assert not [item for item in read_results(recorded(engine)).results if "exposure" in item.unique_id]


def test_a_failing_unit_test_shows_the_difference() -> None:
    assert "actual differs from expected" in str(_by_id("dbt-1.12")["dim_customers.names_are_shouted"].message)
    assert "\x1b" not in str(_by_id("dbt-1.12")["dim_customers.names_are_shouted"].message)


# --- statuses ---


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("success", Status.PASS),
        ("pass", Status.PASS),
        ("Pass", Status.PASS),
        ("fail", Status.FAIL),
        ("warn", Status.WARN),
        ("error", Status.ERROR),
        ("runtime error", Status.ERROR),
        ("runtime_error", Status.ERROR),
        ("skipped", Status.SKIPPED),
        ("no-op", Status.SKIPPED),
        ("reused", Status.SKIPPED),
        ("exploded", Status.ERROR),
        (None, Status.ERROR),
    ],
)
def test_every_status_word_of_dbt_has_a_meaning(tmp_path: Path, said: str, meant: Status) -> None:
    assert _one(tmp_path, model("orders"), _not_null(), status=said).status is meant


def test_an_unknown_status_word_is_an_error_that_quotes_it(tmp_path: Path) -> None:
    assert "'exploded'" in str(_one(tmp_path, model("orders"), _not_null(), status="exploded").message)


@pytest.mark.parametrize(
    ("fields", "status", "rows"),
    [
        ({"message": "Got 12 results, configured to fail if != 0"}, Status.FAIL, 12),
        ({"message": "Got 1,204 results", "failures": None}, Status.FAIL, 1204),
        ({"message": "Error", "failures": 3}, Status.FAIL, 3),
        ({"message": "Database Error in test t (x.yml)\n  no such table"}, Status.ERROR, None),
        ({"message": None}, Status.ERROR, None),
    ],
)
def test_an_error_that_counted_rows_is_a_failure(
    tmp_path: Path, fields: Document, status: Status, rows: int | None
) -> None:
    read = _one(tmp_path, model("orders"), _not_null(), status="error", **fields)
    assert (read.status, read.rows_failed) == (status, rows)


def test_a_bare_error_of_dbt_2_is_a_failure_of_unknown_size(tmp_path: Path) -> None:
    read = _one(tmp_path, model("orders"), _not_null(), status="error", message="Error", dbt_version="2.0.0-preview.6")
    assert (read.status, read.rows_failed) == (Status.FAIL, None)
    assert read.message == "failed; dbt does not say how many rows"


def test_a_failure_without_a_count_takes_it_from_the_message(tmp_path: Path) -> None:
    assert (
        _one(tmp_path, model("orders"), _not_null(), message="Got 4 results, configured to fail if != 0").rows_failed
        == 4
    )


@pytest.mark.parametrize("command", ["compile", "generate", "show"])
def test_what_was_only_compiled_never_passes(tmp_path: Path, command: str) -> None:
    results = [result(TEST, "success"), result(ABOUT, "success")]
    outcome = _outcome(
        tmp_path, model("orders"), _not_null(), results=results, run_results={"args": {"which": command}}
    )
    assert {item.status for item in outcome.results} == {Status.SKIPPED}
    assert any("runs neither models nor tests" in notice.what for notice in outcome.notices)


def test_a_run_without_data_is_told(tmp_path: Path) -> None:
    args = {"args": {"which": "build", "empty": True}}
    outcome = _outcome(tmp_path, model("orders"), results=[result(ABOUT, "success")], run_results=args)
    assert any("--empty" in notice.what for notice in outcome.notices)


def test_a_model_of_which_some_batches_broke_could_not_run(tmp_path: Path) -> None:
    batches = {"successful": [["a", "b"]] * 3, "failed": [["c", "d"]]}
    outcome = _outcome(tmp_path, model("orders"), results=[result(ABOUT, "partial success", batch_results=batches)])
    (read,) = outcome.results
    assert (read.status, read.kind) == (Status.ERROR, ResultKind.MODEL)
    assert read.message == "1 of 4 batches could not run"


def test_a_skip_without_a_cause_says_that_none_is_known(tmp_path: Path) -> None:
    assert "nothing upstream" in str(_one(tmp_path, model("orders"), _not_null(), status="skipped").message)


@pytest.mark.parametrize("seconds", [-1.0, 1e400, "fast", None])
def test_a_duration_that_is_none_is_left_out(tmp_path: Path, seconds: Any) -> None:
    assert _one(tmp_path, model("orders"), _not_null(), execution_time=seconds).seconds is None


def test_a_negative_zero_is_zero(tmp_path: Path) -> None:
    assert str(_one(tmp_path, model("orders"), _not_null(), execution_time=-0.0).seconds) == "0.0"


# --- severity, level, owner ---


@pytest.mark.parametrize(
    ("config", "meta", "status", "severity", "level"),
    [
        ({"severity": "ERROR"}, {}, "fail", Severity.HIGH, Level.ERROR),
        ({"severity": "warn"}, {}, "warn", Severity.MEDIUM, Level.WARN),
        ({"severity": "WARN"}, {}, "pass", Severity.MEDIUM, Level.WARN),
        # warn_if and error_if: it only warned, so it counts as a warning.
        ({"severity": "error"}, {}, "warn", Severity.MEDIUM, Level.WARN),
        ({}, {}, "fail", Severity.HIGH, Level.ERROR),
        ({"severity": "error"}, {"severity": "low"}, "fail", Severity.LOW, Level.ERROR),
        ({"severity": "error"}, {"severity": "Critical"}, "fail", Severity.CRITICAL, Level.ERROR),
        ({"severity": "error"}, {"severity": "low", "aegis": {"severity": "info"}}, "fail", Severity.INFO, Level.ERROR),
        ({"severity": "error"}, {"severity": "P1"}, "fail", Severity.HIGH, Level.ERROR),
        ({"severity": "error", "meta": {"severity": "low"}}, {}, "fail", Severity.LOW, Level.ERROR),
    ],
)
def test_a_foreign_test_is_as_severe_as_its_meta_or_its_config_says(
    tmp_path: Path, config: Document, meta: Document, status: str, severity: Severity, level: Level
) -> None:
    read = _one(tmp_path, model("orders"), _not_null(config=config, meta=meta), status=status)
    assert (read.severity, read.level) == (severity, level)


@pytest.mark.parametrize(
    ("on_test", "on_model", "owner"),
    [
        ({"meta": {"owner": "crm"}}, {"meta": {"owner": "sales"}}, "crm"),
        ({}, {"meta": {"owner": "sales"}}, "sales"),
        ({}, {"config": {"meta": {"owner": {"name": "Sales", "email": "s@example.com"}}}}, "Sales"),
        ({}, {"meta": {"owner": ["ana", "bob"]}}, "ana, bob"),
        ({}, {"group": "finance"}, "Finance team"),
        ({}, {"config": {"group": "finance"}}, "Finance team"),
        ({}, {"group": "unknown"}, "unknown"),
        ({"meta": {"owner": 5}}, {}, None),
        ({}, {}, None),
    ],
)
def test_an_owner_is_the_nearest_one_named(
    tmp_path: Path, on_test: Document, on_model: Document, owner: str | None
) -> None:
    groups = {"group.shop.finance": {"name": "finance", "owner": {"name": "Finance team", "email": None}}}
    read = _one(tmp_path, model("orders", **on_model), _not_null(**on_test), manifest={"groups": groups})
    assert read.owner == owner


# --- what is known of a node that the manifest lacks ---


def test_a_result_of_an_unknown_node_is_reported_with_what_is_known(tmp_path: Path) -> None:
    gone = "test.shop.unique_orders_id.fed79b3a6e"
    results = [
        result(gone, "fail", failures=2, compiled_code="select 1"),
        result(ABOUT, "success"),
        result(ABOUT, "success"),
    ]
    read = next(item for item in _outcome(tmp_path, model("orders"), results=results).results if item.unique_id == gone)
    assert (read.rule_id, read.kind, read.status, read.rows_failed) == (
        "unique_orders_id",
        ResultKind.TEST,
        Status.FAIL,
        2,
    )
    assert (read.node, read.table, read.column) == (None, None, None)


def test_where_failing_rows_can_be_seen(tmp_path: Path) -> None:
    stored = _not_null(config={"store_failures": True}, relation_name='"db"."audit"."t"')
    assert _one(tmp_path, model("orders"), stored).failing_rows_sql == 'select * from "db"."audit"."t"'
    assert _one(tmp_path, model("orders"), _not_null(compiled_code="select 1\n")).failing_rows_sql == "select 1"
    assert _one(tmp_path, model("orders"), _not_null(compiled_code="select 1"), status="pass").failing_rows_sql is None


def test_the_same_results_in_another_order_are_the_same_outcome(tmp_path: Path) -> None:
    nodes = [model("orders"), model("b", ABOUT), _not_null(), node("test.shop.single", ABOUT)]
    results = [result(item["unique_id"], "pass") for item in nodes]
    assert (
        _outcome(tmp_path / "one", *nodes, results=results).results
        == _outcome(tmp_path / "two", *nodes, results=results[::-1]).results
    )
