"""No macro of the dbt package has a name by which dbt, an adapter or another package's macro is looked up.

dbt 1 finds generic tests, materializations and what adapters execute by bare name, and an installed package's before
its own; `adapter.dispatch` looks into the user's project before it looks into the package that asks.
"""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from aegis.rules.generic import generic_test, rule_type_of
from aegis.rules.model import registry

BLOCK = re.compile(r"\{%[-+]?\s*(macro|test|data_test|materialization)\s+(\w+)([^%]*)")
ADAPTER = re.compile(r"adapter\s*=\s*['\"](\w+)")
DISPATCHED = re.compile(r"^(?:default|[a-z]+)__(\w+)$")
NAMES = Path(__file__).with_name("macro_names.txt")


def defined(text: str) -> Iterator[str]:
    """The names under which dbt keeps the macros of a file."""
    for kind, name, rest in BLOCK.findall(text):
        if kind == "materialization":
            adapter = ADAPTER.search(rest)
            yield f"materialization_{name}_{adapter[1] if adapter else 'default'}"
        else:
            yield name if kind == "macro" else f"test_{name}"


def of_folder(folder: Path) -> set[str]:
    return {name for path in folder.rglob("*.sql") for name in defined(path.read_text(encoding="utf-8"))}


@pytest.fixture(scope="module")
def ours(root: Path) -> set[str]:
    return of_folder(root / "macros")


@pytest.fixture(scope="module")
def others() -> dict[str, set[str]]:
    """Names by whose they are: of the dbt and the adapters that are installed here, and of the kept list."""
    found: dict[str, set[str]] = {}
    for text in NAMES.read_text(encoding="utf-8").split("\n== ")[1:]:
        who, *names = text.split("\n")
        found[who] = set(filter(None, names))
    include = Path(sysconfig.get_paths()["purelib"], "dbt", "include")
    for folder in sorted(path for path in include.iterdir() if (path / "macros").is_dir()):
        found[f"installed: {folder.name}"] = of_folder(folder)
    return found


def test_the_lists_of_names_are_those_of_dbt_its_adapters_and_packages_that_people_install(
    others: dict[str, set[str]],
) -> None:
    known = {
        "installed: global_project": "test_not_null", "installed: duckdb": "duckdb__create_table_as",
        "dbt_utils": "test_not_empty_string", "dbt_constraints": "test_foreign_key",
        "elementary": "test_schema_changes",
        "dbt_expectations": "test_expect_column_to_exist",
    }  # fmt: skip
    assert {who: name in others[who] for who, name in known.items()} == dict.fromkeys(known, True)
    assert min(len(names) for who, names in others.items() if not who.startswith("installed")) > 20


def test_no_macro_and_no_generic_test_has_the_name_of_somebody_elses(
    ours: set[str], others: dict[str, set[str]]
) -> None:
    both = {who: sorted(ours & names) for who, names in others.items() if ours & names}
    assert not both, f"rename these, as aegis.rules.generic does for tests: {both}"


def test_every_generic_test_has_the_name_that_the_reference_gives_it(ours: set[str]) -> None:
    told = {generic_test(name).removeprefix("aegis.") for name in registry()}
    assert {name.removeprefix("test_") for name in ours if name.startswith("test_")} == told


def test_a_generic_test_has_another_name_than_its_rule_type_only_where_somebody_has_that_name(
    others: dict[str, set[str]],
) -> None:
    theirs = set().union(*others.values())
    assert {name for name in registry() if f"test_{name}" in theirs} == {
        name for name, rule in registry().items() if rule.traits.name_taken
    }


def test_the_rule_type_of_a_generic_test_is_found_by_its_name() -> None:
    assert {name: rule_type_of(*generic_test(name).split(".")) for name in registry()} == {n: n for n in registry()}
    assert rule_type_of(None, "not_null_rule") == "not_null_rule"
    assert rule_type_of("aegis", "between") == "between"


def test_a_macro_that_is_dispatched_has_a_name_that_a_users_project_does_not_use(ours: set[str]) -> None:
    dispatched = {found[1] for name in ours if (found := DISPATCHED.match(name))}
    assert dispatched, "no macro is dispatched any more"
    wrong = sorted(name for name in dispatched if not name.startswith("aegis_"))
    assert not wrong, f"a macro of the user's project would answer in their place: write <adapter>__aegis_… for {wrong}"


def test_every_macro_that_the_package_calls_as_its_own_is_there(root: Path, ours: set[str]) -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in (root / "macros").rglob("*.sql")}
    texts |= {path: path.read_text(encoding="utf-8") for path in (root / "models").glob("*.sql")}
    comments = re.compile(r"\{#.*?#\}", re.DOTALL)
    called = {name for text in texts.values() for name in re.findall(r"\baegis\.(\w+)\(", comments.sub("", text))}
    dispatched = {name for text in texts.values() for name in re.findall(r"dispatch\('(\w+)', 'aegis'\)", text)}
    assert called - ours == set()
    assert {name for name in dispatched if f"default__{name}" not in ours} == set()


def test_the_package_calls_its_macros_by_its_own_name_only(root: Path, ours: set[str]) -> None:
    """A bare call would find a macro of the user's project where ours has gone."""
    plain = {name for name in ours if not name.startswith("test_") and "__" not in name}
    for path in (root / "macros").rglob("*.sql"):
        code = re.sub(
            r"\{#.*?#\}|\{%-?\s*(?:macro|test)\b[^%]*%\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        bare = {name for name in re.findall(r"(?<![\w.'])(\w+)\(", code) if name in plain}
        assert not bare, f"{path}: {bare}"


def test_a_project_that_installs_the_package_gets_no_node_of_it(root: Path) -> None:
    settings = yaml.safe_load((root / "dbt_project.yml").read_text(encoding="utf-8"))
    assert settings["test-paths"] == [] and settings["name"] == "aegis"
    for path in (root / "models").rglob("*.sql"):
        assert path.read_text(encoding="utf-8").startswith("{{ config(enabled=var('aegis_history', false)"), path
