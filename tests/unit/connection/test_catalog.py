"""Which tables there are in a file of DuckDB, and their columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis.connection import catalog
from aegis.connection.catalog import database_catalog
from integration_tests.command import make_database


def test_a_database_tells_its_own_tables(tmp_path: Path) -> None:
    path = make_database(
        tmp_path / "a b.duckdb",
        "create table t as select 1 as id",
        "create view v as select * from t",
        "create schema other",
        'create table other."odd "" name" as select 1 as id',
        "create table empty (id integer)",
    )
    with database_catalog(path) as found:
        assert sorted(table.label for table in found.tables.all) == ["empty", 'other.odd " name', "t", "v"]
        assert found.tables.find("T").database == "a b"
        columns = found.columns(found.tables.all)
    label = {table.call: table.label for table in found.tables.all}
    assert {label[call]: held for call, held in columns.items()} == {
        "t": (("id", "INTEGER"),), 'other.odd " name': (("id", "INTEGER"),), "empty": (("id", "INTEGER"),),
    }, "what a view has is not asked"  # fmt: skip


def test_without_duckdbs_library_what_rules_name_is_taken_to_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_database(tmp_path / "x.duckdb", "create table t as select 1 as id")
    monkeypatch.setattr(catalog, "is_installed", lambda: False)
    with database_catalog(path) as found:
        assert [found.tables.find(name).label for name in ("t", "s.u", "t")] == ["t", "s.u", "t"]
        assert found.columns(found.tables.all) == {}
    assert [table.call for table in found.tables.all] == ['source("main", "t")', 'source("s", "u")']
