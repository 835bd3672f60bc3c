"""What people meet in their first hour with Aegis: each message says what, where, and what to type."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from integration_tests.command import aegis, make_database, make_project, make_shop, quickest, surroundings
from integration_tests.engines import Engine, engines

DUCKDB = {"type": "duckdb", "path": "shop.duckdb"}
HOLD = """
import duckdb, sys, time
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


@contextmanager
def held(path: Path, seconds: float) -> Iterator[int]:
    """The file, open in another process for so long at most."""
    with subprocess.Popen([sys.executable, "-c", HOLD, path, str(seconds)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline()
        try:
            yield process.pid
        finally:
            process.kill()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "shop", DUCKDB, quickest())


TEST = "models: [{name: orders, columns: [{name: email, data_tests: [not_null]}]}]\n"


def build(folder: Path) -> None:
    """A build with a test that fails."""
    (folder / "models" / "orders.yml").write_text(TEST)
    subprocess.run(
        [quickest().executable, "build"], cwd=folder, env=surroundings(folder), capture_output=True, check=False
    )


@pytest.mark.parametrize("engine", engines())
def test_a_database_that_is_open_elsewhere_is_one_line(tmp_path: Path, engine: Engine) -> None:
    folder = make_project(tmp_path / "shop", DUCKDB, engine)
    make_database(folder / "shop.duckdb", "create table t as select 1 as i")
    with held(folder / "shop.duckdb", 60) as pid:
        done = aegis("run", cwd=folder, engine=engine)
    assert done.code == 3
    assert re.fullmatch(
        rf"aegis: \S*shop\.duckdb: is in use by another process \(pid {pid}, python\S*\)\n"
        r"  Close it, or wait with --wait 60\. Nothing was changed\.\n",
        done.err,
    )


def test_a_database_that_is_open_elsewhere_is_waited_for(project: Path) -> None:
    make_database(project / "shop.duckdb", "create table t as select 1 as i")
    with held(project / "shop.duckdb", 3):
        assert aegis("run", "--wait", "60", "--depth", "results", cwd=project).code == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--fail-on", "hgh"], "invalid severity 'hgh'\n  did you mean high?"),
        (["--llm", "olama"], "did you mean 'ollama'?"),
        (["--depth", "cause"], "did you mean causes?"),
        (["--privacy", "stict"], "did you mean strict?"),
    ],
)
def test_options_are_checked_before_anything_is_built(project: Path, options: list[str], said: str) -> None:
    done = aegis("run", *options, cwd=project)
    assert done.code == 2 and said in done.err
    assert not (project / "shop.duckdb").exists() and not (project / "tests").exists()


def test_the_last_run_is_that_of_the_project_one_stands_in(tmp_path: Path, project: Path) -> None:
    trail = {"AEGIS_AUDIT_DB": str(tmp_path / "all.db")}
    aegis("run", "--depth", "results", cwd=project, env=trail)
    other = make_shop(tmp_path / "other", "elsewhere.duckdb").parent
    aegis("run", "rules.yml", "--db", "elsewhere.duckdb", "--depth", "results", cwd=other, env=trail)
    here = aegis("show", "F1", cwd=project / "models", env=trail)
    assert here.code == 0 and re.match(r"run r_\w+ {2}· {2}shop \(target dev\) {2}· {2}\d{4}-\d\d-\d\d", here.out)
    assert "elsewhere" in aegis("show", "F1", cwd=other, env=trail).out.splitlines()[0]
    named = re.compile(r"run (r_\w+)")
    of_project = named.search(here.out)
    shown = aegis("audit", "show", cwd=project, env=trail)
    assert of_project is not None and of_project[1] in shown.said


def test_analyze_finds_the_target_folder_from_a_sub_folder(project: Path) -> None:
    build(project)
    inside = aegis("analyze", "--json", "--depth", "results", cwd=project / "models")
    assert inside.report["summary"]["results"] > 0
    typed = aegis("analyze", "target/", cwd=project / "models")
    assert typed.code == 3 and f"did you mean {project / 'target'}?" in typed.err


def test_a_rules_folder_beside_a_database_is_used(tmp_path: Path) -> None:
    make_shop(tmp_path)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules.yml").rename(tmp_path / "rules" / "orders.yml")
    assert len(aegis("run", "--db", "shop.duckdb", "--depth", "results", "--json", cwd=tmp_path).verdicts()) == 4


