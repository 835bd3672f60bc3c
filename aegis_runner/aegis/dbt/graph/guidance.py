"""What the owners of rules wrote for the time when they fail, from the suites to the findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aegis.dbt.artifacts.schema import Manifest
from aegis.dbt.artifacts.suite_rows import RowError, rules_of
from aegis.domain.report import Finding, Guidance

_STRATEGIES = ("llm_with_lineage", "llm_simple", "none")


def with_guidance(findings: Sequence[Finding], manifest: Manifest) -> tuple[Finding, ...]:
    """The findings, those of rules that say something with it."""
    suites: dict[str, dict[str, Guidance]] = {}
    told = []
    for finding in findings:
        uid = finding.result.unique_id
        if uid not in suites:
            suites[uid] = _of_suite(uid, manifest)
        guidance = suites[uid].get(finding.rule_id)
        told.append(finding if guidance is None else finding.model_copy(update={"guidance": guidance}))
    return tuple(told)


def _of_suite(uid: str, manifest: Manifest) -> dict[str, Guidance]:
    node = manifest.nodes.get(uid)
    try:
        rules = rules_of(node) if node is not None else None
    except RowError:
        return {}  # it is reported as one dbt test
    return {rule.id: _read(rule.guidance) for rule in rules or () if rule.guidance}


def _read(given: Mapping[str, Any]) -> Guidance:
    """As `Rule.arguments` wrote it; the manifest may be somebody else's, so what is of another form is left out."""
    hints, strategy = given.get("lineage_hints"), given.get("proposal_strategy")
    tables = hints.items() if isinstance(hints, dict) else ()
    return Guidance(
        common_causes=_texts(given.get("common_causes")),
        lineage_hints={str(name): _texts(columns) for name, columns in tables},
        proposal_strategy=strategy if strategy in _STRATEGIES else None,
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()
