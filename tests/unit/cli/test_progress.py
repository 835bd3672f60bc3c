"""The one line that says what is going on."""

from __future__ import annotations

import io

import pytest

from aegis.cli.output import Progress
from aegis.dbt.engine.invoke import Progress as Step


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def opened(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """stderr as a terminal. (Not a fixture: pytest puts its own back before the test is called.)"""
    there = Terminal()
    monkeypatch.setattr("sys.stderr", there)
    monkeypatch.setenv("COLUMNS", "60")
    return there


def lines(there: Terminal) -> list[str]:
    return [part.partition("s  ")[2] for part in there.getvalue().split("\r\x1b[K") if part]


def test_nodes_and_questions_are_told_on_one_line_that_goes_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = opened(monkeypatch)
    progress = Progress(quiet=False)
    progress(Step("test.shop.aegis_orders.1", "pass", 0.1))
    progress.asks("is the fault in raw.orders?")
    assert lines(terminal) == ["1 done  orders  pass", "is the fault in raw.orders?"]
    progress.finish()
    assert terminal.getvalue().endswith("\r\x1b[K") and "\n" not in terminal.getvalue()


def test_the_line_fits_the_terminal_and_holds_nothing_that_steers_it(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = opened(monkeypatch)
    Progress(quiet=False).asks("is the fault in \x1b[2J\nraw?" + "x" * 200)
    [line] = [part for part in terminal.getvalue().split("\r\x1b[K") if part]
    assert len(line) == 59 and "\x1b" not in line and "\n" not in line


def test_where_nothing_was_told_nothing_is_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = opened(monkeypatch)
    Progress(quiet=False).finish()
    assert terminal.getvalue() == ""


def test_it_is_not_shown_where_nobody_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    opened(monkeypatch)
    assert Progress(quiet=False).shown and not Progress(quiet=True).shown
    monkeypatch.setattr("sys.stderr", io.StringIO())
    assert not Progress(quiet=False).shown
