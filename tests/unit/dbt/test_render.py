"""The macros outside dbt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from aegis.app.rules import DIALECTS
from aegis.dbt.graph.tables import Table
from aegis.dbt.suites import render
from aegis.dbt.suites.render import MacroError, RenderedRelation, statement
from aegis.dbt.suites.split import relation_of

RELATION = RenderedRelation("db", "main", "orders", '"db"."main"."orders"')
RULE = {"id": "r", "type": "not_null", "severity": "high", "level": "error", "column": "email"}
COLUMNS = [{"name": "email", "type": "varchar"}]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_statement_is_made_for_every_dialect(dialect: str) -> None:
    sql = statement(dialect, RELATION, [RULE], COLUMNS)
    assert '"db"."main"."orders"' in sql and "{{" not in sql


@pytest.mark.parametrize(
    ("dialect", "expected"), [("duckdb", '"m"."a""b`c"'), ("databricks", '`m`.`a"b``c`'), ("postgres", '"m"."a""b`c"')]
)
def test_a_name_cannot_end_its_quotes(dialect: str, expected: str) -> None:
    table = Table("ref", "x", "m", 'a"b`c')
    assert str(relation_of(table, dialect)) == expected


def test_a_column_that_is_not_there_is_that_rules_error() -> None:
    import duckdb

    rules = [RULE, {**RULE, "id": "gone", "column": "vat_id"}]
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as db; create table db.main.orders as select null::varchar as email")
        cursor = connection.execute(statement("duckdb", RELATION, rules, COLUMNS))
        names = [column[0] for column in cursor.description]
        rows = {row["rule_id"]: row for row in (dict(zip(names, row, strict=True)) for row in cursor.fetchall())}
    assert (rows["r"]["status"], rows["r"]["rows_failed"]) == ("fail", 1)
    assert rows["gone"]["status"] == "error" and "vat_id" in rows["gone"]["message"]


def test_the_rule_of_each_line_stands_behind_it_and_changes_nothing() -> None:
    import duckdb

    from aegis.dbt.suites.render import macro

    rules = [{**RULE, "id": "there"}, {**RULE, "id": "once", "type": "unique"}]
    few = {**RULE, "id": "few", "type": "row_count_between", "min_value": 1}
    facts = {"": {"columns": COLUMNS, "rows": None}}
    plain, noted = (
        str(macro("duckdb", "suite_statement")(RELATION, [*rules, few], {}, ["email"], facts, {}, wanted))
        for wanted in (False, True)
    )
    assert "--" not in plain
    assert re.sub("  -- (there|once|few)$", "", noted, flags=re.MULTILINE) == plain
    steps = noted[: noted.index("outcome as (")]
    lines = [line for line in steps.splitlines() if " as " in line and "select" not in line]
    assert all("--" in line for line in lines if " as (" not in line or line.startswith("rule_"))
    assert '"email" is null as fails_1,  -- there' in noted and "rule_2 as (  -- once" in noted
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as db; create table db.main.orders as select null::varchar as email")
        assert connection.execute(noted).fetchall() == connection.execute(plain).fetchall()


def test_a_zone_that_the_warehouse_does_not_know_is_an_error_of_the_rules_that_ask_for_it() -> None:
    from aegis.dbt.suites.render import macro

    berlin = {**RULE, "type": "no_future_dates", "time_zone": "Europe/Berlin"}
    rules = [RULE, berlin, {**berlin, "time_zone": "Etc/UTC"}, {**RULE, "time_zone": "Europe/Berlin"}]
    told = macro("duckdb", "without_zones")(rules, "the extension icu")
    assert [rule.get("error") for rule in told] == [
        None,
        "time_zone: Europe/Berlin needs the extension icu",
        None,
        None,
    ]
    assert macro("duckdb", "without_zones")(rules, None) == rules


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("tz >= '2024-01-01' AND x = '2024-01-01'", "tz >= '2024-01-01 00:00:00+00:00' AND x = '2024-01-01'"),
        ("tz BETWEEN '2024-01-01' AND '2024-02-01T10:00'",
         "tz BETWEEN '2024-01-01 00:00:00+00:00' AND '2024-02-01 10:00+00:00'"),
        ("NOT o.TZ IN ('2024-01-01', '2024-01-02 10:00:00+02')",
         "NOT o.TZ IN ('2024-01-01 00:00:00+00:00', '2024-01-02 10:00:00+02')"),
        ("'2024-01-01' <= \"tz\" OR '2024-01-01' <= at", "'2024-01-01 00:00:00+00:00' <= \"tz\" OR '2024-01-01' <= at"),
        ("tz > CAST('2024-01-01' AS TIMESTAMPTZ)", "tz > CAST('2024-01-01 00:00:00+00:00' AS TIMESTAMPTZ)"),
        ("CAST(tz AS DATE) = '2024-01-01'", None), ("at >= '2024-01-01'", None), ("x LIKE '%it''s 2024-01-01'", None),
        ("tz > CURRENT_TIMESTAMP AND '2024-01-01' = x", None), ("x IN ('2024-01-01', '2024-01-02')", None),
    ],
)  # fmt: skip
def test_a_moment_in_somebodys_sql_says_its_zone_where_it_is_compared_with_an_instant(
    sql: str, expected: str | None
) -> None:
    from aegis.dbt.suites.render import macro

    types = {"tz": "TIMESTAMP WITH TIME ZONE", "at": "TIMESTAMP", "x": "VARCHAR"}
    columns = [{"name": name, "type": kind} for name, kind in types.items()]
    table = macro("duckdb", "table_of")("t", columns, macro("duckdb", "dialect")())
    assert macro("duckdb", "literals_in_zone")(sql, {"table": table, "zone": "UTC"}) == (expected or sql)


def test_a_macro_that_refuses_says_so() -> None:
    with pytest.raises(MacroError, match="no such"):
        from aegis.dbt.suites.render import _Exceptions

        _Exceptions.raise_compiler_error("no such")


def test_a_type_that_is_not_known_is_refused_not_skipped() -> None:
    with pytest.raises(Exception, match=r"."):
        statement("duckdb", RELATION, [{**RULE, "type": "no_such_type"}], COLUMNS)


@pytest.fixture
def compiled_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Nothing compiled in this process or before; where it will be kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    forget()
    yield tmp_path / "aegis" / "macros"
    forget()


def forget() -> None:
    render._environment.cache_clear()
    render._macros.cache_clear()


def test_macros_that_were_compiled_before_say_the_same(compiled_anew: Path) -> None:
    anew = statement("duckdb", RELATION, [RULE], COLUMNS)
    kept = {path: path.read_bytes() for path in compiled_anew.iterdir()}
    assert kept and compiled_anew.stat().st_mode & 0o077 == 0
    forget()
    assert statement("duckdb", RELATION, [RULE], COLUMNS) == anew
    assert {path: path.read_bytes() for path in compiled_anew.iterdir()} == kept


@pytest.mark.parametrize("broken", [b"", b"nonsense", b"j2"])
def test_a_broken_file_of_compiled_macros_is_made_anew(compiled_anew: Path, broken: bytes) -> None:
    anew = statement("duckdb", RELATION, [RULE], COLUMNS)
    for path in compiled_anew.iterdir():
        path.write_bytes(broken + path.read_bytes()[:20])
    forget()
    assert statement("duckdb", RELATION, [RULE], COLUMNS) == anew


def test_macros_are_compiled_where_nothing_can_be_kept(compiled_anew: Path) -> None:
    compiled_anew.parent.parent.joinpath("aegis").write_text("a file where the folder would be")
    assert "email" in statement("duckdb", RELATION, [RULE], COLUMNS)
