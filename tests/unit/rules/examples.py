"""The rule that a type's docstring shows, as the loader reads it."""

from __future__ import annotations

import inspect
import re
from functools import cache
from typing import Any

from aegis.rules import Rule, load_text, registry


@cache
def shown(rule_type: str) -> Rule:
    """Raises AssertionError where the docstring has no YAML example."""
    said = inspect.cleandoc(registry()[rule_type].__doc__ or "")
    example = re.search(r"```yaml\n(.*?)\n```", said, re.DOTALL)
    assert example is not None, rule_type
    [written] = load_text("table: orders\nrules:\n  - " + example[1].replace("\n", "\n    "), dialect="duckdb").rules
    return written


def own_values(rule_type: str) -> dict[str, Any]:
    """What the example gives for the fields of the type itself."""
    rule = shown(rule_type)
    return {name: getattr(rule, name) for name in type(rule).parameters() if name in rule.model_fields_set}
