"""A run that Aegis itself started, with what its analysis must know of it; written down before anything runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from aegis.analysis.record import begin
from aegis.analysis.report import new_run_id
from aegis.analysis.rule_book_notices import beside
from aegis.domain.version import VERSION
from aegis.rules.rule_sets import named_files

if TYPE_CHECKING:
    from aegis.analysis.asked import Asked
    from aegis.analysis.options import AnalyzeOptions
    from aegis.analysis.rule_book_notices import Beside
    from aegis.analysis.suite_rows import SuiteRows
    from aegis.rules.rule_sets import RuleSet
    from aegis.warehouse.base import Warehouse


@dataclass(frozen=True, slots=True)
class Direct:
    """What a run without dbt gave, and used."""

    rows: SuiteRows
    warehouse: Warehouse
    secrets: frozenset[str]


@dataclass(frozen=True, slots=True)
class StartedRun:
    """A run that is under way."""

    run_id: str
    started_at: datetime
    project: str
    """What the report calls the project: its name, or that of the database."""
    target: str | None
    """What it calls the target; None for a database that is a file."""
    rules_file: str | None
    """The rules files, as they were named."""
    asked: Asked
    beside: Beside
    """What the rules themselves give to tell."""
    keeps_target: bool = True
    """Whether the target folder is still there when the run has ended."""
    direct: Direct | None = None


def start(
    options: AnalyzeOptions, started_at: datetime, rules: RuleSet, asked: Asked, *, project: str, target: str | None
) -> StartedRun:
    """A run, written to the audit trail before anything runs: one that is killed is still seen to have begun."""
    run_id, rules_file = new_run_id(), named_files(rules)
    notices = begin(
        options,
        run_id=run_id,
        started_at=started_at,
        aegis_version=VERSION,
        project=project,
        target=target,
        rules_file=rules_file,
    )
    return StartedRun(run_id, started_at, project, target, rules_file, asked, beside(asked.book, notices))
