from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from aegis.audit import AuditTrail, Break, ChainHead
from aegis.audit.schema import TABLES
from tests.unit.audit.support import a_decision, a_query, a_report, a_result, a_start, tamper

# Rows of the recorded trail: 1 run_starts, 2 queries, 3 decisions, 4-5 results, 6 run_ends, 7 run_starts


@pytest.fixture
def recorded(path: Path) -> Path:
    with AuditTrail.open(path) as trail:
        trail.start_run(a_start("r_1"))
        trail.record_query(a_query("r_1"))
        trail.record_decision(a_decision("r_1"))
        trail.finish_run(a_report("r_1"))
        trail.start_run(a_start("r_2"))
    return path


def broken(path: Path, expected: ChainHead | None = None) -> Break | None:
    with AuditTrail.open(path) as trail:
        return trail.verify(expected).broken


def test_an_untouched_trail_verifies(recorded: Path) -> None:
    with AuditTrail.open(recorded) as trail:
        verification = trail.verify()
        assert verification.ok
        assert verification.rows == 7
        assert verification.head == trail.head()


def test_an_empty_trail_verifies(trail: AuditTrail) -> None:
    assert trail.verify().ok
    assert str(trail.head()) == "0:" + "0" * 64


def test_the_hash_is_what_the_documentation_says(recorded: Path) -> None:
    connection = sqlite3.connect(recorded)
    connection.row_factory = sqlite3.Row
    previous = "0" * 64
    for seq, table in enumerate(["run_starts", "queries", "decisions", "results", "results", "run_ends"], start=1):
        row = dict(connection.execute(f"SELECT * FROM {table} WHERE seq = {seq}").fetchone())
        stored = row.pop("hash")
        row.pop("seq")
        cells = {key: value for key, value in row.items() if value is not None}
        text = json.dumps([previous, table, seq, cells], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        previous = hashlib.sha256(text.encode()).hexdigest()
        assert stored == previous


@pytest.mark.parametrize("table", [*TABLES, "migrations"])
@pytest.mark.parametrize(
    "attempt",
    [
        lambda t, _: f"DELETE FROM {t}",
        lambda t, key: f"UPDATE {t} SET {key} = {key}",
        lambda t, key: f"UPDATE OR REPLACE {t} SET {key} = {key}",
        lambda t, _: f"INSERT OR REPLACE INTO {t} SELECT * FROM {t}",
        lambda t, _: f"REPLACE INTO {t} SELECT * FROM {t}",
    ],
)
def test_any_connection_is_refused_to_change_or_remove_a_row(
    recorded: Path, table: str, attempt: Callable[[str, str], str]
) -> None:
    with AuditTrail.open(recorded) as trail:
        for number, name in enumerate(("notifications", "checkpoints", "removals", "merges", "merge_links"), start=98):
            trail._connection.execute(f"INSERT INTO {name} (seq, hash) VALUES ({number}, 'x')")
    key = "name" if table == "migrations" else "seq"
    plain = sqlite3.connect(recorded, isolation_level=None)  # recursive_triggers is off here
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        plain.execute(attempt(table, key))


def test_a_second_row_for_a_run_cannot_replace_the_first(recorded: Path) -> None:
    plain = sqlite3.connect(recorded, isolation_level=None)
    for table in ("run_starts", "run_ends"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            plain.execute(f"INSERT OR REPLACE INTO {table} (run_id, hash) VALUES ('r_1', 'x')")


@pytest.mark.parametrize(
    ("statement", "table", "seq"),
    [
        ("UPDATE run_starts SET started_at = '2020-01-01' WHERE seq = 1", "run_starts", 1),
        ("UPDATE queries SET sql = 'select 2'", "queries", 2),
        ("UPDATE queries SET sql = CAST(sql AS BLOB)", "queries", 2),
        ("UPDATE queries SET sql = CAST(x'ff' AS TEXT)", "queries", 2),
        ("UPDATE queries SET seconds = 9e999", "queries", 2),
        ("UPDATE decisions SET response = response || ' '", "decisions", 3),
        ("UPDATE decisions SET cost_usd = 0.01", "decisions", 3),
        ("UPDATE results SET status = 'pass' WHERE seq = 5", "results", 5),
        ("UPDATE results SET message = NULL WHERE seq = 5", "results", 5),
        ("UPDATE results SET owner = 'x', message = owner WHERE seq = 5", "results", 5),
        ("UPDATE results SET hash = x'00' WHERE seq = 5", "results", 5),
        ("UPDATE run_ends SET exit_code = 0", "run_ends", 6),
        ("UPDATE run_starts SET hash = upper(hash) WHERE seq = 7", "run_starts", 7),
    ],
)
def test_an_edited_row_is_named(recorded: Path, statement: str, table: str, seq: int) -> None:
    tamper(recorded, statement)
    found = broken(recorded)
    assert found is not None
    assert (found.table, found.seq) == (table, seq)
    assert "changed after it was written" in found.what


def test_a_removed_row_is_named_by_the_row_after_it(recorded: Path) -> None:
    tamper(recorded, "DELETE FROM decisions")
    assert broken(recorded) == Break(table="results", seq=4, what="row 3 is missing before it")


def test_a_removed_beginning_is_noticed(recorded: Path) -> None:
    tamper(recorded, *(f"DELETE FROM {table} WHERE seq < 4" for table in TABLES))
    assert broken(recorded) == Break(table="results", seq=4, what="rows 1 to 3 are missing before it")


def test_two_rows_that_change_places_are_noticed(recorded: Path) -> None:
    swap = ("SET seq = 400 WHERE seq = 4", "SET seq = 4 WHERE seq = 5", "SET seq = 5 WHERE seq = 400")
    tamper(recorded, *(f"UPDATE results {step}" for step in swap))
    found = broken(recorded)
    assert found is not None
    assert (found.table, found.seq) == ("results", 4)


def test_a_row_that_takes_the_number_of_another_is_noticed(recorded: Path) -> None:
    tamper(recorded, "INSERT INTO decisions (seq, run_id, hash) SELECT 4, run_id, hash FROM results WHERE seq = 4")
    found = broken(recorded)
    assert found is not None
    assert found.seq == 4


def test_a_row_added_by_another_hand_is_noticed(recorded: Path) -> None:
    plain = sqlite3.connect(recorded, isolation_level=None)
    plain.execute("INSERT INTO queries (run_id, sql, hash) VALUES ('r_1', 'select 3', 'x')")
    found = broken(recorded)
    assert found is not None
    assert found.table == "queries"


@pytest.mark.parametrize("kept", [6, 5, 3, 1])
def test_a_removed_tail_is_noticed(recorded: Path, kept: int) -> None:
    tamper(recorded, *(f"DELETE FROM {table} WHERE seq > {kept}" for table in TABLES))
    found = broken(recorded)
    assert found is not None
    assert found.seq == kept + 1
    assert "to the end are missing" in found.what


def test_a_removed_tail_stays_noticed_after_the_next_run(recorded: Path) -> None:
    tamper(recorded, "DELETE FROM run_starts WHERE seq = 7")
    with AuditTrail.open(recorded) as trail:
        trail.finish_run(a_report("r_3"))
    assert broken(recorded) == Break(table="run_starts", seq=8, what="row 7 is missing before it")


def test_a_tail_removed_with_the_counters_is_noticed_by_a_head_kept_elsewhere(recorded: Path) -> None:
    with AuditTrail.open(recorded) as trail:
        noted = trail.head()
    tamper(recorded, "DELETE FROM run_starts WHERE seq = 7", "UPDATE sqlite_sequence SET seq = 1 WHERE seq = 7")
    assert broken(recorded) is None  # the documented limit: the file alone cannot tell
    assert broken(recorded, noted) == Break(table="file", seq=7, what="row 7 is missing at the end")


def test_removed_counters_are_noticed(recorded: Path) -> None:
    tamper(recorded, "DELETE FROM sqlite_sequence")
    found = broken(recorded)
    assert found is not None
    assert "counter" in found.what


def test_a_chain_written_again_is_noticed_by_a_head_kept_elsewhere(tmp_path: Path) -> None:
    heads = []
    for name, rule in (("a", "true"), ("b", "forged")):
        with AuditTrail.open(tmp_path / name) as trail:
            heads.append(trail.finish_run(a_report("r_1", (a_result(rule),))))
            trail.start_run(a_start("r_2"))
            assert trail.verify(heads[-1]).ok
    found = broken(tmp_path / "b", heads[0])
    assert found is not None
    assert "written again" in found.what


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER results_no_delete",
        "DROP VIEW runs",
        "DROP TABLE queries",
        "DROP TABLE search",
        "DROP INDEX results_run_id",
        "ALTER TABLE results ADD COLUMN note TEXT",
    ],
)
def test_a_dropped_or_changed_part_is_named(recorded: Path, statement: str) -> None:
    sqlite3.connect(recorded, isolation_level=None).execute(statement)
    found = broken(recorded)
    assert found is not None
    assert "was dropped" in found.what or "was changed" in found.what
    assert found.table in statement


