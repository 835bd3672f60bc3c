"""``aegis --help`` is there at once: it imports nothing heavy, and costs little."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

import pytest

HEAVY = ("agate", "anthropic", "boto3", "dbt", "duckdb", "httpx", "jinja2", "langgraph", "mcp", "openai", "sqlglot",
         "starlette", "uvicorn")  # fmt: skip
PROGRAM = """
import sys
sys.argv = ["aegis", *sys.argv[1:]]
from aegis.cli import main
try:
    code = main()
except SystemExit as stop:
    code = stop.code
print("\\n@modules", *sorted({name.partition(".")[0] for name in sys.modules}))
sys.exit(code)
"""
CPU_SECONDS = 0.3


def environment() -> dict[str, str]:
    """With byte code allowed: without it every start compiles anew, which is not what is measured."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@pytest.mark.parametrize("words", [("--help",), ("--version",)])
def test_help_and_version_import_nothing_heavy(words: tuple[str, ...]) -> None:
    command = [sys.executable, "-c", PROGRAM, *words]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    assert answer.returncode == 0, answer.stderr
    loaded = set(answer.stdout.rpartition("@modules")[2].split())
    assert "aegis" in loaded
    assert not loaded & set(HEAVY)


def cpu_seconds(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, capture_output=True, check=True, env=environment())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def test_help_costs_less_than_a_third_of_a_second() -> None:
    command = [sys.executable, "-c", "from aegis.cli import main; main()", "--help"]
    cpu_seconds(command)  # the first start writes the byte code
    # Whatever else the machine does is only ever added to what a start costs: the least of the runs is nearest to it.
    runs = [cpu_seconds(command) for _ in range(10)]
    assert min(runs) <= CPU_SECONDS, runs
