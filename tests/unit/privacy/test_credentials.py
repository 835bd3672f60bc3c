"""Credentials that are known by what stands before them reach no field of any format, and no statement."""

from __future__ import annotations

import tomllib
from collections.abc import Callable

import pytest

from aegis.domain.report import Report
from aegis.privacy import Mode, PrivacyConfig, Redactor
from aegis.privacy.statements import NO_SQL
from aegis.report import FORMATS, Options, render
from tools.privacy_measure import CORPUS, SECRET

FORMS = [form for kind in tomllib.loads(CORPUS.read_text(encoding="utf-8"))["secrets"].values() for form in kind]
MODES = [Redactor(PrivacyConfig(mode=mode)) for mode in Mode]


@pytest.mark.parametrize("form", FORMS)
def test_a_credential_is_in_no_field_of_any_format(form: str, report_full_of: Callable[[str], Report]) -> None:
    for redactor in MODES:
        report = redactor.report(report_full_of(form.replace("{}", SECRET)))
        assert SECRET not in repr(report)
        for style in FORMATS:
            assert SECRET not in render(report, style, Options(verbose=True))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("comment", ["-- {}\n", "/* {} */ ", "-- first line\n-- {}\n"])
def test_in_a_comment_it_is_taken_out_and_the_statement_stays_one(form: str, comment: str) -> None:
    said = comment.replace("{}", form.replace("{}", SECRET))
    for redactor in MODES:
        for treated in (redactor.sql(f"{said}select 1 as id"), redactor.statement(f"{said}select 1 as id")):
            assert SECRET not in treated
            assert treated.endswith("select 1 as id") and not treated.startswith(NO_SQL)


def test_where_it_is_part_of_what_runs_the_statement_is_none_any_more() -> None:
    sql = f"select * from read_csv('https://me:{SECRET}@example.org/a.csv')"
    for redactor in MODES:
        treated = redactor.statement(sql)
        assert SECRET not in treated and treated.startswith(NO_SQL)


@pytest.mark.parametrize(
    "sql",
    [
        "select token from t where t.token = s.token",
        "select * from t where token = 'missing'",
        "select * from t where password <> 'changeme' and api_key is null",
        "select * from t where secret_level = 3 and pin_code = '0000'",
        "select md5(password) as password_hash from t",
        "select * from t where password = coalesce(old_password, '')",
    ],
)
def test_a_column_may_be_called_like_a_secret(sql: str) -> None:
    for redactor in MODES:
        assert redactor.sql(sql) == redactor.statement(sql) == sql


def test_the_rules_of_vendors_are_read_only_when_a_text_may_hold_a_key() -> None:
    from aegis.privacy import vendor

    vendor._rules.cache_clear()
    for text in ("1,230 of 84,112 rows", "model.shop.stg_orders", "select * from t where a = 'b'"):
        MODES[0].text(text)
    assert vendor._rules.cache_info().currsize == 0
    assert "AKIA" not in MODES[0].text("key AKIAQ3EGRIVCYV5ZLNUZ")
    assert len(vendor._rules()) > 200