def test_a_database_given_as_rules_says_how_to_check_it(tmp_path: Path) -> None:
    make_shop(tmp_path)
    done = aegis("run", "shop.duckdb", "--db", "shop.duckdb", cwd=tmp_path)
    assert done.code == 2 and "is a DuckDB database, not a rules file" in done.err
    assert "aegis run RULES --db shop.duckdb" in done.err


def test_a_project_whose_profile_leads_nowhere_is_broken(project: Path) -> None:
    (project / "profiles.yml").unlink()
    done = aegis("doctor", cwd=project)
    assert done.code == 3 and "BAD   project      no profiles.yml in" in done.out
    assert "--profiles-dir" in done.out


def test_without_a_project_doctor_has_nothing_against_it(tmp_path: Path) -> None:
    done = aegis("doctor", cwd=tmp_path)
    assert done.code == 0 and "note  project      there is no dbt project here" in done.out


def test_a_table_that_dbt_does_not_know_is_told_offline(project: Path) -> None:
    build(project)
    (project / "rules" / "more.yml").write_text("table: order\nrules: [{row_count: 1}]\n")
    done = aegis("validate", cwd=project)
    assert done.code == 2 and "rules/more.yml:2" in done.err and "did you mean 'orders'" in done.err
    (project / "rules" / "more.yml").unlink()
    assert "columns were not checked (--online does)" in aegis("validate", cwd=project).out


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{sql_expression: 'qty >= 0;'}", "ends with ';'; leave it out"),
        ("{sql_expression: 'qty >= 0; drop table orders'}", "is several statements; give one"),
        ("{not_null: {column: id, where: 'qty > 0;'}}", "ends with ';'; leave it out"),
    ],
)
def test_a_semicolon_at_the_end_is_called_one(tmp_path: Path, rule: str, said: str) -> None:
    (tmp_path / "rules.yml").write_text(f"table: orders\nrules: [{rule}]\n")
    done = aegis("validate", "rules.yml", cwd=tmp_path)
    assert done.code == 2 and said in done.err


def test_a_table_of_another_schema_is_looked_for_there(tmp_path: Path) -> None:
    make_shop(tmp_path)
    rule = "{metadata: {id: r}, scope: {table: orders, schema: nosuch}, logic: {type: row_count, threshold: 1}}"
    (tmp_path / "rules.yml").write_text(rule)
    done = aegis("validate", "rules.yml", "--db", "shop.duckdb", cwd=tmp_path)
    assert done.code == 2 and "'orders' is not in nosuch, but in shop.main" in done.err


@pytest.mark.parametrize("missing", ["profile", "target", "adapter"])
def test_a_report_without_a_warehouse_says_why_once(project: Path, missing: str) -> None:
    build(project)
    options = []
    if missing == "profile":
        (project / "profiles.yml").unlink()
    elif missing == "target":
        options = ["--target", "nosuch"]
    else:
        manifest = project / "target" / "manifest.json"
        manifest.write_text(manifest.read_text().replace('"adapter_type":"duckdb"', '"adapter_type":"snowflake"'))
        (project / "profiles.yml").write_text("shop: {target: dev, outputs: {dev: {type: snowflake, account: x}}}")
    began = time.monotonic()
    done = aegis("analyze", "target/", "--json", *options, cwd=project)
    told = [one for one in done.report["errors"] if "the warehouse was not queried" in one["what"]]
    assert len(told) == 1, done.report["errors"]
    assert "\x1b" not in done.out and time.monotonic() - began < 60


@pytest.mark.parametrize(("column", "near"), [("emial", "email"), ("e_mail", "email"), ("quantity", "qty")])
def test_a_column_that_is_not_there_is_told_with_its_line_and_its_neighbours(
    tmp_path: Path, column: str, near: str
) -> None:
    make_shop(tmp_path)
    (tmp_path / "rules.yml").write_text(f"table: orders\nrules:\n  - row_count: 1\n  - not_null: {column}\n")
    done = aegis("run", "rules.yml", "--db", "shop.duckdb", "--json", cwd=tmp_path)
    [wrong] = [one for one in done.report["results"] if one["status"] == "error"]
    assert wrong["path"] == "rules.yml:4"
    assert f'column "{column}" does not exist in orders' in wrong["message"]
    assert (f'"{near}"' in wrong["message"]) == (column != "quantity"), wrong["message"]
