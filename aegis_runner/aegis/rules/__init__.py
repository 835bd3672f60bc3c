"""Rules: one expectation about one table each, from YAML or Python.

>>> from aegis.rules import Between, load_rules
>>> Between(table="orders", column="qty", min_value=1, max_value=100)
>>> load_rules("rules/", dialect="duckdb")
"""

from __future__ import annotations

from importlib import import_module

from aegis.rules.types.names import FAMILIES

# Where the names that are not of rule types live. Nothing is imported before it is asked for.
_HOMES = {
    "BrokenRule": "book",
    "RuleBook": "book",
    "expand": "expand",
    "load_rules": "load",
    "load_text": "load",
    "read_rules": "load",
    "rules_schema": "schema",
    **dict.fromkeys(("Diagnosis", "LineageHints", "Remediation", "Sla"), "parts"),
    **dict.fromkeys(("Family", "Rule", "RuleStatus", "SourceLocation", "registry"), "model"),
}
_CLASSES = {cls: name for types in FAMILIES.values() for name, cls in types.items()}

__all__ = sorted([*_HOMES, *_CLASSES])  # type checkers read `__init__.pyi`


def __getattr__(name: str) -> object:
    if name not in __all__:
        from aegis.rules.spell import did_you_mean

        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{did_you_mean(name, __all__)}")
    if name in _HOMES:
        found: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    else:
        from aegis.rules.model import registry

        found = registry()[_CLASSES[name]]
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
