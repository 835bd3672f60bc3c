"""Which runs send a message, what is in it, and that nothing in it means anything to a service."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from apprise.common import NotifyFormat
from apprise.conversion.format import convert_between
from hypothesis import example, given, settings
from markdown_it import MarkdownIt

from aegis.domain.choices import NotifyOn
from aegis.domain.report import Cause, Report
from aegis.domain.results import Result, Status
from aegis.domain.severity import Level, Severity
from aegis.notify import Message, Wanted, compose
from aegis.notify.text import MOST
from tests.unit.report.build import BROKEN, a_finding, a_report, a_result
from tests.unit.report.checks import CHECKS, everywhere
from tests.unit.report.filled import everything, filled
from tests.unit.report.test_hostile import PIECES, base, hostile
from tests.unit.report.test_markdown import MARK

PASS, FAIL, ERROR = Status.PASS, Status.FAIL, Status.ERROR
LOW, HIGH, CRITICAL = Severity.LOW, Severity.HIGH, Severity.CRITICAL
CHANGE = Wanted(on="change")


def one(status: Status = FAIL, name: str = "r", **fields: Any) -> Result:
    return a_result(name, **({**BROKEN} if status is ERROR else {"status": status}), **fields)


def run(*results: Result, causes: tuple[Cause, ...] = ()) -> Report:
    findings = [a_finding(number, one) for number, one in enumerate((one for one in results if one.failed), 1)]
    report = a_report(results, findings)
    summary = report.summary.model_copy(update={"causes": len(causes)})
    return report.model_copy(update={"causes": causes, "summary": summary})


def cause(*finding_ids: str, severity: Severity = HIGH, origin: str = "raw.orders") -> Cause:
    return Cause(id="C1", title=f"bad {origin}", severity=severity, finding_ids=finding_ids, origin=origin)


@pytest.mark.parametrize(
    ("on", "after", "before", "title"),
    [
        ("failures", run(one()), None, "shop: ⚠️ 1 finding"),
        ("failures", run(one(ERROR)), None, "shop: 🟣 1 could not run, nothing else failed"),
        ("failures", run(one(PASS)), run(one()), None),
        ("failures", run(one(level=Level.NONE)), None, None),
        ("all", run(one(PASS)), None, "shop: ✅ 1 passed"),
        ("all", run(one(severity=HIGH)), run(one()), "shop: ❌ 1 finding"),
        ("change", run(one()), run(one()), None),
        ("change", run(one(PASS)), run(one(PASS)), None),
        ("change", run(one(PASS)), run(one()), "shop: ✅ Fixed: 1 finding, nothing else fails"),
        ("change", run(one()), run(one(PASS)), "shop: ❌ 1 new"),
        ("change", run(one(ERROR)), run(one(PASS)), "shop: 🟣 1 could not run"),
        ("change", run(one()), None, "shop: ⚠️ 1 finding"),
        ("change", run(one(PASS)), None, None),
    ],
)
def test_a_run_sends_a_message_where_one_is_wanted(
    on: NotifyOn, after: Report, before: Report | None, title: str | None
) -> None:
    message = compose(after, Wanted(on=on), before)
    assert (message.title if message else None) == title
    if message:
        assert json.loads(message.slack)["text"].replace("`", "") == title


@pytest.mark.parametrize(
    ("on", "before", "after", "told"),
    [
        ("failures", PASS, [one(severity=LOW)], False),
        ("failures", PASS, [one(severity=CRITICAL)], True),
        ("failures", PASS, [one(ERROR, severity=LOW)], True),
        ("all", PASS, [one(severity=LOW)], True),
        ("change", PASS, [one(severity=LOW)], False),
        ("change", PASS, [one(severity=HIGH)], True),
    ],
)
def test_findings_below_the_severity_send_nothing_and_what_could_not_run_is_told(
    on: NotifyOn, before: Status, after: list[Result], told: bool
) -> None:
    assert (compose(run(*after), Wanted(on=on, least=HIGH), run(one(before))) is not None) is told


@pytest.mark.parametrize(
    ("before", "after", "title"),
    [
        (HIGH, LOW, None),
        (LOW, HIGH, "shop: ❌ 1 worse"),
    ],
)
def test_a_finding_that_became_milder_is_neither_gone_nor_unknown(
    before: Severity, after: Severity, title: str | None
) -> None:
    message = compose(run(one(severity=after)), Wanted(on="change", least=HIGH), run(one(severity=before)))
    assert (message.title if message else None) == title


def test_what_is_left_out_is_counted() -> None:
    message = compose(run(one(severity=HIGH), one(name="mild", severity=LOW)), Wanted(least=HIGH))
    assert message is not None
    assert "mild" not in message.text + message.slack
    for text in (message.text, message.slack):
        assert "1 finding below high is not listed." in text


def told_by(report: Report) -> Message:
    message = compose(report, Wanted())
    assert message is not None
    return message


@pytest.mark.parametrize("on", ["failures", "change"])
@pytest.mark.parametrize(
    ("before", "after", "again"),
    [
        (run(one()), run(one()), False),
        (run(one(severity=LOW)), run(one(severity=HIGH)), True),
        (run(one(severity=HIGH)), run(one(severity=LOW)), False),
        (run(one()), run(one(), one(name="new")), True),
        (run(one(ERROR)), run(one(ERROR)), False),
        (run(one(ERROR)), run(one()), True),
        (run(one(), causes=(cause("F1"),)), run(one(), causes=(cause("F1"),)), False),
        (run(one(), causes=(cause("F1"),)), run(one(), one(name="more"), causes=(cause("F1", "F2"),)), True),
        (run(one(), causes=(cause("F1"),)), run(one(), causes=(cause("F1", origin="elsewhere"),)), True),
        (run(one(), causes=(cause("F1"),)), run(one(), causes=(cause("F1", severity=CRITICAL),)), True),
    ],
)
def test_a_cause_that_was_told_is_told_again_only_if_it_got_worse(
    on: NotifyOn, before: Report, after: Report, again: bool
) -> None:
    """In between it passed, so that it is a change in both ways."""
    healed = run(one(PASS), one(PASS, "new"), one(PASS, "more"))
    message = compose(after, Wanted(on=on, told=told_by(before).told), healed)
    assert (message is not None) is again


def test_a_cause_that_was_told_is_still_told_when_it_is_fixed() -> None:
    told = told_by(run(one())).told
    message = compose(run(one(PASS)), Wanted(on="change", told=told), run(one()))
    assert message is not None and "Fixed" in message.title


def test_what_is_paused_is_counted_beside_what_is_told() -> None:
    message = compose(run(one(), one(name="new")), Wanted(told=told_by(run(one())).told))
    assert message is not None
    assert "1 check that was told before is not listed again." in message.text
    assert [unit.findings[0][1] for unit in message.told] == ["new"]


def test_a_message_groups_by_cause() -> None:
    findings = cause(*(f"F{number}" for number in range(1, 10)))
    report = run(*(one(name=f"rule_{number}", rows_failed=5_000) for number in range(9)), causes=(findings,))
    message = told_by(report)
    assert message.title == "shop: ⚠️ 1 cause behind 9 findings"
    assert message.text.splitlines()[0] == "high: bad raw.orders: 5,000 of 84,112 rows (5.9%)"
    assert "explains: rule_0, rule_1, rule_2 and 6 more" in message.text
    assert len(message.told) == 1


class _Html(HTMLParser):
    tags: set[str]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not attrs


MARKDOWN = MarkdownIt("gfm-like", {"html": True, "linkify": False})
OWN = {"text", "softbreak", "hardbreak", "paragraph_open", "paragraph_close", "inline", "bullet_list_open", "em_open",
       "bullet_list_close", "list_item_open", "list_item_close", "em_close", "strong_open", "strong_close", "hr",
       "ordered_list_open", "ordered_list_close"}  # fmt: skip


def harmless(message: Message) -> None:
    """As text, as Markdown, and as the HTML and Markdown that Apprise makes of it."""
    everywhere(message.text + "\n")
    CHECKS["slack"](message.slack)
    assert len(message.text) <= MOST
    text = f"{message.title}\n{message.text}"
    assert not re.search(r"[@<>&\[\]`*~#\\|]|://|www\.", text, re.IGNORECASE)
    for markdown in (text, convert_between(NotifyFormat.TEXT, NotifyFormat.MARKDOWN, text)):  # type: ignore[no-untyped-call]
        tokens = [token for outer in MARKDOWN.parse(markdown) for token in (outer, *(outer.children or ()))]
        assert {token.type for token in tokens} <= OWN
    parser = _Html()
    parser.tags = set()
    parser.feed(convert_between(NotifyFormat.TEXT, NotifyFormat.HTML, text))  # type: ignore[no-untyped-call]
    assert parser.tags <= {"br", "p"}


@settings(max_examples=40, deadline=None)
@given(text=hostile)
@example(text="".join(PIECES) + MARK)
@example(text="")
@example(text="1. x\n- y\n---\n===\n    code\n\tcode")
def test_hostile_text_means_nothing_to_any_service(text: str) -> None:
    report, passed = filled(base(), text), run(*(a_result(one.rule_id) for one in everything().results))
    for message in (
        compose(report, Wanted(on="all")),
        compose(report, Wanted(least=HIGH)),
        compose(report, CHANGE, passed),
        compose(passed, CHANGE, report),
    ):
        assert message is not None
        harmless(message)


def test_a_thousand_findings_of_a_megabyte_are_a_short_message() -> None:
    report = run(*(one(name=f"r{number}", message="x<@y>\n" * 1_000) for number in range(1_000)))
    message = told_by(report)
    harmless(message)
    assert re.search(r"\d+ more left out", message.text)
