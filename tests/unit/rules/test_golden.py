"""The golden files hold. ``UPDATE_GOLDEN=1`` writes them anew: read the difference before you keep it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from aegis.errors import RulesError
from aegis.rules import expand, load_rules, load_text, registry, rules_schema

GOLDEN = Path(__file__).parents[2] / "golden" / "rules"
GOOD = sorted((GOLDEN / "good").glob("*.yml"))
BAD = sorted((GOLDEN / "bad").glob("*.yml"))


def holds(path: Path, text: str) -> None:
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_file_gives_these_arguments(path: Path) -> None:
    lines = [json.dumps(rule.arguments(), ensure_ascii=False) for rule in load_rules(path, dialect="duckdb")]
    holds(path.with_suffix(".jsonl"), "\n".join(lines) + "\n")


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_file_expands_to_this_long_form_and_back(path: Path) -> None:
    book = load_rules(path)
    text = expand(book)
    holds(path.with_suffix(".expanded"), text)
    assert load_text(text).rules == book.rules


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_gives_these_problems(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    with pytest.raises(RulesError) as wrong:
        load_rules(path.name, dialect="duckdb")
    told = str(wrong.value).replace(", ".join(sorted(registry())), "all of them, in order")
    holds(path.with_suffix(".txt"), told + "\n")


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(rules_schema())


def documents(text: str) -> list[object]:
    class Loader(yaml.SafeLoader):
        """As editors read it: dates are text."""

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in pairs if not tag.endswith("timestamp")]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return [document for document in yaml.load_all(text, Loader) if document is not None]


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_the_schema_accepts_what_the_loader_accepts(path: Path, validator: Draft202012Validator) -> None:
    for document in documents(path.read_text(encoding="utf-8")):
        validator.validate(document)
    for document in documents(expand(load_rules(path))):
        validator.validate(document)


@pytest.mark.parametrize("name", ["fields", "long_form", "words", "dbt", "no_rules", "no_entries"])
def test_the_schema_refuses_what_is_no_rule(name: str, validator: Draft202012Validator) -> None:
    text = (GOLDEN / "bad" / f"{name}.yml").read_text(encoding="utf-8")
    assert not all(validator.is_valid(document) for document in documents(text))
