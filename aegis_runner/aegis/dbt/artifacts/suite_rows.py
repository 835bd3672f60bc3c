"""Aegis suites: the dbt tests that carry all rules of a table, and the rows they store, one per rule."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from aegis.dbt.artifacts.read import Artifacts
from aegis.dbt.artifacts.schema import Node, RunResult
from aegis.dbt.artifacts.suite_meta import suite_section
from aegis.domain.severity import Level, Severity

if TYPE_CHECKING:
    from pydantic import JsonValue


StoredRow: TypeAlias = dict[str, "JsonValue"]
"""A row of a suite, by its columns, as a warehouse gives it; `parse_row` checks it."""


class SuiteRule(msgspec.Struct, frozen=True, kw_only=True):
    """What the manifest says about one rule of a suite (`RuleArguments`), as far as a result needs it."""

    id: str
    type: str
    severity: Severity
    level: Level
    column: str | None = None
    columns: list[str] | None = None
    owner: str | None = None
    description: str | None = None
    runbook: str | None = None
    tags: list[str] = []
    guidance: dict[str, Any] | None = None

    @property
    def column_name(self) -> str | None:
        return self.column if self.column is not None else ", ".join(self.columns or ()) or None


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite that was part of the run.

    Attributes:
        unique_id: Of the dbt test.
        relation_name: The table with its stored rows, quoted for its warehouse; ``None`` where nothing was stored.
        compiled_code: The SQL that gives the same rows; ``None`` where no artifact has it.
        rules: Its rules, in order.
        status: dbt's status, in lower case.
        failures: What its ``fail_calc`` gave.
        ran: Whether it gave rows in this run. Rows that are stored by a suite that broke or was skipped are of
            an earlier run.
        part: Its name in a relation that it shares with others.
    """

    unique_id: str
    relation_name: str | None
    compiled_code: str | None
    rules: tuple[SuiteRule, ...]
    status: str
    failures: int | None
    ran: bool
    part: str | None = None


class RowError(ValueError):
    """A stored row that is not what the suite macro writes."""


@dataclass(frozen=True, slots=True)
class SuiteRow:
    """One stored row, checked."""

    rule_id: str
    severity: Severity
    level: Level
    status: str
    column_name: str | None
    rows_checked: int | None
    rows_failed: int | None
    observed: str | None
    expected: str | None
    failing_keys: tuple[Any, ...]
    failing_rows_sql: str | None
    message: str | None


def rules_of(node: Node) -> tuple[SuiteRule, ...] | None:
    """The rules a test carries; ``None`` where it is not a suite.

    Raises:
        RowError: It says it is one, and its rules are not what Aegis writes.
    """
    if node.resource_type not in (None, "test"):
        return None
    section = suite_section(node)
    if section is None:
        return None
    try:
        rules = msgspec.convert(section.arguments(), tuple[SuiteRule, ...])
    except msgspec.DecodeError as error:
        raise RowError(f"its meta.aegis.rules cannot be read: {error}") from None
    if len({rule.id for rule in rules}) < len(rules):
        raise RowError("its meta.aegis.rules holds a rule id twice")
    return rules


def suite_table(node: Node) -> str | None:
    """The table a suite says it is about (``meta.aegis.table``), if it says so."""
    section = suite_section(node)
    return section.table if section is not None else None


def suite_file(node: Node) -> str | None:
    """The rules file a suite was compiled from (``meta.aegis.files``), where it is one."""
    section = suite_section(node)
    return section.files[0] if section is not None and len(section.files) == 1 else None


def find_suites(artifacts: Artifacts) -> tuple[Suite, ...]:
    """The suites of this run, in the order of the run results. Suites that cannot be read are not among them."""
    found = []
    for result in artifacts.run_results.results:
        node = artifacts.manifest.nodes.get(result.unique_id)
        try:
            rules = rules_of(node) if node else None
        except RowError:
            # They become results of their own: see aegis.dbt.results.read.
            continue
        if node is not None and rules is not None:
            found.append(_suite(node, result, rules))
    return tuple(found)


