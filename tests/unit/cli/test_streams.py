"""What reaches stdout and stderr, whatever they lead to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import pytest

from tests.unit.dbt.targets import generic_test, model, result, write_target

RULES = """\
table: größen
rules:
  - not_null: [naïve, "\\e[2J"]
"""
PROGRAM = (sys.executable, "-m", "aegis")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "rules.yml").write_text(RULES, encoding="utf-8")
    test = generic_test("not_null_orders_id", "model.shop.orders", "not_null", "id")
    results = [result("model.shop.orders", "success"), result(test["unique_id"], "pass", failures=0)]
    write_target(tmp_path / "target", [model("orders"), test], results)
    return tmp_path


def aegis(
    place: Path, *words: str, env: Mapping[str, str] | None = None, stdout: int | IO[Any] = subprocess.PIPE
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*PROGRAM, *words],
        cwd=place,
        env={**os.environ, "AEGIS_AUDIT_DB": str(place / "audit.db"), **(env or {})},
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
    )


ANALYZE = ("analyze", "target", "--offline", "--no-audit")


@pytest.mark.parametrize(
    "env",
    [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}],
    ids=["ascii", "C"],
)
def test_a_terminal_that_knows_ascii_only_gets_plain_signs(place: Path, env: dict[str, str]) -> None:
    done = aegis(place, *ANALYZE, env=env)
    assert done.returncode == 0, done.stderr
    assert b"aegis 0.1.0  -  " in done.stdout and done.stdout.isascii()
    assert b"gr??en" in aegis(place, "rules", "list", "rules.yml", env=env).stdout


def test_json_is_utf8_whatever_the_terminal(place: Path) -> None:
    done = aegis(place, "rules", "list", "rules.yml", "--json", env={"PYTHONIOENCODING": "ascii"})
    assert [rule["table"] for rule in json.loads(done.stdout.decode("utf-8"))] == ["größen", "größen"]


def test_no_sign_of_a_rules_file_can_move_the_cursor(place: Path) -> None:
    done = aegis(place, "rules", "list", "rules.yml")
    assert b"\x1b" not in done.stdout and "\N{REPLACEMENT CHARACTER}[2J".encode() in done.stdout


@pytest.mark.parametrize("words", [ANALYZE, (*ANALYZE, "--json"), ("rules", "schema"), ("rules", "list", "rules.yml")])
def test_a_reader_that_has_gone_changes_nothing(place: Path, words: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        done = aegis(place, *words, stdout=closed)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_an_output_that_is_full_is_told(place: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = aegis(place, *ANALYZE, stdout=full)
    assert (done.returncode, done.stderr) == (2, b"aegis: the output: cannot be written: No space left on device\n")


@pytest.mark.parametrize("closed", ["1", "2", "0"])
def test_a_closed_stream_is_no_bug(place: Path, closed: str) -> None:
    script = f'exec "$@" {closed}>&-' if closed != "0" else 'exec "$@" 0<&-'
    done = subprocess.run(
        ["bash", "-c", script, "bash", *PROGRAM, *ANALYZE], cwd=place, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr


def test_an_output_file_that_cannot_be_written_does_not_cost_the_report(place: Path) -> None:
    done = aegis(place, *ANALYZE, "--output-json", "no/such/folder/report.json")
    assert done.returncode == 2
    assert b"aegis 0.1.0" in done.stdout
    assert done.stderr == b"aegis: no/such/folder/report.json: cannot be written: No such file or directory\n"
