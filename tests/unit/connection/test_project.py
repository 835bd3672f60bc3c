"""The way to a warehouse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aegis.connection.access import WarehouseAccess
from aegis.connection.project import ProjectOptions, duckdb_files, project_here, resolve_project
from aegis.dbt.project.profile import Profile
from aegis.dbt.project.settings import load_project
from aegis.errors import ConfigError, WarehouseError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dbt_project.yml").write_text("name: shop\nprofile: shop\n", encoding="utf-8")
    (tmp_path / "profiles.yml").write_text(
        "shop: {target: dev, outputs: {dev: {type: duckdb, path: x.duckdb}}}", encoding="utf-8"
    )
    return tmp_path


def files(folder: Path, **settings: Any) -> dict[str, Path] | None:
    return duckdb_files(load_project(folder, {}), Profile("shop", "dev", "duckdb", folder, settings))


def test_files_have_the_names_that_sql_knows_them_by(folder: Path) -> None:
    for name in ("a.b.duckdb", "main.duckdb", "x.db", "abs.db"):
        (folder / name).touch()
    attach = [{"path": "x.db", "alias": '"my alias"'}, {"path": str(folder / "abs.db")}]
    assert files(folder, path="a.b.duckdb", attach=attach) == {
        "a": folder / "a.b.duckdb",
        "my alias": folder / "x.db",
        "abs": folder / "abs.db",
    }
    assert files(folder, path="main.duckdb") == {"main_db": folder / "main.duckdb"}


@pytest.mark.parametrize(
    "settings",
    [
        {"path": "md:shop"},
        {"path": "s3://bucket/x.db"},
        {"path": "x.db", "attach": [{"path": "postgres:dbname=x", "type": "postgres"}]},
        {"path": "x.db", "attach": [{"path": "x.sqlite", "type": "sqlite"}]},
        {"path": "x.db", "attach": ["x"]},
    ],
)
def test_what_is_no_plain_file_goes_another_way(folder: Path, settings: dict[str, Any]) -> None:
    assert files(folder, **settings) is None


@pytest.mark.parametrize("settings", [{}, {"path": ":memory:"}])
def test_a_database_in_memory_has_ended(folder: Path, settings: dict[str, Any]) -> None:
    with pytest.raises(WarehouseError, match="in memory"):
        files(folder, **settings)


def test_a_build_that_left_no_database_does_not_hide_what_it_attached(folder: Path) -> None:
    (folder / "there.db").touch()
    assert files(folder, path="none.db", attach=[{"path": "there.db"}]) == {"there": folder / "there.db"}
    assert files(folder, path="none.db") == {"none": folder / "none.db"}


def test_the_project_is_the_one_named_then_the_targets_then_the_environments_then_here(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {}
    for name in ("named", "target", "variable", "here"):
        places[name] = tmp_path_factory.mktemp(name)
        (places[name] / "dbt_project.yml").write_text(f"name: {name}\n", encoding="utf-8")
    monkeypatch.chdir(places["here"])
    env = {"DBT_PROJECT_DIR": str(places["variable"])}

    def found(target: Path | None, **given: Any) -> str:
        return project_here(target, ProjectOptions(**given)).name

    target = places["target"] / "target"
    assert found(target, project_dir=places["named"], environment=env) == "named"
    assert found(target, environment=env) == "target"
    assert found(None, environment=env) == "variable"
    assert found(None, environment={}) == "here"
    monkeypatch.chdir("/")
    with pytest.raises(ConfigError, match="no dbt project here"):
        found(Path("/"), environment={})


def test_a_way_that_is_not_there_is_told_when_it_is_taken(folder: Path) -> None:
    connection = ProjectOptions(project_dir=folder, profiles_dir=folder, environment={})
    found = WarehouseAccess.of_target(folder / "target", connection, built=None)
    assert found.project is not None and found.refused is None and found.project.profile.type == "duckdb"
    lost = WarehouseAccess.of_target(folder / "target", connection, built="no")
    assert lost.project is None and isinstance(lost.refused, ConfigError)
    with pytest.raises(ConfigError, match="no"):
        lost.connect()
    with pytest.raises(ConfigError):
        resolve_project(None, ProjectOptions(project_dir=folder / "none"))
