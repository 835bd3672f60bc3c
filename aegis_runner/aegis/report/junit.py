"""The report as JUnit XML: every result of the run is a test case, those of a table are a suite.

The format has no standard. What is written is what Jenkins, GitLab and the reporters of GitHub have in common, as
``tests/fixtures/junit.xsd`` states it: ``testsuites``, ``testsuite`` with ``properties``, ``testcase`` with one of
``failure``, ``error`` and ``skipped``, or ``system-out``.

- ``failure``: failed, or warned of something that fails the run (a severity at or above ``--fail-on``).
- ``error``: could not run, which says nothing about the data. A draft that could not run is ``skipped``.
- A warning or a draft that fails no run passes, and says so in ``system-out``.

XML 1.0 has no control characters (2.2): they are shown as escapes, like everything that is not printable.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree as ET

from aegis.domain.report import Report
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import NEVER, Level, Severity
from aegis.report.items import NAME, Item, brief, items, named, utc
from aegis.report.options import Options
from aegis.report.sql import sql_lines
from aegis.report.text import sanitize_commands, sanitize_sql
from aegis.report.words import about, reason

_DEFAULT = Options()
#: The longest SELECT that is quoted, in characters.
SQL_LIMIT = 4_000
#: Results that are not about the data of a table, and the suite that they are in.
_SUITES = {
    ResultKind.MODEL: "dbt models",
    ResultKind.SEED: "dbt seeds",
    ResultKind.SNAPSHOT: "dbt snapshots",
    ResultKind.FRESHNESS: "dbt source freshness",
    ResultKind.OPERATION: "dbt operations",
}
_COUNTED = {"failure": "failures", "error": "errors", "skipped": "skipped"}
_Key = tuple[str, str]


def render(report: Report, options: Options = _DEFAULT) -> str:
    """``report`` as JUnit XML with every result."""
    told = {(item.result.rule_id, item.result.unique_id): item for item in items(report, options)}
    shares = Counter(result.unique_id for result in report.results)
    suites: dict[str, list[Result]] = {}
    for result in report.results:
        suites.setdefault(_suite_of(result), []).append(result)
    root = ET.Element("testsuites", name="aegis")
    for name in sorted(suites):
        root.append(_suite(name, suites[name], report, told, shares))
    for count in ("tests", *_COUNTED.values()):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    root.set("time", _seconds(sum(float(suite.get("time", "0")) for suite in root)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite_of(result: Result) -> str:
    return _SUITES.get(result.kind) or named(about(result))


def _suite(
    name: str, results: Sequence[Result], report: Report, told: Mapping[_Key, Item], shares: Counter[str]
) -> ET.Element:
    suite = ET.Element("testsuite", name=name, timestamp=f"{utc(report.run.started_at):%Y-%m-%dT%H:%M:%S}")
    properties = ET.SubElement(suite, "properties")
    for key, value in _properties(report):
        ET.SubElement(properties, "property", name=key, value=brief(value))
    outcomes: Counter[str] = Counter()
    total = 0.0
    for result in results:
        # The time is that of the dbt test, which is shared by all rules of a suite: so the suite adds up to it.
        took = _finite(result.seconds) / shares[result.unique_id]
        case = ET.SubElement(suite, "testcase", name=named(result.rule_id, 2 * NAME), classname=name)
        case.set("time", _seconds(took))
        outcome = _outcome(case, result, told.get((result.rule_id, result.unique_id)), report)
        outcomes[outcome] += 1
        total += took
    suite.set("tests", str(len(results)))
    for outcome, count in _COUNTED.items():
        suite.set(count, str(outcomes[outcome]))
    suite.set("time", _seconds(total))
    return suite


def _properties(report: Report) -> Iterator[tuple[str, str]]:
    run = report.run
    told = {
        "aegis.version": run.aegis_version,
        "aegis.run": run.run_id,
        "project": run.project,
        "target": run.target,
        "dbt.version": run.dbt_version,
        "dbt.adapter": run.adapter,
    }
    yield from ((name, value) for name, value in told.items() if value)


def _outcome(case: ET.Element, result: Result, item: Item | None, report: Report) -> str:
    """Put what became of a result into its case; the name of the element."""
    if result.status is Status.PASS:
        return "passed"
    if result.status is Status.SKIPPED or (result.status is Status.ERROR and result.level is Level.NONE):
        ET.SubElement(case, "skipped", message=brief(reason(result) or "skipped"))
        return "skipped"
    if result.status is Status.ERROR:
        name, message = "error", brief(reason(result) or "could not run")
    elif result.status is Status.FAIL or _fails_run(item, report):
        name, message = "failure", ": ".join(filter(None, [item.failure, item.rows])) if item else "failed"
    else:
        ET.SubElement(case, "system-out").text = _body(result, item, "warning")
        return "passed"
    ET.SubElement(case, name, message=message, type=brief(result.rule_type, NAME)).text = _body(result, item, name)
    return name


def _fails_run(item: Item | None, report: Report) -> bool:
    threshold = report.summary.fail_on
    if item is None or item.draft or threshold == NEVER or threshold not in set(Severity):
        return False
    return item.severity.rank >= Severity(threshold).rank


def _body(result: Result, item: Item | None, outcome: str) -> str:
    """What one reads when the case is opened: rows and cause first, the SELECT to paste last."""
    if item is None:
        return brief(reason(result) or outcome)
    head = [item.title, f"severity: {item.severity}", *([f"rows: {item.rows}"] if item.rows else [])]
    facts = [f"{label}: {text}" for label, text in item.facts() if text]
    where = [f"file: {item.place.file}"] if item.place.known else []
    lines = ["warning, fails no run"] * (outcome == "warning") + head + facts + where
    return sanitize_commands("\n".join(lines)) + _select(result)


def _select(result: Result) -> str:
    sql = result.failing_rows_sql
    if not sql or len(sql) > SQL_LIMIT:
        return ""
    lines = sql_lines(sql)
    return "" if lines is None else sanitize_sql("\n\n" + "\n".join(lines))


def _finite(seconds: float | None) -> float:
    return seconds if seconds is not None and math.isfinite(seconds) and seconds > 0 else 0.0


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
