"""Run results, manifest, suite rows and sources to :class:`Result`: one per rule, test, model or source.

What the caller learned beyond the artifacts, such as the rows that suites stored, is handed in as :class:`ExtraFacts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aegis.dbt.artifacts.read import Artifacts
from aegis.dbt.artifacts.schema import Node, RunResult
from aegis.dbt.artifacts.statuses import (
    COMPILERS,
    TESTS,
    error_message,
    failure_message,
    is_doubtful,
    kind_of,
    rows_failed,
    skip_message,
    status_of,
)
from aegis.dbt.artifacts.suite_rows import RowError, StoredRow, Suite, find_suites, rules_of, suite_file, suite_table
from aegis.dbt.graph.expectations import expectation
from aegis.dbt.graph.lineage import Lineage
from aegis.dbt.graph.nodes import (
    TestIds,
    file_path,
    node_under_test,
    owner_of,
    plain_name,
    severity_of,
    table_name,
    type_of_test,
)
from aegis.dbt.graph.skips import skip_reasons
from aegis.dbt.results.freshness import freshness_results, seconds_of, unmeasured
from aegis.dbt.results.suite_results import Setting, from_rows, same_for_all
from aegis.domain.report import Notice
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Level

# `dbt build` lists them, and does nothing with them.
_NEVER_RUN = ("exposure.", "saved_query.", "metric.", "semantic_model.", "source.")


@dataclass(frozen=True, slots=True)
class ExtraFacts:
    """What the caller found out beyond the artifacts. Keys are unique ids of dbt tests.

    Attributes:
        stored: Rows read from the tables in which suites store theirs.
        rerun: Rows that a suite's SQL gave when run again; they win over stored ones.
        unavailable: Why a suite's rows could not be collected.
        broken: Tests that could not run although dbt 2 says they failed, and the database's message.
        checked: Tests of which the caller made sure that they ran (see :attr:`Outcome.doubtful`).
    """

    stored: Mapping[str, Sequence[StoredRow]] = field(default_factory=dict)
    rerun: Mapping[str, Sequence[StoredRow]] = field(default_factory=dict)
    unavailable: Mapping[str, str] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    checked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The results, ordered by unique id.

    Attributes:
        pending: Suites whose rows are needed and were not given; their rules have no results yet.
        stale: Suites whose stored rows contradict what dbt counted, so that they are of another run; run their SQL
            again and hand the rows in as ``rerun``.
        doubtful: Tests that dbt 2 says failed with one row and no message, which is also what it says of tests
            whose SQL broke. Running their SQL again tells.
    """

    results: tuple[Result, ...]
    notices: tuple[Notice, ...]
    pending: tuple[Suite, ...]
    stale: tuple[str, ...]
    doubtful: tuple[str, ...]


def read_results(artifacts: Artifacts, known: ExtraFacts | None = None, lineage: Lineage | None = None) -> Outcome:
    """Everything the run gave.

    Args:
        artifacts: What the target folder says.
        known: What the caller found out beyond it.
        lineage: The manifest's graph, where the caller has it already.
    """
    reading = _Reading(artifacts, known or ExtraFacts(), lineage)
    for result in artifacts.run_results.results:
        if not result.unique_id.startswith(_NEVER_RUN) and not _is_our_hook(result):
            reading.read(result)
    if artifacts.sources is not None:
        reading.results.extend(freshness_results(artifacts.manifest, artifacts.sources))
        reading.notices.extend(unmeasured(artifacts.manifest, artifacts.sources))
    return Outcome(
        results=tuple(sorted(reading.results, key=lambda result: result.unique_id)),
        notices=(*reading.notices, *_about_the_run(artifacts), *_about_doubts(reading.doubtful)),
        pending=tuple(reading.pending),
        stale=tuple(sorted(reading.stale)),
        doubtful=tuple(sorted(reading.doubtful)),
    )


