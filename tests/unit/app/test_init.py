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


@pytest.mark.parametrize("name", ["packages.yml", "dependencies.yml"])
@pytest.mark.parametrize(
    "text",
    [
        "packages: []\n",
        "packages: [{local: x}]\n",
        "packages: [{local: x}, {local: y}]  # both\nprojects: [{name: z}]\n",
        "packages:\n  - local: x\n\n# others\nprojects:\n  - name: z\n",
        "packages:\n",
        'projects: [{name: z}]\npackages: # ours\n- git: "https://example.org/x.git" # pinned\n  revision: main # why',
        '\ufeffpackages:\r\n  - package: dbt-labs/dbt_utils\r\n    version: [">=1.1.0", "<2.0.0"]\r\n\r\n',
        "packages:\n  - tarball: https://example.org/x.tar.gz\n    name: x\n  # - local: old\n",
        "packages:\n  - private: ours/metrics\n    provider: github\n  - local: ../aegis_metrics\n",
    ],
)
def test_an_entry_is_added_where_the_packages_are_and_the_rest_of_the_text_stays(
    folder: Path, text: str, name: str
) -> None:
    path = folder / name
    path.write_bytes(text.encode())
    before = yaml.safe_load(text)
    assert name in init(folder).written
    after = path.read_bytes().decode()
    entries = [*(before["packages"] or []), {"local": VENDORED}]
    assert yaml.safe_load(after) == {**before, "packages": entries}
    assert [n for n in ("packages.yml", "dependencies.yml") if (folder / n).exists()] == [name]
    assert after.startswith("\ufeff") == text.startswith("\ufeff")
    assert after.count("\n") == after.count("\r\n") or "\r" not in text
    comments = [line.partition("#")[2] for line in text.splitlines() if "#" in line]
    assert [line.partition("#")[2] for line in after.splitlines() if "#" in line] == comments
    assert init(folder).written == () and path.read_bytes().decode() == after


def test_packages_that_stand_in_dependencies_yml_get_no_second_list(folder: Path) -> None:
    (folder / "dependencies.yml").write_text("packages:\n  - local: x\n", encoding="utf-8")
    (folder / "packages.yml").write_text("\n", encoding="utf-8")
    assert init(folder).written == (f"{VENDORED}/", "dependencies.yml", "rules/first_rules.yml")
    assert (folder / "packages.yml").read_text(encoding="utf-8") == "\n"


def test_projects_in_dependencies_yml_leave_the_packages_where_they_are(folder: Path) -> None:
    (folder / "dependencies.yml").write_text("projects: [{name: z}]\n", encoding="utf-8")
    assert "packages.yml" in init(folder).written
    assert (folder / "dependencies.yml").read_text(encoding="utf-8") == "projects: [{name: z}]\n"


@pytest.mark.parametrize(
    "text",
    [
        "x: 1\n",
        "packages:\n  - local: [\n",
        "packages: none\n",
        "a: &a [{local: x}]\npackages: *a\n",
        "packages: {local: x}\n",
    ],
)
def test_a_form_that_cannot_be_added_to_is_told_and_left_alone(folder: Path, text: str) -> None:
    (folder / "packages.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"packages\.yml"):
        init(folder)
    assert (folder / "packages.yml").read_text(encoding="utf-8") == text


def test_a_file_that_is_read_only_is_left_alone(folder: Path) -> None:
    path = folder / "packages.yml"
    path.write_text("packages: []\n", encoding="utf-8")
    path.chmod(0o444)
    with pytest.raises(ConfigError, match="is read-only"):
        init(folder)
    assert (path.read_text(encoding="utf-8"), path.stat().st_mode & 0o777) == ("packages: []\n", 0o444)


def test_a_link_still_leads_to_the_file_which_keeps_its_mode(folder: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared.yml"
    shared.write_text("packages: []\n", encoding="utf-8")
    shared.chmod(0o664)
    (folder / "packages.yml").symlink_to(shared)
    init(folder)
    assert (folder / "packages.yml").is_symlink()
    assert VENDORED in shared.read_text(encoding="utf-8") and shared.stat().st_mode & 0o777 == 0o664


def test_jinja_where_dbt_renders_none_and_a_lock_file_are_spoken_of(folder: Path) -> None:
    text = "packages:\n  - git: \"https://{{ env_var('TOKEN') }}@example.org/x.git\"\n"
    (folder / "dependencies.yml").write_text(text, encoding="utf-8")
    (folder / "package-lock.yml").write_text("packages: []\n", encoding="utf-8")
    jinja, lock = init(folder).notes
    assert "move its packages to packages.yml" in jinja and "package-lock.yml" in lock
    assert init(folder).notes == ()


def test_a_project_of_the_packages_own_name_and_one_without_tests_are_refused(folder: Path) -> None:
    for text, told in (("name: aegis\n", "no two of one name"), ("name: x\ntest-paths: []\n", "test-paths is empty")):
        (folder / "dbt_project.yml").write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError, match=told):
            init(folder)
    assert [path.name for path in folder.iterdir()] == ["dbt_project.yml"]


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
