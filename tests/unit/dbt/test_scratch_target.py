"""A project's copy holds what dbt reads and nothing that leads back; what cannot be built in one is refused first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from aegis.dbt.artifacts.schema import Node
from aegis.dbt.project.profile import Profile
from aegis.dbt.project.settings import Project, load_project
from aegis.dbt.scratch import project_copy
from aegis.dbt.scratch.target import database_of
from aegis.errors import ConfigError

SETTINGS = """\
name: shop
profile: shop
on-run-start: "create schema if not exists x"
on-run-end: ["select 1", "copy (select 1) to 'out.csv'"]
clean-targets: [target, dbt_packages]
vars: {since: 2024-01-01, mark: "🧭"}
flags: {fail_fast: true, use_colors: false}
packages-install-path: installed
"""


def project(folder: Path) -> Project:
    (folder / "models" / "staging").mkdir(parents=True)
    (folder / "models" / "staging" / "a.sql").write_text("select 1 as id", encoding="utf-8")
    (folder / "data").mkdir()
    (folder / "data" / "orders.csv").write_text("id\n1\n", encoding="utf-8")
    (folder / "dbt_project.yml").write_text(SETTINGS, encoding="utf-8")
    (folder / "packages.yml").write_text("packages: []\n", encoding="utf-8")
    return load_project(folder)


def test_what_dbt_reads_is_copied_without_hooks_and_without_links(tmp_path: Path) -> None:
    made = project(tmp_path / "shop")
    package = tmp_path / "util"
    (package / "macros").mkdir(parents=True)
    (package / "macros" / "one.sql").write_text("{% macro one() %}1{% endmacro %}", encoding="utf-8")
    (package / "dbt_project.yml").write_text("name: util\non-run-end: select 2\n", encoding="utf-8")
    (made.folder / "installed").mkdir()
    (made.folder / "installed" / "util").symlink_to(package)
    (made.folder / "models" / "again").symlink_to(made.folder / "models")
    (made.folder / "models" / "gone.sql").symlink_to(tmp_path / "nowhere.sql")
    to = tmp_path / "copy"
    project_copy.copy_project(made, to, dbt_major=1)
    assert {str(path.relative_to(to)) for path in to.rglob("*") if path.is_file()} == {
        "dbt_project.yml", "packages.yml", "models/staging/a.sql",
        "dbt_packages/util/dbt_project.yml", "dbt_packages/util/macros/one.sql",
    }  # fmt: skip
    assert not any(path.is_symlink() for path in to.rglob("*"))
    settings = yaml.safe_load((to / "dbt_project.yml").read_text(encoding="utf-8"))
    given = yaml.safe_load(SETTINGS)
    for left_out in ("on-run-start", "on-run-end", "packages-install-path"):
        del given[left_out]
    del given["flags"]["fail_fast"]
    assert settings == given
    assert yaml.safe_load((to / "dbt_packages/util/dbt_project.yml").read_text(encoding="utf-8")) == {"name": "util"}


def test_dbt_2_is_not_told_of_packages_that_it_would_install(tmp_path: Path) -> None:
    project_copy.copy_project(project(tmp_path / "shop"), tmp_path / "copy", dbt_major=2)
    assert not (tmp_path / "copy" / "packages.yml").exists()


@pytest.mark.parametrize("where", ["../models", "/srv/models", ".", "{{ env_var('MODELS') }}"])
def test_folders_that_lie_elsewhere_are_not_copied(tmp_path: Path, where: str) -> None:
    made = project(tmp_path / "shop")
    (made.folder / "dbt_project.yml").write_text(f'name: shop\nmodel-paths: ["{where}"]\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be copied"):
        project_copy.copy_project(made, tmp_path / "copy", dbt_major=1)


def test_folders_that_hold_too_much_are_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_copy, "MOST_BYTES", 5)
    with pytest.raises(ConfigError, match="hold more than 5 bytes"):
        project_copy.copy_project(project(tmp_path / "shop"), tmp_path / "copy", dbt_major=1)


@pytest.mark.parametrize(
    ("settings", "language", "why"),
    [
        ({"type": "postgres"}, "sql", "for duckdb only, and this is postgres"),
        ({"path": "md:shop"}, "sql", "file does not exist"),
        ({"path": "gone.duckdb"}, "sql", "file does not exist"),
        ({}, "sql", "file does not exist"),
        ({"path": "shop.duckdb", "attach": [{"path": "x.duckdb"}]}, "sql", "says attach"),
        ({"path": "shop.duckdb", "remote": {"host": "db.example"}}, "sql", "says remote"),
        ({"path": "shop.duckdb", "settings": "x"}, "sql", "settings are not a mapping"),
        ({"path": "shop.duckdb"}, "python", "orders is written in python"),
    ],
)
def test_what_cannot_be_built_in_a_copy_is_refused_with_its_reason(
    tmp_path: Path, settings: dict[str, Any], language: str, why: str
) -> None:
    made = project(tmp_path / "shop")
    (made.folder / "shop.duckdb").touch()
    whole = {"type": "duckdb", **settings}
    profile = Profile("shop", "dev", whole["type"], made.folder, whole)
    node = Node(unique_id="model.shop.orders", name="orders", resource_type="model", language=language)
    with pytest.raises(ConfigError, match=why):
        database_of(made, profile, [node])


def test_the_database_of_the_profile_is_what_is_copied(tmp_path: Path) -> None:
    made = project(tmp_path / "shop")
    (made.folder / "shop.duckdb").touch()
    settings = {"type": "duckdb", "path": "shop.duckdb"}
    assert database_of(made, Profile("shop", "dev", "duckdb", made.folder, settings), []) == made.folder / "shop.duckdb"
