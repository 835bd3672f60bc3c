from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aegis.audit import AuditTrail
from aegis.audit.connection import _check_and_migrate, connect_reading
from aegis.audit.reader import Reader
from aegis.audit.search import EXCERPT, parts, rebuild
from aegis.domain.report import Cause, Finding
from aegis.domain.results import Status
from aegis.errors import AuditError, UsageError
from tests.unit.audit.support import a_decision, a_report, a_result, a_start, make_older


@pytest.fixture
def filled(trail: AuditTrail) -> AuditTrail:
    results = (
        a_result("orders_customer_not_null", message="3 of 100 rows are NULL", status=Status.FAIL),
        a_result("payments_amount_range", table="stg_payments", column="grossAmount2", node=None, unique_id="t.p"),
        a_result("café", table="naïve", column=None, node=None, description="every e-mail has an @", unique_id="t.c"),
    )
    trail.finish_run(a_report("r_1", results))
    trail.record_decision(
        a_decision(
            "r_1",
            rule_id="orders_customer_not_null",
            system_prompt="You are careful.",
            prompt="Why is customer_id NULL?",
            response="The mobile application drops anonymous carts.",
        )
    )
    return trail


def found(trail: AuditTrail, text: str) -> list[str | None]:
    return [hit.rule_id if hit.kind == "result" else "decision" for hit in trail.search(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("shopify", ["orders_customer_not_null"]),
        ("stg_shopify__orders", ["orders_customer_not_null"]),
        ("gross", ["payments_amount_range"]),
        ("gross amount", ["payments_amount_range"]),
        ("grossAmount2", ["payments_amount_range"]),
        ("gross_amount", ["payments_amount_range"]),
        ("stg_payments.grossAmount2", ["payments_amount_range"]),
        ("e-mail", ["café"]),
        ("CAFE naive", ["café"]),
        ("mobile carts", ["decision"]),
        ("careful", ["decision"]),
        ("anonymous payments", []),
        ("paym", ["payments_amount_range"]),
    ],
)
def test_words_and_parts_of_identifiers_are_found(filled: AuditTrail, text: str, expected: list[str]) -> None:
    assert found(filled, text) == expected


def test_results_and_decisions_are_found_together(filled: AuditTrail) -> None:
    assert sorted(map(str, found(filled, "customer null"))) == ["decision", "orders_customer_not_null"]


def test_a_hit_says_where_it_is_and_shows_the_words(filled: AuditTrail) -> None:
    (hit,) = filled.search("anonymous")
    assert (hit.kind, hit.run_id, hit.rule_id, hit.node) == ("decision", "r_1", "orders_customer_not_null", "diagnose")
    assert "anonymous carts" in hit.excerpt
    (hit,) = filled.search("shopify")
    assert (hit.table, hit.column, hit.status) == ("stg_shopify__orders", "customer_id", Status.FAIL)


def test_the_same_rule_and_status_in_many_runs_is_one_hit_the_newest(trail: AuditTrail) -> None:
    for number in range(30):
        status = Status.FAIL if number in (7, 9) else Status.PASS
        trail.finish_run(a_report(f"r_{number}", (a_result("a", status=status), a_result("b"))))
    hits = {(hit.rule_id, hit.status): (hit.run_id, hit.times) for hit in trail.search("shopify")}
    assert hits == {
        ("a", Status.PASS): ("r_29", 28),
        ("a", Status.FAIL): ("r_9", 2),
        ("b", Status.PASS): ("r_29", 30),
    }


HOSTILE = (
    '"', "'", "null*", "NOT null", "null AND", "OR OR", "NEAR(null, 2)", "text : null", "text:null", "{text words}: x",
    "-null", "^null", "null + null", "(null", "null)", '"null', "null OR 1=1; --", "search", "rank:", "a\0b", "null\0",
    "\ud800null", "a^b", "*", "'; DROP TABLE results; --", "% _ \\", "\u200b x", "\U0001f600 null", "null\n\tnull",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_user_types_is_never_syntax(filled: AuditTrail, text: str) -> None:
    if any(map(str.isalnum, text)):
        filled.search(text)
    else:
        with pytest.raises(UsageError, match="nothing to search for"):
            filled.search(text)
    assert filled.verify().ok


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(), max_size=40))
def test_any_text_is_searched_or_has_no_words(filled: AuditTrail, text: str) -> None:
    try:
        filled.search(text)
    except UsageError as error:
        assert "nothing to search for" in error.message


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,30}", fullmatch=True))
def test_every_identifier_finds_itself(trail: AuditTrail, name: str) -> None:
    run_id = f"r_{trail.head().seq}"
    trail.start_run(a_start(run_id))
    trail.record_decision(a_decision(run_id, prompt=f"about {name}."))
    assert run_id in {hit.run_id for hit in trail.search(name, limit=10_000)}


def test_operators_mean_what_they_say_only_if_asked(filled: AuditTrail) -> None:
    assert found(filled, "payments OR mobile") == []
    assert len(filled.search("payments OR mobile", raw=True)) == 2
    assert len(filled.search("words : shopify", raw=True)) == 1


@pytest.mark.parametrize("text", ["", '"', "null AND", "NEAR(", "nosuch : null", "\ud800"])
def test_a_raw_text_that_is_no_expression_is_a_usage_error(filled: AuditTrail, text: str) -> None:
    with pytest.raises(UsageError) as raised:
        filled.search(text, raw=True)
    assert raised.value.hint


def test_too_many_words_are_refused_and_not_cut(filled: AuditTrail) -> None:
    assert filled.search(" ".join(["null"] * 64))
    with pytest.raises(UsageError, match="65 words are too many"):
        filled.search(" ".join(["null"] * 65))


