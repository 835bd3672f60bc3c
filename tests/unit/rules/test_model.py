"""Rules made in Python: values that say what is wrong with them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from aegis.domain.severity import Level, Severity
from aegis.errors import RulesError
from aegis.rules import (
    AcceptedValues,
    Between,
    ColumnType,
    CompositeUnique,
    CustomSql,
    Diagnosis,
    Freshness,
    MeanBetween,
    NotNull,
    RegexMatch,
    Rule,
    RuleBook,
    RuleStatus,
    SourceLocation,
    SqlExpression,
    Unique,
    ZscoreOutlier,
    registry,
)

CAUSE: Any = {"cause": 1}


def problems(error: pytest.ExceptionInfo[RulesError]) -> list[tuple[str | None, str]]:
    return [(problem.field, problem.message) for problem in error.value.problems]


def test_a_rule_needs_only_its_table_and_its_types_parameters() -> None:
    rule = Between(table="orders", column="qty", min_value=1)
    assert (rule.id, rule.severity, rule.effective_level) == ("orders_qty_between", Severity.MEDIUM, Level.WARN)


def test_a_rule_cannot_change() -> None:
    rule = NotNull(table="t", column="a")
    with pytest.raises(ValidationError):
        rule.column = "b"


def test_rules_that_say_the_same_are_equal_wherever_they_come_from() -> None:
    here = NotNull(table="t", column="a", source=SourceLocation("a.yml", 3), dialect="duckdb")
    there = NotNull(table="t", column="a", source=SourceLocation("b.yml", 9))
    assert here == there
    assert hash(here) == hash(there)
    assert here != NotNull(table="t", column="b")
    assert here != Unique(table="t", column="a", id=here.id)
    assert "source" not in here.model_dump()


def test_every_problem_is_told_at_once_with_the_nearest_spelling() -> None:
    with pytest.raises(RulesError) as error:
        Between(tabel="orders", column="qty", severity="hgh", min_valu=1)  # type: ignore[call-arg, arg-type]
    told = dict(problems(error))
    assert told["severity"].startswith("'hgh' is not accepted; did you mean 'high'?")
    assert told["min_valu"].startswith("unknown field 'min_valu'; did you mean 'min_value'?")
    assert told["tabel"].startswith("unknown field 'tabel'; did you mean 'table'?")
    assert told["table"].startswith("'table' is missing")


def test_the_base_class_is_no_rule() -> None:
    with pytest.raises(TypeError, match="use one of its subclasses"):
        Rule(table="t")


@pytest.mark.parametrize(
    ("make", "field", "message"),
    [
        (lambda: Between(table="t", column="a"), "min_value", "give min_value, max_value or both"),
        (lambda: Between(table="t", column="a", min_value=2, max_value=1), "min_value", "at most"),
        (lambda: Between(table="t", column="a", min_value=1, max_value=1, strictly=True), "min_value", "below"),
        (lambda: Between(table="t", column="a", min_value=1, max_value="b"), "max_value", "both be numbers"),
        (lambda: Between(table="t", column="a", min_value="2024-02-01", max_value="2024-01-31"), "min_value", "most"),
        (lambda: Between(table="t", column="a", min_value=True), "min_value", "a number, a date"),
        (lambda: Between(table="t", column="a", min_value=Decimal("nan")), "min_value", "finite"),
        (lambda: Between(table="t", column="a", min_value=Decimal("1e999")), "min_value", "at most 100 digits"),
        (lambda: Between(table="t", column="a", min_value=10**101), "min_value", "at most 100 digits"),
        (lambda: AcceptedValues(table="t", column="a", values=()), "values", "is empty"),
        (lambda: AcceptedValues(table="t", column="a", values=("x",), quote=False), "quote", "'x' cannot be"),
        (lambda: RegexMatch(table="t", column="a", pattern=""), "pattern", "not empty"),
        (lambda: RegexMatch(table="t", column="a", pattern="x", flags="g"), "flags", "some of i"),
        (lambda: CompositeUnique(table="t", columns=()), "columns", "unique together"),
        (lambda: Freshness(table="t", threshold=0), "threshold", "above 0"),
        (lambda: NotNull(table="t", column="a", time_zone="Berlin"), "time_zone", "IANA name"),
        (lambda: Freshness(table="t", threshold=1, where="a > 1"), "column", "need a column"),
        (lambda: MeanBetween(table="t", column="a", max_value="x"), "max_value", "a number"),  # type: ignore[arg-type]
        (lambda: ZscoreOutlier(table="t", column="a", zscore_threshold=0), "zscore_threshold", "above 0"),
        (lambda: NotNull(table="t", column="a", max_failed_pct=101), "max_failed_pct", "0 to 100"),
        (lambda: NotNull(table="t", column="a", max_failed_rows=-1), "max_failed_rows", "0 or more"),
        (lambda: NotNull(table="t", column="a", since="yesterday"), "since", "a span such as"),
        (lambda: NotNull(table="t", column="a", nulls="fail"), "nulls", "does not take"),  # type: ignore[call-arg]
        (lambda: NotNull(table="t", column="a\0b"), "column", "NUL character"),
        (lambda: NotNull(table="t", column="a", tags=("x", "\0")), "tags.1", "NUL character"),
        (lambda: NotNull(table="t", column="\ud800"), "column", "surrogate"),
        (lambda: NotNull(table="", column="a"), "table", "not empty"),
        (lambda: NotNull(table="t", column="a", id="no good"), "id", "letters, digits"),
        (lambda: NotNull(table="t", column="a", level=Level.NONE), "level", "error, warn"),  # type: ignore[arg-type]
        (lambda: NotNull(table="t", column="a", diagnosis=CAUSE), "diagnosis.cause", "unknown field"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused(make: object, field: str, message: str) -> None:
    assert callable(make)
    with pytest.raises(RulesError) as error:
        make()
    assert [given for given, text in problems(error) if message in text] == [field], str(error.value)


def test_floats_become_the_decimal_that_their_text_names_and_dates_iso_text() -> None:
    values: Any = (0.1, 1, True, date(2024, 1, 2), datetime(2024, 1, 2, 3, 4), "x")
    rule = AcceptedValues(table="t", column="a", values=values)
    assert rule.values == (Decimal("0.1"), 1, True, "2024-01-02", "2024-01-02 03:04:00", "x")


def test_one_value_stands_for_the_list_of_it() -> None:
    assert AcceptedValues(table="t", column="a", values="x", tags="pii").tags == ("pii",)


@pytest.mark.parametrize(
    ("severity", "status", "level", "effective"),
    [
        ("critical", "active", None, "error"),
        ("high", "active", None, "error"),
        ("medium", "active", None, "warn"),
        ("info", "active", None, "warn"),
        ("low", "active", "error", "error"),
        ("critical", "active", "warn", "warn"),
        ("critical", "draft", "error", "none"),
    ],
)
def test_severity_means_a_level_unless_the_rule_says_another_or_is_a_draft(
    severity: str, status: str, level: str | None, effective: str
) -> None:
    rule = NotNull(table="t", column="a", severity=severity, status=status, level=level)  # type: ignore[arg-type]
    assert rule.effective_level == effective


@pytest.mark.parametrize(("given", "kept"), [("7 days", "7 days"), ("1 DAYS", "1 day"), (" 24  hour", "24 hours")])
def test_a_span_has_one_spelling(given: str, kept: str) -> None:
    assert NotNull(table="t", column="a", since=given).since == kept


def test_a_book_refuses_an_id_that_is_there_already() -> None:
    with pytest.raises(RulesError, match="used already"):
        RuleBook.of(NotNull(table="t", column="a", id="x"), NotNull(table="t", column="b", id="x"))
    assert len(RuleBook.of(NotNull(table="t", column="a"), Unique(table="t", column="a"))) == 2


def test_a_type_name_belongs_to_one_class() -> None:
    with pytest.raises(TypeError, match="declared by NotNull already"):
        type("Other", (NotNull,), {"type": "not_null", "__module__": __name__})


def test_every_type_says_what_it_takes_its_own_first() -> None:
    for name, cls in registry().items():
        assert cls.takes()[: len(cls.parameters())] == cls.parameters(), name
        assert cls.shorthand in cls.parameters(), name
        assert cls.__doc__, name


def test_the_columns_that_a_rule_is_about() -> None:
    assert SqlExpression(table="t", expression="a > b", about=("a",)).columns_named == ("a",)
    assert CompositeUnique(table="t", columns=("a", "b")).columns_named == ("a", "b")


def test_nested_parts_are_values_too() -> None:
    rule = NotNull(table="t", column="a", diagnosis=Diagnosis(common_causes=("x",)), status=RuleStatus.DEPRECATED)
    assert rule.diagnosis is not None
    assert rule.diagnosis.lineage_hints.upstream_tables == ()


def test_arguments_are_in_a_fixed_order_and_leave_defaults_out() -> None:
    rule = Between(
        table="t", column="a", max_value=Decimal("1.50"), min_value=1, where="t.b > 1 and c = 'x'",
        severity=Severity.HIGH, owner="me", description="d", runbook="r",
        tags=("x",), max_failed_rows=0, keys=("id",), since="1 day",
        time_column="at", max_failed_pct=Decimal("0.10"), warn_pct=0, nulls="fail", strictly=True,
    )  # fmt: skip
    assert list(rule.arguments("duckdb").items()) == [
        ("id", "t_a_between"), ("type", "between"), ("severity", "high"), ("level", "error"), ("column", "a"),
        ("min_value", 1), ("max_value", {"decimal": "1.50"}), ("strictly", True), ("where", "b > 1 AND c = 'x'"),
        ("since", "1 day"), ("time_column", "at"), ("nulls", "fail"), ("max_failed_pct", {"decimal": "0.10"}),
        ("max_failed_rows", 0), ("warn_pct", 0), ("keys", ["id"]), ("uses", ["b", "c"]), ("owner", "me"),
        ("description", "d"), ("runbook", "r"), ("tags", ["x"]),
    ]  # fmt: skip


def test_arguments_refuse_sql_that_the_gate_refuses() -> None:
    with pytest.raises(RulesError, match="holds a comment"):
        SqlExpression(table="t", expression="a > 1 -- x").arguments()


def test_what_a_query_returns_is_read_from_it_unless_the_rule_says() -> None:
    query = "select flag from t"
    assert CustomSql(table="t", query=query).arguments()["returns"] == "rows"
    assert CustomSql(table="t", query=query, returns="boolean").arguments()["returns"] == "boolean"


def test_a_type_parameter_has_another_name_than_the_types_name() -> None:
    assert ColumnType(table="t", column="a", data_type="integer").arguments()["data_type"] == "integer"
