"""Results that failed, as findings: how bad each is, by arithmetic, and what it breaks.

A severity is what the rule declares, raised by each of four facts and lowered by nothing; every raise is listed
with its number. Drafts (``level: none``) are shown as declared and decide nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from aegis.dbt.artifacts.refusals import refusal_of
from aegis.dbt.artifacts.schema import Manifest
from aegis.dbt.artifacts.statuses import HARMLESS
from aegis.dbt.graph.keys import KeyColumns
from aegis.dbt.graph.lineage import Lineage
from aegis.domain.asked import Omission
from aegis.domain.report import BlastRadius, Finding, Reason, Summary
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import NEVER, Level, Severity
from aegis.domain.text import percent, plural
from aegis.errors import EXIT_FINDINGS, EXIT_OK, UsageError, WarehouseError
from aegis.rules.lookup import failed_share

_FAIL_ON = (*(severity.value for severity in Severity), NEVER)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a severity is raised. Shares are of 1, and must be exceeded; the others must be reached.

    Attributes:
        share_one: Share of failed rows above which the severity rises one level.
        share_two: Share above which it rises two.
        key_column: Levels for a primary, foreign or unique key.
        regression: Levels for a rule that passed in the last run.
        exposure_weight: How many downstream models an exposure counts for.
        blast_one: Downstream models, exposures weighted, at which it rises one level.
        blast_two: The same for two.
    """

    share_one: float = 0.05
    share_two: float = 0.5
    key_column: int = 1
    regression: int = 1
    exposure_weight: int = 5
    blast_one: int = 10
    blast_two: int = 50


@dataclass(frozen=True, slots=True)
class Classifier:
    """What classifying needs, made once per run."""

    manifest: Manifest
    lineage: Lineage
    keys: KeyColumns
    thresholds: Thresholds = field(default_factory=Thresholds)
    previous: Mapping[str, Status] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        manifest: Manifest,
        *,
        lineage: Lineage | None = None,
        thresholds: Thresholds | None = None,
        previous: Mapping[str, Status] | None = None,
    ) -> Classifier:
        """``previous`` holds each rule's status in the last run."""
        graph = lineage or Lineage.of(manifest)
        return cls(manifest, graph, KeyColumns(manifest), thresholds or Thresholds(), previous or {})

    def blast_radius(self, result: Result) -> BlastRadius:
        """What depends on the node of a result; of a test about several nodes, what depends on any of them."""
        starts = (result.node,) if result.node else self.lineage.parents.get(result.unique_id, ())
        radius = self.lineage.blast_radius(*starts)
        # The failing test depends on the node too, and is no damage.
        tests = tuple(test for test in radius.tests if test != result.unique_id)
        return radius.model_copy(update={"tests": tests})

    def reasons(self, result: Result, radius: BlastRadius) -> tuple[Reason, ...]:
        """Every raise that applies."""
        if result.level is Level.NONE:
            text = "a draft: shown at its declared severity, and never fails a run"
            return (Reason(what="draft", value=None, raised_by=0, text=text),)
        raises = (self._share(result), self._key(result), self._blast(radius), self._regression(result))
        return tuple(reason for reason in raises if reason is not None and reason.raised_by > 0)

    def _share(self, result: Result) -> Reason | None:
        share = failed_share(result)
        limits = self.thresholds
        if share is None or share <= limits.share_one:
            return None
        levels, limit = (2, limits.share_two) if share > limits.share_two else (1, limits.share_one)
        rows = f"{result.rows_failed:,} of {result.rows_checked:,} rows failed"
        text = f"{rows} ({percent(share, 1)}, over {100 * limit:g}%)"
        return Reason(what="failed_share", value=share, raised_by=levels, text=text)

    def _key(self, result: Result) -> Reason | None:
        role = self.keys.role(result.node, result.column)
        if role is None:
            return None
        text = f"{result.column} is a key: {role}"
        return Reason(what="key_column", value=role, raised_by=self.thresholds.key_column, text=text)

    def _blast(self, radius: BlastRadius) -> Reason | None:
        models, exposures = len(radius.models), len(radius.exposures)
        limits = self.thresholds
        weight = models + limits.exposure_weight * exposures
        if weight < limits.blast_one:
            return None
        text = f"{plural(models, 'model')} and {plural(exposures, 'exposure')} depend on it"
        return Reason(what="blast_radius", value=weight, raised_by=2 if weight >= limits.blast_two else 1, text=text)

    def _regression(self, result: Result) -> Reason | None:
        if self.previous.get(result.rule_id) is not Status.PASS:
            return None
        text = "it passed in the last run"
        return Reason(what="regression", value="pass", raised_by=self.thresholds.regression, text=text)


def find(results: Iterable[Result], classifier: Classifier) -> tuple[Finding, ...]:
    """A finding for each result that failed or warned, worst first, numbered F1, F2, …

    Results that could not run are no findings: they stay among the results.
    """
    findings = sorted((_finding(result, classifier) for result in results if result.failed), key=_order)
    return tuple(finding.model_copy(update={"id": f"F{number}"}) for number, finding in enumerate(findings, start=1))


