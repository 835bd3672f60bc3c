"""The long form says all that a rule says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aegis.rules import NotNull, Rule, expand, load_text, registry
from aegis.rules.model import RuleStatus
from tests.unit.rules.examples import own_values

CHARACTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
TRICKY = [
    "no", "yes", "true", "null", "~", "1", "1.5", "1e3", "007", "1_000", "0x1F", "2024-01-01", "- a", "a: b",
    "#x", "<<",
    "a\nb\n", "a\n\nb", " a", "a ", "\ta", "é", "'", '"', "{{ x }}", "=", "*a", "&a", "!x", "%", "@", "`",
    "\u2028", "\x85",
]  # fmt: skip
TEXT = st.text(CHARACTERS, min_size=1, max_size=20) | st.sampled_from(TRICKY)
INT = st.integers(-(10**12), 10**12)
DECIMAL = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=3)
NUMBER = INT | DECIMAL
IDS = st.from_regex(r"[a-zA-Z_][\w.:-]{0,20}", fullmatch=True)


def ordered(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    pairs = st.tuples(values, values).map(sorted)
    return pairs.map(lambda pair: {"min_value": pair[0], "max_value": pair[1]}) | values.map(lambda v: {"min_value": v})


PARAMETERS: dict[str, st.SearchStrategy[Any]] = {
    "column": TEXT,
    "column_b": TEXT.map(lambda text: text + "_b"),
    "columns": st.lists(TEXT, min_size=1, max_size=3, unique=True),
    "threshold": st.integers(1, 100),
    "unit": st.sampled_from(["minutes", "hours", "days"]),
    "strictly": st.just(False),
    "pattern": TEXT,
    "flags": st.sampled_from(["i", "im", "ims"]),
    "values": st.lists(TEXT | NUMBER | st.booleans() | st.just(""), min_size=1, max_size=4),
    "quote": st.sampled_from([None, True]),
    "data_type": TEXT,
    "reference_table": TEXT,
    "reference_column": TEXT,
    "condition": st.just("a > 1"),
    "expression": st.sampled_from(["a > 1", "b = 'x\ny'", "c  =  2"]),
    "query": st.sampled_from(["select 1", "select a\nfrom t\nwhere a > 1\n", "select\n  a\n\nfrom t"]),
    "returns": st.sampled_from([None, "rows"]),
    "on_empty": st.sampled_from(["pass", "fail"]),
    "zscore_threshold": st.integers(1, 9),
    "about": st.lists(TEXT, max_size=2),
}
DRAWN = {*PARAMETERS, "min_value", "max_value"}
COMMON: dict[str, st.SearchStrategy[Any]] = {
    "id": IDS,
    "schema": TEXT,
    "database": TEXT,
    "warehouse": TEXT,
    "severity": st.sampled_from(["critical", "info", "medium"]),
    "level": st.sampled_from(["error", "warn"]),
    "owner": TEXT,
    "tags": st.lists(TEXT, max_size=3),
    "description": TEXT,
    "runbook": TEXT,
    "version": TEXT,
    "status": st.sampled_from(list(RuleStatus)),
    "keys": st.lists(TEXT, max_size=2),
    "diagnosis": st.fixed_dictionaries({}, optional={"common_causes": st.lists(TEXT, max_size=2)}),
    "remediation": st.fixed_dictionaries({}, optional={"auto_remediate": st.booleans()}),
    "sla": st.fixed_dictionaries({}, optional={"detection_window": TEXT}),
}
CHECKS: dict[str, st.SearchStrategy[Any]] = {
    "where": st.just("status <> 'x'"),
    "since": st.sampled_from(["7 days", "last_success"]),
    "time_column": TEXT,
    "time_zone": st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu"]),
    "nulls": st.sampled_from(["pass", "fail"]),
    "max_failed_pct": st.integers(50, 100),
    "max_failed_rows": st.integers(0, 9),
}


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    cls = draw(st.sampled_from(sorted(registry().values(), key=lambda found: found.type)))
    names = set(cls.model_fields)
    # Fields of which nothing is drawn here have what the type's own example gives.
    values = {name: value for name, value in own_values(cls.type).items() if name not in DRAWN}
    values |= {name: draw(PARAMETERS[name]) for name in PARAMETERS if name in names}
    if {"min_value", "max_value"} <= names:
        whole = st.integers(0, 99) if cls.type == "row_count_between" else NUMBER
        values |= draw(ordered(whole))
    elif "min_value" in names or "max_value" in names:
        values["min_value" if "min_value" in names else "max_value"] = draw(NUMBER | TEXT)
    values |= draw(st.fixed_dictionaries({}, optional=COMMON))
    values |= draw(st.fixed_dictionaries({}, optional={k: v for k, v in CHECKS.items() if k in cls.checks}))
    return cls(table=draw(TEXT), **values)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(rules(), min_size=1, max_size=3, unique_by=lambda rule: rule.id))
def test_loading_what_was_expanded_gives_the_same_rules(given: list[Rule]) -> None:
    assert list(load_text(expand(given))) == given


def test_defaults_are_left_out_and_lists_stay_on_one_line() -> None:
    assert expand([NotNull(table="t", column="a", tags=("x", "y"))]) == (
        "apiVersion: aegis.dev/v1\nkind: DataQualityRule\nmetadata:\n  id: t_a_not_null\n  severity: medium\n"
        "  tags: [x, y]\nscope:\n  table: t\n  columns: [a]\nlogic:\n  type: not_null\n"
    )


def test_words_that_yaml_could_take_for_something_else_are_quoted() -> None:
    text = expand([NotNull(table="no", column="1e3", owner="2024-01-01")])
    assert "table: 'no'" in text
    assert "columns: ['1e3']" in text
    assert yaml.safe_load(text)["metadata"]["owner"] == "2024-01-01"


def test_a_query_on_several_lines_stays_on_them() -> None:
    [rule] = load_text("table: t\nrules:\n  - custom_sql: |\n      select a\n      from t\n")
    assert "  query: |\n    select a\n    from t\n" in expand([rule])


def test_decimals_are_written_as_they_are() -> None:
    [rule] = load_text("table: t\nrules: [min_value_check: {column: a, min_value: 1.50}]\n")
    assert "min_value: 1.50\n" in expand([rule])
    assert rule.min_value == Decimal("1.50")  # type: ignore[attr-defined]
