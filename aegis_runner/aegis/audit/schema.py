"""Tables of the audit trail, as named migrations.

Every row of every chained table carries ``seq``, its place in the one chain, and ``hash``. A later migration
may add nullable columns and tables: NULLs are left out of the hash, so older rows keep theirs. It must never
change or drop a column. ``AUTOINCREMENT`` makes SQLite remember the highest number each table ever had, by
which a deleted tail is noticed.
"""

from __future__ import annotations

from dataclasses import dataclass

APPLICATION_ID = 0x41454749  # "AEGI", in the header of the file: tells a trail from any other SQLite database

TABLES: dict[str, tuple[str, ...]] = {
    "run_starts": (
        "run_id",
        "started_at",
        "command",
        "aegis_version",
        "project",
        "target",
        "warehouse",
        "rules_file",
        "target_dir",
        "llm",
    ),
    "results": (
        "run_id",
        "recorded_at",
        "unique_id",
        "rule_id",
        "rule_type",
        "kind",
        "status",
        "severity",
        "level",
        "node",
        "table_name",
        "column_name",
        "rows_checked",
        "rows_failed",
        "observed",
        "expected",
        "failing_keys",
        "failing_rows_sql",
        "message",
        "seconds",
        "owner",
        "description",
        "runbook",
        "tags",
        "path",
    ),
    "run_ends": (
        "run_id",
        "finished_at",
        "project",
        "target",
        "warehouse",
        "rules_file",
        "target_dir",
        "llm",
        "dbt_invocation_id",
        "exit_code",
        "total_cost_usd",
        "summary_json",
        "report_json",
    ),
    "decisions": (
        "run_id",
        "recorded_at",
        "node",
        "rule_id",
        "provider",
        "model",
        "system_prompt",
        "prompt",
        "response",
        "input_tokens",
        "output_tokens",
        "cost_usd",
        "latency_ms",
        "cached",
        "error",
    ),
    "queries": (
        "run_id",
        "recorded_at",
        "purpose",
        "rule_id",
        "relation",
        "sql",
        "seconds",
        "rows",
        "error",
    ),
    "checkpoints": ("recorded_at", "through_seq", "through_hash", "keep_seconds", "runs", "rows"),
    "removals": ("recorded_at", "first_seq", "through_seq", "through_hash"),
    "merges": (
        "recorded_at",
        "source",
        "first_row",
        "after_seq",
        "after_hash",
        "through_seq",
        "through_hash",
        "verified",
        "broken",
        "via_hash",
        "runs",
        "rows",
    ),
    "merge_links": ("first_seq", "previous_hash", "links"),
    "notifications": ("run_id", "recorded_at", "sent", "unsent", "told"),
}
"""The chained tables and their columns, without ``seq`` and ``hash``.

``checkpoints`` say that the beginning of the chain was removed, ``removals`` that rows further on were. ``merges`` say
which other trail was taken in, from which link of its chain (``after``) to which (``through``), and where its rows
begin here; ``via_hash`` is the head of the trail that said so of a third one. ``merge_links`` say of rows of that
chain, from number ``first_seq`` on, where they are here and what their hash was there.
"""

_FIRST = ("run_starts", "results", "run_ends", "decisions", "queries", "checkpoints")
"""Those that the first version had."""
OF_RUNS = ("run_starts", "results", "run_ends", "decisions", "queries", "notifications")
"""Those whose rows belong to a run; trails of older versions lack the last one."""

_TYPES = {
    "rows_checked": "INTEGER",
    "rows_failed": "INTEGER",
    "exit_code": "INTEGER",
    "input_tokens": "INTEGER",
    "output_tokens": "INTEGER",
    "cached": "INTEGER",
    "rows": "INTEGER",
    "runs": "INTEGER",
    "through_seq": "INTEGER",
    "first_seq": "INTEGER",
    "first_row": "INTEGER",
    "after_seq": "INTEGER",
    "verified": "INTEGER",
    "seconds": "REAL",
    "keep_seconds": "REAL",
    "total_cost_usd": "REAL",
    "cost_usd": "REAL",
    "latency_ms": "REAL",
}
_ONE_PER_RUN = ("run_starts", "run_ends")

