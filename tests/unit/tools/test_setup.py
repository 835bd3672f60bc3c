"""Set-up runs once, on the Python it was given, and says what to do when it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import environments, setup

ROOT = Path(__file__).resolve().parents[3]


def script(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def test_an_environment_is_made_again_when_what_it_was_made_from_changes(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text("one", encoding="utf-8")
    (tmp_path / setup.STAMP).write_text(setup.digest(lock), encoding="utf-8")
    assert setup.is_made(tmp_path, setup.digest(lock))
    lock.write_text("two", encoding="utf-8")
    assert not setup.is_made(tmp_path, setup.digest(lock))


def test_an_environment_without_a_stamp_is_not_made(tmp_path: Path) -> None:
    assert not setup.is_made(tmp_path, "anything")


def test_a_uv_of_any_age_tells_its_version_and_a_broken_one_is_too_old(tmp_path: Path) -> None:
    assert setup.uv_version(str(script(tmp_path / "uv", "#!/bin/sh\necho uv 0.13.8 linux\n"))) == (0, 13, 8)
    assert setup.uv_version(str(script(tmp_path / "uv", "#!/bin/sh\nexit 1\n"))) < setup.OLDEST_UV
    assert setup.uv_version(str(tmp_path / "absent")) < setup.OLDEST_UV


def test_certificates_that_the_caller_names_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "mine.pem")
    assert setup.trusting_environment()["SSL_CERT_FILE"] == "mine.pem"


def test_without_a_home_the_cache_is_in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)
    monkeypatch.setenv("HOME", "")
    assert setup.uv_environment()["UV_CACHE_DIR"] == str(setup.TOOLS / "uv-cache")


def test_a_failed_step_says_what_was_run_and_what_to_do() -> None:
    with pytest.raises(setup.SetupError, match=r"-c raise SystemExit\(7\)` failed with exit code 7. Try this."):
        setup.run([sys.executable, "-c", "raise SystemExit(7)"], hint="Try this.")
    with pytest.raises(setup.SetupError, match="cannot start no-such-program"):
        setup.run(["no-such-program"])


def test_the_first_python_that_is_young_enough_and_starts_is_taken(tmp_path: Path) -> None:
    script(tmp_path / "python3.11", "#!/bin/sh\nexit 127\n")  # as a shim does that knows no such version
    (tmp_path / "python3.12").symlink_to(os.path.realpath(sys.executable))
    answer = subprocess.run(
        ["/bin/sh", str(ROOT / "tools/with-python"), "-c", "import sys; print(sys.version_info >= (3, 11))"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.stdout == "True\n", answer.stderr


def test_no_python_at_all_is_said_plainly(tmp_path: Path) -> None:
    command = ["/bin/sh", str(ROOT / "tools/with-python"), "-c", ""]
    answer = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert "Python 3.11 or later is needed" in answer.stderr


def test_an_unknown_environment_is_refused_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert environments.main(["dbt3"]) == 2
    assert "dbt2, dbt110, dbt111" in capsys.readouterr().err


def test_an_environment_that_is_there_costs_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(environments, "folder", lambda name: tmp_path)
    monkeypatch.setattr(environments, "run", lambda *words, **options: pytest.fail("installed again"))
    (tmp_path / setup.STAMP).write_text(environments.stamp_of("dbt110"), encoding="utf-8")
    assert environments.make("dbt110") == tmp_path
