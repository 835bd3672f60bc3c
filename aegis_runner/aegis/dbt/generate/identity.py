"""What generated rules are called: as the person called the test, else as the loader calls such a rule, else with six
hex digits of what it checks. So an id is the same from run to run, whatever other tests come and go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from json import dumps

from aegis.dbt.artifacts.schema import Node
from aegis.dbt.generate.model import MadeRule, NotCarried
from aegis.dbt.graph.nodes import plain_name
from aegis.rules.fields import is_identifier
from aegis.rules.ids import digest, slug

_ASKED = ("where", "since", "nulls", "max_failed_pct", "max_failed_rows", "warn_pct", "level", "severity")


def own_name(test: Node) -> str | None:
    """The name that a person gave a test; dbt makes the others from the test's type and table."""
    metadata, name = test.test_metadata, test.name
    if metadata is None or not metadata.name or not name:
        return None
    kind = f"{metadata.namespace}_{metadata.name}" if metadata.namespace else metadata.name
    if name.startswith((f"{kind}_", f"source_{kind}_")):
        return None
    plain = slug(name)
    return plain if plain and is_identifier(plain) else None


def named(rules: Iterable[MadeRule], left: list[NotCarried]) -> list[MadeRule]:
    """The rules under ids that are unique. One that says the same as another is left, with its name."""
    found: dict[tuple[object, ...], MadeRule] = {}
    for entry in rules:
        same = found.setdefault((entry.rule.type, *map(str, _checked(entry).values())), entry)
        if same is not entry:
            reason = f"it asks the same as {plain_name(same.test)}"
            left.append(NotCarried(plain_name(entry.test), entry.test_type, reason, entry.rule.table))
    uses = Counter(entry.rule.id for entry in found.values())
    return [entry if uses[entry.rule.id] == 1 else _told_apart(entry) for entry in found.values()]


def _told_apart(entry: MadeRule) -> MadeRule:
    checked = digest(dumps({"type": entry.rule.type, **_checked(entry)}, default=str, sort_keys=True))
    rule = entry.rule.model_copy(update={"id": f"{entry.rule.id}_{checked}"})
    return replace(entry, rule=rule, with_id=True)


def _checked(entry: MadeRule) -> dict[str, object]:
    """What the rule checks, and what follows from it."""
    rule = entry.rule
    return {name: getattr(rule, name) for name in ("table", *rule.parameters(), *_ASKED)}