_RUNS = """CREATE VIEW runs AS
SELECT s.run_id, s.started_at, e.finished_at, s.command, s.aegis_version,
    coalesce(e.project, s.project) AS project, coalesce(e.target, s.target) AS target,
    coalesce(e.warehouse, s.warehouse) AS warehouse, coalesce(e.rules_file, s.rules_file) AS rules_file,
    coalesce(e.target_dir, s.target_dir) AS target_dir, coalesce(e.llm, s.llm) AS llm,
    e.total_cost_usd, e.exit_code, e.dbt_invocation_id, e.summary_json, s.seq AS start_seq, e.seq AS end_seq
FROM run_starts AS s LEFT JOIN run_ends AS e ON e.run_id = s.run_id"""

# Contentless: the index holds no second copy of the text. '_' is part of a word, so that a whole identifier
# ranks first; `words` holds the parts of identifiers.
_SEARCH = """CREATE VIRTUAL TABLE search USING fts5(
    text, words, content='', tokenize="unicode61 remove_diacritics 2 tokenchars '_'")"""


# A column each for what a model was asked and what it answered, so that either can be searched alone; `text` is what
# a result says, and who asked; `system` the prompt that is the same for all; each with the parts of its identifiers,
# which `words` holds once more.
_SEARCH_BY_COLUMN = """CREATE VIRTUAL TABLE search USING fts5(
    text, prompt, response, system, words, content='', tokenize="unicode61 remove_diacritics 2 tokenchars '_'")"""


@dataclass(frozen=True, slots=True)
class Migration:
    """``statements`` run once, in the transaction that also writes down ``name``. ``reindex``: the search index, which
    is made from the rows, is made again then. ``optional``: a trail that lacks it can be read all the same."""

    name: str
    statements: tuple[str, ...]
    reindex: bool = False
    optional: bool = False


def _table(name: str) -> tuple[str, ...]:
    columns = ", ".join(f"{column} {_TYPES.get(column, 'TEXT')}" for column in TABLES[name])
    statements = [
        f"CREATE TABLE {name} (seq INTEGER PRIMARY KEY AUTOINCREMENT, {columns}, hash TEXT NOT NULL)",
        *_guards(name, ("seq", "run_id") if name in _ONE_PER_RUN else ("seq",)),
    ]
    if "run_id" in TABLES[name]:
        unique = "UNIQUE " if name in _ONE_PER_RUN else ""
        statements.append(f"CREATE {unique}INDEX {name}_run_id ON {name} (run_id)")
    return tuple(statements)


def _guards(table: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Triggers that refuse UPDATE, DELETE and REPLACE.

    ``INSERT OR REPLACE`` fires delete triggers only on connections with ``recursive_triggers``; the trigger
    before INSERT refuses it on every connection.
    """
    taken = " OR ".join(f"{key} = NEW.{key}" for key in keys)
    refuse = "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken}) {refuse}",
    )


MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        "0001_trail",
        (
            "CREATE TABLE migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)",
            *_guards("migrations", ("name",)),
            *(statement for table in _FIRST for statement in _table(table)),
            _RUNS,
            _SEARCH,
            f"PRAGMA application_id = {APPLICATION_ID}",
        ),
    ),
    Migration("0002_search_by_column", ("DROP TABLE search", _SEARCH_BY_COLUMN), reindex=True, optional=True),
    Migration(
        "0003_merges",
        tuple(statement for table in ("removals", "merges", "merge_links") for statement in _table(table)),
        optional=True,
    ),
    Migration("0004_notifications", _table("notifications"), optional=True),
)
