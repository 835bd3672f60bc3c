"""Suite rows to results: one per rule of the suite, whatever was stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aegis.dbt.artifacts.suite_rows import RowError, StoredRow, Suite, SuiteRow, SuiteRule, parse_row
from aegis.domain.report import Notice
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Level

_STATUSES = {"pass": Status.PASS, "warn": Status.WARN, "fail": Status.FAIL, "error": Status.ERROR}


@dataclass(frozen=True, slots=True)
class Setting:
    """What all rules of a suite share."""

    node: str | None
    table: str | None
    owner: str | None
    path: str | None
    seconds: float | None


def same_for_all(suite: Suite, setting: Setting, status: Status, message: str | None) -> list[Result]:
    """Every rule of a suite that gave no rows: skipped, broken, or its rows are gone."""
    return [_without_row(suite, rule, setting, status, message) for rule in suite.rules]


@dataclass(frozen=True, slots=True)
class SuiteReading:
    """``stale`` says that the rows are of another run, so that the results are errors."""

    results: list[Result]
    notices: list[Notice]
    stale: bool = False


def from_rows(suite: Suite, setting: Setting, rows: Sequence[StoredRow], *, stored: bool) -> SuiteReading:
    """One result per rule. ``stored`` rows are checked against dbt's count: they may be of an earlier run."""
    by_rule: defaultdict[str | None, list[StoredRow]] = defaultdict(list)
    for row in rows:
        by_rule[_rule_id(row)].append(row)
    known = {rule.id for rule in suite.rules}
    notices = _strangers(suite, (rule_id for rule_id in by_rule if rule_id not in known))
    read: dict[str, SuiteRow] = {}
    results = []
    for rule in suite.rules:
        try:
            read[rule.id] = _row(by_rule[rule.id])
        except RowError as error:
            results.append(_without_row(suite, rule, setting, Status.ERROR, str(error)))
        else:
            results.append(_with_row(suite, rule, read[rule.id], setting))
    contradiction = _contradiction(suite, list(read.values()))
    if stored and contradiction:
        return SuiteReading(same_for_all(suite, setting, Status.ERROR, contradiction), notices, stale=True)
    return SuiteReading(results, notices)


def _rule_id(row: StoredRow) -> str | None:
    for name, value in row.items():
        if str(name).casefold() == "rule_id":
            return value if isinstance(value, str) else None
    return None


def _strangers(suite: Suite, rule_ids: Iterable[str | None]) -> list[Notice]:
    ids = sorted(str(rule_id)[:80] for rule_id in rule_ids)
    if not ids:
        return []
    what = f"the suite's rows name rules that it does not have: {', '.join(ids[:5])}"
    return [Notice(what=what, where=suite.unique_id, hint="Run `aegis compile` and `dbt build` again.")]


def _row(rows: list[StoredRow]) -> SuiteRow:
    """The row of a rule.

    Raises:
        RowError: There is none that can be used.
    """
    if not rows:
        raise RowError("the suite's rows hold none for this rule, so what it gave is not known")
    if len(rows) > 1:
        raise RowError(f"the suite's rows hold {len(rows)} for this rule, where there must be one")
    try:
        return parse_row(rows[0])
    except RowError as error:
        raise RowError(f"the rule's row cannot be read: {error}") from error


def _contradiction(suite: Suite, rows: list[SuiteRow]) -> str | None:
    """Why stored rows cannot be those of this run: dbt counted otherwise.

    Whether drafts, warnings and rules that could not run are counted is the macro's business, so this only
    compares with the least and the most that it could count.
    """
    if suite.failures is None or len(rows) < len(suite.rules):
        return None
    least = sum(row.status == "fail" and row.level is Level.ERROR for row in rows)
    most = sum(row.status != "pass" for row in rows)
    if least <= suite.failures <= most:
        return None
    counted = f"dbt counted {suite.failures} rules that did not pass, they have {most}"
    return f"the stored rows are not of this run: {counted}"


def _with_row(suite: Suite, rule: SuiteRule, row: SuiteRow, setting: Setting) -> Result:
    status = _STATUSES[row.status]
    if status is Status.FAIL and row.level is not Level.ERROR:
        status = Status.WARN
    return Result(
        unique_id=suite.unique_id,
        rule_id=rule.id,
        rule_type=rule.type,
        kind=ResultKind.RULE,
        status=status,
        severity=row.severity,
        level=row.level,
        node=setting.node,
        table=setting.table,
        column=row.column_name or rule.column_name,
        rows_checked=row.rows_checked,
        rows_failed=row.rows_failed,
        observed=row.observed,
        expected=row.expected,
        failing_keys=row.failing_keys,
        failing_rows_sql=row.failing_rows_sql,
        message=row.message,
        seconds=setting.seconds,
        owner=rule.owner or setting.owner,
        description=rule.description,
        runbook=rule.runbook,
        tags=tuple(rule.tags),
        path=setting.path,
    )


def _without_row(suite: Suite, rule: SuiteRule, setting: Setting, status: Status, message: str | None) -> Result:
    return Result(
        unique_id=suite.unique_id,
        rule_id=rule.id,
        rule_type=rule.type,
        kind=ResultKind.RULE,
        status=status,
        severity=rule.severity,
        level=rule.level,
        node=setting.node,
        table=setting.table,
        column=rule.column_name,
        message=message,
        seconds=setting.seconds,
        owner=rule.owner or setting.owner,
        description=rule.description,
        runbook=rule.runbook,
        tags=tuple(rule.tags),
        path=setting.path,
    )
