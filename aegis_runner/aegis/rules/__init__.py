"""Rules: one expectation about one table each, from YAML or Python.

>>> from aegis.rules import Between, load_rules
>>> Between(table="orders", column="qty", min_value=1, max_value=100)
>>> load_rules("rules/", dialect="duckdb")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aegis.rules.book import BrokenRule, RuleBook
    from aegis.rules.expand import expand
    from aegis.rules.load import load_rules, load_text, read_rules
    from aegis.rules.model import Family, Rule, RuleStatus, Source, registry
    from aegis.rules.parts import Diagnosis, LineageHints, Remediation, Sla
    from aegis.rules.schema import rules_schema
    from aegis.rules.types.completeness import ConditionalNotNull, NotEmptyString, NotNull, NullPercentageBelow
    from aegis.rules.types.consistency import CustomSql, ForeignKey
    from aegis.rules.types.distribution import ColumnSumBetween, MeanBetween, StddevBelow, ZscoreOutlier
    from aegis.rules.types.timeliness import DateOrder, Freshness, NoFutureDates
    from aegis.rules.types.uniqueness import CompositeUnique, DuplicatePercentageBelow, Unique
    from aegis.rules.types.validity import (
        AcceptedValues,
        Between,
        ColumnExists,
        ColumnType,
        MaxValueCheck,
        MinValueCheck,
        NotAcceptedValues,
        RegexMatch,
        SqlExpression,
    )
    from aegis.rules.types.volume import RowCount, RowCountBetween

__all__ = [
    "AcceptedValues",
    "Between",
    "BrokenRule",
    "ColumnExists",
    "ColumnSumBetween",
    "ColumnType",
    "CompositeUnique",
    "ConditionalNotNull",
    "CustomSql",
    "DateOrder",
    "Diagnosis",
    "DuplicatePercentageBelow",
    "Family",
    "ForeignKey",
    "Freshness",
    "LineageHints",
    "MaxValueCheck",
    "MeanBetween",
    "MinValueCheck",
    "NoFutureDates",
    "NotAcceptedValues",
    "NotEmptyString",
    "NotNull",
    "NullPercentageBelow",
    "RegexMatch",
    "Remediation",
    "RowCount",
    "RowCountBetween",
    "Rule",
    "RuleBook",
    "RuleStatus",
    "Sla",
    "Source",
    "SqlExpression",
    "StddevBelow",
    "Unique",
    "ZscoreOutlier",
    "expand",
    "load_rules",
    "load_text",
    "read_rules",
    "registry",
    "rules_schema",
]

# Where the names that are no rule type live. Nothing is imported before it is asked for.
_HOMES = {
    "BrokenRule": "book",
    "RuleBook": "book",
    "expand": "expand",
    "load_rules": "load",
    "load_text": "load",
    "read_rules": "load",
    "rules_schema": "schema",
    **dict.fromkeys(("Diagnosis", "LineageHints", "Remediation", "Sla"), "parts"),
    **dict.fromkeys(("Family", "Rule", "RuleStatus", "Source", "registry"), "model"),
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        from aegis.rules.spell import did_you_mean

        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{did_you_mean(name, __all__)}")
    if name in _HOMES:
        found: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    else:
        from aegis.rules.model import registry

        found = next(cls for cls in registry().values() if cls.__name__ == name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