class _Reading:
    def __init__(self, artifacts: Artifacts, known: ExtraFacts, lineage: Lineage | None) -> None:
        self.artifacts = artifacts
        self.manifest = artifacts.manifest
        self.known = known
        self.results: list[Result] = []
        self.notices: list[Notice] = []
        self.pending: list[Suite] = []
        self.doubtful: list[str] = []
        self.stale: list[str] = []
        self._suites = {suite.unique_id: suite for suite in find_suites(artifacts)}
        self._ids = TestIds(self.manifest, (rule.id for suite in self._suites.values() for rule in suite.rules))
        self._statuses = {result.unique_id: status_of(result, artifacts) for result in artifacts.run_results.results}
        self._statuses.update({uid: Status.ERROR for uid in self.known.broken if uid in self._statuses})
        skipped = Status.SKIPPED in self._statuses.values()
        self._reasons = skip_reasons(self._statuses, lineage or Lineage.of(self.manifest)) if skipped else {}

    def read(self, result: RunResult) -> None:
        suite = self._suites.get(result.unique_id)
        if suite is not None:
            self._suite(suite, result)
        else:
            self._plain(result)

    def _plain(self, result: RunResult) -> None:
        uid = result.unique_id
        node = self.manifest.find(uid)
        kind = kind_of(uid)
        status = self._statuses[uid]
        about = self._about(kind, uid, node)
        warns = status is Status.WARN or (node is not None and _config(node, "severity") == "warn")
        target = self.manifest.find(about) if about else None
        dbt_2 = self.artifacts.is_dbt_2
        rows = rows_failed(result, node, status, is_dbt_2=dbt_2) if kind in TESTS else None
        self._doubt(result, status)
        self.results.append(
            Result(
                unique_id=uid,
                rule_id=self._ids(uid) if kind is ResultKind.TEST else _rule_id(uid, kind),
                rule_type=type_of_test(node) if kind is ResultKind.TEST else kind.value,
                kind=kind,
                status=status,
                severity=severity_of(node, "warn" if warns else "error"),
                level=Level.WARN if warns else Level.ERROR,
                node=about,
                table=table_name(target),
                column=node.column_name if node else None,
                rows_failed=rows if status is not Status.ERROR else None,
                expected=expectation(node) if kind is ResultKind.TEST else None,
                failing_rows_sql=_failing_rows_sql(result, node) if kind is ResultKind.TEST else None,
                message=self._message(result, kind, status, type_of_test(node) if kind is ResultKind.TEST else ""),
                seconds=seconds_of(result.execution_time),
                owner=owner_of(self.manifest, node, target),
                description=(node.description or None) if node else None,
                tags=tuple(dict.fromkeys(node.tags or ())) if node else (),
                path=file_path(node),
            )
        )
        self._report_unreadable_suite(node)

    def _about(self, kind: ResultKind, uid: str, node: Node | None) -> str | None:
        if kind in TESTS:
            return node_under_test(self.manifest, node) if node else None
        return None if kind is ResultKind.OPERATION else uid

    def _message(self, result: RunResult, kind: ResultKind, status: Status, type_: str = "") -> str | None:
        if status is Status.PASS:
            return None
        if status is Status.SKIPPED:
            return skip_message(result, self.artifacts, self._reasons.get(result.unique_id))
        if status is Status.ERROR:
            return self.known.broken.get(result.unique_id) or error_message(result)
        return failure_message(result, kind, self.manifest.find(result.unique_id), type_)

    def _doubt(self, result: RunResult, status: Status) -> None:
        settled = result.unique_id in self.known.checked or result.unique_id in self.known.rerun
        if not settled and is_doubtful(result, status, self.artifacts):
            self.doubtful.append(result.unique_id)

    def _suite(self, suite: Suite, result: RunResult) -> None:
        uid = suite.unique_id
        setting = self._setting(suite, result)
        rows = self.known.rerun.get(uid)
        if rows is None and suite.ran and uid not in self.known.broken:
            rows = self.known.stored.get(uid)
        status = self._statuses[uid]
        if rows is not None:
            read = from_rows(suite, setting, rows, stored=uid not in self.known.rerun)
            self.results.extend(read.results)
            self.notices.extend(read.notices)
            self.stale.extend([uid] if read.stale else ())
            self._doubt(result, status)
        elif status is Status.SKIPPED:
            self.results.extend(same_for_all(suite, setting, status, self._message(result, ResultKind.TEST, status)))
        elif status is Status.ERROR:
            message = f"the suite could not run: {self._message(result, ResultKind.TEST, status)}"
            self.results.extend(same_for_all(suite, setting, status, message))
        elif uid in self.known.unavailable:
            message = f"rows not available: {self.known.unavailable[uid]}"
            self.results.extend(same_for_all(suite, setting, Status.ERROR, message))
        else:
            self.pending.append(suite)

    def _setting(self, suite: Suite, result: RunResult) -> Setting:
        node = self.manifest.nodes[suite.unique_id]
        about = node_under_test(self.manifest, node)
        target = self.manifest.find(about) if about else None
        source = target is not None and target.source_name is not None
        return Setting(
            node=about,
            # dbt 2 folds letters in ids, so that two sources may have one; the suite knows which it is about.
            table=(suite_table(node) if source else None) or table_name(target) or suite_table(node) or node.name,
            owner=owner_of(self.manifest, node, target),
            path=suite_file(node) or file_path(node),
            seconds=seconds_of(result.execution_time),
        )

    def _report_unreadable_suite(self, node: Node | None) -> None:
        try:
            if node is not None:
                rules_of(node)
        except RowError as error:
            what = f"this looks like an Aegis suite, but {error}; it is reported as one dbt test"
            self.notices.append(Notice(what=what, where=node.unique_id if node else None, hint="Run `aegis compile`."))


