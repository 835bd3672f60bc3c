from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.artifacts.read import read_artifacts, read_manifest
from aegis.dbt.results.findings import Classifier, Thresholds, exit_code, find, parse_fail_on, summarize
from aegis.dbt.results.read import ExtraFacts, read_results
from aegis.domain.report import Finding
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Level, Severity
from aegis.errors import UsageError
from tests.unit.dbt.targets import ENGINES, metadata, model, node, recorded, recorded_rows, write_target

ORDERS = "model.shop.orders"


def _result(**fields: Any) -> Result:
    base = {
        "unique_id": "test.shop.aegis_orders",
        "rule_id": "r",
        "rule_type": "not_null",
        "kind": ResultKind.RULE,
        "status": Status.FAIL,
        "severity": Severity.LOW,
        "node": ORDERS,
        "column": "note",
        "rows_checked": 1_000,
        "rows_failed": 10,
    }
    return Result.model_validate({**base, **fields})


def _classifier(
    tmp_path: Path, below: int = 0, exposures: int = 0, previous: Mapping[str, Status] | None = None, **limits: Any
) -> Classifier:
    children = [model(f"m{number}", ORDERS) for number in range(below)]
    shown = {
        f"exposure.shop.e{number}": {**node(f"exposure.shop.e{number}", ORDERS), "owner": {"name": "finance"}}
        for number in range(exposures)
    }
    parts = {"metadata": metadata(), "exposures": shown}
    target = write_target(tmp_path, [model("orders", primary_key=["id"]), *children], manifest=parts)
    return Classifier.of(read_manifest(target)[0], thresholds=Thresholds(**limits), previous=previous)


def _finding(result: Result, classifier: Classifier) -> Finding:
    (finding,) = find([result], classifier)
    return finding


# --- severity ---


def test_a_finding_with_nothing_to_raise_it_is_as_severe_as_declared(tmp_path: Path) -> None:
    finding = _finding(_result(), _classifier(tmp_path))
    assert (finding.severity, finding.effective_severity, finding.reasons) == (Severity.LOW, Severity.LOW, ())


@pytest.mark.parametrize(
    ("failed", "levels"), [(0, 0), (10, 0), (50, 0), (51, 1), (500, 1), (501, 2), (1_000, 2)], ids=str
)
def test_the_failed_share_must_exceed_its_thresholds(tmp_path: Path, failed: int, levels: int) -> None:
    finding = _finding(_result(rows_failed=failed), _classifier(tmp_path))
    assert sum(reason.raised_by for reason in finding.reasons) == levels
    assert finding.effective_severity is Severity.LOW.raised(levels)


@pytest.mark.parametrize(("checked", "failed"), [(None, 900), (0, 0), (0, 900), (1_000, None)])
def test_a_share_that_is_not_known_raises_nothing(tmp_path: Path, checked: int | None, failed: int | None) -> None:
    assert _finding(_result(rows_checked=checked, rows_failed=failed), _classifier(tmp_path)).reasons == ()


@pytest.mark.parametrize("rule_type", ["aegis.row_count", "dbt_utils.recency", "freshness", "custom_sql"])
def test_what_judges_the_table_as_one_raises_nothing_by_its_share(tmp_path: Path, rule_type: str) -> None:
    result = _result(rule_type=rule_type, rows_checked=1, rows_failed=1)
    assert _finding(result, _classifier(tmp_path)).reasons == ()


def test_a_key_column_raises_one_level_and_says_why(tmp_path: Path) -> None:
    (reason,) = _finding(_result(column="id"), _classifier(tmp_path)).reasons
    assert (reason.what, reason.raised_by, reason.text) == ("key_column", 1, "id is a key: primary key (dbt)")


@pytest.mark.parametrize(
    ("below", "exposures", "levels"),
    [(9, 0, 0), (10, 0, 1), (49, 0, 1), (50, 0, 2), (4, 1, 0), (5, 1, 1), (0, 2, 1), (0, 10, 2)],
)
def test_the_blast_radius_counts_models_and_weighs_exposures(
    tmp_path: Path, below: int, exposures: int, levels: int
) -> None:
    finding = _finding(_result(), _classifier(tmp_path, below, exposures))
    assert sum(reason.raised_by for reason in finding.reasons) == levels
    assert (len(finding.blast_radius.models), len(finding.blast_radius.exposures)) == (below, exposures)


@pytest.mark.parametrize(("before", "levels"), [(Status.PASS, 1), (Status.FAIL, 0), (Status.ERROR, 0), (None, 0)])
def test_a_rule_that_passed_in_the_last_run_is_a_regression(tmp_path: Path, before: Status | None, levels: int) -> None:
    previous = {"r": before} if before else {"other": Status.PASS}
    reasons = _finding(_result(), _classifier(tmp_path, previous=previous)).reasons
    assert [reason.what for reason in reasons] == ["regression"] * levels


