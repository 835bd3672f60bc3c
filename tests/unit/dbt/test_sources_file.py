"""A sources file that is added to."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

import pytest
import yaml

from aegis.dbt.project.sources_file import add_sources
from aegis.errors import ConfigError


def declared(path: Path) -> dict[str, list[str]]:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {
        source["schema"] if source["name"].startswith("t_") else source["name"]: [
            table.get("identifier", table["name"]) for table in source["tables"]
        ]
        for source in document["sources"]
    }


def test_tables_are_declared_by_schema(tmp_path: Path) -> None:
    path = tmp_path / "models" / "s.yml"
    add_sources(path, [("raw", "a"), ("erp", "b"), ("raw", "select"), ("odd: #", "it's {{ x }}")])
    odd = '{{ "it\'s \\u007b{ x }\\u007d" }}'
    assert declared(path) == {"raw": ["a", "select"], "erp": ["b"], "odd: #": [odd]}


def test_an_odd_name_is_declared_under_a_plain_one_that_stays(tmp_path: Path) -> None:
    """dbt 2 folds letters in ids, and dbt renders what looks like Jinja."""
    for path in (tmp_path / "a.yml", tmp_path / "b.yml"):
        add_sources(path, [("raw", "売上"), ("raw", "顧客"), ('q"q', "a\x85b")])
    text = path.read_text(encoding="utf-8")
    assert text == (tmp_path / "a.yml").read_text(encoding="utf-8")
    first, second = yaml.safe_load(text)["sources"]
    assert [table["identifier"] for table in first["tables"]] == ["売上", "顧客"]
    assert all(table["quoting"] == {"identifier": True} for table in first["tables"])
    assert len({table["name"] for table in first["tables"]}) == 2
    assert all(table["name"].isascii() for table in first["tables"])
    assert (second["schema"], second["quoting"]) == ('q""q', {"schema": True})
    assert second["tables"][0]["identifier"] == "a\x85b"


EDITED = """\
# mine
version: 2

sources:
  - name: raw   # the shop's
    schema: landing
    description: |
      - name: not a table
    tables:
      - name: a
        description: >
          two
          lines

        columns:
          - name: id

      # a comment that stays
  - name: erp
    tables:
    - name: b
"""


def test_what_people_wrote_stays_and_a_table_goes_to_its_source(tmp_path: Path) -> None:
    path = tmp_path / "s.yml"
    path.write_text(EDITED, encoding="utf-8")
    add_sources(path, [("raw", "c"), ("erp", "d"), ("new", "e")])
    assert declared(path) == {"raw": ["a", "c"], "erp": ["b", "d"], "new": ["e"]}
    changes = unified_diff(EDITED.splitlines(), path.read_text(encoding="utf-8").splitlines(), n=0)
    assert [line for line in changes if line.startswith("-") and line.strip() != "---"] == []


@pytest.mark.parametrize(
    "text",
    [
        "sources: [{name: raw, tables: [{name: a}]}]\n",
        "sources:\n  - name: other\n    tables:\n      - name: x\nmodels: []\n",
        "sources:\n  - {name: raw, tables: []}\n",
        "version: 2\nmodels: []\n",
    ],
)
def test_a_file_in_another_form_is_not_touched(tmp_path: Path, text: str) -> None:
    path = tmp_path / "s.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="does not add to") as caught:
        add_sources(path, [("raw", "b")])
    assert "raw.b" in str(caught.value)
    assert path.read_text(encoding="utf-8") == text


def test_a_file_that_is_not_yaml_is_told(tmp_path: Path) -> None:
    path = tmp_path / "s.yml"
    path.write_text("sources: [", encoding="utf-8")
    with pytest.raises(ConfigError, match="not valid YAML"):
        add_sources(path, [("raw", "b")])