def _is_our_hook(result: RunResult) -> bool:
    """The package's own on-run-end hook, which tells nothing about data unless it broke."""
    return result.unique_id.startswith("operation.aegis.") and (result.status or "").casefold() in ("success", "pass")


def _rule_id(unique_id: str, kind: ResultKind) -> str:
    """Never empty: a run_results.json that somebody else wrote may hold a result without an id."""
    return (plain_name(unique_id) if kind is ResultKind.UNIT_TEST else unique_id) or "(no id)"


def _config(node: Node, name: str) -> str:
    value = getattr(node.config, name) if node.config else None
    return value.casefold() if isinstance(value, str) else ""


def _failing_rows_sql(result: RunResult, node: Node | None) -> str | None:
    """Where dbt stored the failing rows, else the query that finds them. Only of tests that failed."""
    if (result.status or "").casefold() not in ("fail", "warn", "error"):
        return None
    relation = result.relation_name or (node.relation_name if node else None)
    if relation and node is not None and node.config is not None and node.config.store_failures:
        return f"select * from {relation}"
    sql = result.compiled_code or (node.compiled if node else None)
    return sql.strip() or None if sql else None


def _about_the_run(artifacts: Artifacts) -> list[Notice]:
    where = str(artifacts.target_dir / "run_results.json")
    if artifacts.command in COMPILERS:
        what = f"these run results were written by `dbt {artifacts.command}`, which runs neither models nor tests"
        return [Notice(what=what, where=where, hint="Run `dbt build` and analyze again.")]
    if artifacts.empty:
        return [Notice(what="dbt ran with --empty: no rule saw any data", where=where)]
    return []


def _about_doubts(doubtful: list[str]) -> list[Notice]:
    if not doubtful:
        return []
    one = len(doubtful) == 1
    what = (
        f"dbt 2 reports a test whose SQL broke as failed with one row; {len(doubtful):,} "
        f"result{' is' if one else 's are'} reported so and may be that: {', '.join(sorted(doubtful)[:3])}"
    )
    return [Notice(what=what + ("" if len(doubtful) <= 3 else ", …"), hint="Look at dbt's log.")]