def test_every_raise_is_listed_with_its_number_and_the_sum_stops_at_critical(tmp_path: Path) -> None:
    classifier = _classifier(tmp_path, below=60, previous={"r": Status.PASS})
    finding = _finding(_result(column="id", rows_failed=900), classifier)
    assert [(reason.what, reason.value, reason.raised_by) for reason in finding.reasons] == [
        ("failed_share", 0.9, 2),
        ("key_column", "primary key (dbt)", 1),
        ("blast_radius", 60, 2),
        ("regression", "pass", 1),
    ]
    assert finding.reasons[0].text == "900 of 1,000 rows failed (90%, over 50%)"
    assert finding.reasons[2].text == "60 models and 0 exposures depend on it"
    assert finding.effective_severity is Severity.CRITICAL


def test_severity_is_never_lowered(tmp_path: Path) -> None:
    classifier = _classifier(tmp_path, below=12, previous={"r": Status.PASS})
    for severity, failed in itertools.product(Severity, (0, 100, 900)):
        finding = _finding(_result(severity=severity, rows_failed=failed), classifier)
        assert finding.effective_severity.rank >= severity.rank


def test_thresholds_are_configuration(tmp_path: Path) -> None:
    raised = _classifier(tmp_path, below=1, share_one=0.001, blast_one=1)
    assert [reason.what for reason in _finding(_result(), raised).reasons] == ["failed_share", "blast_radius"]
    off = _classifier(tmp_path, key_column=0)
    assert _finding(_result(column="id"), off).reasons == ()


def test_a_draft_is_never_worse_than_declared_and_says_so(tmp_path: Path) -> None:
    draft = _result(status=Status.WARN, level=Level.NONE, column="id", rows_failed=900)
    finding = _finding(draft, _classifier(tmp_path, below=60, previous={"r": Status.PASS}))
    assert finding.effective_severity is Severity.LOW
    assert [(reason.what, reason.raised_by) for reason in finding.reasons] == [("draft", 0)]


# --- which, in which order ---


@pytest.mark.parametrize(
    ("status", "found"),
    [(Status.FAIL, 1), (Status.WARN, 1), (Status.PASS, 0), (Status.ERROR, 0), (Status.SKIPPED, 0)],
)
def test_only_what_failed_is_a_finding(tmp_path: Path, status: Status, found: int) -> None:
    assert len(find([_result(status=status)], _classifier(tmp_path))) == found


def test_the_worst_comes_first_whatever_the_order_of_the_results(tmp_path: Path) -> None:
    results = [
        _result(rule_id="draft", severity=Severity.CRITICAL, level=Level.NONE, status=Status.WARN),
        _result(rule_id="low"),
        _result(rule_id="critical", severity=Severity.CRITICAL),
        _result(rule_id="raised to critical", severity=Severity.MEDIUM, rows_failed=900),
        _result(rule_id="low, more rows", rows_failed=20),
        _result(rule_id="low, twin"),
    ]
    classifier = _classifier(tmp_path)
    expected = ["critical", "raised to critical", "low, more rows", "low", "low, twin", "draft"]
    for order in itertools.permutations(results):
        findings = find(order, classifier)
        assert [finding.rule_id for finding in findings] == expected
        assert [finding.id for finding in findings] == ["F1", "F2", "F3", "F4", "F5", "F6"]


def test_the_failing_test_is_no_damage_of_its_own(tmp_path: Path) -> None:
    tests = [node("test.shop.one", ORDERS), node("test.shop.two", ORDERS)]
    manifest = read_manifest(write_target(tmp_path, [model("orders"), *tests], manifest={"metadata": metadata()}))[0]
    finding = _finding(_result(unique_id="test.shop.one"), Classifier.of(manifest))
    assert finding.blast_radius.tests == ("test.shop.two",)


def test_a_test_of_several_nodes_breaks_what_depends_on_any(tmp_path: Path) -> None:
    nodes = [model("a"), model("b"), model("c", "model.shop.a"), model("d", "model.shop.b")]
    nodes.append(node("test.shop.both", "model.shop.a", "model.shop.b"))
    manifest = read_manifest(write_target(tmp_path, nodes, manifest={"metadata": metadata()}))[0]
    finding = _finding(_result(unique_id="test.shop.both", node=None), Classifier.of(manifest))
    assert set(finding.blast_radius.models) == {"model.shop.c", "model.shop.d"}


# --- exit code and summary ---


def _exit(tmp_path: Path, fail_on: str, *results: Result) -> int:
    return exit_code(results, find(results, _classifier(tmp_path)), parse_fail_on(fail_on))