def _suite(node: Node, result: RunResult, rules: tuple[SuiteRule, ...]) -> Suite:
    section = suite_section(node)
    return Suite(
        unique_id=node.unique_id,
        relation_name=result.relation_name or node.relation_name,
        compiled_code=result.compiled_code or node.compiled,
        rules=rules,
        status=(result.status or "").casefold(),
        failures=result.failures,
        ran=has_run(result),
        part=section.part if section is not None else None,
    )


def has_run(result: RunResult) -> bool:
    """Whether a test gave rows, whatever they say. (A failed test of dbt 2 may be an error that has failures.)"""
    status = (result.status or "").casefold()
    return status in ("pass", "fail", "warn") or (status == "error" and (result.failures or 0) > 0)


def parse_row(row: Mapping[str, object]) -> SuiteRow:
    """Check one stored row. Column names are taken in any case, since Snowflake answers in capitals.

    Raises:
        RowError: A column is missing or its value is not what the suite macro writes.
    """
    values = {str(name).casefold(): value for name, value in row.items()}
    status = _word(values, "status", ("pass", "fail", "warn", "error"))
    parsed = SuiteRow(
        rule_id=_required(values, "rule_id"),
        severity=Severity(_word(values, "severity", tuple(Severity))),
        level=Level(_word(values, "level", tuple(Level))),
        status=status,
        column_name=_text(values, "column_name"),
        rows_checked=_count(values, "rows_checked"),
        rows_failed=_count(values, "rows_failed"),
        observed=_text(values, "observed"),
        expected=_text(values, "expected"),
        failing_keys=_keys(values),
        failing_rows_sql=_text(values, "failing_rows_sql"),
        message=_text(values, "message"),
    )
    if status == "pass" and parsed.rows_checked is None and parsed.rows_failed is None:
        raise RowError("it passed without saying how many rows it checked")
    return parsed


def _value(values: Mapping[str, object], name: str) -> object:
    if name not in values:
        raise RowError(f"it has no column {name}")
    return values[name]


def _required(values: Mapping[str, object], name: str) -> str:
    text = _text(values, name)
    if not text:
        raise RowError(f"its {name} is empty")
    return text


def _word(values: Mapping[str, object], name: str, words: Iterable[str]) -> str:
    word = _required(values, name).strip().casefold()
    if word not in words:
        raise RowError(f"its {name} is {word[:40]!r}, not one of {', '.join(words)}")
    return word


def _text(values: Mapping[str, object], name: str) -> str | None:
    value = _value(values, name)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return str(value)
    raise RowError(f"its {name} is a {type(value).__name__}, not text")


def _count(values: Mapping[str, object], name: str) -> int | None:
    value = _value(values, name)
    if value is None:
        return None
    number = _whole_number(value)
    if number is None or number < 0:
        raise RowError(f"its {name} is {str(value)[:40]!r}, not a count")
    return number


def _whole_number(value: object) -> int | None:
    """Drivers give counts as int, Decimal or float; ``dbt show`` on some adapters as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdecimal() and len(value) < 20 else None
    return int(value) if isinstance(value, float | Decimal) and _is_whole(value) else None


def _is_whole(value: float | Decimal) -> bool:
    # A NaN of decimal raises when it is compared.
    finite = value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)
    return finite and -(2**63) < value < 2**63 and value == int(value)


def _read_leniently(value: object) -> Any:
    """A text that is JSON but for its numbers: some warehouses write NaN and Infinity bare.

    Raises:
        RowError: It is something else.
    """
    try:
        return json.loads(value, parse_constant=str) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        raise RowError("its failing_keys are not JSON") from None


def _keys(values: Mapping[str, object]) -> tuple[Any, ...]:
    value = _value(values, "failing_keys")
    if value is None:
        return ()
    try:
        # A driver may have read the array already, with decimals and dates in it.
        keys = msgspec.json.decode(value if isinstance(value, str) else msgspec.json.encode(value))
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError):
        keys = _read_leniently(value)
    if not isinstance(keys, list):
        raise RowError("its failing_keys are not a JSON array")
    return tuple(keys)
