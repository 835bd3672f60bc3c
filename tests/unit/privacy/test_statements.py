"""SQL on its way out is what was run, or says that it is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aegis.domain.kinds import EvidenceKind, ProposalKind, Verdict
from aegis.domain.privacy import MASK
from aegis.domain.proposals import Proposal, Trial
from aegis.domain.report import Evidence, Finding, Quoted, Sample
from aegis.domain.results import Result
from aegis.privacy import Mode, PrivacyConfig, Redactor
from aegis.privacy.statements import NO_SQL

STRICT, SAMPLES, OFF = (Redactor(PrivacyConfig(mode=mode)) for mode in Mode)
MAIL = "jane@x.org"


@pytest.fixture
def finding(result_of: Callable[..., Result], finding_of: Callable[..., Finding]) -> Callable[..., Finding]:
    """One whose sample holds a mail address, with what else is given."""

    def made(**fields: Any) -> Finding:
        sample = Sample(columns=("id", "email"), rows=((1, MAIL),), query="select 1")
        return finding_of(result_of(), sample=sample, **fields)

    return made


def test_data_in_a_literal_makes_a_text_of_a_statement() -> None:
    treated = STRICT.statement(f"select 1 where email = '{MAIL}'")
    assert treated.startswith(NO_SQL)
    assert f"{MASK} select 1 where email = {MASK}" in treated.splitlines()


@pytest.mark.parametrize("redactor", [SAMPLES, OFF])
def test_the_other_modes_leave_a_statement_as_it_was_run(redactor: Redactor) -> None:
    sql = f"select 1 where email = '{MAIL}' -- {MAIL}"
    assert redactor.statement(sql) == sql


def test_a_part_of_a_literal_is_masked_within_its_quotes() -> None:
    assert f"a = '{MASK}'" not in STRICT.statement(f"select 1 where a = 'to {MAIL} at noon'")
    assert STRICT.sql(f"select 1 where a = 'to {MAIL}'") == f"select 1 where a = 'to {MASK}'"


def test_data_in_a_comment_is_masked_and_the_statement_still_runs() -> None:
    assert STRICT.statement(f"select 1 /* for {MAIL} */") == f"select 1 /* for {MASK} */"
    assert STRICT.statement(f"select 1 -- for {MAIL}\nfrom t") == f"select 1 -- for {MASK}\nfrom t"


def test_a_comment_ends_where_it_ended() -> None:
    finding_sql = STRICT.sql(f"select 1 /* {MAIL} */ from t")
    assert finding_sql == f"select 1 /* {MASK} */ from t"


def test_a_format_of_times_is_no_data() -> None:
    sql = "select strftime(a, '%Y-%m-%d %H:%M')"
    assert STRICT.statement(sql) == sql


def test_literals_of_the_users_own_sql_stay() -> None:
    own = Redactor(PrivacyConfig(own_sql=(f"select 1 where a = '{MAIL}'",)))
    sql = f"select 2 where a = '{MAIL}'"
    assert own.statement(sql) == sql
    assert STRICT.statement(sql) != sql


def test_free_text_in_a_literal_is_data() -> None:
    assert STRICT.statement("select 1 where note = 'called her twice'").startswith(NO_SQL)
    assert STRICT.statement("select 1 where status = 'placed'") == "select 1 where status = 'placed'"


def test_a_name_is_treated_as_a_value_may_be_one() -> None:
    assert STRICT.name("status") == "status"
    assert STRICT.name(MAIL) == MASK
    assert SAMPLES.name(MAIL) == OFF.name(MAIL) == MAIL


def test_sql_about_a_finding_has_none_of_its_values(finding: Callable[..., Finding]) -> None:
    one = finding()
    sql = f"select 1 -- {MAIL}\nwhere \"email\" = '{MAIL}'"
    assert SAMPLES.sql_about(sql, one) == f"select 1 -- {MASK}\nwhere \"email\" = '{MASK}'"
    assert OFF.sql_about(sql, one) == sql
    assert SAMPLES.sql_about("select 'web'", one) == "select 'web'"


def test_one_finding_is_treated_as_in_a_report(finding: Callable[..., Finding], report_of: Callable[..., Any]) -> None:
    one = finding(diagnosis=f"{MAIL} failed")
    for redactor in (STRICT, SAMPLES, OFF):
        assert redactor.finding(one) == redactor.report(report_of(one)).findings[0]
    assert SAMPLES.finding(one).diagnosis == f"{MASK} failed"


def test_a_value_that_evidence_quotes_is_judged_by_its_column(finding: Callable[..., Finding]) -> None:
    def quoted(column: str, value: str) -> tuple[str, str]:
        values = (Quoted(column=column, value=value),)
        evidence = Evidence(id="E1", kind=EvidenceKind.SHAPE, text=f"it is '{value}' mostly", values=values)
        treated = STRICT.finding(finding(evidence=(evidence,))).evidence[0]
        return treated.text, treated.values[0].value

    assert quoted("status", "placed") == ("it is 'placed' mostly", "placed")
    assert quoted("email", "unknown") == (f"it is {MASK} mostly", MASK)


def test_data_of_evidence_is_judged_by_the_column_that_it_names(finding: Callable[..., Finding]) -> None:
    data: Any = [{"column": "email", "values": ["unknown"]}, {"column": "status", "values": ["placed"]}]
    evidence = Evidence(id="E1", kind=EvidenceKind.SHAPE, text="values", data=data)
    treated = STRICT.finding(finding(evidence=(evidence,))).evidence[0].data
    assert treated == [{"column": "email", "values": [MASK]}, {"column": "status", "values": ["placed"]}]


def fix(kind: ProposalKind, sql: str) -> Proposal:
    return Proposal(sql=sql, kind=kind, trial=Trial(verdict=Verdict.NOT_TRIED))


def test_a_diff_is_whole_or_none(finding: Callable[..., Finding]) -> None:
    diff = "--- a/models/a.sql\n+++ b/models/a.sql\n-select 1\n+select 2"
    shown, masked = (
        STRICT.finding(finding(proposals=(fix(ProposalKind.MODEL_FIX, sql),))).proposals[0].sql
        for sql in (diff, f"{diff} where a = '{MAIL}'")
    )
    assert shown == diff
    assert masked.startswith(NO_SQL) and "select 2 where a" in masked and MAIL not in masked


def test_an_action_is_words(finding: Callable[..., Finding]) -> None:
    action = fix(ProposalKind.UPSTREAM_ACTION, f"Ask {MAIL}; load it again")
    assert STRICT.finding(finding(proposals=(action,))).proposals[0].sql == f"Ask {MASK}; load it again"


def test_only_a_message_is_read_as_a_database_tells_it(finding: Callable[..., Finding]) -> None:
    treated = STRICT.finding(finding(diagnosis="Bad int64 value: Jane", no_proposal="Bad int64 value: Jane"))
    assert treated.no_proposal == f"Bad int64 value: {MASK}"
    assert treated.diagnosis == "Bad int64 value: Jane"


def test_an_unchanged_report_is_the_same_object(finding: Callable[..., Finding], report_of: Callable[..., Any]) -> None:
    report = report_of(finding())
    assert OFF.report(report).run is report.run


def test_with_privacy_off_no_column_is_personal() -> None:
    assert STRICT.is_personal("email", "t") and SAMPLES.is_personal("email", "t")
    assert not OFF.is_personal("email", "t")
