"""The past of rules out of the warehouse: what is new, since when a rule fails, and whether it flips, with no trail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from integration_tests import postgres_shop
from integration_tests.command import DUCKDB, Done, aegis, make_database, make_project, make_shop, quickest
from integration_tests.engines import Engine, engines
from integration_tests.servers import PostgresServer
from integration_tests.test_projects import dbt

RULES = "table: landing\nseverity: low\nrules:\n  - not_null: id\n  - max_value_check: {column: id, max_value: 10}\n"
GOOD, BAD = "select 1 as id", "select 99 as id"
RULE = "landing_id_max_value_check"


class Shop:
    """A project whose only model is good or bad, on a machine that remembers nothing."""

    def __init__(self, folder: Path, engine: Engine, output: dict[str, Any], **variables: str) -> None:
        self.engine = engine
        self.postgres: PostgresServer | None = None
        settings = {"vars": {"aegis_history": True, **variables}}
        self.folder = make_project(folder, output, engine, **settings)
        for other in ("labels", "orders"):
            (self.folder / "models" / f"{other}.sql").unlink(missing_ok=True)
        for file in (self.folder / "rules").iterdir():
            file.unlink()
        (self.folder / "rules" / "landing.yml").write_text(RULES, encoding="utf-8")
        self.model(GOOD)
        done = aegis("compile", cwd=self.folder, engine=engine)
        assert done.code == 0, done.said

    def model(self, sql: str) -> None:
        (self.folder / "models" / "landing.sql").write_text(f"{sql}\n", encoding="utf-8")

    def build(self, sql: str) -> None:
        self.model(sql)
        dbt(self.engine, self.folder, "build")

    def remember(self, *statuses: str) -> None:
        """Builds before those that were made, the oldest first, in the table that the package made."""
        table = "aegis_rule_results"
        if self.postgres is not None:
            schema = json.loads((self.folder / "profiles.yml").read_text("utf-8"))["shop"]["outputs"]["dev"]["schema"]
            table = f'"{schema}".{table}'
        statements = [f"delete from {table} where invocation_id like 'earlier%'"]
        statements += [
            f"insert into {table} select 'earlier-{days}', run_started_at - interval '{days} days', project, target, "
            f"suite, table_name, rule_id, rule_type, severity, level, column_name, '{status}', rows_checked, "
            f"rows_failed, observed, expected, message from {table} where invocation_id not like 'earlier%'"
            for days, status in zip(range(len(statuses), 0, -1), statuses, strict=True)
        ]
        if self.postgres is not None:
            with postgres_shop.made(self.postgres, statements):
                return
        import duckdb

        with duckdb.connect(str(self.folder / "shop.duckdb")) as connection:
            for statement in statements:
                connection.execute(statement)

    def analyze(self, *options: str) -> Done:
        (self.folder / "audit.db").unlink(missing_ok=True)
        return aegis("analyze", "--json", "--depth", "results", *options, cwd=self.folder, engine=self.engine)

    def finding(self, *options: str) -> dict[str, Any]:
        done = self.analyze(*options)
        assert done.code in (0, 1), [done.report["errors"], [one["message"] for one in done.report["results"]]]
        [finding] = [one for one in done.report["findings"] if one["rule_id"] == RULE]
        return dict(finding)


@pytest.fixture
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> Shop:
    engine, warehouse = request.param
    if warehouse == "duckdb":
        return Shop(tmp_path / "shop", engine, dict(DUCKDB))
    postgres: PostgresServer = request.getfixturevalue("postgres")
    shop = Shop(tmp_path / "shop", engine, postgres.profile(f"Past {engine.name} {request.function.__name__[-9:]}"))
    shop.postgres = postgres
    return shop


def both() -> list[Any]:
    found = []
    for one in engines(long="dbt1"):
        [engine] = one.values
        found.append(pytest.param((engine, "duckdb"), id=f"{one.id}-duckdb", marks=one.marks))
        marks = [*one.marks, pytest.mark.postgres]
        found.append(pytest.param((engine, "postgres"), id=f"{one.id}-postgres", marks=marks))
    return found


@pytest.mark.parametrize("shop", both(), indirect=True)
def test_what_is_new_and_since_when_it_fails_is_read_from_the_warehouse(shop: Shop) -> None:
    shop.build(BAD)
    shop.remember("fail", "pass")
    finding = shop.finding("--history", "warehouse")
    assert [one["what"] for one in finding["reasons"]] == ["failed_share", "regression"]
    before = shop.finding()
    assert [one["what"] for one in before["reasons"]] == ["failed_share"]  # the trail was thrown away
    assert [one["what"] for one in shop.finding("--history", "auto")["reasons"]] == ["failed_share", "regression"]
    assert before["history"] is None and (finding["history"]["flips"], finding["history"]["builds"]) == (2, 3)
    shop.remember("pass", "fail", "pass", "error", "fail")
    finding = shop.finding("--history", "warehouse", "--no-audit")
    assert [one["what"] for one in finding["reasons"]] == ["failed_share"]
    history = finding["history"]
    assert (history["failing_builds"], history["flips"], history["builds"]) == (2, 3, 5)
    assert history["source"] == "warehouse" and history["last_passed"] < history["failing_since"]
    shown = aegis("analyze", "--depth", "results", "--history", "warehouse", "-v", cwd=shop.folder, engine=shop.engine)
    assert "(2 builds); changed 3 times between passed and failed in 5 builds" in " ".join(shown.out.split())


@pytest.mark.parametrize("shop", both(), indirect=True)
def test_a_warehouse_without_a_history_is_a_notice_that_says_what_to_do(shop: Shop) -> None:
    shop.model(BAD)
    dbt(shop.engine, shop.folder, "build", "--vars", "aegis_history: false")
    done = shop.analyze("--history", "warehouse")
    assert done.code in (0, 1), done.said
    [notice] = [one for one in done.report["errors"] if "history" in one["what"]]
    assert notice["what"] == "there is no history in the warehouse yet"
    assert "aegis_rule_results" in notice["where"] and "aegis_history: true" in notice["hint"]
    assert [one for one in shop.analyze().report["errors"] if "history" in one["what"]] == []


def test_a_history_elsewhere_is_found_by_the_variables(tmp_path: Path) -> None:
    engine = quickest()
    shop = Shop(tmp_path / "shop", engine, dict(DUCKDB), aegis_history_schema="kept")
    make_database(shop.folder / "shop.duckdb", "create schema kept")
    shop.build(GOOD)
    shop.model(BAD)
    dbt(engine, shop.folder, "run")
    dbt(engine, shop.folder, "test")  # its manifest has no compiled SQL of the package's model
    assert [one["what"] for one in shop.finding("--history", "warehouse")["reasons"]] == ["failed_share", "regression"]


def test_without_a_project_the_past_is_in_the_trail_and_that_is_said(tmp_path: Path) -> None:
    make_shop(tmp_path)
    done = aegis("run", "rules.yml", "--db", "shop.duckdb", "--json", "--history", "warehouse", cwd=tmp_path)
    assert done.code == 1, done.said
    assert "without a dbt project" in " ".join(one["what"] for one in done.report["errors"])
    assert "warehouse cannot be queried" not in done.said
