"""`aegis run`, with programs that play dbt."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from aegis.analysis.options import AnalyzeOptions
from aegis.app.run import run
from aegis.app.run_options import RunOptions
from aegis.connection.project import ProjectOptions
from aegis.errors import AegisError, DbtError, WarehouseError
from integration_tests.command import ORDERS, RULES, make_database


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "rules.yml").write_text(RULES, encoding="utf-8")
    make_database(tmp_path / "shop.duckdb", ORDERS)
    return tmp_path


def fails(shop: Path, body: str) -> AegisError:
    """What running says when dbt does this."""
    dbt = shop / "dbt"
    version = "if '--version' in sys.argv: print('dbt 1.12.0'); sys.exit()"
    head = f"#!{sys.executable}\nimport json, os, signal, sys\n{version}\n"
    dbt.write_text(head + body, encoding="utf-8")
    dbt.chmod(0o755)
    options = RunOptions(AnalyzeOptions(connection=ProjectOptions(dbt=str(dbt)), audit=False))
    with pytest.raises(AegisError) as caught:
        run([shop / "rules.yml"], options, database=shop / "shop.duckdb")
    return caught.value


def error_event(message: str) -> str:
    return f"print({json.dumps({'info': {'level': 'error', 'msg': message}, 'data': {}})!r})\n"


def test_a_database_that_only_this_dbt_cannot_read_says_what_to_do(shop: Path) -> None:
    told = "Trying to read a database file with version number 99, but we can only read versions between 64 and 67."
    error = fails(shop, error_event(told) + "sys.exit(1)")
    assert isinstance(error, WarehouseError)
    assert "newer DuckDB" in error.message and "STORAGE_VERSION" in str(error)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            error_event("Compilation Error: no") + "sys.exit(2)",
            r"dbt 1\.12\.0 gave no results \(exit code 2\):\nCompilation",
        ),
        ("sys.exit(0)", r"\(exit code 0\):\nit said nothing"),
        ("print('Traceback: boom'); sys.exit(1)", r"Traceback: boom"),
        ("os.kill(os.getpid(), signal.SIGKILL)", r"\(ended by SIGKILL\)"),
    ],
)
def test_a_dbt_that_gives_no_results_is_told_with_its_words(shop: Path, body: str, words: str) -> None:
    error = fails(shop, body)
    assert isinstance(error, DbtError) and error.exit_code == 3
    assert re.search(words, error.message)
