"""Every type of DuckDB and PostgreSQL, in value, key and `where`: every rule type says what plain SQL says, or that it
could not run and why."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from integration_tests.command import Done, aegis, make_database, make_project, quickest
from integration_tests.engines import Engine, engines
from integration_tests.servers import PostgresServer
from integration_tests.type_truths import Check, checks
from integration_tests.typed import PREPARATION, Typed, statements, types_of

DUCKDB, POSTGRES = types_of("duckdb"), types_of("postgres")
Ask = Callable[[str], tuple[Any, ...]]

EVERY_DAY = 6
"""In `make test` every sixth type stands for all; `make test-all` runs them all."""


def write(path: Path, all_: list[tuple[int, tuple[Check, ...]]], prefix: str) -> None:
    documents = []
    for number, of_type in all_:
        rules = []
        for check in of_type:
            ((kind, parameters),) = check.rule.items()
            rules.append({kind: {**parameters, "id": check.id}})
        documents.append({"table": f"{prefix}t{number}", "severity": "high", "rules": rules})
    path.write_text(yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True), encoding="utf-8")


def compare(done: Done, types: tuple[Typed, ...], all_: list[tuple[int, tuple[Check, ...]]], ask: Ask) -> list[str]:
    """Where a rule says otherwise than plain SQL; none is the law."""
    assert done.out, done.err
    found = {one["rule_id"]: one for one in done.report["results"] if one["kind"] == "rule"}
    assert set(found) == {check.id for _, of_type in all_ for check in of_type}
    wrong = []
    for number, of_type in all_:
        for check in of_type:
            told = found[check.id]
            if check.truth is None:
                if told["status"] != "error" or not told["message"]:
                    wrong.append(f"{types[number].name} {check.id}: {told['status']}, must be an error row")
                continue
            failed, checked, fails = ask(check.truth)
            expected = (
                "fail" if fails else "pass",
                int(failed),
                told["rows_checked"] if checked is None else int(checked),
            )
            if (told["status"], told["rows_failed"], told["rows_checked"]) != expected:
                got = (told["status"], told["rows_failed"], told["rows_checked"], told["message"])
                wrong.append(f"{types[number].name} {check.id} {check.rule}: {got}, plain SQL says {expected}")
            if check.id.endswith(".key"):
                json.dumps(told["failing_keys"], allow_nan=False)
                if not told["failing_keys"]:
                    wrong.append(f"{types[number].name} {check.id}: no keys")
    return wrong


def on_duckdb(folder: Path, engine: Engine, chosen: slice) -> tuple[list[str], int]:
    import duckdb

    numbers = range(len(DUCKDB))[chosen]
    database = make_database(folder / "types.duckdb", *statements(DUCKDB, "main"))
    all_ = [(number, checks(number, DUCKDB[number], "duckdb", "main", "")) for number in numbers]
    write(folder / "rules.yml", all_, "")
    done = aegis("run", "rules.yml", "--db", "types.duckdb", "--depth", "results", "--json", cwd=folder, engine=engine)
    with duckdb.connect(str(database), read_only=True) as connection:

        def ask(sql: str) -> tuple[Any, ...]:
            row = connection.execute(sql).fetchone()
            assert row is not None
            return row

        return compare(done, DUCKDB, all_, ask), sum(len(of_type) for _, of_type in all_)


def on_postgres(folder: Path, server: PostgresServer, engine: Engine, chosen: slice) -> tuple[list[str], int]:
    import psycopg2

    connection = psycopg2.connect(server.dsn)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from pg_available_extensions where name = 'citext'")
            has_citext = bool(cursor.fetchall()[0][0])
            for statement in (
                "drop schema if exists ty cascade",
                "drop schema if exists types cascade",
                *(["create extension if not exists citext"] if has_citext else []),
                *PREPARATION,
                "create schema types",
                *statements(POSTGRES if has_citext else tuple(t for t in POSTGRES if t.name != "citext"), "types"),
            ):
                cursor.execute(statement)
            types = POSTGRES if has_citext else tuple(t for t in POSTGRES if t.name != "citext")
            numbers = range(len(types))[chosen]

            def ask(sql: str) -> tuple[Any, ...]:
                cursor.execute(sql)
                found: tuple[Any, ...] = cursor.fetchall()[0]
                return found

            project = make_project(folder / "shop", server.profile("types_built"), engine)
            all_ = [(number, checks(number, types[number], "postgres", "types", "types.")) for number in numbers]
            write(project / "rules" / "orders.yml", all_, "types.")
            compiled = aegis("compile", "--declare-sources", cwd=project, engine=engine)
            assert compiled.code == 0, compiled.err
            done = aegis("run", "--depth", "results", "--json", cwd=project, engine=engine)
            return compare(done, types, all_, ask), sum(len(of_type) for _, of_type in all_)
    finally:
        connection.close()


OVERFLOW = "value out of range: overflow"
"""PostgreSQL has no deviation of the largest numbers: their squares are too large. An error row says so."""


def law(found: tuple[list[str], int]) -> None:
    every, count = found
    wrong = [one for one in every if OVERFLOW not in one]
    assert not wrong, f"{len(wrong)} of {count}\n" + "\n".join(wrong)


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_some_types_of_duckdb_give_every_rule_type_what_plain_sql_says(tmp_path: Path, engine: Engine) -> None:
    law(on_duckdb(tmp_path, engine, slice(None, None, EVERY_DAY)))


@pytest.mark.postgres
def test_some_types_of_postgresql_give_every_rule_type_what_plain_sql_says(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    law(on_postgres(tmp_path, postgres, quickest(), slice(None, None, EVERY_DAY)))


@pytest.mark.long
@pytest.mark.parametrize("engine", engines())
def test_every_type_of_duckdb_gives_every_rule_type_what_plain_sql_says(tmp_path: Path, engine: Engine) -> None:
    law(on_duckdb(tmp_path, engine, slice(None)))


@pytest.mark.long
@pytest.mark.postgres
@pytest.mark.parametrize("engine", engines())
def test_every_type_of_postgresql_gives_every_rule_type_what_plain_sql_says(
    tmp_path: Path, postgres: PostgresServer, engine: Engine
) -> None:
    law(on_postgres(tmp_path, postgres, engine, slice(None)))
