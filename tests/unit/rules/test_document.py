"""YAML as rules files use it: exact values, lines, and no way to be bombed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aegis.rules.document import MAX_DEPTH, LinedDict, LinedList, read_documents
from aegis.rules.written import Written, plain_number


def value(text: str) -> Any:
    documents, flaws = read_documents(text)
    assert flaws == []
    [(_, found)] = documents
    return found


def flaw(text: str) -> tuple[int | None, str]:
    _, flaws = read_documents(text)
    [found] = flaws
    return found.line, found.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("Off", "Off"), ("y", "y"), ("true", True), ("False", False),
        ("null", None), ("~", None), ("", None), ("5", 5), ("-5", -5), ("+5", 5), ("0", 0), ("0x1F", 31), ("0o17", 15),
        ("1.50", Decimal("1.50")), ("-.5", Decimal("-0.5")), ("1e3", Decimal(1000)), ("1.", Decimal(1)),
        ("2024-01-01", "2024-01-01"), ("2024-01-01 10:00:00", "2024-01-01 10:00:00"), ("12:30", "12:30"),
        ("1.0.0", "1.0.0"), ("'5'", "5"), ('"true"', "true"), ("!!str 5", "5"), ("é", "é"), ("1d", "1d"),
    ],
)  # fmt: skip
def test_a_plain_word_means_what_yaml_1_2_says(text: str, expected: object) -> None:
    found = plain_number(value(f"- {text}")[0])
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize("text", ["+5", "-0", "0x1F", "0o17", "-.5", "1.", "1E2", "1.0e5", ".inf", ".nan", "1e400"])
def test_a_number_of_an_unusual_form_remembers_it(text: str) -> None:
    found = value(f"- {text}")[0]
    assert isinstance(found, Written)
    assert (found.written, str(found)) == (text, text)


def test_a_decimal_keeps_its_digits() -> None:
    assert str(value("[1.50]")[0]) == "1.50"


@pytest.mark.parametrize("text", ["007", "-01", "1_000", "0b11", "0x_1", "1_0.5"])
def test_a_number_that_two_versions_of_yaml_read_differently_is_a_flaw(text: str) -> None:
    line, message = flaw(f"a:\n  - {text}")
    assert line == 2
    assert message.startswith(f"{text} is read differently")


def test_every_key_and_entry_knows_its_line() -> None:
    found = value("a: 1\nb:\n  - x\n  - y:\n      z\n")
    assert isinstance(found, LinedDict)
    assert found.lines == {"a": 1, "b": 2}
    assert isinstance(found["b"], LinedList)
    assert found["b"].lines == [3, 4]
    assert found["b"][1].lines == {"y": 4}


def test_documents_know_their_lines() -> None:
    assert [line for line, _ in read_documents("a: 1\n---\nb: 2\n---\n- 3\n")[0]] == [1, 3, 5]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\na: 2", 2, "duplicate key 'a', first used at line 1"),
        ("a:\n\t- b", 2, "the indentation has a tab"),
        ("a: [1", 2, "is not YAML"),
        ("a: b: c", 1, "is not YAML"),
        ("a: !!python/object:os.system x", 1, "YAML tags"),
        ("a: !custom [1]", 1, "YAML tags"),
        ("{a: b}: c", 1, "a key must be a plain word"),
        ("a: *x", 1, "has no anchor before it"),
        ("a: &x [*x]", 1, "stands inside it"),
        ("<<: 5", 1, "<< merges mappings"),
        ("a: \x01", None, "is not YAML"),
        ("a: 1\nb: \0", 2, "NUL character"),
        ("\n" * 4 + "[" * (MAX_DEPTH + 1), 5, "nested more than"),
        ("a: " + "9" * 2000, 1, "more than 1000 digits"),
    ],
)
def test_a_flaw_has_a_line_and_says_what_it_is(text: str, line: int | None, message: str) -> None:
    found_line, found = flaw(text)
    assert message in found
    assert found_line == line


def test_flaws_that_leave_the_rest_readable_are_all_told() -> None:
    documents, flaws = read_documents("a: 1\na: 2\nb: 007\nc: !x 1\n")
    assert [found.line for found in flaws] == [2, 3, 4]
    assert documents[0][1].keys() == {"a", "b", "c"}


def test_anchors_and_merges_work_and_what_is_written_wins() -> None:
    found = value("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\nd: {<<: [*a, {z: 4}]}")
    assert found["b"] == {"x": 1, "y": 3}
    assert found["b"].lines == {"x": 1, "y": 2}
    assert found["c"] == {"x": 1, "y": 2}
    assert found["d"] == {"x": 1, "y": 2, "z": 4}


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    line, message = flaw("\n".join(lines))
    assert "once its aliases are followed" in message
    assert line is not None and line < 9


def test_a_bomb_spread_over_documents_is_refused_too() -> None:
    many, more = ", ".join(["*a"] * 1000), ", ".join(["*b"] * 20)
    one = f"a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [{many}]\nc: [{more}]\n"
    assert "once its aliases are followed" in flaw("---\n".join([one] * 10))[1]


@given(st.text())
def test_no_text_crashes_the_reader(text: str) -> None:
    documents, flaws = read_documents(text)
    assert isinstance(documents, list)
    assert all(found.message for found in flaws)
