"""The short form says all that its rules say, as a person would write it."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aegis.rules import Between, NotNull, Rule, Unique, load_text
from aegis.rules.short_form import Entry, comment, document
from tests.unit.rules.test_expand import TEXT, rules

TRICKY = st.sampled_from(["\n- x: y", "a: b", "# c", "\r\u2028\x85---", "x" * 900, "{{ 7 }}"]) | TEXT


RULES = st.lists(
    st.tuples(rules(), st.lists(TRICKY, max_size=2)), min_size=1, max_size=4, unique_by=lambda one: one[0].id
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXT, RULES)
def test_loading_what_was_written_gives_the_same_rules(table: str, given: list[tuple[Rule, list[str]]]) -> None:
    same = [(rule.model_copy(update={"table": table}), notes) for rule, notes in given]
    text = document([Entry(rule, with_id=True, comments=tuple(notes)) for rule, notes in same])
    assert list(load_text(text)) == [rule for rule, _ in same]


def test_rules_that_differ_in_the_column_alone_are_one_entry_and_what_all_share_stands_once() -> None:
    shared: dict[str, Any] = {"table": "orders", "severity": "high", "owner": "Sales"}
    found = [
        NotNull(column="id", **shared), NotNull(column="email", **shared), Unique(column="id", **shared),
        Between(column="qty", min_value=1, **{**shared, "severity": "low"}),
    ]  # fmt: skip
    text = document([Entry(found[0]), Entry(found[1]), Entry(found[2], comments=("why",)), Entry(found[3])])
    assert text == (
        "table: orders\nseverity: high\nowner: Sales\nrules:\n  - not_null: [id, email]\n  # why\n  - unique: id\n"
        "  - between: {column: qty, min_value: 1, severity: low}\n"
    )
    assert list(load_text(text)) == found


def test_a_comment_is_one_line_whatever_it_holds() -> None:
    assert comment("a\nrules:\r- b\u2028c\x85d\x1b[31m") == "# a rules: - b c d [31m"
    assert len(comment("x" * 1_000)) < 420


def test_what_the_package_calls_expand_stays_the_function() -> None:
    """A module of that name would take its place, for whoever asks later, if anything else imported it."""
    from aegis import rules

    assert callable(rules.expand)
