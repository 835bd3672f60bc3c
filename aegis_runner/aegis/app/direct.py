"""`aegis run` on a database by its address, or by a warehouse class, where no dbt project is: the statements of the
rules are asked as queries, and nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING

from aegis.analysis.suite_rows import SuiteRows
from aegis.errors import UsageError

if TYPE_CHECKING:
    from aegis.app.run_options import RunOptions
    from aegis.dbt.graph.tables import Tables
    from aegis.dbt.suites.direct import DirectSuite
    from aegis.domain.report import Report
    from aegis.rules.rule_sets import RuleSet
    from aegis.warehouse.base import Database


def run_direct(rules: RuleSet, database: Database, options: RunOptions) -> Report:
    """Run rules on a database that is only read; errors as of `aegis.app.run.run`."""
    from aegis.analysis.asked import Asked
    from aegis.analysis.started_run import Direct, start
    from aegis.app.analyze import analyze
    from aegis.app.compile import fitting, read_book
    from aegis.connection.databases import secrets_of, tables_of
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
        names = {"project": database.name, "target": database.place}
        started = start(options.analyze, began, rules, Asked(book), **names)
        rows, seconds = _asked(suites, tables, database)
        with private_folder() as folder:
            write_artifacts(folder, suites, tables, database.dialect, seconds)
            direct = Direct(rows, database, secrets_of(database))
            return analyze(folder, options.analyze, started=replace(started, keeps_target=False, direct=direct))
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
