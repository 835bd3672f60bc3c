"""Every rule type gives the verdicts of its case file, on every warehouse and engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from integration_tests.case_files import CASES, Case, load_cases
from integration_tests.case_run import GENERIC_STAGES
from integration_tests.conftest import Outcome
from integration_tests.engines import Engine, engines

ALL = load_cases()


def combinations() -> list[Any]:
    """(engine, warehouse): dbt 1.10 and 1.11 run on DuckDB alone, the others on both. PostgreSQL on dbt 1 is left to
    the long tests: dbt 2 asks it every day, and so does `test_direct.py`, without dbt."""
    found = []
    for engine in engines():
        for name in ("duckdb", "postgres") if engine.id in ("dbt1", "dbt2") else ("duckdb",):
            marks = [*engine.marks, *([pytest.mark.postgres] if name == "postgres" else [])]
            if (engine.id, name) == ("dbt1", "postgres"):
                marks.append(pytest.mark.long)
            found.append(pytest.param(engine.values[0], name, id=f"{engine.id}-{name}", marks=marks))
    return found


def proofs(cases: tuple[Case, ...]) -> list[Any]:
    """Every case on every combination that can hold its table."""
    return [
        pytest.param(*where.values, case, id=f"{where.id}-{case.id}", marks=where.marks)
        for where in combinations()
        for case in cases
        if case.only in (None, where.values[1])
    ]


@pytest.mark.parametrize(("engine", "warehouse", "case"), proofs(ALL))
def test_a_rule_gives_the_verdict_of_its_case(
    engine: Engine, warehouse: str, case: Case, outcome_of: Callable[..., Outcome]
) -> None:
    found = outcome_of(engine, warehouse)
    assert case.id in found["rows"], f"{case}: its suite did not run\n{found['suites'][case.table.key]['message']}"
    row = found["rows"][case.id]
    expect = case.expect
    verdict = (row["status"], row["rows_failed"], row["rows_checked"], row["level"])
    assert verdict == (expect.status, expect.failed, expect.checked, expect.level), f"{case}\n{row['message']}"
    for name, wanted in expect.also.items():
        told = row["failing_keys" if name == "keys" else name]
        if name == "keys":
            assert json.loads(told, parse_float=Decimal) == some_of(wanted, warehouse), f"{case}"
        elif name == "message":
            assert wanted in told, f"{case}"
        else:
            assert told == str(wanted), f"{case}"
    assert (row["message"] is None) == (expect.status == "pass"), f"{case}"


def some_of(keys: list[Any], warehouse: str) -> list[Any]:
    """PostgreSQL has no bounded list aggregate: the first and the last failing key."""
    return (
        keys if warehouse == "duckdb" else [keys[0], *keys[-1:]] if len(keys) > 1 and keys[0] != keys[-1] else keys[:1]
    )


@pytest.mark.parametrize(
    ("engine", "warehouse", "case"), proofs(tuple(case for case in ALL if case.id.endswith(GENERIC_STAGES)))
)
def test_the_generic_test_of_a_rule_type_agrees_with_its_suite(
    engine: Engine, warehouse: str, case: Case, outcome_of: Callable[..., Outcome]
) -> None:
    found = outcome_of(engine, warehouse)
    row, result = found["rows"][case.id], found["generic"][case.id]
    assert (result["status"], result["failures"]) == (
        row["status"],
        row["rows_failed"] if row["status"] == "fail" else 0,
    )


@pytest.mark.parametrize(("engine", "warehouse"), combinations())
def test_dbt_itself_says_the_worst_level_of_what_failed(
    engine: Engine, warehouse: str, outcome_of: Callable[..., Outcome]
) -> None:
    found = outcome_of(engine, warehouse)
    levels: dict[str, set[str]] = {}
    for case in ALL:
        if case.only in (None, warehouse):
            row = found["rows"][case.id]
            levels.setdefault(case.table.key, set()).add("pass" if row["status"] == "pass" else row["level"])
    said = {key: result["status"] for key, result in found["suites"].items()}
    assert said == {
        key: "fail" if "error" in worst else "warn" if "warn" in worst else "pass" for key, worst in levels.items()
    }


def test_every_case_file_proves_what_every_rule_type_owes() -> None:
    """Pass, failure, empty table and a fault that is found, for each type."""
    for rule_type in {path.stem for path in CASES.glob("*/*.yml")}:
        of_type = [case for case in ALL if case.id.startswith(f"{rule_type}.")]
        assert {"pass", "fail"} <= {case.expect.status for case in of_type}, rule_type
        assert any(not case.table.rows for case in of_type), f"{rule_type}: no empty table"
        assert any(case.id.endswith("mutation_b") and case.expect.status == "fail" for case in of_type), rule_type
        odd = [case for case in of_type if any(not n.isidentifier() or n.lower() != n for n in case.table.columns)]
        assert odd, f"{rule_type}: no odd identifier"
    assert len({case.id for case in ALL}) == len(ALL)