BROKEN = _result(rule_id="broken", status=Status.ERROR)
PASSED = _result(rule_id="passed", status=Status.PASS)


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [("critical", 0), ("high", 0), ("medium", 1), ("low", 1), ("info", 1), ("never", 0), (" Medium ", 1)],
)
def test_findings_at_or_above_the_threshold_fail_the_run(tmp_path: Path, fail_on: str, code: int) -> None:
    assert _exit(tmp_path, fail_on, _result(severity=Severity.MEDIUM)) == code


def test_the_effective_severity_decides(tmp_path: Path) -> None:
    assert _exit(tmp_path, "critical", _result(severity=Severity.MEDIUM, rows_failed=900)) == 1


def test_what_could_not_run_has_a_code_of_its_own(tmp_path: Path) -> None:
    assert _exit(tmp_path, "high", BROKEN) == 3
    assert _exit(tmp_path, "never", BROKEN) == 3
    assert _exit(tmp_path, "high", BROKEN, _result()) == 3


def test_findings_take_precedence_over_what_could_not_run(tmp_path: Path) -> None:
    assert _exit(tmp_path, "low", BROKEN, _result()) == 1


def test_drafts_decide_nothing(tmp_path: Path) -> None:
    draft = _result(severity=Severity.CRITICAL, status=Status.WARN, level=Level.NONE)
    assert _exit(tmp_path, "info", draft) == 0
    assert _exit(tmp_path, "info", PASSED, _result(status=Status.ERROR, level=Level.NONE)) == 0
    assert _exit(tmp_path, "info", PASSED, _result(status=Status.SKIPPED, level=Level.NONE)) == 0


def test_nothing_failed_is_fine(tmp_path: Path) -> None:
    assert _exit(tmp_path, "info", PASSED) == 0
    assert _exit(tmp_path, "info", PASSED, _result(kind=ResultKind.MODEL, status=Status.SKIPPED)) == 0


def test_a_threshold_that_is_none_is_refused_with_those_that_are() -> None:
    with pytest.raises(UsageError) as caught:
        parse_fail_on("hihg")
    assert "critical, high, medium, low, info, never" in str(caught.value)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_counts_of_a_recorded_run_add_up(engine: str) -> None:
    artifacts = recorded(engine)
    results = read_results(artifacts, ExtraFacts(stored=recorded_rows(engine))).results
    findings = find(results, Classifier.of(artifacts.manifest))
    summary = summarize(results, findings, Severity.HIGH, causes=2)
    assert summary.passed + summary.failed + summary.warned + summary.errors + summary.skipped == summary.results
    assert sum(summary.by_severity.values()) == summary.findings == summary.failed + summary.warned
    assert set(summary.by_severity) == set(Severity)
    assert (summary.exit_code, summary.fail_on, summary.causes) == (1, "high", 2)
    assert findings[0].rule_id == "stg_orders_order_id_unique"


@pytest.mark.alone
def test_a_hundred_findings_of_one_target_are_read_in_under_a_second(tmp_path: Path) -> None:
    import subprocess
    import sys

    from benchmarks.make_target import Size, make_target

    make_target(tmp_path, Size())
    script = (
        "import sys; from pathlib import Path; from aegis.dbt.artifacts.read import read_artifacts;"
        "from aegis.dbt.results.read import read_results; from aegis.dbt.results.findings import Classifier, find;"
        "import time; a = read_artifacts(Path(sys.argv[1])); r = read_results(a).results;"
        "f = find(r, Classifier.of(a.manifest)); print(len(r), len(f), time.process_time());"
        "assert not {'dbt', 'sqlglot', 'duckdb', 'langgraph', 'rich'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], check=True, capture_output=True, text=True, env=_paths()
    )
    results, findings, seconds = done.stdout.split()
    assert (results, findings) == ("1000", "100")
    assert float(seconds) < 1


def _paths() -> dict[str, str]:
    import os
    import sys

    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_the_read_of_a_target_is_the_same_twice(tmp_path: Path) -> None:
    from benchmarks.make_target import Size, make_target

    size = Size(models=40, tests=60, results=50, failed=10)
    reads = []
    for name in ("one", "two"):
        artifacts = read_artifacts(make_target(tmp_path / name, size))
        reads.append(find(read_results(artifacts).results, Classifier.of(artifacts.manifest)))
    assert reads[0] == reads[1]
    assert len(reads[0]) == 10


def test_a_query_that_returns_failing_rows_tells_no_share(tmp_path: Path) -> None:
    rows = _result().model_copy(update={"rule_type": "custom_sql", "rows_checked": 3, "rows_failed": 3})
    assert [reason.what for reason in _finding(rows, _classifier(tmp_path)).reasons] == []
