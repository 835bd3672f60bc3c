"""Values of rules as YAML that the loader reads as what they were."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

from aegis.rules.document import resolved


def plain_values(value: Any) -> Any:
    """A value of a rule as YAML has it: lists, mappings and plain texts."""
    if isinstance(value, dict):
        return {key: plain_values(entry) for key, entry in value.items()}
    if isinstance(value, tuple | list):
        return [plain_values(entry) for entry in value]
    return str(value) if isinstance(value, str) else value


@cache
def yaml_dumper() -> Any:
    """A dumper whose plain scalars read back, by `aegis.rules.document.resolved`, as what they were."""
    import yaml

    class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # which base is known when it runs
        def ignore_aliases(self, data: Any) -> bool:
            return True

    def text(dumper: Any, value: str) -> Any:
        # Folded text loses what a block scalar may not hold; only a query on several tidy lines is worth a block.
        tidy = value.endswith("\n") and all(line == line.strip("\t\r") and line for line in value[:-1].split("\n"))
        style = "|" if tidy and value.count("\n") > 1 and value.isascii() and not value[0].isspace() else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style or _quotes(value))

    def decimal(dumper: Any, value: Decimal) -> Any:
        written = format(value, "f")
        tag = "float" if "." in written else "int"
        return dumper.represent_scalar(f"tag:yaml.org,2002:{tag}", written)

    def sequence(dumper: Any, value: list[Any]) -> Any:
        flow = not any(isinstance(entry, dict | list) for entry in value)
        return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=flow)

    Dumper.add_representer(list, sequence)
    Dumper.add_representer(str, text)
    Dumper.add_representer(Decimal, decimal)
    return Dumper


def _quotes(value: str) -> str | None:
    try:
        return None if isinstance(resolved(value), str) else "'"
    except ValueError:
        return "'"
