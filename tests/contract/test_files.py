"""What every tracked file keeps to: length, and nothing of the machine that it was written on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

MAX_FILE = 300
MAX_FUNCTION = 40

LONGER_FILES: dict[str, str] = {}
"""Path → why it is longer than ``MAX_FILE`` lines."""

LONGER_FUNCTIONS: dict[str, str] = {}
"""``path::name`` → why it is longer than ``MAX_FUNCTION`` lines of body."""

# In parts, so that this file keeps its own law.
MACHINE_PATH = re.compile(r"(?<![\w.:/}>-])/(?:" + "|".join(["wo" + "rk", "ro" + "ot", "ho" + "me"]) + r")/[\w.-]+")
SCRATCH_PATH = re.compile(r"/tm" + r"p/(?:w|bash_jobs)\b")
REGISTRY = re.compile(
    r"--(?:extra-)?index-" + r"url|find-" + r"links|file://" + r"/opt|/o" + r"pt/(?:wheels|pypi)", re.IGNORECASE
)
WORKSHOP = re.compile(
    r"\bissue"
    + r"s? ?#?\d+\b|\bsub-?"
    + r"agent|\bthe foun"
    + r"der\b|\bseed (?:one|two|three)\b|co-authored"
    + r"-by",
    re.IGNORECASE,
)
LOCK_HOSTS = {"pypi.org", "files.pythonhosted.org"}
"""What every lock file of uv names: the public registry."""

BINARY = {".png", ".ico", ".woff2", ".gz", ".zip", ".duckdb", ".db", ".svg"}


def python_files(tracked: list[Path]) -> list[Path]:
    return [path for path in tracked if path.suffix == ".py"]


def test_no_file_is_long_without_a_reason(root: Path, tracked: list[Path]) -> None:
    counted = {
        str(path): len((root / path).read_text(encoding="utf-8").splitlines())
        for path in tracked
        if path.suffix in {".py", ".sql"}
    }
    long = {path: lines for path, lines in counted.items() if lines > MAX_FILE and path not in LONGER_FILES}
    assert not long, f"over {MAX_FILE} lines: {long}"
    stale = [path for path in LONGER_FILES if counted.get(path, 0) <= MAX_FILE]
    assert not stale, f"no longer long, remove from LONGER_FILES: {stale}"


def functions(path: Path, tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Each function with the number of lines of its body: a signature and a docstring are there to be long."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            described = isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
            body = node.body[1:] if described else node.body
            yield f"{path}::{node.name}", (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_no_function_is_long_without_a_reason(root: Path, tracked: list[Path]) -> None:
    ours = [path for path in python_files(tracked) if path.parts[0] not in {"tests", "integration_tests"}]
    counted: dict[str, int] = {}
    for path in ours:
        counted.update(functions(path, ast.parse((root / path).read_text(encoding="utf-8"))))
    long = {name: lines for name, lines in counted.items() if lines > MAX_FUNCTION and name not in LONGER_FUNCTIONS}
    assert not long, f"over {MAX_FUNCTION} lines: {long}"
    stale = [name for name in LONGER_FUNCTIONS if counted.get(name, 0) <= MAX_FUNCTION]
    assert not stale, f"no longer long, remove from LONGER_FUNCTIONS: {stale}"


@pytest.mark.parametrize(
    "pattern", [MACHINE_PATH, SCRATCH_PATH, REGISTRY, WORKSHOP], ids=["home", "scratch", "registry", "workshop"]
)
def test_no_file_speaks_of_the_machine_or_workshop_it_was_made_in(
    root: Path, tracked: list[Path], pattern: re.Pattern[str]
) -> None:
    found = []
    for path in tracked:
        if path.suffix in BINARY or path.name == "uv.lock":
            continue
        lines = (root / path).read_text(encoding="utf-8", errors="replace").splitlines()
        found += [
            f"{path}:{number}: {match[0]}" for number, line in enumerate(lines, 1) if (match := pattern.search(line))
        ]
    assert not found, "\n".join(found)


def test_the_lock_file_names_the_public_registry_only(root: Path) -> None:
    lock = (root / "uv.lock").read_text(encoding="utf-8")
    assert set(re.findall(r"https?://([^/\"]+)", lock)) <= LOCK_HOSTS
    assert set(re.findall(r"source = \{ (\w+)", lock)) <= {"registry", "editable"}
    assert not MACHINE_PATH.search(lock)


def test_large_files_stay_out_of_git(root: Path, tracked: list[Path]) -> None:
    heavy = {str(path): size for path in tracked if (size := (root / path).stat().st_size) > 1_500_000}
    assert not heavy
