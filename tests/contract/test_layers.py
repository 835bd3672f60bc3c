"""A room imports only what stands below it, and the rule that says so really bites."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp

LIBRARIES = """\
import anthropic, apprise, boto3, click, dbt, duckdb, grandalf, httpx, jinja2, langgraph, msgspec, openai, rich
import sqlglot, starlette
import sqlite3, typer, yaml
from aegis import rules
"""


def lint(root: Path, package: Path) -> subprocess.CompletedProcess[str]:
    program = (
        "import sys; sys.path[:0] = [sys.argv.pop(1)]; from importlinter.cli import lint_imports_command as go; go()"
    )
    command = [sys.executable, "-c", program, str(package), "--config", str(root / "pyproject.toml"), "--no-cache"]
    return subprocess.run(command, cwd=package, capture_output=True, text=True, check=False)


def test_the_layers_hold(root: Path) -> None:
    answer = lint(root, root / "aegis_runner")
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_every_contract_breaks_when_it_is_broken(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "aegis_runner" / "aegis", tmp_path / "aegis")
    (tmp_path / "aegis" / "domain" / "wrong.py").write_text(LIBRARIES, encoding="utf-8")
    (tmp_path / "aegis" / "dbt" / "graph" / "wrong.py").write_text("from aegis.dbt import results\n", encoding="utf-8")
    answer = lint(root, tmp_path)
    broken = set(re.findall(r"^(.+?) BROKEN", answer.stdout, re.MULTILINE))
    config = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    assert broken == {contract["name"] for contract in config["tool"]["importlinter"]["contracts"]}, answer.stdout


def test_a_room_that_nobody_placed_fails(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "aegis_runner" / "aegis", tmp_path / "aegis")
    (tmp_path / "aegis" / "attic.py").write_text('"""A room without a storey."""\n', encoding="utf-8")
    answer = lint(root, tmp_path)
    assert answer.returncode != 0
    assert "attic" in answer.stdout


def test_no_module_imports_itself_by_way_of_another() -> None:
    """What type checkers alone import does not count: it is no way that a program takes."""
    graph = grimp.build_graph("aegis", exclude_type_checking_imports=True, cache_dir=None)
    left = {module: set(graph.find_modules_directly_imported_by(module)) for module in graph.modules}
    while free := [module for module, imported in left.items() if not imported & left.keys()]:
        for module in free:
            del left[module]
    assert not left, f"in a circle, or above one: {sorted(left)}"
