"""Which dbt is run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from aegis.dbt.engine.executable import find_dbt
from aegis.errors import DbtError


def fake(path: Path, says: str = "dbt 1.12.3", code: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def nowhere(tmp_path: Path) -> dict[str, str]:
    return {"PATH": str(tmp_path / "empty")}


def test_the_first_that_is_there_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "own"))
    places = [
        fake(tmp_path / "given" / "dbt", "dbt 1.10.1"),
        fake(tmp_path / "variable" / "dbt", "dbt 1.10.2"),
        fake(tmp_path / "active" / "bin" / "dbt", "dbt 1.10.3"),
        fake(tmp_path / "project" / ".venv" / "bin" / "dbt", "dbt 1.10.4"),
        fake(tmp_path / "own" / "bin" / "dbt", "dbt 1.10.5"),
        fake(tmp_path / "path" / "dbt", "dbt 1.10.6"),
    ]
    env = {"AEGIS_DBT": str(places[1]), "VIRTUAL_ENV": str(tmp_path / "active"), "PATH": str(tmp_path / "path")}
    assert find_dbt(str(places[0]), tmp_path / "project", env).version == "1.10.1"
    for place, variable in zip(places[1:], ("AEGIS_DBT", "VIRTUAL_ENV", None, None, None), strict=True):
        assert find_dbt(None, tmp_path / "project", env).path == place
        if variable is not None:
            del env[variable]
        place.unlink()
    with pytest.raises(DbtError, match="dbt is not installed"):
        find_dbt(None, tmp_path / "project", env)


def test_a_relative_path_is_relative_to_where_the_person_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path / "dbt")
    monkeypatch.chdir(tmp_path)
    assert find_dbt("./dbt", None, nowhere(tmp_path)).path == tmp_path / "dbt"


@pytest.mark.parametrize(
    ("says", "version", "major"),
    [
        ("Core:\n  - installed: 1.11.2\n  - latest: 1.12.0", "1.11.2", 1),
        ("dbt-fusion 2.0.0-preview.196", "2.0.0-preview.196", 2),
        ("dbt 2.1.0", "2.1.0", 2),
    ],
)
def test_versions_of_both_kinds_are_understood(tmp_path: Path, says: str, version: str, major: int) -> None:
    dbt = find_dbt(str(fake(tmp_path / "dbt", says)), None, nowhere(tmp_path))
    assert (dbt.version, dbt.major) == (version, major)


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ("installed: 1.9.9", "dbt 1.9.9 is too old"),
        ("hello", "does not report a version"),
        ("", "does not report a version"),
    ],
)
def test_what_is_too_old_or_no_dbt_is_refused(tmp_path: Path, says: str, words: str) -> None:
    with pytest.raises(DbtError, match=words):
        find_dbt(str(fake(tmp_path / "dbt", says)), None, nowhere(tmp_path))


def test_a_name_that_is_no_program_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("x", encoding="utf-8")
    broken = fake(tmp_path / "broken")
    broken.write_text("#!/no/such/shell\n", encoding="utf-8")
    for name in ("/no/such/dbt", str(tmp_path), str(tmp_path / "plain")):
        with pytest.raises(DbtError, match="no dbt here"):
            find_dbt(name, None, nowhere(tmp_path))
    with pytest.raises(DbtError, match="cannot be run"):
        find_dbt(str(broken), None, nowhere(tmp_path))


def test_the_version_of_an_installed_dbt_costs_no_process(tmp_path: Path) -> None:
    path = fake(tmp_path / "env" / "bin" / "dbt", "not asked")
    (tmp_path / "env" / "lib" / "python3.11" / "site-packages" / "dbt_core-1.12.5.dist-info").mkdir(parents=True)
    assert find_dbt(str(path), None, nowhere(tmp_path)).version == "1.12.5"
