"""Full-text search over decisions and results, with no model.

The index holds the text and, beside it, the parts of identifiers: ``stg_shopify__orders`` is found by
``shopify``, ``customerId`` by ``customer``. What a user types is words, never FTS5 syntax, unless they ask.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from aegis.audit import reading
from aegis.audit.indexing import BOUNDARY, index, parts, rebuild
from aegis.audit.models import SearchHit
from aegis.audit.naming import named
from aegis.errors import AuditError, UsageError

__all__ = ["EXCERPT", "index", "parts", "quoted", "rebuild", "search"]

MAX_WORDS = 64
EXCERPT = 160  # characters

_EXCERPTED: dict[str, tuple[str, ...]] = {
    "results": ("message", "description", "observed", "expected", "table_name", "column_name"),
    "decisions": ("response", "prompt", "system_prompt", "error"),
}
# One hit per rule and status, the newest: the same rule gives the same text in every run. What failed comes before
# what passed. OFFSET 0 keeps SQLite from merging the inner query into the outer one, where `rank` cannot be used.
_MATCHES = """
WITH matched AS (SELECT rowid AS seq, rank AS score FROM search WHERE search MATCH ?1 LIMIT -1 OFFSET 0),
hits AS (
    SELECT 'results' AS source, max(r.recorded_at || printf(' %020d', r.seq)) AS last, min(m.score) AS score,
        count(*) AS times, r.status IN ('pass', 'skipped') AS quiet
    FROM matched AS m JOIN results AS r ON r.seq = m.seq WHERE ?3 IS NULL OR r.run_id = ?3
    GROUP BY r.rule_id, r.unique_id, r.status
    UNION ALL
    SELECT 'decisions', d.recorded_at || printf(' %020d', d.seq), m.score, 1, 0
    FROM matched AS m JOIN decisions AS d ON d.seq = m.seq
    WHERE ?3 IS NULL OR d.run_id = ?3
)
SELECT source, CAST(substr(last, -20) AS INTEGER), times FROM hits ORDER BY quiet, score, last DESC LIMIT ?2"""


def quoted(text: str) -> str:
    """The user's words as an FTS5 query: every word must begin a word of the record, none is syntax.

    Raises:
        UsageError: there is no word in it, or more than ``MAX_WORDS``.
    """
    plain = text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
    words = [word for word in plain.split() if any(map(str.isalnum, word))]
    if not words:
        raise UsageError("there is nothing to search for", hint="Give at least one word, for example a table name.")
    if len(words) > MAX_WORDS:
        raise UsageError(f"{len(words)} words are too many to search for", hint=f"Give at most {MAX_WORDS}.")
    return " AND ".join(map(_term, words))


def _term(word: str) -> str:
    split = BOUNDARY.sub(" ", word).strip()
    forms = [word] if split == word else [word, split]
    return "(" + " OR ".join('"' + form.replace('"', '""') + '"*' for form in forms) + ")"


def search(
    connection: sqlite3.Connection, path: Path, text: str, *, raw: bool, limit: int, run: str | None = None
) -> tuple[SearchHit, ...]:
    """The best hits first. With ``raw`` the text is an FTS5 query over the columns `indexing.COLUMNS`.

    Args:
        connection: The trail.
        path: Its file, for messages.
        text: What to look for.
        raw: Whether the text is a query.
        limit: How many hits at most.
        run: Only records of this run, which is called what `naming.named` takes.

    Raises:
        UsageError: the text has no words, is not a query, or no run is meant.
        AuditError: a row that was found holds what no row can, or the trail has no index of this version.
    """
    run_id = None if run is None else named(connection, path, run)
    query = text if raw else quoted(text)
    try:
        # The prompt that is the same for all calls says nothing of one of them: it is looked at last.
        first = query if raw else f"{{text prompt response words}} : ({query})"
        matches = connection.execute(_MATCHES, (first, limit, run_id)).fetchall()
        if not matches and not raw:
            matches = connection.execute(_MATCHES, (f"{{system}} : ({query})", limit, run_id)).fetchall()
    except sqlite3.OperationalError as error:
        if not raw and "no such column" in str(error):
            hint = "Copy it to a folder that can be written to."
            raise AuditError("the search index is of an older version", where=str(path), hint=hint) from error
        if not raw or error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        hint = "See https://sqlite.org/fts5.html, or search without --raw."
        raise UsageError(f"this is not a search expression ({error})", where=text, hint=hint) from error
    except UnicodeEncodeError as error:
        raise UsageError("the search text is not valid Unicode", hint="Search without --raw.") from error
    words = re.findall(r"\w+", text.casefold())
    return tuple(_hit(connection, path, source, seq, times, words) for source, seq, times in matches)


def _hit(
    connection: sqlite3.Connection, path: Path, source: str, seq: int, times: int, words: Sequence[str]
) -> SearchHit:
    (row,) = reading.dictionaries(connection.execute(f"SELECT * FROM {source} WHERE seq = ?", (seq,)))
    result = source == "results"
    try:
        return SearchHit(
            kind="result" if result else "decision",
            seq=seq,
            run_id=row["run_id"],
            recorded_at=row["recorded_at"],
            rule_id=row["rule_id"],
            node=row["node"],
            table=row["table_name"] if result else None,
            column=row["column_name"] if result else None,
            status=row["status"] if result else None,
            excerpt=excerpt([str(row[column]) for column in _EXCERPTED[source] if row[column]], words),
            times=times,
        )
    except ValidationError as error:
        raise reading.unreadable(path, str(row["run_id"])) from error


def excerpt(texts: Sequence[str], words: Sequence[str]) -> str:
    """Up to ``EXCERPT`` characters on one line around the first word found, else the first text's beginning."""
    for text in texts:
        found = [at for word in words if (at := text.casefold().find(word)) >= 0]
        if found:
            begin = max(0, min(found) - EXCERPT // 3)
            return _window(text, begin)
    return _window(texts[0], 0) if texts else ""


def _window(text: str, begin: int) -> str:
    end = begin + EXCERPT
    inner = " ".join(text[begin:end].split())
    return ("…" if begin else "") + inner + ("…" if end < len(text) else "")
