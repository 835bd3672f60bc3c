"""Every verdict and count on generated data is what plain SQL says: 10 tables, 10 columns, 200 rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from integration_tests.command import Done, aegis, make_database, make_project
from integration_tests.engines import Engine, engines
from integration_tests.servers import PostgresServer
from integration_tests.truth import TABLES, Truth, statements, truths

Count = Callable[[str], int]


def write_rules(path: Path, all_: tuple[Truth, ...], prefix: str) -> None:
    documents = []
    for table in TABLES:
        rules = []
        for truth in (one for one in all_ if one.table == table):
            ((kind, parameters),) = truth.rule.items()
            rules.append({kind: {**parameters, "id": truth.id}})
        documents.append({"table": prefix + table, "severity": "high", "rules": rules})
    path.write_text(yaml.safe_dump_all(documents, sort_keys=False), encoding="utf-8")


def compare(done: Done, all_: tuple[Truth, ...], count: Count, schema: str) -> None:
    assert done.out, done.err
    found = done.verdicts()
    assert len(all_) == 200 and set(found) == {truth.id for truth in all_}
    wrong = []
    for truth in all_:
        failed = count(truth.failed_sql)
        checked = None if truth.checked_sql is None else count(truth.checked_sql)
        passes = truth.passes(failed, checked if checked is not None else 0)
        status, rows_failed, rows_checked = found[truth.id]
        told = ("pass" if passes else "fail", failed, checked)
        if (status, rows_failed, rows_checked if checked is not None else None) != told:
            wrong.append(f"{truth.id} {truth.rule}: {found[truth.id]}, plain SQL says {told}")
    assert not wrong, f"{len(wrong)} of {len(all_)}\n" + "\n".join(wrong)
    statuses = [verdict[0] for verdict in found.values()]
    assert statuses.count("fail") > 50 and statuses.count("pass") > 50, "the data must hold both"


@pytest.mark.parametrize("engine", engines())
def test_on_duckdb_all_verdicts_and_counts_are_right(tmp_path: Path, engine: Engine) -> None:
    import duckdb

    database = make_database(tmp_path / "truth.duckdb", *statements("main"))
    all_ = truths("main", named="")
    write_rules(tmp_path / "rules.yml", all_, "")
    done = aegis(
        "run", "rules.yml", "--db", "truth.duckdb", "--depth", "results", "--json", cwd=tmp_path, engine=engine
    )
    with duckdb.connect(str(database), read_only=True) as connection:

        def count(sql: str) -> int:
            row = connection.execute(sql).fetchone()
            assert row is not None
            return int(row[0])

        compare(done, all_, count, "main")


@pytest.mark.postgres
@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_on_postgresql_all_verdicts_and_counts_are_right(
    tmp_path: Path, postgres: PostgresServer, engine: Engine
) -> None:
    import psycopg2

    connection = psycopg2.connect(postgres.dsn)
    try:
        with connection.cursor() as cursor:
            cursor.execute("drop schema if exists truth cascade; create schema truth")
            for statement in statements("truth"):
                cursor.execute(statement)
            connection.commit()

            def count(sql: str) -> int:
                cursor.execute(sql)
                return int(cursor.fetchall()[0][0])

            project = make_project(tmp_path / "shop", postgres.profile("truth_built"), engine)
            all_ = truths("truth", named="truth.")
            write_rules(project / "rules" / "orders.yml", all_, "truth.")
            compiled = aegis("compile", "--declare-sources", cwd=project, engine=engine)
            assert compiled.code == 0, compiled.err
            done = aegis("run", "--depth", "results", "--json", cwd=project, engine=engine)
            compare(done, all_, count, "truth")
    finally:
        connection.close()
