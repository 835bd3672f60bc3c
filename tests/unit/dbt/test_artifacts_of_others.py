"""Artifacts that other people's projects wrote. They are not part of the repository."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from aegis.dbt.artifacts.read import read_artifacts, read_catalog
from aegis.dbt.results.findings import Classifier, find
from aegis.dbt.results.read import Outcome, read_results
from aegis.domain.results import Status

SHARED = Path(__file__).parents[4] / "shared" / "artifacts"

pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(),
    reason=f"the artifacts that others made are not at {SHARED}: they are not copied into the project",
)


def _outcome(name: str) -> Outcome:
    return read_results(read_artifacts(SHARED / name))


def test_failed_tests_of_dbt_0_20_on_bigquery() -> None:
    outcome = _outcome("bigquery-tests-failed")
    assert Counter(item.status for item in outcome.results) == {Status.PASS: 10, Status.FAIL: 4}
    failed = {item.rule_type: item for item in outcome.results if item.status is Status.FAIL}
    median = failed["dbt_expectations.expect_column_median_to_be_between"]
    assert (median.rows_failed, median.column, median.table) == (6, "id", "test_first_dbt_model")
    assert median.expected == "min_value: 7, max_value: 21"
    assert all(item.node for item in outcome.results)


def test_the_findings_of_dbt_0_20_know_what_they_break() -> None:
    artifacts = read_artifacts(SHARED / "bigquery-tests-failed")
    findings = find(read_results(artifacts).results, Classifier.of(artifacts.manifest))
    assert len(findings) == 4
    assert any(finding.blast_radius.models for finding in findings)
    keys = [reason for finding in findings for reason in finding.reasons if reason.what == "key_column"]
    assert "unique key (unique and not_null tests)" in {reason.value for reason in keys}


def test_a_model_error_of_dbt_0_21_and_what_it_skipped() -> None:
    outcome = _outcome("bigquery-model-error")
    results = {item.table: item for item in outcome.results}
    broken = results["test_second_parallel_dbt_model"]
    assert broken.status is Status.ERROR
    assert broken.message == 'Syntax error: Expected end of input but got identifier "bork" at [9:1]'
    skipped = results["test_third_dbt_model"]
    assert skipped.message == "skipped because model test_second_parallel_dbt_model could not run"


def test_a_build_of_dbt_1_0_on_spark() -> None:
    outcome = _outcome("spark-thrift")
    assert Counter(item.status for item in outcome.results) == {Status.PASS: 28}
    assert outcome.notices == ()


def test_halves_of_dbt_1_11_that_differ_and_ran_nothing() -> None:
    artifacts = read_artifacts(SHARED / "dbt-1.11-jaffle-shop")
    assert any("different dbt invocations" in notice.what for notice in artifacts.doubts)
    outcome = read_results(artifacts)
    assert {item.status for item in outcome.results} == {Status.SKIPPED}
    assert any("`dbt docs generate`" in notice.what for notice in outcome.notices)
    catalog, notices = read_catalog(SHARED / "dbt-1.11-jaffle-shop")
    assert catalog is not None
    assert notices == ()