def test_the_limit_is_kept(trail: AuditTrail) -> None:
    trail.finish_run(a_report("r_1", tuple(a_result(f"rule_{number}") for number in range(30))))
    assert len(trail.search("shopify", limit=7)) == 7


def test_an_excerpt_is_one_short_line_around_the_word(trail: AuditTrail) -> None:
    trail.start_run(a_start("r_1"))
    trail.record_decision(a_decision("r_1", response="x \n" * 5000 + "needle" + " y" * 5000))
    (hit,) = trail.search("needle")
    assert "needle" in hit.excerpt
    assert "\n" not in hit.excerpt
    assert len(hit.excerpt) <= EXCERPT + 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stg_shopify__orders", "stg shopify orders"),
        ("customerId", "customer Id"),
        ("HTTPServer2", "HTTP Server 2"),
        ("orders2024q1", "orders 2024 q 1"),
        ("plain words only", ""),
        ("a_b a_b", "a b"),
    ],
)
def test_identifiers_are_split_at_underscores_capitals_and_digits(text: str, expected: str) -> None:
    assert parts(text) == expected


@pytest.fixture
def shop(trail: AuditTrail) -> AuditTrail:
    """In r_1 and r_3 order_id was NULL; in r_2 it was not, and a model was asked about another rule of the column."""
    order_id: dict[str, Any] = {"table": "orders", "column": "order_id", "node": "model.shop.orders"}
    unique = a_result("orders_order_id_unique", rule_type="unique", unique_id="t.u", **order_id)
    for number, status in enumerate((Status.FAIL, Status.PASS, Status.WARN), start=1):
        result = a_result(
            "orders_order_id_not_null", status=status, expected="no NULL", message="3 of 9 rows are NULL", **order_id
        )
        trail.finish_run(a_report(f"r_{number}", (result, unique)))
    prompt = '<data>\n{"rule_type": "unique", "column": "order_id", "column_b": null, "evidence": []}\n</data>'
    response = '{"diagnosis": "order_id stands twice", "cites": null}'
    trail.record_decision(a_decision("r_2", system_prompt="A NULL is null.", prompt=prompt, response=response))
    return trail


def test_null_order_id_finds_the_runs_in_which_it_was_null_and_no_others(shop: AuditTrail) -> None:
    assert {(hit.run_id, hit.kind) for hit in shop.search("null order_id")} == {("r_1", "result"), ("r_3", "result")}
    assert {hit.run_id for hit in shop.search("NULL orderid")} == set()


def test_what_failed_comes_before_what_passed(shop: AuditTrail) -> None:
    statuses = [hit.status for hit in shop.search("order_id") if hit.kind == "result"]
    assert set(statuses[:2]) == {Status.FAIL, Status.WARN} and set(statuses[2:]) == {Status.PASS}


def test_one_run_is_searched_by_its_id_the_beginning_of_one_or_latest(shop: AuditTrail) -> None:
    assert {hit.run_id for hit in shop.search("order_id", run="r_1")} == {"r_1"}
    assert shop.search("null order_id", run="r_2") == ()
    assert {hit.run_id for hit in shop.search("order_id", run="latest")} == {"r_3"}
    with pytest.raises(UsageError, match="no run has an id"):
        shop.search("order_id", run="nosuch")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("prompt : order_id", True),
        ("prompt : order", True),
        ("response : twice", True),
        ("prompt : twice", False),
        ("response : unique", False),
        ("{prompt response} : unique AND response : stands", True),
        ("prompt : null", False),
        ("response : cites", False),
        ("system : null", True),
    ],
)
def test_prompt_and_response_are_searched_each_by_itself(shop: AuditTrail, query: str, found: bool) -> None:
    assert bool([hit for hit in shop.search(query, raw=True) if hit.kind == "decision"]) is found


def test_what_was_found_out_of_a_failure_is_found_too(trail: AuditTrail) -> None:
    result = a_result("orders_total", status=Status.FAIL, message=None)
    finding = Finding(
        id="F1", rule_id="orders_total", result=result, severity=result.severity, effective_severity=result.severity,
        diagnosis="All come from the telephone.", cause_id="C1",
    )  # fmt: skip
    cause = Cause(id="C1", title="raw_totals arrived late", severity=result.severity, finding_ids=("F1",))
    report = a_report("r_1", (result,)).model_copy(update={"findings": (finding,), "causes": (cause,)})
    trail.finish_run(report)
    for words in ("telephone", "raw totals late"):
        assert [hit.rule_id for hit in trail.search(words)] == ["orders_total"], words
    rebuild(trail._connection)
    assert [hit.rule_id for hit in trail.search("telephone")] == ["orders_total"]


def of_the_version_before(path: Path) -> None:
    with AuditTrail.open(path) as trail:
        trail.finish_run(a_report("r_1"))
        trail.record_decision(a_decision("r_1", prompt="Why is stg_orders empty?"))
    make_older(path, "0001_trail")


def test_a_trail_of_the_version_before_is_indexed_anew(path: Path) -> None:
    of_the_version_before(path)
    with AuditTrail.open(path) as trail:
        assert trail.verify().ok
        assert [hit.kind for hit in trail.search("prompt : orders", raw=True)] == ["decision"]
        assert trail.search("shopify")


def test_a_trail_of_the_version_before_that_may_not_be_written_is_shown_and_not_searched(path: Path) -> None:
    of_the_version_before(path)
    connection = connect_reading(path, 1.0)
    _check_and_migrate(connection, path, 1.0, read_only=True)
    with Reader(connection, path, read_only=True) as trail:
        assert trail.show("r_1").run.run_id == "r_1"
        with pytest.raises(AuditError, match="search index is of an older version"):
            trail.search("shopify")
