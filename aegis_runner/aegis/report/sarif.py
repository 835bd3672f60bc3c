"""The report as SARIF 2.1.0 (OASIS, https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html): one run.

A finding is a result of the kind ``fail``, what could not run one of the kind ``open``: there was not enough to decide
(3.27.9). ``ruleId`` is the rule's id; ``partialFingerprints`` name the same rule on the same table in every run,
however many rows fail. GitHub takes 25,000 results and rules of a run and shows 5,000 results: the worst are written,
and a notification says what was left out. Its own fingerprint, ``primaryLocationLineHash``, is not written: the upload
computes it, and warns of every other value.

A message is plain text in which braces are doubled (3.11.5) and nothing is a link (3.11.6).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from pydantic import JsonValue

from aegis.domain.report import Notice, Report
from aegis.domain.results import ResultKind, Status
from aegis.domain.severity import Severity
from aegis.domain.text import count
from aegis.report.items import NAME, SENTENCE, Item, Place, brief, items, named, place_of, shorten, utc
from aegis.report.markdown_text import code
from aegis.report.options import Options
from aegis.report.words import about
from aegis.rules.lookup import rows_on_the_way

_DEFAULT = Options()
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
INFORMATION = "https://pypi.org/project/aegis-dbt/"
#: What GitHub takes of a run, and what it shows
#: (https://docs.github.com/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit).
MOST_RESULTS, MOST_SHOWN, MOST_TAGS = 25_000, 5_000, 10
#: The longest text, in UTF-16 units.
TEXT = 1_024
#: The same thing in the next run; the number changes with what it is made of.
FINGERPRINT = "aegisResult/v1"
_ROOT = "%SRCROOT%"
_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning"}
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:/[A-Za-z0-9._~/?#&=%+:@!$'(),;*-]*)?")
_FILES = frozenset({ResultKind.MODEL, ResultKind.SEED, ResultKind.SNAPSHOT, ResultKind.FRESHNESS})
_Object = dict[str, JsonValue]


def render(report: Report, options: Options = _DEFAULT) -> str:
    """``report`` as a SARIF log; at most `MOST_RESULTS` results, the worst."""
    found = items(report, options)
    kept = found[:MOST_RESULTS]
    log: _Object = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report, kept, len(found), options)]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _run(report: Report, kept: Sequence[Item], found: int, options: Options) -> _Object:
    rules: dict[str, Item] = {}
    for item in kept:
        rules.setdefault(_rule_id(item), item)
    numbers = {rule_id: number for number, rule_id in enumerate(rules)}
    files = {
        result.node: place
        for result in report.results
        if result.kind in _FILES and result.node and (place := place_of(result, options)).known
    }
    driver: _Object = {
        "name": "Aegis",
        "version": brief(report.run.aegis_version, NAME),
        "informationUri": INFORMATION,
        "rules": [_rule(rule_id, item) for rule_id, item in rules.items()],
    }
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": _category(report)},
        "invocations": [_invocation(report, len(kept), found)],
        "originalUriBaseIds": {_ROOT: {"description": _text("The root of the repository.")}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(item, numbers[_rule_id(item)], files) for item in kept],
        "properties": {"run": brief(report.run.run_id, NAME), "exitCode": report.summary.exit_code},
    }


def _category(report: Report) -> str:
    """``aegis/shop/prod/``: results of another project or target are no news of these."""
    parts = [quote(brief(part, NAME), safe="") for part in (report.run.project, report.run.target) if part]
    return "/".join(["aegis", *parts, ""])


def _invocation(report: Report, kept: int, found: int) -> _Object:
    """When it ran, whether everything could, and what the reader must know that is no result."""
    run = report.run
    told = [_notification(notice) for notice in (*report.reservations, *report.errors)]
    if found > kept:
        told.append(_note(f"{count(found - kept)} results are left out: a run holds {count(MOST_RESULTS)}."))
    if kept > MOST_SHOWN:
        told.append(_note(f"GitHub shows the worst {count(MOST_SHOWN)} of these {count(kept)} results."))
    return {
        "executionSuccessful": not any(notice.fatal for notice in report.errors),
        "exitCode": report.summary.exit_code,
        "startTimeUtc": f"{utc(run.started_at):%Y-%m-%dT%H:%M:%SZ}",
        "endTimeUtc": f"{utc(run.finished_at):%Y-%m-%dT%H:%M:%SZ}",
        "toolExecutionNotifications": [*told],
    }


def _notification(notice: Notice) -> _Object:
    text = ": ".join(brief(part) for part in (notice.where, notice.what) if part)
    hint = f" {brief(notice.hint)}" if notice.hint else ""
    return _note(text + hint, "error" if notice.fatal else "warning")


def _note(text: str, level: str = "warning") -> _Object:
    return {"level": level, "message": _text(text)}


def _rule_id(item: Item) -> str:
    return named(item.result.rule_id, 2 * NAME)


def _rule(rule_id: str, item: Item) -> _Object:
    """What the rule is, without what came of it in this run."""
    result = item.result
    table = about(result)
    what = f"{result.rule_type} on {table}{f' ({result.column})' if result.column else ''}"
    facts = [
        ("description", result.description),
        ("expected", result.expected),
        ("owner", result.owner),
        ("runbook", result.runbook),
    ]
    lines = [(label, brief(text)) for label, text in facts if text] or [("rule", rule_id)]
    tags: list[JsonValue] = list(
        dict.fromkeys(brief(tag, NAME) for tag in ("data-quality", result.rule_type, *result.tags))
    )
    help_: _Object = {
        **_text("; ".join(f"{label}: {text}" for label, text in lines)),
        # Each in a code span that must stay whole: they are short enough together.
        "markdown": _doubled("\n".join(f"- {label}: {code(text, 2 * NAME)}" for label, text in lines)),
    }
    rule: _Object = {
        "id": rule_id,
        "name": brief(result.rule_type, 2 * NAME),
        "shortDescription": _text(brief(what)),
        "fullDescription": _text(brief(result.description or what)),
        "help": help_,
        "properties": {"tags": tags[:MOST_TAGS]},
    }
    if result.runbook and len(result.runbook) <= SENTENCE and _ADDRESS.fullmatch(result.runbook):
        rule["helpUri"] = result.runbook
    return rule


def _result(item: Item, rule_number: int, files: dict[str, Place]) -> _Object:
    related = [*_way(item, files)]
    found: _Object = {
        "ruleId": _rule_id(item),
        "ruleIndex": rule_number,
        "kind": "open" if item.could_not_run else "fail",
        "level": _level(item),
        "message": _text(item.sentence(TEXT)),
        "locations": [_location(item)],
        "partialFingerprints": {FINGERPRINT: item.key},
        "properties": _properties(item),
    }
    return found | ({"relatedLocations": [*related]} if related else {})


def _level(item: Item) -> str:
    if item.could_not_run:
        return "none"
    return "note" if item.draft else _LEVELS.get(item.severity, "note")


def _location(item: Item) -> _Object:
    result = item.result
    name = brief(about(result))
    whole = brief(".".join(filter(None, [result.node or about(result), result.column])))
    logical: _Object = {"name": name, "fullyQualifiedName": whole, "kind": "table"}
    return {"physicalLocation": _physical(item.place), "logicalLocations": [logical]}


def _physical(place: Place) -> _Object:
    uri = quote(place.file, safe="/~")
    return {"artifactLocation": {"uri": uri, "uriBaseId": _ROOT}, "region": {"startLine": place.line}}


def _way(item: Item, files: dict[str, Place]) -> Iterator[_Object]:
    """The tables from the origin down, as far as the report tells their files."""
    for number, hop in enumerate(item.cause.path if item.cause else (), 1):
        if hop.node in files:
            rows = rows_on_the_way(hop)
            text = brief(hop.table, NAME) + ("" if rows is None else f": {count(rows)} rows")
            yield {"id": number, "physicalLocation": _physical(files[hop.node]), "message": _text(text)}


def _properties(item: Item) -> _Object:
    result, finding, cause = item.result, item.finding, item.cause
    told: _Object = {
        "severity": item.severity.value,
        "declaredSeverity": finding.severity.value if finding else result.severity.value,
        "status": result.status.value,
        "ruleType": brief(result.rule_type, NAME),
        "table": brief(about(result)),
        "column": brief(result.column) if result.column else None,
        "rowsFailed": result.rows_failed if result.status is not Status.ERROR else None,
        "rowsChecked": result.rows_checked,
        "cause": brief(cause.title) if cause else None,
        "origin": brief(cause.origin) if cause and cause.origin else None,
        "path": [brief(hop.table, NAME) for hop in cause.path] if cause else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _text(text: str) -> _Object:
    return {"text": _escaped(text) or "-"}


def _escaped(text: str) -> str:
    """A message string: braces doubled, no embedded link, at most `TEXT` UTF-16 units."""
    while (over := _units(shown := _doubled(text)) - TEXT) > 0:
        text = shorten(text, max(1, len(text) - over // 2 - 1))
    return shown


def _doubled(text: str) -> str:
    return text.replace("](", "] (").replace("{", "{{").replace("}", "}}")


def _units(text: str) -> int:
    return len(text) + sum(sign > "\uffff" for sign in text)
