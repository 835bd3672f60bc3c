"""What dbt_project.yml says."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis.dbt.project.settings import find_project, load_project, read_yaml_mapping, restricted_packages
from aegis.errors import ConfigError


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dbt_project.yml").write_text(text, encoding="utf-8")
    return folder


def test_defaults_are_dbts(tmp_path: Path) -> None:
    project = load_project(write(tmp_path, "name: shop\n"), {})
    assert (project.name, project.profile) == ("shop", None)
    assert project.suites_dir == tmp_path / "tests" / "aegis"
    assert project.model_paths == (tmp_path / "models",)
    assert (project.target_dir, project.packages_dir) == (tmp_path / "target", tmp_path / "dbt_packages")


def test_settings_are_followed_and_rendered(tmp_path: Path) -> None:
    text = (
        "name: shop\nprofile: \"{{ env_var('P', 'usual') }}\"\ntest-paths: [checks, more]\nmodel-paths: []\n"
        'target-path: "{{ env_var(\'OUT\') }}"\npackages-install-path: lib\non-run-end: "{{ anything(1) }}"\n'
    )
    project = load_project(write(tmp_path, text), {"OUT": "out"})
    assert project.profile == "usual"
    assert project.suites_dir == tmp_path / "checks" / "aegis"
    assert project.model_paths == (tmp_path / "models",)
    assert (project.target_dir, project.packages_dir) == (tmp_path / "out", tmp_path / "lib")
    assert load_project(tmp_path, {"OUT": "out", "DBT_TARGET_PATH": "/else"}).target_dir == Path("/else")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no settings"),
        ("- name", "holds no settings"),
        ("name: [1", r"dbt_project\.yml:\d: is not valid YAML"),
        ("version: 1", "has no name"),
        ("name: 1", "has no name"),
        ("name: shop\ntarget-path: \"{{ env_var('NOT_SET') }}\"", "NOT_SET is not set"),
        ("name: shop\nprofile: '{{ nothing( }}'", "cannot be rendered"),
        ("name: \0", "not valid YAML"),
        ("name: " + "[" * 20000, "cannot be read|not valid YAML|YAML"),
    ],
)
def test_a_file_that_is_no_project_is_refused_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        load_project(write(tmp_path, text), {})
    assert "dbt_project.yml" in str(caught.value)


def test_no_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--project-dir"):
        load_project(tmp_path / "no" / "such")


def test_the_closest_project_is_found(tmp_path: Path) -> None:
    write(tmp_path, "name: outer")
    write(tmp_path / "a" / "inner", "name: inner")
    assert find_project(tmp_path / "a" / "inner" / "target") == tmp_path / "a" / "inner"
    assert find_project(tmp_path / "a") == tmp_path
    assert find_project(Path("/")) is None


def test_a_bom_and_odd_keys_are_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n2: b\nnull: c\n")
    assert read_yaml_mapping(path) == {"a": 1, "2": "b", "None": "c"}


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_bytes(b"\xff\xfe\xff")
    for wrong in (path, tmp_path, tmp_path / "none.yml"):
        with pytest.raises(ConfigError, match="cannot be read"):
            read_yaml_mapping(wrong)


def test_without_a_test_path_there_is_no_place_for_suites(tmp_path: Path) -> None:
    project = load_project(write(tmp_path, "name: shop\ntest-paths: []\n"), {})
    with pytest.raises(ConfigError, match="test-paths is empty"):
        _ = project.suites_dir


def test_packages_that_keep_their_models_to_themselves_are_known_by_their_own_settings(tmp_path: Path) -> None:
    project = load_project(write(tmp_path, "name: shop\npackages-install-path: lib\n"), {})
    assert restricted_packages(project) == frozenset()
    write(tmp_path / "lib" / "shut", "name: shut\nrestrict-access: true\n")
    write(tmp_path / "lib" / "open", "name: open\nrestrict-access: false\n")
    assert restricted_packages(project) == {"shut"}
