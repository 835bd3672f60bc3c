"""`run` from Python: rules made there, files, folders and books, on a file and in a project; options by keyword."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydantic
import pytest

import aegis
from aegis import AegisError, AnalyzeOptions, ProjectOptions, Report, RuleBook, RunOptions, rules, run
from integration_tests.command import PROJECT_VERDICTS, make_shop, quickest
from tests.docs.pages import blocks
from tests.unit.rules.examples import own_values

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    engine = quickest()
    for name, value in engine.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AEGIS_DBT", str(engine.executable))
    monkeypatch.setenv("AEGIS_AUDIT_DB", str(tmp_path / "audit.db"))


def verdicts(report: Report) -> dict[str | None, tuple[str, int | None]]:
    return {one.rule_id: (one.status.value, one.rows_failed) for one in report.results}


def test_the_promised_line_runs_and_gives_the_frozen_report(tmp_path: Path) -> None:
    make_shop(tmp_path)
    report = run([rules.NotNull(table="orders", column="id")], database=tmp_path / "shop.duckdb")
    assert verdicts(report) == {"orders_id_not_null": ("pass", 0)}
    assert (report.run.command, report.summary.exit_code) == ("run", 0)
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        report.queries = 3


def test_rules_files_folders_and_books_go_together(tmp_path: Path) -> None:
    make_shop(tmp_path)
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "a.yml").write_text("{table: orders, rules: [row_count: 5]}", encoding="utf-8")
    book = RuleBook.of(rules.Unique(table="orders", column="email", id="in_a_book"))
    made = [rules.Between(table="orders", column="qty", min_value=low, severity="high") for low in (0, 1)]
    report = run([*made, str(tmp_path / "rules.yml"), folder, book], database=str(tmp_path / "shop.duckdb"))
    found = verdicts(report)
    assert len(found) == 2 + 4 + 1 + 1
    # Three of one name: those of Python are told apart by what they check, as they would be in a file.
    assert len([name for name in found if name and name.startswith("orders_qty_between")]) == 3
    assert found["in_a_book"] == ("pass", 0)


def test_a_project_by_keyword_and_by_option_types(project: Path) -> None:
    made = [
        rules.NotNull(table="orders", column="email", severity="high"),
        rules.SqlExpression(table="orders", expression="qty > 0", id="qty_positive"),
    ]
    wanted = {name: PROJECT_VERDICTS[name][:2] for name in ("orders_email_not_null", "qty_positive")}
    report = run(made, project_dir=project, target="dev", depth="results", select="test_type:singular")
    assert {name: one for name, one in verdicts(report).items() if name in wanted} == wanted
    options = RunOptions(AnalyzeOptions(connection=ProjectOptions(project_dir=project), depth="evidence"))
    again = run(made, options, depth="results")
    assert again.run.depth == "results" and verdicts(again)["qty_positive"] == wanted["qty_positive"]


WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "field": (lambda: rules.NotNull(table="t", colum="a"), "did you mean 'column'"),  # type: ignore[call-arg]
    "value": (lambda: rules.NotNull(table="t", column="a", severity="hgh"), "did you mean 'high'"),  # type: ignore[arg-type]
    "missing": (lambda: rules.NotNull(table="t"), "'column' is missing"),  # type: ignore[call-arg]
    "unnamed": (lambda: rules.NotNull("t", "a"), "NotNull(table=…, column=…)"),  # type: ignore[call-arg]
    "setting": (lambda: run([], databse="x"), "did you mean database"),  # type: ignore[call-arg]
    "choice": (lambda: run([], depth="cause"), "did you mean 'causes'"),  # type: ignore[arg-type]
    "no rule": (lambda: run([3], database="x.duckdb"), "int is not a rule"),  # type: ignore[list-item]
    "class": (lambda: run([rules.NotNull], database="x.duckdb"), "call it with its values"),  # type: ignore[list-item]
    "sql": (
        lambda: run([rules.SqlExpression(table="t", expression="drop table t")], database="x.duckdb"),
        "expression",
    ),
    "twice": (
        lambda: run([rules.NotNull(table="t", column="a", id="x"), rules.Unique(table="t", column="a", id="x")],
                    database="x.duckdb"),
        "this id is used already",
    ),
    "database": (lambda: run([rules.NotNull(table="t", column="a")], database="nosuch.duckdb"), "no such database"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_an_aegis_error_that_names_it(case: str, tmp_path: Path) -> None:
    make, told = WRONG[case]
    with pytest.raises(AegisError) as error:
        make()
    assert told in str(error.value)


COMMON: dict[str, Any] = {
    "where": "a > 0", "since": "7 days", "time_column": "at", "nulls": "fail", "max_failed_pct": 1.5, "warn_pct": 1,
    "severity": "high", "id": "mine", "keys": ["id"], "owner": "me", "description": "why", "runbook": "https://x",
    "status": "draft", "tags": "pii", "level": "warn",
}  # fmt: skip


@pytest.mark.parametrize("cls", rules.registry().values(), ids=str)
def test_each_type_is_a_class_that_takes_what_a_file_takes(cls: Any) -> None:
    needed = own_values(cls.type)
    if cls.type == "freshness":  # of rows, by a column; without one of the table, which has no rows to choose from
        needed["column"] = "at"
    common = {name: value for name, value in COMMON.items() if name in cls.takes()}
    if "max_failed_pct" not in common:
        common.pop("warn_pct", None)
    made = getattr(rules, cls.__name__)(table="t", **needed, **common)
    assert [*rules.load_text(rules.expand([made]))] == [made]


@pytest.mark.long
def test_the_documented_example_passes_mypy_in_strict_mode(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "how-to" / "python-rules.md").read_text(encoding="utf-8")
    for block in blocks(page):
        if block.title in ("check_shop.py", "check_rules.py", "write.py"):
            (tmp_path / block.title).write_text(block.body, encoding="utf-8")
    wrong = "from aegis import rules\nrules.NotNull(table='t', colum='a')\nrules.Unique(table='t', column=3)\n"
    (tmp_path / "wrong.py").write_text(wrong, encoding="utf-8")
    env = {**os.environ, "MYPYPATH": str(ROOT / "aegis_runner")}
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache")]
    right = ["check_shop.py", "check_rules.py", "write.py"]
    done = subprocess.run([*command, *right], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    refused = subprocess.run([*command, "wrong.py"], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert refused.stdout.count("error:") >= 2 and 'did you mean "column"' in refused.stdout


def test_the_public_names_are_what_dir_tells() -> None:
    assert dir(aegis) == list(aegis.__all__)
