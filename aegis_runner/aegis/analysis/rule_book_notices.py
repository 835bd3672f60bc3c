"""What a report tells of a rule book beside what dbt gave: rules that are wrong, and settings that nothing reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aegis.domain.report import Notice, Report
from aegis.domain.results import Result, ResultKind, Status
from aegis.errors import RulesError

if TYPE_CHECKING:
    from aegis.rules.book import BrokenRule, RuleBook
    from aegis.rules.model import Rule


@dataclass(frozen=True, slots=True)
class Beside:
    """Results of rules that could not run because they are wrong, and notices."""

    results: tuple[Result, ...] = ()
    notices: tuple[Notice, ...] = ()

    def added_to(self, report: Report) -> Report:
        """``report`` with both. A rule that is wrong makes the run's exit code that of wrong rules, whatever the others
        gave: until it is put right, nobody knows what it would say."""
        if not self.results and not self.notices:
            return report
        summary = report.summary
        if self.results:
            many = len(self.results)
            counts = {name: getattr(summary, name) + many for name in ("results", "errors", "rules")}
            summary = summary.model_copy(update={**counts, "exit_code": RulesError.exit_code})
        update = {"results": report.results + self.results, "errors": report.errors + self.notices, "summary": summary}
        return report.model_copy(update=update)


def beside(book: RuleBook, notices: Iterable[Notice] = ()) -> Beside:
    """What is to be told of a book."""
    return Beside(tuple(map(_result, book.broken)), (*notices, *_unread(book)))


def _result(broken: BrokenRule) -> Result:
    return Result(
        unique_id=f"rule.{broken.id}",
        rule_id=broken.id,
        rule_type=broken.type or "unknown",
        kind=ResultKind.RULE,
        status=Status.ERROR,
        severity=broken.severity,
        table=broken.table,
        column=broken.column,
        message=_without_secrets(broken.message),
        path=broken.source.file if broken.source else broken.problems[0].file,
    )


def _without_secrets(text: str) -> str:
    """What somebody wrote into a rules file is no data and stays readable, but for passwords."""
    from aegis.analysis.redactor import environment_secrets
    from aegis.privacy import Mode, PrivacyConfig, Redactor

    return Redactor(PrivacyConfig(mode=Mode.OFF, secrets=environment_secrets())).text(text)


def _unread(book: RuleBook) -> tuple[Notice, ...]:
    """One notice for all that stands in the files and does nothing."""
    names = [name for name, asked in _UNREAD.items() if any(asked(rule) for rule in book)]
    names += book.unread
    if not names:
        return ()
    what = f"the rules files hold what nothing reads: {', '.join(names)}"
    return (Notice(what=what, hint="It is accepted and does nothing: Aegis notifies nobody and changes no table."),)


def _has_sla(rule: Rule) -> bool:
    return rule.sla is not None and bool(rule.sla.detection_window or rule.sla.notification_target)


def _remediates(rule: Rule) -> bool:
    return rule.remediation is not None and rule.remediation.auto_remediate


_UNREAD = {"sla": _has_sla, "remediation.auto_remediate": _remediates}
