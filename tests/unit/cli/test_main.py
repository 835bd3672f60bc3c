"""The one place where errors become messages and exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from aegis import errors

PROGRAM = """
import sys
import aegis.app.rules
{patch}
def broken(*args, **kwargs):
    {body}
aegis.app.rules.load = broken
sys.argv = ["aegis", "rules", "list"]
from aegis.cli import main
main()
"""


def run(body: str, patch: str = "") -> subprocess.CompletedProcess[str]:
    """`aegis rules list`, with something else in the place of its work."""
    program = PROGRAM.format(body=body, patch=patch)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "kind", ["UsageError", "ConfigError", "DbtError", "WarehouseError", "ArtifactError", "AuditError", "RefusedError"]
)
def test_an_error_is_a_message_with_its_own_exit_code(kind: str) -> None:
    done = run(f"import aegis.errors; raise aegis.errors.{kind}('went wrong', where='here', hint='Do this.')")
    assert done.returncode == getattr(errors, kind).exit_code
    assert (done.stdout, done.stderr) == ("", "aegis: here: went wrong\n  Do this.\n")


def test_a_message_cannot_move_the_cursor() -> None:
    done = run(r"import aegis.errors; raise aegis.errors.UsageError('a\x1b[2Jb\rc\x00d')")
    assert done.stderr == "aegis: a\N{REPLACEMENT CHARACTER}[2Jb\N{REPLACEMENT CHARACTER}c\N{REPLACEMENT CHARACTER}d\n"


def test_a_bug_leaves_a_file_that_says_how_to_report_it(tmp_path: Path) -> None:
    done = run("raise KeyError('secret')", patch=f"import tempfile; tempfile.tempdir = {str(tmp_path)!r}")
    assert done.returncode == 70
    (log,) = tmp_path.glob("aegis-bug-*.log")
    assert "KeyError: 'secret'" in log.read_text(encoding="utf-8")
    assert str(log) in done.stderr and "report it" in done.stderr
    assert "Traceback" not in done.stderr and "secret" not in done.stderr
    assert log.stat().st_mode & 0o077 == 0


def test_a_bug_without_a_place_for_its_file_is_told_with_its_traceback() -> None:
    done = run("raise KeyError('x')", patch="import tempfile; tempfile.tempdir = '/no/such/folder'")
    assert done.returncode == 70
    assert "KeyError: 'x'" in done.stderr and "Please report it" in done.stderr


@pytest.mark.parametrize("body", ["raise KeyboardInterrupt", "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"])
def test_an_interrupt_and_a_cancelled_job_end_with_130(body: str) -> None:
    done = run(body)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "aegis: stopped. What had finished before is in the audit trail.\n"


@pytest.mark.parametrize(
    "words", [["no-such-command"], ["analyze", "--no-such-option"], ["run", "--threads", "0"], ["compile", "--wait"]]
)
def test_a_command_line_that_is_wrong_ends_with_2(words: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", "aegis", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_choice_that_is_misspelled_gets_the_nearest() -> None:
    words = [sys.executable, "-m", "aegis", "analyze", "--depth", "result"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("aegis: --depth cannot be 'result'\n  did you mean results?")


def test_a_program_does_at_its_end_what_was_registered_for_it() -> None:
    """It ends at once, without what Python does otherwise; but no file of ours is left behind by that."""
    code = "import atexit, sys; from aegis.cli import command; atexit.register(print, 'done'); command()"
    for arguments, exit_code in (
        (["--version"], 0),
        (["audit", "verify", "--audit-db", "missing.db"], 3),
        (["shwo"], 2),
    ):
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == exit_code, done.stderr
        assert done.stdout.endswith("done\n")
