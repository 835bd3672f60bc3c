"""`aegis init`."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from aegis.app.init import VENDORED, init
from aegis.errors import ConfigError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dbt_project.yml").write_text("name: shop\nprofile: shop\n", encoding="utf-8")
    return tmp_path


def packages(folder: Path) -> object:
    return yaml.safe_load((folder / "packages.yml").read_text(encoding="utf-8"))


def test_a_project_gets_what_it_needs_and_a_second_time_changes_nothing(folder: Path) -> None:
    done = init(folder)
    assert set(done.written) == {f"{VENDORED}/", "packages.yml", "rules/first_rules.yml"}
    assert (folder / VENDORED / "macros" / "suite" / "suite.sql").is_file()
    assert packages(folder) == {"packages": [{"local": VENDORED}]}
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    again = init(folder)
    assert again.written == () and set(again.kept) == {f"{VENDORED}/", "packages.yml", "rules/"}
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_an_older_package_is_brought_to_this_version(folder: Path) -> None:
    init(folder)
    (folder / VENDORED / "macros" / "suite" / "suite.sql").write_text("old", encoding="utf-8")
    (folder / VENDORED / "macros" / "gone.sql").write_text("old", encoding="utf-8")
    assert init(folder).written == (f"{VENDORED}/",)
    assert not (folder / VENDORED / "macros" / "gone.sql").exists()


@pytest.mark.parametrize(
    "text",
    [
        "packages:\n  - package: dbt-labs/dbt_utils\n    version: 1.3.0\n",
        "packages:\n- package: dbt-labs/dbt_utils\n  version: 1.3.0",
        "# ours\npackages:\n    - git: https://example.org/x.git\n      revision: main\n\n",
    ],
)
def test_other_packages_stay_as_they_are_written(folder: Path, text: str) -> None:
    (folder / "packages.yml").write_text(text, encoding="utf-8")
    before = yaml.safe_load(text)["packages"]
    init(folder)
    assert packages(folder) == {"packages": [*before, {"local": VENDORED}]}
    assert (folder / "packages.yml").read_text(encoding="utf-8").startswith(text.rstrip())


@pytest.mark.parametrize(
    "text",
    [
        "packages: []\n",
        "packages: [{local: x}]\n",
        "packages:\n  - local: x\nother: 1\n",
        "packages:\n",
        "x: 1\n",
        "packages:\n  - local: [\n",
    ],
)
def test_a_form_that_cannot_be_added_to_is_told_and_left_alone(folder: Path, text: str) -> None:
    (folder / "packages.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"packages\.yml"):
        init(folder)
    assert (folder / "packages.yml").read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", ["packages.yml", "dependencies.yml"])
def test_a_package_that_is_named_already_is_not_named_twice(folder: Path, name: str) -> None:
    (folder / name).write_text("packages:\n  - git: https://example.org/aegis-dbt.git\n", encoding="utf-8")
    assert name in init(folder).kept


def test_a_folder_of_somebody_elses_is_not_replaced(folder: Path) -> None:
    (folder / VENDORED).mkdir()
    (folder / VENDORED / "mine").write_text("x", encoding="utf-8")
    with pytest.raises(ConfigError, match="is not the dbt package"):
        init(folder)
    assert (folder / VENDORED / "mine").exists()


def test_rules_that_are_there_stay(folder: Path) -> None:
    (folder / "rules").mkdir()
    (folder / "rules" / "mine.yaml").write_text("table: t\nrules: [unique: id]\n", encoding="utf-8")
    assert "rules/" in init(folder).kept
    assert [path.name for path in (folder / "rules").iterdir()] == ["mine.yaml"]


def test_the_first_rule_is_about_a_model_that_is_there(folder: Path) -> None:
    (folder / "models").mkdir()
    (folder / "models" / "sales.sql").write_text("select 1", encoding="utf-8")
    init(folder)
    assert "table: sales" in (folder / "rules" / "first_rules.yml").read_text(encoding="utf-8")


def test_what_is_no_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no dbt_project\.yml"):
        init(tmp_path)
    assert list(tmp_path.iterdir()) == []
