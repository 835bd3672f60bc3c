"""A rule type costs one class, one macro file and one case file, and all three agree where it belongs."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from aegis.rules.model import PARAMETERS, Family, Rule, registry


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


def test_a_macro_file_defines_the_rule_and_the_generic_test_of_its_name(root: Path) -> None:
    for name, family in placed(root, "macros/rules", ".sql").items():
        text = (root / "macros/rules" / family / f"{name}.sql").read_text(encoding="utf-8")
        assert re.findall(r"\{%-?\s*test\s+(\w+)", text) == [name], name
        assert f"macro rule_{name}(" in text, name


def test_every_parameter_of_a_rule_type_has_its_place_in_the_order() -> None:
    common = set(Rule.model_fields) | {"about"}
    for name, rule in registry().items():
        assert set(rule.model_fields) - common <= set(PARAMETERS), name


def test_every_family_has_rule_types() -> None:
    assert set(declared().values()) == {family.value for family in Family}
