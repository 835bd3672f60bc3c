"""A rule type owns all that is known of it: its name stands nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from aegis.rules.model import registry

HOMES = ("aegis_runner/aegis/rules/types/", "macros/rules/")
FOREIGN = "aegis_runner/aegis/rules/foreign.py"
"""The one table of other people's tests."""
OTHER_THINGS = {
    ("aegis_runner/aegis/dbt/artifacts/read.py", "freshness"): "a command of dbt",
    ("aegis_runner/aegis/dbt/suites/columns.py", "column_type"): "a column of the catalog query",
    ("aegis_runner/aegis/dbt/generate/suggest.py", "not_null"): "a constraint of a contract",
    ("aegis_runner/aegis/dbt/graph/keys.py", "foreign_key"): "a constraint of a contract",
    ("aegis_runner/aegis/dbt/graph/keys.py", "not_null"): "a constraint of a contract",
    ("aegis_runner/aegis/dbt/graph/keys.py", "unique"): "a constraint of a contract",
    ("aegis_runner/aegis/dbt/graph/unique_sets.py", "unique"): "a constraint of a contract",
    ("aegis_runner/aegis/domain/results.py", "freshness"): "a kind of result: of a source",
    ("aegis_runner/aegis/sql/columns.py", "row_count"): "a column of a query's answer",
    ("macros/suite/plan_rows.sql", "not_null"): "a part of what a rule's macro returns",
}
"""Words that are no rule type where they stand, and what they are."""


def words_of(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".sql":
        yield from re.findall(r"""['"](\w+)['"]""", re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL))
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_no_literal_of_a_rule_types_name_stands_outside_its_home(root: Path, tracked: list[Path]) -> None:
    names, found = set(registry()), set()
    for path in tracked:
        if path.suffix not in (".py", ".sql") or not path.as_posix().startswith(
            ("aegis_runner/", "macros/", "models/")
        ):
            continue
        if path.as_posix().startswith(HOMES) or path.as_posix() == FOREIGN:
            continue
        found |= {(path.as_posix(), word) for word in words_of(root / path) if word in names}
    assert found == set(OTHER_THINGS)
