"""`aegis run` on a database by its address, or by a warehouse class, where no dbt project is: the statements of the
rules are asked as queries, and nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING

from aegis.app.suite_rows import SuiteRows
from aegis.errors import UsageError

if TYPE_CHECKING:
    from aegis.app.rule_sets import RuleSet
    from aegis.app.run_options import RunOptions
    from aegis.dbt.graph.tables import Tables
    from aegis.dbt.suites.direct import DirectSuite
    from aegis.domain.report import Report
    from aegis.warehouse.base import Database, Warehouse


@dataclass(frozen=True, slots=True)
class Direct:
    """What a run without dbt gave, and used."""

    rows: SuiteRows
    warehouse: Warehouse
    secrets: frozenset[str]


def run_direct(rules: RuleSet, database: Database, options: RunOptions) -> Report:
    """Run rules on a database that is only read; errors as of `aegis.app.run.run`."""
    from aegis.app.analyze import analyze
    from aegis.app.asked import Asked
    from aegis.app.broken import beside
    from aegis.app.compile import fitting, read_book
    from aegis.app.databases import secrets_of, tables_of
    from aegis.app.run_options import begin
    from aegis.dbt.scratch.private_project import private_folder
    from aegis.dbt.suites.direct import direct_suites, write_artifacts

    began = datetime.now(UTC)
    for option, given in (("--select", options.select), ("--exclude", options.exclude), ("--threads", options.threads)):
        if given:
            raise UsageError(f"{option} is dbt's, and there is no project for dbt to run", hint="Leave it out.")
    try:
        book = read_book(rules, None, database.dialect)
        if not book.rules:
            book.whole()
        database.connect()
        tables = tables_of(database)
        book, suites = fitting(book, lambda book: direct_suites(book, tables, database.dialect))
        if not book.rules:
            book.whole()
        run_id, notices = begin(options, began, database.name, database.place)
        rows, seconds = _asked(suites, tables, database)
        told = replace(options.analyze, project=database.name, target_name=database.place, show_target_dir=False)
        with private_folder() as folder:
            write_artifacts(folder, suites, tables, database.dialect, seconds)
            found = Direct(rows, database, secrets_of(database))
            said = beside(book, notices)
            asked = Asked(book)
            return analyze(folder, told, run_id=run_id, started_at=began, direct=found, asked=asked, beside=said)
    finally:
        database.close()


def _asked(suites: Sequence[DirectSuite], tables: Tables, database: Database) -> tuple[SuiteRows, dict[str, float]]:
    """The rows of each suite, and how many seconds they took."""
    from aegis.dbt.suites.direct import direct_rows

    found, seconds = SuiteRows(), {}
    for suite in suites:
        moment = perf_counter()
        found.rerun[suite.unique_id] = direct_rows(suite, tables, database.dialect, database.execute_rules)
        seconds[suite.unique_id] = round(perf_counter() - moment, 4)
    return found, seconds
