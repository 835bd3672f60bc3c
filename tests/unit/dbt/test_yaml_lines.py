"""Where a properties file names a table and its columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis.dbt.project.yaml_lines import line_of

TEXT = """version: 2
models:
  - name: orders
    columns:
      - name: id
        data_tests: [unique]
      - {name: Amount, data_tests: [not_null]}
sources:
  - name: raw
    tables:
      - name: payments
        columns:
          - name: method
seeds: {broken: yes}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "schema.yml"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("table", "column", "line"),
    [
        ("orders", "id", 5), ("orders", "amount", 7), ("orders", None, 3), ("orders", "not_there", 3),
        ("payments", "METHOD", 13), ("payments", None, 11), ("raw", None, 9), ("customers", "id", None),
    ],
)  # fmt: skip
def test_a_column_has_its_line_else_that_of_its_table(file: Path, table: str, column: str, line: int | None) -> None:
    assert line_of(file, table, column) == line


@pytest.mark.parametrize("text", ["", "a: [", "- 1", "models: x", "models: [1, {name: [2]}]", "\x00", "a: &a [*a]"])
def test_a_file_that_says_nothing_of_tables_has_no_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.yml"
    path.write_text(text, encoding="utf-8")
    assert line_of(path, "orders", "id") is None
    assert line_of(tmp_path / "missing.yml", "orders", None) is None


def test_a_file_that_changed_is_read_again(file: Path) -> None:
    assert line_of(file, "orders", "id") == 5
    file.write_text("\n" + TEXT, encoding="utf-8")
    assert line_of(file, "orders", "id") == 6
