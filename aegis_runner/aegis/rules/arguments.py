"""What the dbt macro of a rule gets."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import JsonValue

    from aegis.rules.model import Rule

_CHECKS = (
    "where",
    "since",
    "time_column",
    "time_zone",
    "nulls",
    "max_failed_pct",
    "max_failed_rows",
    "warn_pct",
    "keys",
)
# dbt 2 reads a longer integer as a float.
_BEYOND = 2**63
_PEOPLE = ("owner", "description", "runbook", "tags")


def arguments(rule: Rule, dialect: str | None) -> dict[str, JsonValue]:
    """Keys in a fixed order: who (id, type, severity, level), the type's parameters, which rows are checked and what
    is tolerated, ``uses`` (columns that the SQL reads), what people read, and ``guidance`` for when it fails. A value
    equal to its default is left out. A number that is no integer of 64 bits is ``{"decimal": "0.10"}``, so that no
    float bends it on its way.

    Raises:
        RulesError: The rule's SQL is refused; see `aegis.sql.gate`.
    """
    from aegis.rules.sql_fields import gated

    sql = gated(rule, dialect)
    given: dict[str, JsonValue] = {
        "id": rule.id,
        "type": rule.type,
        "severity": rule.severity.value,
        "level": rule.effective_level.value,
    }
    values = {**rule.__dict__, **{name: entry.sql for name, entry in sql.items()}}
    if "query" in sql and values["returns"] is None:
        values["returns"] = sql["query"].returns
    given.update(_set_values(rule, values, (*rule.parameters(), *_CHECKS)))
    if given.get("returns") == "passed" and "passed" in sql["query"].answer:
        given["answer"] = dict(sql["query"].answer)
    uses = sorted({column for entry in sql.values() for column in entry.columns})
    if uses:
        given["uses"] = list(uses)
    given.update(_set_values(rule, values, _PEOPLE))
    if guidance := _guidance(rule):
        given["guidance"] = guidance
    return given


def _guidance(rule: Rule) -> dict[str, JsonValue]:
    """What the rule's owner wrote for the time when it fails; for the report, no macro reads it."""
    diagnosis, remediation = rule.diagnosis, rule.remediation
    said: dict[str, JsonValue] = {}
    if diagnosis is not None and diagnosis.common_causes:
        said["common_causes"] = list(diagnosis.common_causes)
    if diagnosis is not None and (tables := diagnosis.lineage_hints.by_table()):
        said["lineage_hints"] = {table: list(columns) for table, columns in tables.items()}
    if remediation is not None and remediation.proposal_strategy is not None:
        said["proposal_strategy"] = remediation.proposal_strategy
    return said


def _set_values(rule: Rule, values: Mapping[str, object], names: tuple[str, ...]) -> dict[str, JsonValue]:
    fields = type(rule).model_fields
    return {name: plain(values[name]) for name in names if values[name] != fields[name].default}


def plain(value: object) -> JsonValue:
    """A value as JSON has it, numbers exact."""
    if isinstance(value, Decimal):
        return {"decimal": format(value, "f")}
    if isinstance(value, int) and abs(value) >= _BEYOND:
        return {"decimal": str(value)}
    if isinstance(value, tuple):
        return [plain(entry) for entry in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    raise TypeError(f"{type(value).__name__} has no place among a rule's arguments")
