"""What the formats for machines say: each result once, by its severity, in its place, with a name that stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from aegis.domain.report import Finding, Notice, Report, Sample
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Level, Severity
from aegis.report import Options, render
from aegis.report import sarif as sarif_format
from aegis.report.github import SUMMARY_LIMIT, step_summary
from aegis.report.items import items
from aegis.report.options import NOTE_LIMIT
from tests.unit.report.build import BROKEN, a_finding, a_report, a_result
from tests.unit.report.checks import CHECKS
from tests.unit.report.filled import everything

FAILED: dict[str, Any] = {"status": Status.FAIL, "rows_failed": 3, "path": "rules/orders.yml:14"}


def one(severity: Severity = Severity.HIGH, **fields: Any) -> Report:
    result = a_result("orders_id_unique", **{**FAILED, "severity": severity, **fields})
    return a_report([result], [a_finding(1, result)])


def sarif(report: Report, **options: Any) -> dict[str, Any]:
    text = render(report, "sarif", Options(**options))
    CHECKS["sarif"](text)
    run: dict[str, Any] = json.loads(text)["runs"][0]
    return run


def gitlab(report: Report, **options: Any) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(render(report, "gitlab", Options(**options)))
    return entries


@pytest.mark.parametrize(
    ("severity", "level", "code_quality", "annotation"),
    [
        (Severity.CRITICAL, "error", "blocker", "error"),
        (Severity.HIGH, "error", "critical", "error"),
        (Severity.MEDIUM, "warning", "major", "warning"),
        (Severity.LOW, "note", "minor", "notice"),
        (Severity.INFO, "note", "info", "notice"),
    ],
)
def test_each_severity_has_its_level(severity: Severity, level: str, code_quality: str, annotation: str) -> None:
    report = one(severity)
    assert sarif(report)["results"][0]["level"] == level
    assert gitlab(report)[0]["severity"] == code_quality
    assert render(report, "github").startswith(f"::{annotation} ")


@pytest.mark.parametrize("name", ["sarif", "gitlab", "github"])
def test_a_draft_is_never_more_than_a_note(name: str) -> None:
    text = render(one(Severity.CRITICAL, level=Level.NONE), name)
    assert {"sarif": '"level": "note"', "gitlab": '"severity": "info"', "github": "::notice "}[name] in text


def test_a_line_and_a_folder_are_part_of_the_place() -> None:
    report = one()
    place = sarif(report, path_prefix="dbt/")["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "dbt/rules/orders.yml", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 14}
    assert gitlab(report, path_prefix="./dbt")[0]["location"] == {
        "path": "dbt/rules/orders.yml",
        "lines": {"begin": 14},
    }
    assert render(report, "github").startswith("::error file=rules/orders.yml,line=14,title=")


@pytest.mark.parametrize(
    "path", [None, "", "/srv/rules/a.yml", "../a.yml", "a/../../b.yml", r"C:\a.yml", "file:///a", "a\nb.yml", "x" * 999]
)
def test_a_path_that_leads_out_of_the_repository_is_not_named(path: str | None) -> None:
    report = one(path=path)
    assert gitlab(report)[0]["location"]["path"] == "dbt_project.yml"
    assert " file=" not in render(report, "github")
    CHECKS["sarif"](render(report, "sarif"))


def test_a_finding_has_the_same_name_in_the_next_run() -> None:
    before = one(rows_failed=3, message="3 rows", path="rules/a.yml", unique_id="test.shop.aegis_orders")
    after = one(Severity.LOW, rows_failed=99, observed="99", path="rules/b.yml", unique_id="test.shop.aegis_shared")
    assert gitlab(before)[0]["fingerprint"] == gitlab(after)[0]["fingerprint"]
    other = one(node="model.shop.returns")
    assert gitlab(before)[0]["fingerprint"] != gitlab(other)[0]["fingerprint"]


def test_results_that_share_a_rule_and_a_table_are_told_apart() -> None:
    results = [a_result("r", **FAILED, unique_id=uid) for uid in ("test.a", "test.b", "test.b")]
    report = a_report(results, [a_finding(number, result) for number, result in enumerate(results)])
    names = [entry["fingerprint"] for entry in gitlab(report)]
    assert len(set(names)) == 3
    assert names[:2] == [entry["fingerprint"] for entry in gitlab(report)[:2]]


def test_what_could_not_run_is_open_and_no_failure() -> None:
    broken = a_result("orders_vat", **BROKEN, message="no such column")
    result = sarif(a_report([broken]))["results"][0]
    assert (result["kind"], result["level"]) == ("open", "none")
    assert "could not run" in result["message"]["text"]
    text = render(a_report([broken]), "junit")
    assert "<error " in text and "<failure" not in text


def test_a_rule_of_sarif_does_not_tell_what_came_of_it_in_this_run() -> None:
    few, many = one(rows_failed=3, description="d {x}"), one(Severity.LOW, rows_failed=9, description="d {x}")
    rules = [sarif(report)["tool"]["driver"]["rules"] for report in (few, many)]
    assert rules[0] == rules[1]
    assert rules[0][0]["fullDescription"]["text"] == "d {{x}}"


def test_the_way_from_the_origin_is_related_as_far_as_files_are_known(reports: dict[str, Report]) -> None:
    base = reports["causes"]
    model = a_result(
        "model.shop.stg_orders", kind=ResultKind.MODEL, node="model.shop.stg_orders", path="models/stg_orders.sql"
    )
    run = sarif(base.model_copy(update={"results": (*base.results, model)}))
    (related,) = run["results"][0]["relatedLocations"]
    assert related["physicalLocation"]["artifactLocation"]["uri"] == "models/stg_orders.sql"
    assert related["message"]["text"] == "stg_orders: 1,230 rows"
    assert run["results"][0]["properties"]["path"] == ["raw.orders", "stg_orders", "fct_orders"]


def test_sarif_holds_what_github_takes_and_says_what_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (sarif_format.MOST_RESULTS, sarif_format.MOST_SHOWN) == (25_000, 5_000)
    monkeypatch.setattr(sarif_format, "MOST_RESULTS", 50)
    monkeypatch.setattr(sarif_format, "MOST_SHOWN", 20)
    results = [a_result(f"rule_{number}", **FAILED, severity=Severity.LOW) for number in range(52)]
    results[51] = results[51].model_copy(update={"severity": Severity.CRITICAL})
    run = sarif(a_report(results, [a_finding(number, one) for number, one in enumerate(results)]))
    assert len(run["results"]) == len(run["tool"]["driver"]["rules"]) == 50
    assert run["results"][0]["ruleId"] == "rule_51"
    told = [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]
    assert told == ["2 results are left out: a run holds 50.", "GitHub shows the worst 20 of these 50 results."]


def junit(report: Report) -> ElementTree.Element:
    text = render(report, "junit")
    CHECKS["junit"](text)
    return ElementTree.fromstring(text)


def test_every_result_is_a_case_in_the_suite_of_its_table(reports: dict[str, Report]) -> None:
    for name in ("usual", "not_run", "left_out", "thousand"):
        report = reports[name]
        root = junit(report)
        cases = [(suite.get("name"), case.get("name")) for suite in root for case in suite.iter("testcase")]
        told = [(one.table, one.rule_id) for one in report.results if one.kind is ResultKind.RULE]
        assert len(cases) == len(report.results)
        assert set(told) <= set(cases)
    assert [suite.get("name") for suite in junit(everything())][:2] == ["customers", "dbt models"]


def test_the_rules_of_a_suite_share_its_time() -> None:
    results = [a_result(f"r{number}", seconds=2.0) for number in range(4)]
    odd = [a_result(f"odd{number}", unique_id=f"u{number}", seconds=took)
           for number, took in enumerate((None, -1.0, float("nan"), float("inf")))]  # fmt: skip
    assert junit(a_report([*results, *odd])).get("time") == "2.000"


@pytest.mark.parametrize(
    ("fail_on", "element"), [("high", "failure"), ("critical", "system-out"), ("never", "system-out")]
)
def test_a_warning_is_a_failure_only_where_it_fails_the_run(fail_on: str, element: str) -> None:
    report = one(status=Status.WARN, level=Level.WARN)
    report = report.model_copy(update={"summary": report.summary.model_copy(update={"fail_on": fail_on})})
    (case,) = junit(report).iter("testcase")
    assert [child.tag for child in case] == [element]


def test_a_failure_says_how_many_rows_which_cause_and_the_select(reports: dict[str, Report]) -> None:
    failure = next(
        one for one in junit(reports["causes"]).iter("failure") if "customer_id is NULL" in one.get("message", "")
    )
    assert failure.get("message") == "customer_id is NULL: 1,230 of 84,112 rows (1.5%)"
    text = failure.text or ""
    assert "cause: raw.orders arrived with NULL in customer_id\n" in text
    assert text.endswith("""select * from "raw"."orders" where "customer_id" is null and status <> 'test'""")


def test_ten_of_a_kind_are_annotated_and_the_tenth_counts_the_rest() -> None:
    results = [
        a_result(f"{severity}_{number}", **FAILED, severity=severity)
        for severity in (Severity.LOW, Severity.HIGH, Severity.CRITICAL) for number in range(10)
    ]  # fmt: skip
    text = render(a_report(results, [a_finding(n, one) for n, one in enumerate(results)]), "github")
    errors = [line for line in text.splitlines() if line.startswith("::error ")]
    assert len(errors) == 10
    assert all("title=critical" in line for line in errors[:9])
    assert errors[9].startswith("::error title=aegis::11 more")
    assert len([line for line in text.splitlines() if line.startswith("::notice ")]) == 10


def test_a_summary_of_a_step_fits_a_mebibyte_however_wide_its_signs_are(
    result_of: Callable[..., Result], finding_of: Callable[..., Finding], report_of: Callable[..., Report]
) -> None:
    results = [
        result_of(f"rule_{n}", **{**FAILED, "message": "四" * 590}, failing_keys=("四" * 79,) * 5) for n in range(900)
    ]
    text = step_summary(report_of(results, [finding_of(n, one) for n, one in enumerate(results)]))
    assert 400_000 < len(text.encode()) <= SUMMARY_LIMIT
    assert "Left out" in text


def test_a_note_of_gitlab_is_the_markdown_with_another_limit_and_no_quick_action(reports: dict[str, Report]) -> None:
    result = a_result("r", **FAILED)
    sample = Sample(columns=("a",), rows=(("```",), ("/close",), ("/merge x",)), query="select 1")
    text = render(a_report([result], [a_finding(1, result, sample=sample)]), "markdown", Options(limit=NOTE_LIMIT))
    assert "````\na\n```\n /close\n /merge x\n````" in text
    assert len(render(reports["thousand"], "markdown", Options(limit=NOTE_LIMIT, verbose=True))) <= NOTE_LIMIT


def test_doubts_about_the_whole_report_are_told_in_the_log(reports: dict[str, Report]) -> None:
    report = reports["all_pass"].model_copy(update={"reservations": (Notice(what="of another build\n::error::x"),)})
    assert render(report, "github").splitlines() == [
        "aegis: of another build ::error::x", "::notice title=aegis::48 checks passed.",
    ]  # fmt: skip


def test_nothing_checked_is_a_warning_and_no_success() -> None:
    assert render(a_report(), "github") == "::warning title=aegis::Nothing was checked.\n"


def test_findings_come_before_what_could_not_run_and_drafts_after_findings() -> None:
    order = [
        ("skipped", "could not run") if item.could_not_run else item.draft for item in items(everything(), Options())
    ]
    assert order == sorted(order, key=lambda one: 2 if isinstance(one, tuple) else int(one))