def test_a_trigger_that_does_nothing_any_more_is_named(recorded: Path) -> None:
    plain = sqlite3.connect(recorded, isolation_level=None)
    plain.execute("DROP TRIGGER results_no_delete")
    plain.execute("CREATE TRIGGER results_no_delete BEFORE DELETE ON results BEGIN SELECT 1; END")
    assert broken(recorded) == Break(table="results_no_delete", seq=None, what="the trigger was changed")


def test_a_trigger_of_another_hand_is_named(recorded: Path) -> None:
    plain = sqlite3.connect(recorded, isolation_level=None)
    plain.execute("CREATE TRIGGER swallow BEFORE INSERT ON results BEGIN SELECT RAISE(IGNORE); END")
    assert broken(recorded) == Break(table="swallow", seq=None, what="a trigger that Aegis did not make")


def test_a_view_or_index_that_a_person_adds_is_theirs(recorded: Path) -> None:
    plain = sqlite3.connect(recorded, isolation_level=None)
    plain.execute("CREATE VIEW mine AS SELECT * FROM results")
    plain.execute("CREATE INDEX by_status ON results (status)")
    plain.execute("ANALYZE")
    assert broken(recorded) is None


def test_a_column_added_by_a_later_migration_leaves_older_hashes_as_they_are(recorded: Path) -> None:
    from aegis.audit import verifying

    plain = sqlite3.connect(recorded, isolation_level=None)
    plain.execute("ALTER TABLE results ADD COLUMN note TEXT")
    assert verifying._walk(plain, None).ok
