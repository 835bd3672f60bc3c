"""What ``from aegis.rules import …`` gives, and what it costs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import aegis.rules
from aegis.rules import registry


def test_the_public_names_are_sorted_and_all_there() -> None:
    assert aegis.rules.__all__ == sorted(aegis.rules.__all__)
    for name in aegis.rules.__all__:
        assert getattr(aegis.rules, name) is not None


def test_every_rule_type_is_public() -> None:
    assert {cls.__name__ for cls in registry().values()} <= set(aegis.rules.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = aegis.rules.nothing  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("program", "absent"),
    [
        ("import aegis.rules", ["pydantic", "yaml", "sqlglot"]),
        ("from aegis.rules import NotNull; NotNull(table='t', column='a').arguments()", ["yaml", "sqlglot"]),
        ("from aegis.rules import load_text; load_text('{table: t, rules: [not_null: a]}')", ["sqlglot", "duckdb"]),
    ],
)
def test_nothing_is_imported_before_it_is_needed(program: str, absent: list[str]) -> None:
    check = f"import sys; {program}; print(*[name for name in {absent!r} if name in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", check]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert answer.stdout.strip() == ""


def test_five_hundred_rules_load_in_a_fraction_of_a_second() -> None:
    from time import process_time

    rules = "\n".join(f"  - between: {{column: c{n}, min_value: {n}, max_value: {n + 1}.5}}" for n in range(500))
    aegis.rules.load_text("{table: t, rules: [between: {column: a, min_value: 1}]}")
    times = []
    for _ in range(3):  # the best: in a process with so much in it, Python may collect its garbage in between
        began = process_time()
        assert len(aegis.rules.load_text(f"table: t\nrules:\n{rules}\n")) == 500
        times.append(process_time() - began)
    assert min(times) < 0.3
