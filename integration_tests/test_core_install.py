"""An installation without extras (no DuckDB, PostgreSQL driver, dbt): what is missing is said, and what to install."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from integration_tests.command import VERDICTS, Done, make_shop, surroundings
from integration_tests.engines import of_environment

ROOT = Path(__file__).parents[1]
EXTRAS = (
    "duckdb",
    "_duckdb",
    "adbc",
    "psycopg2",
    "dbt",
    "agate",
    "snowplow",
    "anthropic",
    "openai",
    "boto",
    "starlette",
    "uvicorn",
)
CLASS = """\
import sqlite3


class Shop:
    dialect = "sqlite"

    def connect(self):
        self.connection = sqlite3.connect(":memory:")
        self.connection.execute("create table orders as select 1 as id")

    def execute_scalar(self, sql):
        return self.connection.execute(sql).fetchone()[0]

    def execute_sample(self, sql, limit):
        cursor = self.connection.execute(sql)
        return [dict(zip([c[0] for c in cursor.description], row)) for row in cursor.fetchmany(limit)]
"""


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The libraries of this environment, but for those of the extras."""
    folder = tmp_path_factory.mktemp("core")
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.lower().startswith(EXTRAS) and entry.suffix != ".pth":
            (folder / entry.name).symlink_to(entry)
    return folder


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    make_shop(tmp_path)
    (tmp_path / "shop.py").write_text(CLASS, encoding="utf-8")
    (tmp_path / "small.yml").write_text("{table: orders, rules: [unique: id]}", encoding="utf-8")
    return tmp_path


def core(libraries: Path, *words: str, cwd: Path, env: dict[str, str | None] | None = None) -> Done:
    """`aegis`, run by the Python that this environment was made of, which knows the core's libraries only."""
    where = {"PYTHONPATH": os.pathsep.join((str(ROOT / "aegis_runner"), str(libraries))), "PATH": "/usr/bin:/bin"}
    whole = surroundings(cwd, env={"AEGIS_DBT": None, "VIRTUAL_ENV": None, **where, **(env or {})})
    python = getattr(sys, "_base_executable", sys.executable)
    done = subprocess.run(
        [python, "-m", "aegis", *words], cwd=cwd, env=whole, capture_output=True, text=True, check=False, timeout=120
    )
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("validate", "rules.yml", "--db", "shop.duckdb"), "pip install 'aegis-dbt[duckdb]'"),
        pytest.param(
            ("run", "rules.yml", "--db", "shop.duckdb"), "pip install 'aegis-dbt[duckdb]'", marks=pytest.mark.long
        ),
        pytest.param(
            ("validate", "rules.yml", "--db", "postgresql://u@h/d"),
            "pip install 'aegis-dbt[postgres]'",
            marks=pytest.mark.long,
        ),
        (("run", "rules.yml", "--db", "postgres://u@h/d"), "pip install 'aegis-dbt[postgres]'"),
    ],
)
def test_what_is_missing_is_said_with_what_to_install(
    libraries: Path, shop: Path, words: tuple[str, ...], told: str
) -> None:
    done = core(libraries, *words, cwd=shop)
    assert (done.code, done.out) == (3, ""), done.said
    assert told in done.err and len(done.err.splitlines()) == 2


def test_the_pages_of_the_trail_say_what_to_install(libraries: Path, shop: Path) -> None:
    done = core(libraries, "ui", cwd=shop)
    assert (done.code, done.out) == (2, ""), done.said
    assert "pip install 'aegis-dbt[ui]'" in done.err and len(done.err.splitlines()) == 2


def test_a_class_of_ones_own_needs_no_extra(libraries: Path, shop: Path) -> None:
    done = core(libraries, "run", "small.yml", "--warehouse", "shop:Shop", "--json", cwd=shop)
    assert done.verdicts() == {"orders_id_unique": ("pass", 0, 1)}
    assert core(libraries, "validate", "small.yml", "--warehouse", "shop:Shop", cwd=shop).code == 0


@pytest.mark.dbt2
def test_dbt_2_alone_checks_a_duckdb_file(libraries: Path, shop: Path) -> None:
    engine = of_environment("dbt2")
    env: dict[str, str | None] = {**engine.environment, "AEGIS_DBT": str(engine.executable)}
    done = core(libraries, "run", "rules.yml", "--db", "shop.duckdb", "--json", "--depth", "results", cwd=shop, env=env)
    assert done.verdicts() == VERDICTS
