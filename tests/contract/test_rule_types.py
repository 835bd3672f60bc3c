"""A rule type costs one class, one macro file and one case file, and all three agree where it belongs."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from aegis.rules.generic import generic_test
from aegis.rules.model import Family, registry
from aegis.rules.types.names import FAMILIES
from tests.unit.rules.examples import shown
from tools.rule_stubs import NAMES, rule_names


def placed(root: Path, folder: str, suffix: str) -> dict[str, str]:
    """``type → family`` as the tree says; a type that stands twice fails."""
    files = list((root / folder).glob(f"*/*{suffix}"))
    twice = [name for name, times in Counter(file.stem for file in files).items() if times > 1]
    assert not twice, f"more than one file in {folder} for {twice}"
    return {file.stem: file.parent.name for file in files}


def declared() -> dict[str, str]:
    return {name: rule.family.value for name, rule in registry().items()}


def test_every_rule_type_has_one_macro_file_in_its_family(root: Path) -> None:
    assert placed(root, "macros/rules", ".sql") == declared()


def test_every_rule_type_has_one_case_file_in_its_family(root: Path) -> None:
    assert placed(root, "integration_tests/cases", ".yml") == declared()


def test_a_class_lives_in_the_module_of_its_family() -> None:
    for name, rule in registry().items():
        assert rule.__module__ == f"aegis.rules.types.{rule.family.value}", name


def test_the_table_of_families_is_what_the_modules_declare(root: Path) -> None:
    assert rule_names() == (root / NAMES).read_text(encoding="utf-8")
    assert {name: cls for types in FAMILIES.values() for name, cls in types.items()} == {
        name: rule.__name__ for name, rule in registry().items()
    }


def test_a_family_is_imported_when_one_of_its_types_is_asked_for() -> None:
    program = (
        "import sys; from aegis.rules.model import registry; assert 'unique' in registry(); registry()['not_null'];"
        "print(*sorted(name for name in sys.modules if name.startswith('aegis.rules.types.')))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["aegis.rules.types.completeness", "aegis.rules.types.names"]


def test_a_macro_file_defines_the_rule_and_the_generic_test_of_its_name(root: Path) -> None:
    for name, family in placed(root, "macros/rules", ".sql").items():
        text = (root / "macros/rules" / family / f"{name}.sql").read_text(encoding="utf-8")
        assert re.findall(r"\{%-?\s*test\s+(\w+)", text) == [generic_test(name).removeprefix("aegis.")], name
        assert f"macro rule_{name}(" in text, name


def test_every_family_has_rule_types() -> None:
    assert set(declared().values()) == {family.value for family in Family}


def test_every_rule_type_shows_how_it_is_written_and_what_it_is_not_for() -> None:
    for name, rule in registry().items():
        assert shown(name).type == name
        assert re.search(r"^Not ", inspect.cleandoc(rule.__doc__ or "").rpartition("```")[2].strip()), name
