"""The report as GitLab reads code quality: a JSON array with one entry for each thing to act on.

``description``, ``check_name``, ``fingerprint``, ``severity`` and ``location`` with ``path`` and ``lines.begin`` are
what GitLab asks for (https://docs.gitlab.com/ci/testing/code_quality, "Code Quality report format"). Its merge request
widget shows what is new and what is fixed by the fingerprints: they must be unique, and stay.
"""

from __future__ import annotations

import json

from pydantic import JsonValue

from aegis.domain.report import Report
from aegis.domain.severity import Severity
from aegis.report.items import NAME, Item, items, named
from aegis.report.options import Options

_DEFAULT = Options()
#: The longest description, in characters: the widget shows one line.
DESCRIPTION = 1_000
_SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
}


def render(report: Report, options: Options = _DEFAULT) -> str:
    """``report`` as a code quality report; an empty array where there is nothing to act on."""
    entries = [_entry(item) for item in items(report, options)]
    return json.dumps(entries, ensure_ascii=False, indent=2) + "\n"


def _entry(item: Item) -> dict[str, JsonValue]:
    return {
        "description": item.sentence(DESCRIPTION),
        "check_name": named(item.result.rule_id, 2 * NAME),
        "fingerprint": item.key,
        "severity": "info" if item.draft else _SEVERITIES[item.severity],
        "location": {"path": item.place.file, "lines": {"begin": item.place.line}},
    }
