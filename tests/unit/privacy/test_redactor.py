"""What leaves through the redactor."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aegis.domain.kinds import EvidenceKind
from aegis.domain.report import Evidence, Finding, Report, Sample
from aegis.domain.results import Result, Status
from aegis.privacy import MASK, Mode, PrivacyConfig, Redactor, secret_values
from aegis.report import FORMATS, Options, render

STRICT, SAMPLES, OFF = (Redactor(PrivacyConfig(mode=mode)) for mode in Mode)

MESSAGES = [
    'invalid input syntax for type integer: "{}"',
    'Database Error in test a (tests/a.sql)\n  invalid input syntax for type integer: "{}"\n  compiled at target/a',
    'invalid input syntax for integer: "{}"',
    'date/time field value out of range: "{}"',
    "Conversion Error: Could not convert string '{}' to INT32",
    "Conversion Error: Could not convert string \"{}\" to 'INT32'",
    "Numeric value '{}' is not recognized",
    "Bad int64 value: {}",
    "Cannot cast '{}' to BIGINT",
    'The value \'{}\' of the type "STRING" cannot be cast to "INT"',
    'duplicate key value violates unique constraint "pk"\nDETAIL:  Key (email)=({}) already exists.',
    "DETAIL:  Failing row contains (1, {}, null).",
    'Constraint Error: Duplicate key "email: {}" violates primary key constraint',
    "Invalid date: '{}'",
    'For input string: "{}"',
]


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("value", ["jane@x.org", "Jane", "Jane Doe", 'Ja"ne', "Jane's", "12 Elm Street"])
def test_a_value_that_a_message_quotes_is_masked(message: str, value: str) -> None:
    treated = STRICT.text(message.format(value))
    assert "Jane" not in treated
    assert "jane" not in treated
    assert "Elm" not in treated


@pytest.mark.parametrize("message", [message for message in MESSAGES if "'{}'" in message or '"{}"' in message])
def test_a_quoted_value_with_line_breaks_is_masked(message: str) -> None:
    treated = STRICT.text(message.format("Jane\nDoe"))
    assert "Jane" not in treated
    assert "Doe" not in treated


@pytest.mark.parametrize(
    "message",
    [
        'column "vat_id" does not exist in stg_customers (near: "vat")',
        'Binder Error: Referenced column "vat_id" not found in FROM clause!',
        "Catalog Error: Table with name 'stg payments' does not exist!",
        'duplicate key value violates unique constraint "orders_pkey"',
        'relation "raw.orders" does not exist',
        "it's the customer's order, isn't it",
        "Got 12 results, configured to fail if != 0",
        "1,230 of 84,112 rows (1.5%)",
    ],
)
@pytest.mark.parametrize("redactor", [STRICT, SAMPLES, OFF])
def test_names_that_a_message_quotes_stay(redactor: Redactor, message: str) -> None:
    assert redactor.text(message) == message


@pytest.mark.parametrize("redactor", [SAMPLES, OFF])
def test_the_other_modes_leave_messages_alone_but_for_secrets(redactor: Redactor) -> None:
    assert redactor.text('value "jane@x.org"') == 'value "jane@x.org"'
    assert "ghp_" not in redactor.text("ghp_abcdefghijklmnopqrstuvwxyz0123456789")


# Modes, cell by cell: column, value, strict, samples, off.
CELLS: list[tuple[str, Any, Any, Any, Any]] = [
    ("email", "Jane@x.org", MASK, MASK, "Jane@x.org"),
    ("email", None, None, None, None),
    ("phone", 4930123456, MASK, MASK, 4930123456),
    ("password", "hunter2", MASK, MASK, "hunter2"),
    ("order_id", 1041, 1041, 1041, 1041),
    ("order_id", "ORD-1041", "ORD-1041", "ORD-1041", "ORD-1041"),
    ("status", "Shiped", "Shiped", "Shiped", "Shiped"),
    ("comment", "Jane Doe called", MASK, "Jane Doe called", "Jane Doe called"),
    ("contact", "jane@x.org", MASK, "jane@x.org", "jane@x.org"),
    ("ref", 4111111111111111, MASK, 4111111111111111, 4111111111111111),
    ("at", "2026-11-20 02:00:41 UTC", "2026-11-20 02:00:41 UTC", "2026-11-20 02:00:41 UTC", "2026-11-20 02:00:41 UTC"),
    ("flag", True, True, True, True),
    ("net", 1.5, 1.5, 1.5, 1.5),
    ("doc", {"email": "a@b.io", "n": 1}, {"email": MASK, "n": 1}, {"email": MASK, "n": 1},
     {"email": "a@b.io", "n": 1}),
    ("list", ["a", ["jane@x.org"]], ["a", [MASK]], ["a", ["jane@x.org"]], ["a", ["jane@x.org"]]),
]  # fmt: skip


@pytest.mark.parametrize(("column", "value", "strict", "samples", "off"), CELLS)
def test_a_cell_is_masked_by_its_column_and_shape(column: str, value: Any, strict: Any, samples: Any, off: Any) -> None:
    given_ = [redactor.value(value, column=column, table="t") for redactor in (STRICT, SAMPLES, OFF)]
    assert given_ == [strict, samples, off]


def test_columns_are_marked_and_cleared_by_table() -> None:
    config = PrivacyConfig(
        mode=Mode.SAMPLES,
        pii_columns=frozenset({("model.shop.Patients", "Code")}),
        public_columns=frozenset({("airlines", "name")}),
    )
    redactor = Redactor(config)
    assert redactor.is_personal("CODE", "patients")
    assert redactor.is_personal("code", "db.main.patients")
    assert not redactor.is_personal("code", "other")
    assert not redactor.is_personal("name", "main.airlines")
    assert redactor.is_personal("name", "customers")
    assert redactor.is_personal("id, code", "patients")
    assert redactor.is_personal("id,[code]", "patients")
    assert not redactor.is_personal("id code", "patients")
    assert not redactor.is_personal("")


def test_a_sample_tells_which_columns_were_masked(
    result_of: Callable[..., Result], finding_of: Callable[..., Finding], report_of: Callable[..., Report]
) -> None:
    sample = Sample(columns=("id", "email", "note"), rows=((1, "a@b.io", "ok"), (2, None, "ok")), query="select 1")
    report = STRICT.report(report_of(finding_of(result_of(), sample=sample)))
    treated = report.findings[0].sample
    assert treated is not None
    assert treated.rows == ((1, MASK, "ok"), (2, None, "ok"))
    assert treated.redacted == ("email",)


def test_failing_keys_follow_their_columns(
    result_of: Callable[..., Result], finding_of: Callable[..., Finding], report_of: Callable[..., Report]
) -> None:
    config = PrivacyConfig(key_columns={"by_mail": ("email",), "by_both": ("id", "email"), "by_code": ("code",)})
    cases: list[tuple[str, str, tuple[Any, ...], tuple[Any, ...]]] = [
        ("by_mail", "qty", ("ab", 3), (MASK, MASK)),
        ("by_both", "qty", ([1, "a@b.io"],), ([1, MASK],)),
        ("by_code", "qty", ("UA", "Jane"), ("UA", "Jane")),
        ("unknown", "qty", (12, "ORD-1", "Jane", ["a1", "Doe"]), (12, "ORD-1", MASK, ["a1", MASK])),
        ("unknown", "email", ("a@b.io", 12), (MASK, MASK)),
    ]
    for rule_id, column, keys, expected in cases:
        result = result_of(rule_id=rule_id, column=column, failing_keys=keys)
        report = Redactor(config).report(report_of(finding_of(result)))
        assert report.results[0].failing_keys == expected
        assert report.findings[0].result == report.results[0]


def test_what_was_observed_of_a_personal_column_is_masked_unless_it_is_a_count(
    result_of: Callable[..., Result], report_of: Callable[..., Report], finding_of: Callable[..., Finding]
) -> None:
    def observed(rule_type: str, column: str) -> str | None:
        result = result_of(rule_type=rule_type, column=column, observed="Jane")
        return STRICT.report(report_of(finding_of(result))).results[0].observed

    assert observed("regex_match", "email") == MASK
    assert observed("not_null", "email") == "Jane"
    assert observed("between", "email") == observed("mean_between", "email") == MASK
    # Of a test that nobody knows, it may be a value.
    assert observed("shop.own_test", "email") == MASK
    assert observed("regex_match", "status") == "Jane"


def test_a_value_masked_in_a_key_or_sample_is_masked_in_every_text_about_it(
    result_of: Callable[..., Result], finding_of: Callable[..., Finding], report_of: Callable[..., Report]
) -> None:
    result = result_of(
        column="username",
        rule_type="unique",
        failing_keys=("janedoe77",),
        message="janedoe77 occurs twice",
        failing_rows_sql="select * from janedoe77 where username = 'janedoe77'",
    )
    finding = finding_of(
        result,
        diagnosis="The row of roe99 and janedoe77.",
        sample=Sample(columns=("username",), rows=(("roe99",),), query="select 'roe99'"),
        evidence=(
            Evidence(id="E1", kind=EvidenceKind.SHAPE, text="roe99 is one edit from roe98", data={"roe": ["roe99"]}),
        ),
    )
    report = STRICT.report(report_of(finding))
    text = report.model_dump_json()
    assert "roe99" not in text
    # What the rule itself says is no data: the table of that name, and the literal, in the finding and in the result.
    assert report.results[0].failing_rows_sql == result.failing_rows_sql
    assert text.count("janedoe77") == 4
    assert report.results[0].message == f"{MASK} occurs twice"


def test_a_name_in_sql_that_is_an_address_is_masked_too() -> None:
    assert STRICT.sql('select "jane@x.org" from t') == f'select "{MASK}" from t'


def test_comments_in_sql_are_masked_and_hide_no_literal() -> None:
    sql = "select 1 -- ask jane@x.org, don't\nwhere a = 'joe@x.org' /* it's bob@x.org */ and b = $$eve@x.org$$"
    assert not [name for name in ("jane", "joe", "bob", "eve") if name in STRICT.sql(sql)]


def test_sql_keeps_its_meaning_where_nothing_is_personal() -> None:
    sql = "select \"e-mail of\" from t where a = 'b' and d = '2026-11-20' and ip like '10.%' and x::int = 5551234567"
    assert STRICT.sql(sql) == sql
    assert STRICT.sql("where email = 'jane@x.org' -- it's") == f"where email = '{MASK}' -- it's"


def test_the_report_is_not_changed_where_there_is_nothing_to_hide(
    result_of: Callable[..., Result], finding_of: Callable[..., Finding], report_of: Callable[..., Report]
) -> None:
    result = result_of(column="qty", failing_keys=(1, 2), observed="min -3", message="1,230 of 84,112 rows")
    report = report_of(finding_of(result, sample=Sample(columns=("qty",), rows=((-3,),), query="select 1")))
    assert STRICT.report(report).model_copy(update={"privacy": None}) == report


def test_settings_do_not_print_their_secrets() -> None:
    config = PrivacyConfig(secrets=frozenset({"hunter2secret"}))
    assert "hunter2secret" not in f"{config!r} {config} {config.model_dump_json()} {Redactor(config)!r}"


@settings(max_examples=80, deadline=None)
@given(
    secret=st.from_regex(r"[A-Za-z0-9+/=@:%_-]{8,30}", fullmatch=True).map(lambda text: f"Zq{text}9"),
    mode=st.sampled_from(Mode),
    around=st.tuples(st.text(max_size=3), st.text(max_size=3)),
)
def test_a_planted_secret_is_in_no_rendering(
    report_full_of: Callable[[str], Report], secret: str, mode: Mode, around: tuple[str, str]
) -> None:
    redactor = Redactor(PrivacyConfig(mode=mode, secrets=secret_values({"password": secret})))
    report = redactor.report(report_full_of(secret.join(around)))
    assert secret not in repr(report)
    for style in FORMATS:
        for options in (Options(), Options(width=60, verbose=True, color=True)):
            assert secret not in render(report, style, options)


@settings(max_examples=60, deadline=None)
@given(secret=st.text(min_size=4, max_size=20).filter(lambda text: len(text.strip()) >= 4), mode=st.sampled_from(Mode))
def test_any_secret_at_all_is_in_no_text(secret: str, mode: Mode) -> None:
    redactor = Redactor(PrivacyConfig(mode=mode, secrets=frozenset({secret})))
    assert secret not in redactor.text(f"<{secret}> and <{secret}>")
    assert secret not in redactor.sql(f"<{secret}>")


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=60) | st.sampled_from(MESSAGES), mode=st.sampled_from(Mode))
def test_redacting_twice_is_redacting_once(report_full_of: Callable[[str], Report], text: str, mode: Mode) -> None:
    redactor = Redactor(PrivacyConfig(mode=mode))
    once = redactor.report(report_full_of(text))
    assert redactor.report(once) == once


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=200))
def test_nothing_makes_it_fail(report_full_of: Callable[[str], Report], text: str) -> None:
    for redactor in (STRICT, SAMPLES, OFF):
        treated = redactor.report(report_full_of(text))
        assert Report.model_validate(treated.model_dump()) == treated


def test_strict_masks_a_personal_value_in_every_prose_and_value(report_full_of: Callable[[str], Report]) -> None:
    report = STRICT.report(report_full_of("jane.doe@x.org"))
    finding, result = report.findings[0], report.results[0]
    shown = [
        finding.diagnosis, finding.sample, finding.evidence[0].text, finding.reasons[0].text, report.errors[0].what,
        result.message, result.observed, result.failing_keys, finding.proposals[0].caveat, report.causes[0].title,
    ]  # fmt: skip
    assert "doe@x.org" not in repr(shown[:1] + shown[2:])
    assert finding.sample is not None
    assert "doe@x.org" not in repr(finding.sample.rows)


@pytest.mark.alone
def test_a_thousand_results_are_quick(result_of: Callable[..., Result], report_of: Callable[..., Report],
                                      finding_of: Callable[..., Finding]) -> None:  # fmt: skip
    results = [
        result_of(rule_id=f"rule_{number}", status=Status.PASS, message="1,230 of 84,112 rows", failing_keys=(1, 2),
                  failing_rows_sql="select * from t where email = 'a' and b > 10")
        for number in range(1_000)
    ]  # fmt: skip
    report = report_of(*(finding_of(result) for result in results[:100])).model_copy(update={"results": tuple(results)})
    redactor = Redactor(PrivacyConfig(secrets=frozenset({"hunter2", "another secret"})))
    start = time.process_time()
    redactor.report(report)
    assert time.process_time() - start < 0.5


@pytest.mark.alone
@pytest.mark.parametrize("text", ["value '", 'value "', "=(", "syntax for ", "invalid value: ", "'a'b", "bad a value",
                                  "(", "Error in (", "a\n", " ", "value 'a' of the type ", "- a : b\n"])  # fmt: skip
def test_no_text_makes_it_slow(text: str) -> None:
    start = time.process_time()
    STRICT.text(text * (100_000 // len(text)))
    assert time.process_time() - start < 1
