"""Which tables there are."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from aegis.connection.project import ProjectContext, ProjectOptions, resolve_project
from aegis.connection.tables import PARSED, project_manifest
from aegis.dbt.suites.compile import MARK
from aegis.errors import DbtError

PLAYER = f"""#!{sys.executable}
import json, pathlib, sys
if "--version" in sys.argv: print("dbt 1.12.0"); sys.exit()
project = pathlib.Path(sys.argv[sys.argv.index("--project-dir") + 1])
target = pathlib.Path(sys.argv[sys.argv.index("--target-path") + 1])
with open(project / "calls", "a") as calls: calls.write("x")
broken = [str(p) for p in (project / "tests").rglob("*.sql") if "BROKEN" in p.read_text()]
if broken or (project / "broken").exists():
    print(json.dumps({{"info": {{"level": "error", "msg": f"cannot parse {{broken}}"}}, "data": {{}}}})); sys.exit(2)
target.mkdir(parents=True, exist_ok=True)
nodes = {{f"model.shop.{{p.stem}}": {{"unique_id": f"model.shop.{{p.stem}}", "name": p.stem, "resource_type": "model"}}
         for p in (project / "models").glob("*.sql")}}
(target / "manifest.json").write_text(json.dumps({{"metadata": {{
    "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json"}}, "nodes": nodes}}))
"""


@pytest.fixture
def project(tmp_path: Path) -> ProjectContext:
    """A project under a hidden folder, with a program that plays dbt."""
    folder = tmp_path / ".hidden" / "shop"
    for sub in ("models", "tests/aegis", "dbt_packages/x", ".venv/lib"):
        (folder / sub).mkdir(parents=True)
    (folder / "models" / "orders.sql").write_text("select 1", encoding="utf-8")
    (folder / "dbt_project.yml").write_text("name: shop\nprofile: shop\n", encoding="utf-8")
    profiles = {"shop": {"target": "dev", "outputs": {t: {"type": "duckdb", "path": "x"} for t in ("dev", "prod")}}}
    (folder / "profiles.yml").write_text(json.dumps(profiles), encoding="utf-8")
    dbt = tmp_path / "dbt"
    dbt.write_text(PLAYER, encoding="utf-8")
    dbt.chmod(0o755)
    for path in folder.rglob("*"):
        os.utime(path, (time.time() - 100,) * 2)
    return resolve_project(None, ProjectOptions(project_dir=folder, profiles_dir=folder, dbt=str(dbt)))


def names(found: ProjectContext, *, of_target: bool = False) -> list[str]:
    return sorted(str(node.name) for node in project_manifest(found, of_target=of_target).nodes.values())


def calls(found: ProjectContext) -> int:
    path = found.project.folder / "calls"
    return len(path.read_text(encoding="utf-8")) if path.exists() else 0


def test_it_is_parsed_once_and_again_when_a_source_changes(project: ProjectContext) -> None:
    folder = project.project.folder
    assert (names(project), names(project), calls(project)) == (["orders"], ["orders"], 1)
    for ignored in (
        "dbt_packages/x/y.sql",
        ".venv/lib/z.py",
        "tests/aegis/aegis_x.sql",
        "target/compiled.sql",
        "data.bin",
    ):
        path = folder / ignored
        path.write_text("x", encoding="utf-8")
        later = time.time() + 10
        os.utime(path, (later, later))
    assert (names(project), calls(project)) == (["orders"], 1)
    new = folder / "models" / "new.sql"
    new.write_text("select 1", encoding="utf-8")
    os.utime(new, (time.time() + 5,) * 2)
    assert (names(project), calls(project)) == (["new", "orders"], 2)


def test_a_source_that_was_removed_or_renamed_is_a_change(project: ProjectContext) -> None:
    folder = project.project.folder
    (folder / "models" / "other.sql").write_text("select 1", encoding="utf-8")
    (folder / "models" / "sub").mkdir()
    assert names(project) == ["orders", "other"]
    later = time.time() + 10
    (folder / "models" / "other.sql").unlink()
    os.utime(folder / "models", (later, later))
    assert (names(project), calls(project)) == (["orders"], 2)


def test_the_last_build_tells_it_too_but_not_the_names_of_another_target(project: ProjectContext) -> None:
    target = project.project.target_dir
    target.mkdir()
    schema = "https://schemas.getdbt.com/dbt/manifest/v12.json"
    built = {"metadata": {"dbt_schema_version": schema}, "nodes": {}}
    (target / "manifest.json").write_text(json.dumps(built), encoding="utf-8")
    assert (names(project), calls(project)) == ([], 0)
    assert (names(project, of_target=True), calls(project)) == (["orders"], 1)
    assert (target / PARSED / "dev" / "manifest.json").is_file()


def test_a_generated_suite_that_dbt_cannot_parse_is_put_aside_and_back(project: ProjectContext) -> None:
    suite = project.project.suites_dir / "aegis_orders.sql"
    suite.write_text(f"{MARK}\nBROKEN", encoding="utf-8")
    assert names(project) == ["orders"]
    assert suite.read_text(encoding="utf-8") == f"{MARK}\nBROKEN"


def test_what_else_dbt_cannot_parse_is_told_and_suites_are_back(project: ProjectContext) -> None:
    suite = project.project.suites_dir / "aegis_orders.sql"
    suite.write_text(MARK, encoding="utf-8")
    (project.project.suites_dir / "mine.sql").write_text("BROKEN", encoding="utf-8")
    with pytest.raises(DbtError, match=r"dbt cannot parse the project:\ncannot parse .*mine\.sql"):
        names(project)
    assert suite.exists()
