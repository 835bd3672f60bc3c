"""Ids that nobody gave: readable, unique, and no matter what stands around the rule."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aegis.rules import NotNull, SqlExpression, load_text


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("not_null: email", "raw_orders_email_not_null"),
        ("composite_unique: [a, b]", "raw_orders_a_b_composite_unique"),
        ("row_count: 1", "raw_orders_row_count"),
        ("sql_expression: net <= gross", "raw_orders_net_le_gross_sql_expression"),
        ("not_null: 'Max \"n\"'", "raw_orders_Max_n_not_null"),
    ],
)
def test_an_id_is_table_columns_type(rule: str, expected: str) -> None:
    [found] = load_text(f"table: raw.orders\nrules: [{rule}]\n")
    assert found.id == expected


LOW, HIGH = "between: {column: q, min_value: 1}", "between: {column: q, max_value: 9}"


def test_rules_of_one_plain_id_are_told_apart_by_what_they_check_in_any_order() -> None:
    forth = {found.min_value: found.id for found in load_text(f"table: t\nrules:\n- {LOW}\n- {HIGH}\n")}  # type: ignore[attr-defined]
    back = {found.min_value: found.id for found in load_text(f"table: t\nrules:\n- {HIGH}\n- {LOW}\n")}  # type: ignore[attr-defined]
    assert forth == back
    assert len(set(forth.values())) == 2
    assert all(re.fullmatch("t_q_between_[0-9a-f]{6}", given) for given in forth.values())


def test_severity_and_people_do_not_change_an_id() -> None:
    plain = load_text(f"table: t\nrules:\n- {LOW}\n- {HIGH}\n")
    dressed = load_text(f"table: t\nowner: me\nseverity: high\nrules:\n- {LOW}\n- {HIGH}\n")
    assert [found.id for found in plain] == [found.id for found in dressed]


def test_a_given_id_is_kept_and_the_default_one_steps_aside() -> None:
    text = "table: t\nrules:\n- not_null: {column: a, id: t_b_not_null}\n- not_null: b\n"
    first, second = load_text(text)
    assert first.id == "t_b_not_null"
    assert re.fullmatch("t_b_not_null_[0-9a-f]{6}", second.id)


NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


@given(NAMES, NAMES)
def test_whatever_the_names_a_default_id_is_a_good_one(table: str, column: str) -> None:
    assert NotNull(table=table, column=column).id.endswith("not_null")


def test_long_sql_gives_a_short_id() -> None:
    rules = [SqlExpression(table="t", expression=" or ".join([f"a = {n}"] * 30)) for n in range(3)]
    assert len({rule.id for rule in rules}) == 3
    assert all(len(rule.id) < 100 for rule in rules)
