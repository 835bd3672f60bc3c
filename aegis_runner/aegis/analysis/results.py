"""The results of a run: what the artifacts say, the rows that suites stored, and what had to be asked again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aegis.analysis.suite_rows import SuiteRows, ask_again, fetch
from aegis.dbt.artifacts.read import Artifacts, compiled_sql
from aegis.dbt.artifacts.suite_rows import Suite, find_suites
from aegis.dbt.graph.lineage import Lineage
from aegis.dbt.results.read import ExtraFacts, Outcome, read_results
from aegis.domain.report import Notice
from aegis.domain.results import Result
from aegis.domain.text import plural
from aegis.errors import AegisError, WarehouseError

if TYPE_CHECKING:
    from aegis.connection.access import WarehouseAccess
    from aegis.warehouse.base import Warehouse

MOST_DOUBTS = 50
"""So many tests of dbt 2 are tried again to tell a broken one from one with a single failing row."""


def results_of(
    artifacts: Artifacts, access: WarehouseAccess, lineage: Lineage, given: SuiteRows | None = None
) -> tuple[tuple[Result, ...], tuple[Notice, ...]]:
    """Every result, and what the reader must know of them.

    Args:
        artifacts: The target folder.
        access: The way to where suites stored their rows.
        lineage: The manifest's graph.
        given: The rows of all suites, where they were had without being stored.
    """
    suites = [suite for suite in find_suites(artifacts) if suite.ran or suite.status == "error"]
    rows, refused = _rows(artifacts, suites, access) if given is None else (given, None)
    known = ExtraFacts(stored=rows.stored, rerun=rows.rerun, unavailable=rows.unavailable)
    outcome = read_results(artifacts, known, lineage)
    unsettled = (outcome.stale or outcome.doubtful) and refused is None
    warehouse = _answering(access) if unsettled else None
    if warehouse is not None:
        known = _settled(artifacts, outcome, suites, rows, warehouse)
        outcome = read_results(artifacts, known, lineage)
    notices = (*outcome.notices, *_of_now(rows))
    if suites and refused is not None:
        what = f"the rows of {plural(len(suites), 'suite')} could not be read: {refused.message}"
        notices = (*notices, Notice(what=what, where=refused.where, hint=refused.hint))
    return outcome.results, notices


def _answering(access: WarehouseAccess) -> Warehouse | None:
    """A warehouse that is not there says nothing about a test: to try it again would make it one that could not run."""
    try:
        return access.connect()
    except AegisError:
        return None


def _of_now(rows: SuiteRows) -> tuple[Notice, ...]:
    """Suites whose rows had to be asked for again: what they say is of now, not of the build."""
    again = sorted(rows.of_now)
    if not again:
        return ()
    count = plural(len(again), "suite")
    what = f"the rows that this run stored are gone or overwritten; {count} ran again, and what is told is of now"
    return (Notice(what=what, where=", ".join(again[:3]), hint="Analyze a build before the next one."),)


def _rows(
    artifacts: Artifacts, suites: Sequence[Suite], access: WarehouseAccess
) -> tuple[SuiteRows, AegisError | None]:
    """The rows of the suites, or why there are none."""
    if not suites:
        return SuiteRows(), None
    try:
        return fetch(artifacts, suites, access.connect()), None
    except AegisError as error:
        return SuiteRows(unavailable={suite.unique_id: error.message for suite in suites}), error


def _settled(
    artifacts: Artifacts, outcome: Outcome, suites: Sequence[Suite], rows: SuiteRows, warehouse: Warehouse
) -> ExtraFacts:
    """What is known once stale suites were asked again and doubtful tests tried again."""
    for suite in suites:
        if suite.unique_id in outcome.stale:
            ask_again(artifacts, suite, warehouse, rows)
    of_suites = {suite.unique_id for suite in suites}
    broken: dict[str, str] = {}
    checked: set[str] = of_suites & set(outcome.doubtful)
    for uid in [uid for uid in outcome.doubtful if uid not in of_suites][:MOST_DOUBTS]:
        sql = compiled_sql(artifacts, uid)
        if sql is None:
            continue
        try:
            warehouse.execute_sample(sql, 1)
            checked.add(uid)
        except WarehouseError as error:
            broken[uid] = error.message
    return ExtraFacts(
        stored=rows.stored,
        rerun=rows.rerun,
        unavailable=rows.unavailable,
        broken=broken,
        checked=frozenset(checked),
    )
