"""A warehouse class serves all that the runner asks of a warehouse: named, or registered by an installed package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from integration_tests.command import PROJECT_VERDICTS, VERDICTS, aegis, make_shop
from tools.setup import unpack

CLASS = '''\
"""A DuckDB file, read; what was asked is written beside."""

import os
from pathlib import Path

import duckdb


class Files:
    dialect = "duckdb"

    def __init__(self, settings=None, url=None):
        self.path = (url or "").partition("://")[2] or (settings or {}).get("path") or "shop.duckdb"

    def connect(self):
        if os.environ.get("SHUT"):
            raise ConnectionError("the tunnel is shut")
        self.connection = duckdb.connect(self.path, read_only=True)

    def execute_scalar(self, sql):
        return self.connection.execute(sql).fetchone()[0]

    def execute_sample(self, sql, limit):
        with Path("asked.sql").open("a") as file:
            file.write(sql + "\\n;\\n")
        cursor = self.connection.execute(sql)
        return [dict(zip([c[0] for c in cursor.description], row)) for row in cursor.fetchmany(limit)]


class Half:
    def connect(self):
        pass
'''
BUILD = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "shop-files"
version = "1.0"
[project.entry-points."aegis.warehouses"]
{name} = "shop_files:Files"
gone = "shop_files:Gone"
"""


@pytest.fixture
def here(project: Path) -> Path:
    """A built project, with the class in its folder."""
    (project / "shop_files.py").write_text(CLASS, encoding="utf-8")
    return project


def asked(folder: Path) -> str:
    path = folder / "asked.sql"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    path.unlink(missing_ok=True)
    return text


def test_a_class_that_is_named_stands_in_for_the_adapter_in_a_project(here: Path) -> None:
    usual = aegis("run", "--json", cwd=here)
    named = aegis("run", "--json", "--warehouse", "shop_files:Files", cwd=here)
    assert named.verdicts() == usual.verdicts() == PROJECT_VERDICTS
    stored = asked(here)
    assert "test_failures" in stored or "dbt_test__audit" in stored  # the rows that the suites stored
    told = [[one[name] for name in ("title", "kind", "origin")] for one in named.report["causes"]]
    assert told and told == [[one[name] for name in ("title", "kind", "origin")] for one in usual.report["causes"]]
    # DuckDB's own connection keeps the failing rows of each table's findings, by one query more.
    results = [finding["result"] for finding in usual.report["findings"]]
    kept = len({one["table"] for one in results if one["failing_rows_sql"] is not None})
    assert named.report["queries"] == usual.report["queries"] - kept > 0
    trials = [one["trial"] for f in named.report["findings"] for one in (*f["proposals"], *f["rejected"])]
    assert all("no sandbox" in one["why"] for one in trials if one["verdict"] == "not tried")

    analyzed = aegis("analyze", "target", "--json", "--warehouse", "shop_files:Files", cwd=here)
    assert analyzed.verdicts() == PROJECT_VERDICTS and asked(here)
    valid = aegis("validate", "--online", "--warehouse", "shop_files:Files", cwd=here)
    assert (valid.code, valid.err) == (0, "") and "tried on no rows" in valid.out and asked(here)


@pytest.mark.long
def test_a_class_runs_rules_where_there_is_no_project(tmp_path: Path) -> None:
    make_shop(tmp_path)
    (tmp_path / "shop_files.py").write_text(CLASS, encoding="utf-8")
    for words in (
        ("--warehouse", "shop_files:Files"),
        ("--warehouse", "shop_files:Files", "--db", "any://shop.duckdb"),
    ):
        done = aegis("run", "rules.yml", "--json", *words, cwd=tmp_path, env={"AEGIS_DBT": "/nowhere"})
        assert done.verdicts() == VERDICTS and asked(tmp_path)
    valid = aegis("validate", "rules.yml", "--warehouse", "shop_files:Files", cwd=tmp_path)
    assert valid.code == 0 and asked(tmp_path)


WRONG = {
    "missing": ("shop_files:File", {}, "shop_files has no File\n  Did you mean Files?"),
    "module": ("shop_fils:Files", {}, "cannot be imported: ModuleNotFoundError"),
    "half": ("shop_files:Half", {}, "it has no execute_scalar(); it has no execute_sample()"),
    "connect": ("shop_files:Files", {"SHUT": "1"}, "cannot be reached: ConnectionError: the tunnel is shut"),
    "name": ("nosuch", {}, "there is no warehouse class 'nosuch'"),
}


@pytest.mark.parametrize(
    "case", [pytest.param(one, marks=[] if one == "connect" else pytest.mark.long) for one in WRONG]
)
def test_a_class_that_does_not_work_ends_the_command_with_3(tmp_path: Path, case: str) -> None:
    name, env, told = WRONG[case]
    make_shop(tmp_path)
    (tmp_path / "shop_files.py").write_text(CLASS, encoding="utf-8")
    for command in ("run", "validate"):
        done = aegis(command, "rules.yml", "--warehouse", name, cwd=tmp_path, env=env)
        assert done.code == 3 and told in done.err and not done.out, done.said


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small package with the class, built and installed into a folder of its own."""
    folder = tmp_path_factory.mktemp("package")
    (folder / "shop_files.py").write_text(CLASS, encoding="utf-8")
    (folder / "pyproject.toml").write_text(BUILD.format(name="duckdb"), encoding="utf-8")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    unpack(str(next((folder / "dist").glob("*.whl"))), folder / "site")
    return folder / "site"


def test_an_installed_package_registers_a_class_for_a_type_of_profile_and_a_scheme(
    installed: Path, project: Path
) -> None:
    env = {"PYTHONPATH": str(installed)}
    done = aegis("analyze", "target", "--json", cwd=project, env=env)
    assert done.verdicts() == PROJECT_VERDICTS and asked(project)
    lone = project.parent / "lone"
    make_shop(lone)
    done = aegis("run", "rules.yml", "--json", "--db", "duckdb://shop.duckdb", cwd=lone, env=env)
    assert done.verdicts() == VERDICTS and asked(lone)


@pytest.mark.long
def test_a_registered_class_is_found_by_name_and_is_no_part_of_what_is_ours(installed: Path, tmp_path: Path) -> None:
    env, lone = {"PYTHONPATH": str(installed)}, tmp_path / "lone"
    make_shop(lone)
    done = aegis("run", "rules.yml", "--json", "--warehouse", "duckdb", cwd=lone, env=env)
    assert done.verdicts() == VERDICTS and asked(lone)
    # A file by its path is built by dbt in a project that is ours: the class is no part of that.
    assert aegis("run", "rules.yml", "--json", "--db", "shop.duckdb", cwd=lone, env=env).verdicts() == VERDICTS
    assert not asked(lone)
    gone = aegis("run", "rules.yml", "--db", "gone://x", cwd=lone, env=env)
    assert gone.code == 3 and "the warehouse class 'gone' (shop_files:Gone): shop_files has no Gone" in gone.err
