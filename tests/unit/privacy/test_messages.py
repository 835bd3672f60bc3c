"""Messages of warehouses: values are masked, and all else stays to the sign."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from aegis.privacy import MASK, Mode, PrivacyConfig, Redactor

CORPUS = tomllib.loads(Path(__file__).with_name("messages.toml").read_text(encoding="utf-8"))
LINES = [pytest.param(line, id=f"{who}-{number}") for who, lines in CORPUS.items() for number, line in enumerate(lines)]
VALUE = re.compile(r"«(.*?)»", re.DOTALL)
STRICT = Redactor()


@pytest.mark.parametrize("line", LINES)
def test_of_a_message_the_values_are_masked_and_nothing_else(line: str) -> None:
    assert STRICT.text(VALUE.sub(r"\1", line)) == VALUE.sub(MASK, line)


@pytest.mark.parametrize(
    "line", [line for line in LINES if not re.search(r"«[\d. *+]+»(?![\"'])", str(line.values[0]))]
)
@pytest.mark.parametrize("value", ["Jane O'Hara", 'Jane "JD" Doe', "Jane, 41 High St", "it's Jane's"])
def test_whatever_the_text_is_it_is_not_seen(line: str, value: str) -> None:
    assert "Jane" not in STRICT.text(VALUE.sub(lambda _: value, line)), line


@pytest.mark.parametrize("line", LINES)
def test_a_message_that_was_masked_stays_as_it_is(line: str) -> None:
    once = STRICT.text(VALUE.sub(r"\1", line))
    assert STRICT.text(once) == once


def test_a_literal_of_the_user_s_own_sql_is_no_value() -> None:
    redactor = Redactor(PrivacyConfig(own_sql=("select * from t where status <> 'gone away'",)))
    message = "status: 'gone away' is not a valid status"
    assert redactor.text(message) == message
    assert redactor.text(message.replace("gone", "went")) != message.replace("gone", "went")


@pytest.mark.parametrize("mode", [Mode.SAMPLES, Mode.OFF])
def test_other_modes_leave_messages_alone(mode: Mode) -> None:
    redactor = Redactor(PrivacyConfig(mode=mode))
    for lines in CORPUS.values():
        for line in lines:
            assert redactor.text(VALUE.sub(r"\1", line)) == VALUE.sub(r"\1", line)