def find_unbuilt(results: Iterable[Result], classifier: Classifier) -> tuple[Finding, ...]:
    """A finding for each model that could not be built because of its rows. It becomes one of the report once they are
    found; until then it is a result that could not run, and no more."""
    errors = [one for one in results if one.status is Status.ERROR and one.kind in _BUILT]
    unbuilt = [_finding(one, classifier) for one in errors if refusal_of(one.message) is not None]
    return tuple(sorted(unbuilt, key=_order))


_BUILT = (ResultKind.MODEL, ResultKind.SNAPSHOT)


def _finding(result: Result, classifier: Classifier) -> Finding:
    radius = classifier.blast_radius(result)
    reasons = classifier.reasons(result, radius)
    return Finding(
        id="F0",
        rule_id=result.rule_id,
        result=result,
        severity=result.severity,
        effective_severity=result.severity.raised(sum(reason.raised_by for reason in reasons)),
        reasons=reasons,
        blast_radius=radius,
    )


def _order(finding: Finding) -> tuple[object, ...]:
    """Drafts last; then by severity, by what breaks, by how much failed; the ids make it the same every time."""
    result = finding.result
    radius = finding.blast_radius
    return (
        result.level is Level.NONE,
        -finding.effective_severity.rank,
        -finding.severity.rank,
        result.status is Status.WARN,
        -len(radius.exposures),
        -len(radius.models),
        -(failed_share(result) or 0.0),
        -(result.rows_failed or 0),
        finding.rule_id,
        result.unique_id,
    )


def parse_fail_on(text: str) -> Severity | None:
    """The severity from which findings fail a run; ``None`` for ``never``.

    Raises:
        UsageError: It is neither a severity nor ``never``.
    """
    word = text.strip().casefold()
    if word not in _FAIL_ON:
        near = get_close_matches(word, _FAIL_ON, n=1)
        hint = f"{f'Did you mean {near[0]}? ' if near else ''}Use one of {', '.join(_FAIL_ON)}."
        raise UsageError(f"invalid severity {text!r}", where="--fail-on", hint=hint)
    return None if word == NEVER else Severity(word)


def exit_code(
    results: Sequence[Result], findings: Iterable[Finding], fail_on: Severity | None, *, saw_data: bool = True
) -> int:
    """1 where a finding is at or above the threshold, else 3 where something could not run or nothing was checked,
    else 0.

    Findings come first, because they are what the run was for, and the report lists what could not run
    beside them. ``fail_on=None`` never gives 1; it still gives 3. Drafts give neither. A rule that dbt skipped because
    of something above it could not run either.
    """
    if fail_on is not None and any(_counts(finding, fail_on) for finding in findings):
        return EXIT_FINDINGS
    if not saw_data or not checked(results) or any(is_unanswered(result) for result in results):
        return WarehouseError.exit_code
    return EXIT_OK


def is_unanswered(result: Result) -> bool:
    """Whether something that was to give a verdict gave none, which says nothing about the data."""
    if result.level is Level.NONE:
        return False
    stopped = result.kind is ResultKind.RULE and result.status is Status.SKIPPED and result.message not in HARMLESS
    return stopped or result.status is Status.ERROR


def checked(results: Iterable[Result]) -> int:
    """How many rules, tests and freshness checks gave a verdict. A model that was built says nothing about data."""
    return sum(
        result.kind in _CHECKS and result.status in (Status.PASS, Status.FAIL, Status.WARN) for result in results
    )


_CHECKS = frozenset({ResultKind.RULE, ResultKind.TEST, ResultKind.UNIT_TEST, ResultKind.FRESHNESS})


def _counts(finding: Finding, fail_on: Severity) -> bool:
    return (
        finding.result.status is not Status.ERROR  # something that could not run is never a failed rule
        and finding.result.level is not Level.NONE
        and finding.effective_severity.rank >= fail_on.rank
    )


def summarize(
    results: Sequence[Result],
    findings: Sequence[Finding],
    fail_on: Severity | None,
    *,
    omitted: Sequence[Omission] = (),
    causes: int = 0,
    saw_data: bool = True,
) -> Summary:
    """Counts, and whether the run fails. ``by_severity`` has every severity, also those with no finding; ``saw_data``
    is whether the checks had any."""
    statuses = Counter(result.status for result in results)
    severities = Counter(finding.effective_severity for finding in findings)
    left_out = Counter(omission.why for omission in omitted)
    rules = [result for result in results if result.kind is ResultKind.RULE]
    drafts = [result for result in rules if result.level is Level.NONE]
    return Summary(
        results=len(results),
        passed=statuses[Status.PASS],
        failed=statuses[Status.FAIL],
        warned=statuses[Status.WARN],
        errors=statuses[Status.ERROR],
        skipped=statuses[Status.SKIPPED],
        findings=len(findings),
        causes=causes,
        by_severity={severity: severities[severity] for severity in Severity},
        fail_on=fail_on.value if fail_on else NEVER,
        exit_code=exit_code(results, findings, fail_on, saw_data=saw_data),
        rules=len(rules) + len(omitted),
        disabled=left_out["disabled"],
        deselected=left_out["deselected"],
        deprecated=left_out["deprecated"],
        drafts=len(drafts),
        drafts_failed=sum(result.status is not Status.PASS for result in drafts),
        checked=checked(results) if saw_data else 0,
    )
