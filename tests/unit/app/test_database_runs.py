"""A database without a project: what is said about it does not speak of a project."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from aegis.analysis.asked import Asked
from aegis.analysis.options import AnalyzeOptions
from aegis.analysis.rule_book_notices import Beside
from aegis.analysis.started_run import StartedRun
from aegis.app.analyze import analyze
from aegis.app.run import run
from aegis.app.run_options import RunOptions
from aegis.app.validate import validate
from aegis.connection.project import ProjectOptions
from aegis.errors import RulesError, UsageError
from aegis.rules.book import RuleBook

TARGETS = Path(__file__).parents[2] / "fixtures" / "targets"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    import duckdb

    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table orders as select 1 as id")
    return path


def test_a_table_that_is_not_there_is_missed_in_the_file_and_not_in_dbt(tmp_path: Path, database: Path) -> None:
    rules = tmp_path / "rules.yml"
    rules.write_text("table: order\nrules:\n  - unique: id\n", encoding="utf-8")
    with pytest.raises(RulesError) as raised:
        validate([rules], ProjectOptions(), database=database)
    assert "there is no table 'order' in shop.duckdb; did you mean 'orders'?" in str(raised.value)
    assert "dbt" not in str(raised.value).replace("duckdb", "")


def test_dbts_selection_is_refused_where_there_is_no_project(database: Path) -> None:
    with pytest.raises(UsageError, match="--select"):
        run([], RunOptions(select=("orders",)), database=database)


def test_a_run_lasts_from_its_beginning_and_not_from_its_analysis() -> None:
    began = datetime(2026, 11, 20, 12, tzinfo=UTC)
    options = AnalyzeOptions(audit=False, offline=True)
    started = StartedRun("r_00000000", began, "shop", "dev", None, Asked(RuleBook(())), Beside())
    report = analyze(TARGETS / "dbt-1.12", options, started=started)
    assert (report.run.started_at, report.run.run_id) == (began, "r_00000000")
    assert report.run.finished_at > began
