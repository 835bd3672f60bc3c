"""Nothing of the hostile corpus passes the gate; and what it says is a refusal, never a crash."""

from __future__ import annotations

import pytest

from aegis.errors import RefusedError
from aegis.sql.gate import check_expression, check_query
from tests.unit.sql.hostile import EXPRESSIONS, QUERIES


def shortened(case: tuple[str | None, str]) -> str:
    return f"{case[0]}: {case[1][:60]!r}"


@pytest.mark.parametrize("case", EXPRESSIONS, ids=shortened)
def test_a_hostile_expression_is_refused(case: tuple[str | None, str]) -> None:
    with pytest.raises(RefusedError) as refused:
        check_expression(case[1], case[0], table="orders")
    assert refused.value.message


@pytest.mark.parametrize("case", QUERIES, ids=shortened)
def test_a_hostile_query_is_refused(case: tuple[str | None, str]) -> None:
    with pytest.raises(RefusedError) as refused:
        check_query(case[1], case[0], table="orders")
    assert refused.value.message


@pytest.mark.parametrize("case", EXPRESSIONS, ids=shortened)
def test_a_hostile_expression_is_refused_where_nobody_knows_the_dialect(case: tuple[str | None, str]) -> None:
    try:
        passed = check_expression(case[1], None, table="orders")
    except RefusedError:
        return
    assert case in READ_DIFFERENTLY, passed.sql


# The standard grammar sees an operator between a column and a text; printed with spaces, it is that everywhere.
READ_DIFFERENTLY: list[tuple[str | None, str]] = [("postgres", "a = U&'\\0027'")]


@pytest.mark.parametrize("name", ["read_csv", "getenv", "nextval", "pg_read_file", "dblink", "sleep", "my_query"])
def test_a_dangerous_function_does_not_pass_even_when_its_name_is_allowed(name: str) -> None:
    with pytest.raises(RefusedError):
        check_expression(f"{name}(a) = 1", "duckdb", allow=frozenset({name}))
