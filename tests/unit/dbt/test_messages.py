from __future__ import annotations

import time

import pytest

from aegis.dbt.artifacts.messages import clean, is_bare, rows_in


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (
            'Database Error in model a (m/a.sql)\n  column "b" does not exist\n  compiled code at target/run/a.sql',
            'column "b" does not exist',
        ),
        ("Runtime Error in unit_test x (models/x.yml)\n  boom", "boom"),
        (
            "Compilation Error in test t (x.yml)\n  no macro\n  > in macro a (b.sql)\n  > called by test t (x.yml)",
            "no macro",
        ),
        (
            "Database Error in model a (../target/run/a.sql)\n  Binder Error: no b\n  (in run/a.sql:1:4)\n"
            "   0: <unknown>\n   8: start_thread\n             at ./nptl/pthread_create.c:442:8",
            "Binder Error: no b",
        ),
        ("\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07", "red link"),
        ("a\r\nb\rc\x00\x07", "a\nb\nc"),
        ("    two\n      deeper", "two\n  deeper"),
        ("\n\n  \n", None),
        ("", None),
        (None, None),
        ("Error", None),
        (" Warn ", None),
        ("Nothing in particular", "Nothing in particular"),
    ],
)
def test_a_message_keeps_what_went_wrong(told: str | None, kept: str | None) -> None:
    assert clean(told) == kept


@pytest.mark.alone
def test_a_message_of_megabytes_is_cut_and_costs_nothing() -> None:
    before = time.process_time()
    for text in ("x" * 50_000_000, "Error in a " * 1_000_000, "\x1b[" * 1_000_000, " " * 10_000_000 + "\n" * 1_000_000):
        assert len(clean(text) or "") <= 2_000
    assert time.process_time() - before < 1


@pytest.mark.parametrize(
    ("message", "rows"),
    [
        ("Got 6 results, configured to fail if != 0", 6),
        ("Got 1 result, configured to warn if > 0", 1),
        ("Got 1,204 results", 1_204),
        ("Got some results", None),
        ("It Got 6 results", None),
        ("Got , results", None),
        (None, None),
    ],
)
def test_the_count_in_a_message_is_found(message: str | None, rows: int | None) -> None:
    assert rows_in(message) == rows


def test_a_bare_word_gives_no_reason() -> None:
    assert is_bare("Error")
    assert is_bare(None)
    assert not is_bare("Error: no such table")
