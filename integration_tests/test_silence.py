"""Every way in which fewer results come back than rules were asked for, one after the other in one real project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from aegis import AnalyzeOptions, analyze
from aegis.connection.project import ProjectOptions
from aegis.domain.report import Report
from integration_tests.command import DUCKDB, aegis, make_project
from integration_tests.engines import Engine, engines

ORDERS = """\
table: orders
severity: high
rules:
  - not_null: id
  - unique: id
  - row_count: 2
  - not_null: {column: email, status: draft, id: draft_email}
  - not_null: {column: qty, status: deprecated, id: old_qty}
"""
LABELS = "table: labels\nseverity: high\nrules:\n  - not_null: id\n"
ASKED = {"orders_id_not_null", "orders_id_unique", "orders_row_count", "draft_email", "old_qty", "labels_id_not_null"}


@dataclass(frozen=True)
class Shop:
    folder: Path
    engine: Engine

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def dbt(self, *arguments: str) -> int:
        return subprocess.run(
            [self.engine.executable, *arguments],
            cwd=self.folder,
            env=self.engine.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        ).returncode

    def compiled(self) -> None:
        done = aegis("compile", cwd=self.folder, engine=self.engine)
        assert done.code == 0, done.said

    def analyzed(self) -> Report:
        connection = ProjectOptions(project_dir=self.folder, dbt=str(self.engine.executable))
        options = AnalyzeOptions(connection=connection, depth="results", audit=False)
        return analyze(self.folder / "target", options)

    def query(self, sql: str) -> None:
        import duckdb

        with duckdb.connect(str(self.folder / "shop.duckdb")) as connection:
            connection.execute(sql)

    @property
    def stored(self) -> str:
        return "main_dbt_test__audit.aegis_orders"


@pytest.fixture(scope="module", params=engines(long="dbt1"))
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The shop, with its rules compiled and built, and a copy of it beside."""
    folder = make_project(tmp_path_factory.mktemp("silence") / "shop", DUCKDB, request.param)
    shop = Shop(folder, request.param)
    shop.write("rules/orders.yml", ORDERS)
    shop.write("rules/labels.yml", LABELS)
    shop.compiled()
    assert shop.dbt("build") == 0
    shutil.copytree(folder, folder.with_name("kept"), symlinks=True)
    return shop


@pytest.fixture
def built(shop: Shop) -> Shop:
    """The shop as it was built."""
    shutil.rmtree(shop.folder)
    shutil.copytree(shop.folder.with_name("kept"), shop.folder, symlinks=True)
    return shop


def became(report: Report) -> dict[str, str]:
    """Rule → its status, or why it is left out; each rule once."""
    found = [(one.rule_id, one.status.value) for one in report.results if one.kind == "rule"]
    found += [(one.rule_id, one.why) for one in report.omitted]
    assert len(found) == len(dict(found)) == report.summary.rules
    return dict(found)


def said(report: Report) -> str:
    return " | ".join(f"{one.where or ''} {one.what}" for one in report.reservations)


def message_of(report: Report, rule_id: str) -> str:
    return next(one.message or "" for one in report.results if one.rule_id == rule_id)


FINE = {
    "orders_id_not_null": "pass",
    "orders_id_unique": "pass",
    "orders_row_count": "pass",
    "draft_email": "warn",
    "old_qty": "deprecated",
    "labels_id_not_null": "pass",
}


def test_a_fresh_build_is_answered_whole_and_raises_no_doubt(built: Shop) -> None:
    report = built.analyzed()
    assert became(report) == FINE
    assert (report.summary.exit_code, report.reservations) == (0, ())
    assert (report.summary.drafts, report.summary.drafts_failed) == (1, 1)
    # After a checkout every file is newer than artifacts that were downloaded.
    for file in built.folder.rglob("*"):
        if file.is_file() and "target" not in file.parts:
            os.utime(file, (time.time() + 60, time.time() + 60))
    assert built.analyzed().reservations == ()


def test_rows_that_are_missing_repeated_or_of_nobody_are_errors_that_are_named(built: Shop) -> None:
    built.query(f"delete from {built.stored} where rule_id = 'orders_id_unique'")
    built.query(f"insert into {built.stored} select * from {built.stored} where rule_id = 'orders_row_count'")
    strange = f"select * replace ('nobody' as rule_id) from {built.stored} where rule_type = 'not_null' limit 1"
    built.query(f"insert into {built.stored} {strange}")
    report = built.analyzed()
    assert became(report) == FINE | {"orders_id_unique": "error", "orders_row_count": "error"}
    assert report.summary.exit_code == 3
    assert "hold none for this rule" in message_of(report, "orders_id_unique")
    assert any("nobody" in notice.what for notice in report.errors)


def test_a_table_of_rows_that_is_gone_is_asked_again(built: Shop) -> None:
    built.query(f"drop table {built.stored}")
    report = built.analyzed()
    assert became(report) == FINE
    assert any("of now" in notice.what for notice in report.errors)


def test_what_the_user_selected_is_said(built: Shop) -> None:
    assert built.dbt("test", "--select", "aegis_orders") == 0
    report = built.analyzed()
    assert became(report) == FINE | {"labels_id_not_null": "deselected"}
    assert report.summary.exit_code == 0
    (text,) = [one.text for one in report.omitted if one.why == "deselected"]
    assert "--select aegis_orders" in text or built.engine.is_dbt2


