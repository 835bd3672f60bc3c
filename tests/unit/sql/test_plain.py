"""Plain comparisons pass the gate as the SQL library would let them pass, in every dialect."""

from __future__ import annotations

import subprocess
import sys
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlglot.dialects.dialect import Dialect

from aegis.sql import gate
from aegis.sql.dialects import DIALECTS as BY_ADAPTER
from aegis.sql.fast_path import keywords, plain_comparison

DIALECTS = sorted(set(BY_ADAPTER.values()))
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
VALUES = st.one_of(NAMES, st.integers(0, 10**15 - 1).map(str), st.from_regex(r"'[A-Za-z0-9_]{0,6}'", fullmatch=True))
COMPARISONS = st.builds(
    "{}{}{}{}{}".format, NAMES, st.sampled_from(["", " "]), st.sampled_from(["<=", ">=", "<>", "=", "<", ">"]),
    st.sampled_from(["", " "]), VALUES,
)  # fmt: skip


def by_the_library(text: str, dialect: str | None) -> gate.Gated:
    gate.check_expression.cache_clear()
    with patch.object(gate, "plain_comparison", return_value=None):
        passed = gate.check_expression(text, dialect)
    gate.check_expression.cache_clear()
    return passed


@settings(max_examples=500, deadline=None)
@example("TO<=0", "bigquery")
@given(COMPARISONS, st.sampled_from([None, *DIALECTS]))
def test_what_needs_no_parser_is_what_the_parser_would_say(text: str, dialect: str | None) -> None:
    plain = plain_comparison(text, dialect)
    if plain is not None:
        assert gate.Gated(plain.sql, plain.columns, ()) == by_the_library(text, dialect)


def test_every_word_that_means_something_to_a_dialect_is_left_to_the_library() -> None:
    words = set()
    for name in DIALECTS:
        dialect = Dialect.get_or_raise(name)
        tokens, parser = dialect.tokenizer_class, dialect.parser_class
        words |= {word.upper() for word in tokens.KEYWORDS}
        if plain_comparison("a = 1", name) is not None:
            words |= {word.strip() for word in dialect.generator_class.RESERVED_KEYWORDS}
        words |= {token.name for token in parser.NO_PAREN_FUNCTIONS} | set(parser.NO_PAREN_FUNCTION_PARSERS)
    words = {word for phrase in words for word in phrase.split()[:1] if word.replace("_", "a").isalnum()}
    missing = {word.lower() for word in words} - keywords()
    assert not missing, f"add to aegis/sql/keywords.txt: {' '.join(sorted(missing))}"


@pytest.mark.parametrize(
    "text",
    ["a = nextval('s')", "a.b > 1", "a = 1; drop table t", "a = 1 -- x", "a = (select 1)", "current_user = 'x'",
     "select = 1", "a = '{{ x }}'", "a = 'x''y'", "a == b", "a = 01", "a\n= b", "é = 1", "a = b = c", "date = 1"],
)  # fmt: skip
def test_anything_else_is_left_to_the_library(text: str) -> None:
    assert plain_comparison(text, "duckdb") is None


def test_a_plain_comparison_does_not_import_the_library() -> None:
    program = (
        "import sys; from aegis.sql.gate import check_expression;"
        "assert check_expression('net<=gross', 'duckdb').sql == 'net <= gross'; sys.exit('sqlglot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
