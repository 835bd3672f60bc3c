"""What of a row is searched: its words, and the parts of its identifiers, column by column of the index.

A rule that passed is found by what it is about, its table, column, owner and words, but not by the parts of its type
and id: ``orders_order_id_not_null`` that passed says nothing of a NULL. Of a prompt only what it says is indexed, not
what holds it together: in JSON, neither keys nor ``null``.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aegis.audit.chain import Cell

COLUMNS = ("text", "prompt", "response", "system", "words")
"""Columns of the index."""

_RESULT = ("rule_id", "rule_type", "table_name", "column_name", "node", "message", "description", "owner", "tags",
           "observed", "expected")  # fmt: skip
_DECISION = ("rule_id", "node", "model", "error", "system_prompt", "prompt", "response")
_INDEXED: dict[str, tuple[str, ...]] = {"results": (*_RESULT, "status", "run_id", "unique_id"), "decisions": _DECISION}
_SYMPTOMS = frozenset({"rule_id", "rule_type"})
"""What names the fault that a rule looks for."""
_OF_FAULTS = frozenset({"message", "observed", "expected"})
"""What speaks of a fault (``no NULL``) though there is none."""

_WORD = re.compile(r"\w+")
_HAS_PARTS = re.compile(r"_|[a-z][A-Z0-9]|[A-Z][0-9]")
BOUNDARY = re.compile(r"_+|(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BLOCK = re.compile(r"[{\[].*[}\]]", re.DOTALL)
_INSERT = f"INSERT INTO search (rowid, {', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?)"

Findings = Mapping[tuple[str, str], str]
"""What was found out of a result that failed, by its unique id and rule id."""


def index(
    connection: sqlite3.Connection,
    table: str,
    seqs: Iterable[int],
    rows: Sequence[Mapping[str, Cell]],
    findings: Findings | None = None,
) -> None:
    """Index rows that were just written, in the same transaction."""
    entry = _result if table == "results" else _decision
    entries = [(seq, *entry(row, findings or {})) for seq, row in zip(seqs, rows, strict=True)]
    connection.executemany(_INSERT, entries)


def rebuild(connection: sqlite3.Connection) -> None:
    """Index everything again; the index is derived from the rows and can always be made from them."""
    connection.execute("INSERT INTO search (search) VALUES ('delete-all')")
    for table, columns in _INDEXED.items():
        cursor = connection.execute(f"SELECT seq, {', '.join(columns)} FROM {table} ORDER BY seq")
        run: object = None
        findings: Findings = {}
        while batch := cursor.fetchmany(1000):
            for values in batch:
                row = dict(zip(columns, values[1:], strict=True))
                if table == "results" and row["run_id"] != run:
                    run = row["run_id"]
                    findings = stored_findings(connection, run)
                index(connection, table, [values[0]], [row], findings)


def stored_findings(connection: sqlite3.Connection, run_id: object) -> Findings:
    """What the report of a run says of its results; nothing where it has none."""
    stored = connection.execute("SELECT report_json FROM run_ends WHERE run_id = ?", (run_id,)).fetchone()
    if stored is None:
        return {}
    try:
        report = json.loads(stored[0])
    except (ValueError, TypeError):
        return {}  # `show` says so when it is asked for; a search goes on
    return findings_of(report) if isinstance(report, dict) else {}


def findings_of(report: Mapping[str, Any]) -> Findings:
    """The words of a report's findings and causes, as its JSON has them."""
    causes = {one.get("id"): one for one in _dicts(report.get("causes"))}
    found = {}
    for finding in _dicts(report.get("findings")):
        result, cause = finding.get("result"), causes.get(finding.get("cause_id"), {})
        if not isinstance(result, dict):
            continue
        said = [finding.get("diagnosis"), cause.get("title"), cause.get("explanation")]
        said += [item.get("text") for item in _dicts(finding.get("evidence"))]
        place = (str(result.get("unique_id")), str(finding.get("rule_id")))
        found[place] = "\n".join(text for text in said if isinstance(text, str))
    return found


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list | tuple) else []


def _result(row: Mapping[str, Cell], findings: Findings) -> tuple[str, ...]:
    quiet = row.get("status") in ("pass", "skipped")
    columns = [column for column in _RESULT if not (quiet and column in _OF_FAULTS)]
    said = {column: str(row[column]) for column in columns if row.get(column) is not None}
    text = "\n".join(said.values())
    more = findings.get((str(row.get("unique_id")), str(row.get("rule_id"))), "")
    if quiet:
        split = parts("\n".join(value for column, value in said.items() if column not in _SYMPTOMS))
    else:
        text = f"{text}\n{more}" if more else text
        split = parts(text)
    return (_both(text, split), "", "", "", split)


def _decision(row: Mapping[str, Cell], findings: Findings) -> tuple[str, ...]:
    del findings
    given = {column: str(row[column]) for column in _DECISION if row.get(column) is not None}
    about = "\n".join(given[column] for column in ("rule_id", "node", "model", "error") if column in given)
    texts = [
        about,
        said_in(given.get("prompt", "")),
        said_in(given.get("response", "")),
        given.get("system_prompt", ""),
    ]
    split = [parts(text) for text in texts]
    return (*map(_both, texts, split), " ".join(filter(None, split[:3])))


def _both(text: str, split: str) -> str:
    return f"{text}\n{split}" if split else text


def said_in(text: str) -> str:
    """A text without the scaffold of the JSON in it: of that, the texts and numbers among its values."""
    block = _BLOCK.search(text)
    if block is None:
        return text
    try:
        values = list(_values(json.loads(block.group())))
    except (ValueError, RecursionError):
        return text
    return "\n".join([text[: block.start()], *values, text[block.end() :]])


def _values(value: Any) -> Iterable[str]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _values(item)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def parts(text: str) -> str:
    """The parts of every identifier in the text that has parts, each identifier once."""
    words = dict.fromkeys(_WORD.findall(text))  # each word once: to look for parts costs more than to find words
    return " ".join(BOUNDARY.sub(" ", word).strip() for word in words if _HAS_PARTS.search(word))