def test_a_build_of_models_alone_checks_nothing_and_fails(built: Shop) -> None:
    assert built.dbt("run") == 0
    report = built.analyzed()
    assert set(became(report).values()) == {"deselected", "deprecated"}
    assert (report.summary.exit_code, report.summary.checked) == (3, 0)
    assert "`dbt run` runs no tests" in {one.text for one in report.omitted}


def test_a_selection_of_nothing_fails(built: Shop) -> None:
    for arguments in (["--select", "nope"], ["--exclude", "package:shop"]):
        done = aegis("run", "--json", *arguments, cwd=built.folder, engine=built.engine)
        assert done.code == 3, done.said
        assert done.report["summary"]["deselected"] == 5
        assert {one["text"] for one in done.report["omitted"]} >= {f"not selected by `{' '.join(arguments)}`"}


def test_rules_that_changed_after_they_were_compiled_are_told_apart(built: Shop) -> None:
    changed = ORDERS.replace("row_count: 2", "row_count: 3").replace("  - unique: id\n", "")
    built.write("rules/orders.yml", changed + "  - not_null: {column: status, id: new_one}\n")
    report = built.analyzed()
    assert became(report) == FINE | {"new_one": "error"}
    assert report.summary.exit_code == 3
    assert "aegis compile" in message_of(report, "new_one")
    assert "1 rule changed after compiling" in said(report) and "orders_row_count" in said(report)
    assert "1 rule compiled, but no longer in the rules files: orders_id_unique" in said(report)


def test_a_suite_that_is_gone_or_cut_by_hand_takes_no_rule_along_in_silence(built: Shop) -> None:
    suites = built.folder / "tests" / "aegis"
    (suites / "aegis_labels.sql").unlink()
    text = (suites / "aegis_orders.sql").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "orders_id_unique" not in line]
    (suites / "aegis_orders.sql").write_text("\n".join(lines), encoding="utf-8")
    built.dbt("build")
    report = built.analyzed()
    assert became(report) == FINE | {"labels_id_not_null": "error", "orders_id_unique": "error"}
    assert report.summary.exit_code == 3


def test_rules_files_with_errors_are_said(built: Shop) -> None:
    built.write("rules/labels.yml", "table: labels\nrules:\n  - nonsense: id\n")
    report = built.analyzed()
    assert "the rules files have 1 error" in said(report)
    assert set(became(report)) == ASKED


def test_a_build_that_does_not_parse_leaves_no_green_report(built: Shop) -> None:
    built.write("models/broken.sql", "select {{ \n")
    built.write("models/orders.sql", "select * from {{ ref('raw_orders') }} where 1 = 1\n")
    assert built.dbt("build") != 0
    report = built.analyzed()
    if built.engine.is_dbt2:
        assert report.summary.exit_code == 3 and "holds no results" in said(report)
    else:
        assert re.search(r"files? ha(s|ve) changed since this build: .*models/orders.sql", said(report))
        assert "models/broken.sql" in said(report)
        assert "a later `dbt build` ended without results" in said(report)
    assert report.run.dbt_generated_at is not None


@pytest.mark.parametrize("change", ["edit", "remove", "add", "project", "seed"])
def test_a_change_after_the_build_is_said(built: Shop, change: str) -> None:
    later = time.time() + 60
    names = {
        "edit": "models/orders.sql", "remove": "models/labels.sql", "add": "models/broken_new.sql",
        "project": "dbt_project.yml", "seed": "seeds/raw_orders.csv",
    }  # fmt: skip
    added = {"edit": "\n-- more\n", "add": "select 1 as id\n", "project": "\n ", "seed": "9,x@y.z,1,new\n"}
    file = built.folder / names[change]
    if change == "remove":
        file.unlink()
    else:
        with file.open("a", encoding="utf-8") as stream:
            stream.write(added[change])
        os.utime(file, (later, later))
    assert f"1 file has changed since this build: {names[change]}" in said(built.analyzed())


def test_a_failed_fast_build_is_answered_whole(built: Shop) -> None:
    built.write("rules/orders.yml", ORDERS.replace("row_count: 2", "row_count: 200"))
    built.compiled()
    assert built.dbt("build", "--fail-fast") != 0
    report = built.analyzed()
    found = became(report)
    assert found["orders_row_count"] == "fail" and set(found) == ASKED
    assert found["labels_id_not_null"] in ("pass", "skipped", "deselected", "error")
    assert report.summary.exit_code == 1


def test_a_disabled_model_takes_its_rules_along_and_says_so(built: Shop) -> None:
    suites = {file.name for file in (built.folder / "tests" / "aegis").iterdir()}
    built.write("models/orders.sql", "{{ config(enabled=false) }} select * from {{ ref('raw_orders') }}\n")
    built.write("models/labels.sql", "{{ config(enabled=false) }} select 1 as id\n")
    done = aegis("run", "--json", "--depth", "results", cwd=built.folder, engine=built.engine)
    assert done.code == 3, done.said
    why = {one["rule_id"]: one["why"] for one in done.report["omitted"]}
    assert why == dict.fromkeys(ASKED, "disabled") | {"old_qty": "deprecated"}
    assert any("table orders is disabled" in one["text"] for one in done.report["omitted"])
    # What is compiled does not depend on what this target builds.
    assert suites == {file.name for file in (built.folder / "tests" / "aegis").iterdir()}
