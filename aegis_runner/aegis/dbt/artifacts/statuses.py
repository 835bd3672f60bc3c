"""dbt's status words as :class:`Status`, and what its messages add to them.

dbt and Aegis use some words differently. A test's ``error`` could not run; in some versions of dbt 2 it also means
that the test ran and failed, and its ``fail`` with one row may be a test whose SQL broke (``is_doubtful``).
"""

from __future__ import annotations

from aegis.dbt.artifacts.messages import clean, is_bare, rows_in
from aegis.dbt.artifacts.read import Artifacts
from aegis.dbt.artifacts.schema import Node, NodeConfig, RunResult
from aegis.domain.results import ResultKind, Status
from aegis.domain.text import plural
from aegis.rules.lookup import traits_of

_KINDS = {
    "model": ResultKind.MODEL,
    "seed": ResultKind.SEED,
    "snapshot": ResultKind.SNAPSHOT,
    "test": ResultKind.TEST,
    "unit_test": ResultKind.UNIT_TEST,
}
TESTS = (ResultKind.TEST, ResultKind.UNIT_TEST)

_STATUSES = {
    "success": Status.PASS,
    "pass": Status.PASS,
    "fail": Status.FAIL,
    "warn": Status.WARN,
    "error": Status.ERROR,
    "runtime error": Status.ERROR,
    "partial success": Status.ERROR,
    "skipped": Status.SKIPPED,
    "no-op": Status.SKIPPED,
    "reused": Status.SKIPPED,
}
_SKIP_WORDS = {"no-op": "dbt had nothing to do", "reused": "dbt reused what was there: nothing had changed"}
HARMLESS = frozenset(_SKIP_WORDS.values())
"""Why something was skipped though nothing stopped it."""

# Commands that write run results with `success` for tests that they compiled and did not run.
COMPILERS = frozenset({"compile", "docs generate", "parse", "list", "ls", "show", "source freshness"})


def status_of(result: RunResult, artifacts: Artifacts) -> Status:
    """What a result says happened."""
    word = (result.status or "").casefold().replace("_", " ")
    status = _STATUSES.get(word, Status.ERROR)
    if status is Status.PASS and artifacts.command in COMPILERS:
        return Status.SKIPPED
    if word == "error" and kind_of(result.unique_id) in TESTS and _failed_rather(result, artifacts):
        return Status.FAIL
    return status


def _failed_rather(result: RunResult, artifacts: Artifacts) -> bool:
    """Whether a test's ``error`` means that it ran and failed."""
    told = (result.failures or 0) > 0 or rows_in(result.message) is not None
    return told or (artifacts.is_dbt_2 and is_bare(result.message))


def is_doubtful(result: RunResult, status: Status, artifacts: Artifacts) -> bool:
    """Whether this is what dbt 2 says of tests that failed with one row and of tests whose SQL broke alike."""
    said = status in (Status.FAIL, Status.WARN) and result.failures in (None, 1) and is_bare(result.message)
    return artifacts.is_dbt_2 and kind_of(result.unique_id) is ResultKind.TEST and said


def kind_of(unique_id: str) -> ResultKind:
    """From the id, since a result may be of a node that the manifest lacks."""
    return _KINDS.get(unique_id.partition(".")[0], ResultKind.OPERATION)


def rows_failed(result: RunResult, node: Node | None, status: Status, *, is_dbt_2: bool) -> int | None:
    """Failing rows of a test: dbt's ``failures``, else the number in its message; ``None`` where that number is not
    one of rows.

    It is none with a ``fail_calc`` of its own, and the least that there are with a ``limit`` that it reaches. Of a test
    that tolerates failing rows and passed, dbt 1 writes 0 whatever it counted.
    """
    counted, config = _counted(result), node.config if node else None
    if counted is None or config is None:
        return counted
    unknown = not _counts_rows(config) or (config.limit is not None and counted >= config.limit)
    hidden = not is_dbt_2 and status is Status.PASS and counted == 0 and _tolerates(config)
    return None if unknown or hidden else counted


def _counted(result: RunResult) -> int | None:
    if result.failures is not None and result.failures >= 0:
        return result.failures
    return rows_in(result.message)


def _counts_rows(config: NodeConfig) -> bool:
    """Whether the test's number is one of rows; that of the package's own generic tests sums ``rows_failed``."""
    calculation = "".join((config.fail_calc or "").split()).casefold()
    return calculation in ("", "count(*)", "count(1)") or "rows_failed" in calculation


def _tolerates(config: NodeConfig) -> bool:
    """Whether a test may pass though rows fail. With severity ``warn`` only ``warn_if`` is asked."""
    asked = [config.warn_if] if (config.severity or "").casefold() == "warn" else [config.error_if, config.warn_if]
    return all("".join((condition or "!=0").split()) not in _ANY_ROW for condition in asked)


_ANY_ROW = frozenset({"!=0", "<>0", ">0", ">=1"})


def failure_message(result: RunResult, kind: ResultKind, node: Node | None, type_of_test: str = "") -> str:
    """Of a test that ran and failed."""
    told = clean(result.message)
    rows, config = _counted(result), node.config if node else None
    if rows_in(result.message) is None and told is not None:
        return told
    if kind is ResultKind.UNIT_TEST:
        return "the actual rows differ from the expected ones"
    traits = traits_of(type_of_test)
    if traits is not None and not traits.counts_rows:
        return "the table as a whole fails it"
    if rows is None:
        return "failed; dbt does not say how many rows"
    if config is not None and not _counts_rows(config):
        return f"fail_calc ({config.fail_calc}) gave {rows:,}"
    many = plural(rows, "failing row")
    return f"at least {many}: the test stops at its limit" if config and config.limit == rows else many


def error_message(result: RunResult) -> str:
    """Of a node that could not run."""
    told = clean(result.message)
    word = (result.status or "").casefold()
    batches = result.batch_results
    if word == "partial success" and batches is not None:
        failed, done = len(batches.failed or ()), len(batches.successful or ())
        return f"{failed} of {failed + done} batches could not run" + (f": {told}" if told else "")
    if word.replace("_", " ") not in _STATUSES:
        return f"dbt reported the status {word[:40]!r}, which is not known"
    return told or "dbt says it could not run, and not why; its log may"


def skip_message(result: RunResult, artifacts: Artifacts, reason: str | None) -> str:
    """``reason`` is what the graph tells, where it tells anything."""
    if artifacts.command in COMPILERS:
        return f"`dbt {artifacts.command}` compiled it and did not run it"
    word = (result.status or "").casefold()
    told = _SKIP_WORDS.get(word) or reason or clean(result.message)
    return told or "skipped by dbt; nothing upstream in these results says why"
