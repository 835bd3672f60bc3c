"""The profile that dbt would use."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis.dbt.project.profile import Profile, load_profile, profiles_folder
from aegis.dbt.project.settings import Project, load_project
from aegis.errors import ConfigError

PROFILES = """\
config: {x: 1}
shop:
  target: "{{ env_var('T', 'dev') }}"
  outputs:
    dev: {type: duckdb, path: dev.duckdb, threads: "{{ env_var('N', '4') | as_number }}"}
    prod:
      {type: postgres, password: "{{ env_var('DBT_ENV_SECRET_X') }}", extra: [{token: "{{ env_var('U') }}"}]}
    untyped: {path: x}
    nothing:
other: {target: a, outputs: {a: {type: postgres}}}
half: {target: dev}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "dbt_project.yml").write_text("name: shop\nprofile: shop\n", encoding="utf-8")
    (tmp_path / "profiles.yml").write_text(PROFILES, encoding="utf-8")
    return load_project(tmp_path, {})


def load(project: Project, target: str | None = None, **env: str) -> Profile:
    return load_profile(project, project.folder, target, env)


def test_target_is_the_one_given_then_the_environments_then_the_profiles(project: Project) -> None:
    assert load(project).target == "dev"
    assert load(project, T="prod", DBT_ENV_SECRET_X="s3cret", U="u").target == "prod"
    assert load(project, DBT_TARGET="prod", DBT_ENV_SECRET_X="s3cret", U="u").target == "prod"
    assert load(project, "dev", DBT_TARGET="prod").target == "dev"
    assert load(project, "a", DBT_PROFILE="other").type == "postgres"


def test_variables_are_rendered_as_deep_as_they_are(project: Project) -> None:
    profile = load(project, "prod", DBT_ENV_SECRET_X="s3cret", U="deep")
    assert profile.settings["password"] == "s3cret" and profile.settings["extra"] == [{"token": "deep"}]
    assert load(project).settings["threads"] == "4"


def test_no_value_of_a_profile_is_in_its_repr(project: Project) -> None:
    assert "s3cret" not in repr(load(project, "prod", DBT_ENV_SECRET_X="s3cret", U="u"))


@pytest.mark.parametrize(
    ("target", "env", "words"),
    [
        ("nothing_such", {}, r"has no target 'nothing_such' \(it has: dev, prod, untyped, nothing\)"),
        ("prod", {}, "DBT_ENV_SECRET_X is not set"),
        ("untyped", {}, "says no `type`"),
        ("nothing", {}, "says no `type`"),
        (None, {"DBT_PROFILE": "missing"}, r"no profile 'missing' \(there is: shop, other, half\)"),
        (None, {"DBT_PROFILE": "half"}, "no profile 'half'"),
    ],
)
def test_what_is_missing_is_told_with_what_there_is(
    project: Project, target: str | None, env: dict[str, str], words: str
) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        load(project, target, **env)
    assert "profiles.yml" in str(caught.value)


def test_a_project_that_names_no_profile_is_told(tmp_path: Path, project: Project) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: shop\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="names no profile"):
        load_profile(load_project(tmp_path, {}), tmp_path, None, {})


def test_folders_are_looked_at_in_dbts_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = {name: tmp_path / name for name in ("given", "variable", "here", "project", "home")}
    for name, folder in folders.items():
        place = folder / ".dbt" if name == "home" else folder
        place.mkdir(parents=True)
        (place / "profiles.yml").write_text("", encoding="utf-8")
    monkeypatch.chdir(folders["here"])
    monkeypatch.setenv("HOME", str(folders["home"]))
    env = {"DBT_PROFILES_DIR": str(folders["variable"])}
    assert profiles_folder(folders["project"], folders["given"], env) == folders["given"]
    assert profiles_folder(folders["project"], None, env) == folders["variable"]
    assert profiles_folder(folders["project"], None, {}) == folders["here"]
    (folders["here"] / "profiles.yml").unlink()
    assert profiles_folder(folders["project"], None, {}) == folders["project"]
    (folders["project"] / "profiles.yml").unlink()
    assert profiles_folder(folders["project"], None, {}) == folders["home"] / ".dbt"
    with pytest.raises(ConfigError, match=r"no profiles\.yml in .*given.*\n.*--profiles-dir"):
        (folders["given"] / "profiles.yml").unlink()
        profiles_folder(folders["project"], folders["given"], env)


def test_each_place_is_named_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    with pytest.raises(ConfigError) as caught:
        profiles_folder(tmp_path, None, {})
    assert str(caught.value).count(f"{tmp_path},") == 1
