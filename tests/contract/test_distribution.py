"""What is installed is what the repository says: versions, dependencies, and the dbt package inside the wheel."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

import aegis


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    built = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    return zipfile.ZipFile(next(target.glob("*.whl")))


def test_the_wheel_carries_the_dbt_package(root: Path, wheel: zipfile.ZipFile) -> None:
    inside = "aegis/dbt_package/"
    carried = {name.removeprefix(inside) for name in wheel.namelist() if name.startswith(inside)}
    ours = [root / "dbt_project.yml", *root.glob("macros/**/*.*"), *root.glob("models/**/*.*")]
    assert carried == {str(path.relative_to(root)) for path in ours if path.is_file()}


def test_the_wheel_carries_one_top_level_package_and_no_tests(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"aegis"}


def test_dbt_is_no_core_dependency(project: dict[str, Any]) -> None:
    assert not [name for name in project["project"]["dependencies"] if name.startswith(("dbt", "duckdb"))]


def test_the_versions_agree(root: Path, project: dict[str, Any]) -> None:
    version = project["project"]["version"]
    package = yaml.safe_load((root / "dbt_project.yml").read_text(encoding="utf-8"))
    assert str(package["version"]) == version
    assert aegis.__version__ == version
    assert f"## {version}" in (root / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_lock_file_is_that_of_the_project_file(root: Path, project: dict[str, Any]) -> None:
    lock = tomllib.loads((root / "uv.lock").read_text(encoding="utf-8"))
    ours = next(package for package in lock["package"] if package["name"] == "aegis-dbt")
    locked = {entry["name"] for entry in ours["metadata"]["requires-dist"]}
    groups = [project["project"]["dependencies"], *project["project"]["optional-dependencies"].values()]
    assert locked == {name_of(requirement) for group in groups for requirement in group}
    for group, wanted in project["dependency-groups"].items():
        named = {name_of(entry) for entry in wanted if isinstance(entry, str)}
        assert named <= {entry["name"] for entry in ours["metadata"]["requires-dev"][group]}, "run `uv lock`"


def name_of(requirement: str) -> str:
    cut = min((requirement.find(sign) for sign in "<>=[;~! " if sign in requirement), default=len(requirement))
    return requirement[:cut].lower().replace("_", "-")


def test_pre_commit_fetches_nothing(root: Path) -> None:
    config = yaml.safe_load((root / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert {repository["repo"] for repository in config["repos"]} == {"local"}
