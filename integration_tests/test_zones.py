"""A verdict never depends on the zone or the clock format of the session: everything that a run says is what the same
run says in UTC."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from aegis.dbt.graph.tables import Table as KnownTable
from aegis.dbt.graph.tables import Tables
from aegis.dbt.suites.compile import compile_suites
from aegis.dbt.suites.files import write
from aegis.rules import load_rules
from aegis.rules.generic import generic_test
from integration_tests.case_files import table_of
from integration_tests.dbt_project import Project
from integration_tests.engines import Engine, engines
from integration_tests.servers import PostgresServer
from integration_tests.warehouses import DuckDB, Postgres, create

UTC = "UTC"
ZONES = (
    "Pacific/Kiritimati", "Etc/GMT+12", "America/New_York", "Asia/Kathmandu", "Pacific/Chatham", "Australia/Lord_Howe",
    "America/St_Johns", "Asia/Tokyo", "Europe/Berlin", "Asia/Kolkata", "Pacific/Marquesas", "Africa/Casablanca",
)  # fmt: skip
"""From UTC+14 to UTC-12, with halves and quarters of an hour, and clocks that change by one hour and by half of one."""
EVERY_DAY = (UTC, *ZONES[:2])
ODD = {
    "DateStyle": "SQL, DMY", "IntervalStyle": "sql_standard", "extra_float_digits": "-3", "bytea_output": "escape",
    "transform_null_equals": "on", "standard_conforming_strings": "off",
}  # fmt: skip
"""What else a role may have set; each zone's session has them, and the one in UTC has not."""
CELLS = Path(__file__).parent / "zones.yml"
CONTENT: dict[str, Any] = yaml.safe_load(CELLS.read_text(encoding="utf-8"))
TELLING = (
    "rule_id", "status", "rows_checked", "rows_failed", "observed", "expected", "failing_keys", "message",
)  # fmt: skip
Said = dict[str, tuple[Any, ...]]


@dataclasses.dataclass(frozen=True)
class Session:
    """A project, and what its sessions are told of clocks."""

    project: Project
    set_zone: Callable[[str], dict[str, str]]
    """Makes it the zone of the sessions to come; returns variables for dbt's process."""

    def said(self, zone: str) -> Said:
        variables = self.set_zone(zone)
        engine = dataclasses.replace(self.project.engine, variables={**self.project.engine.variables, **variables})
        run = dataclasses.replace(self.project, engine=engine).run("build")
        assert run.results, run.output
        suite = run.of("aegis_zones_moments")
        assert suite["status"] == "warn", suite["message"]
        rows = self.project.stored(suite)
        said = {row["rule_id"]: tuple(row[name] for name in TELLING) for row in rows}
        for result in run.results:
            if "aegis_zones" not in result["unique_id"]:
                said[result["unique_id"]] = (result["status"], result.get("failures"), result["message"])
        return said


def make(project: Project) -> None:
    """The table, its suite, and tests written by hand."""
    warehouse = project.warehouse
    moments = table_of("moments", CONTENT["moments"])
    warehouse.execute(create(moments, warehouse.name))
    project.start(vars={"aegis_history": True, "aegis_history_schema": warehouse.schema})
    tests = [
        {generic_test(kind): {"name": f"by_hand_{number}", "arguments": arguments}}
        for number, entry in enumerate(CONTENT["by_hand"])
        for kind, arguments in entry.items()
    ]
    place = {"database": warehouse.database, "schema": warehouse.schema}
    source = {"name": "zones", **place, "tables": [{"name": "moments", "data_tests": tests}]}
    project.write("models/sources.yml", {"version": 2, "sources": [source]})
    project.write("rules.yml", yaml.safe_dump({"table": "zones.moments", "rules": CONTENT["rules"]}, sort_keys=False))
    known = KnownTable("source('zones', 'moments')", "zones.moments", warehouse.schema, "moments", warehouse.database,
                       keys=("tz",))  # fmt: skip
    book = load_rules(project.folder / "rules.yml", dialect=warehouse.name)
    write(project.folder / "tests" / "aegis", compile_suites(book, Tables([known]), dialect=warehouse.name))


def duckdb_session(engine: Engine, folder: Path) -> Session:
    project = Project(folder / "project", engine, DuckDB(folder / "zones.duckdb"))
    make(project)

    def set_zone(zone: str) -> dict[str, str]:
        output = project.warehouse.output() | {"settings": {"TimeZone": zone}}
        project.write("profiles.yml", {"proof": {"target": "dev", "outputs": {"dev": output}}})
        return {"TZ": zone}  # dbt 2 does not pass on a profile's settings

    return Session(project, set_zone)


def postgres_session(engine: Engine, folder: Path, server: PostgresServer) -> Session:
    """A database and a role of its own: every other zone is the database's, the others are the role's."""
    name = f"zones_{engine.name}"
    execute = Postgres(server, "public").execute_alone
    execute([f"drop database if exists {name}", f"drop role if exists {name}", f"create role {name} login superuser",
             f"create database {name}"])  # fmt: skip
    own = dataclasses.replace(server, database=name, user=name)
    project = Project(folder / "project", engine, Postgres(own, "zones"))
    make(project)

    def set_zone(zone: str) -> dict[str, str]:
        place = f"database {name}" if zone in ZONES[::2] else f"role {name}"
        settings = {"TimeZone": zone, **(ODD if zone != UTC else {})}
        execute([f"alter database {name} reset all", f"alter role {name} reset all"])
        execute([f"alter {place} set {setting} = '{value}'" for setting, value in settings.items()])
        return {"TZ": zone}

    return Session(project, set_zone)


@pytest.fixture
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Engine, str], Session]:
    def find(engine: Engine, warehouse: str) -> Session:
        if warehouse == "duckdb":
            return duckdb_session(engine, tmp_path)
        return postgres_session(engine, tmp_path, request.getfixturevalue("postgres"))

    return find


WAREHOUSES = [pytest.param("duckdb", id="duckdb"), pytest.param("postgres", marks=pytest.mark.postgres, id="postgres")]


@pytest.mark.slow
@pytest.mark.parametrize("warehouse", WAREHOUSES)
@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_a_session_far_from_utc_says_what_one_in_utc_says(
    engine: Engine, warehouse: str, session: Callable[[Engine, str], Session]
) -> None:
    every_zone_says_the_same(session(engine, warehouse), EVERY_DAY)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("warehouse", WAREHOUSES)
@pytest.mark.parametrize("engine", engines())
def test_every_zone_says_what_utc_says(
    engine: Engine, warehouse: str, session: Callable[[Engine, str], Session]
) -> None:
    every_zone_says_the_same(session(engine, warehouse), (UTC, *ZONES))


def every_zone_says_the_same(session: Session, zones: tuple[str, ...]) -> None:
    session.said(zones[0])  # the run that `since: last_success` counts from
    in_utc = session.said(zones[0])
    expected = {rule["id"]: (rule_type, rule) for entry in CONTENT["rules"] for rule_type, rule in entry.items()}
    assert in_utc.keys() >= expected.keys()
    errors = {name: row for name, row in in_utc.items() if row[1] == "error" or row[0] == "error"}
    assert not errors
    assert {row[1] for name, row in in_utc.items() if name in expected} == {"pass", "fail"}
    for zone in zones[1:]:
        said = session.said(zone)
        assert {name: row for name, row in said.items() if row != in_utc[name]} == {}, zone
        assert said.keys() == in_utc.keys(), zone


def test_every_rule_type_that_reads_time_is_here() -> None:
    """The types that take a limit, an order or an age of a column of times; each on a date, a naive and an instant."""
    seen = {(kind, rule.get("column")) for entry in CONTENT["rules"] for kind, rule in entry.items()}
    reading = ("no_future_dates", "freshness", "between", "min_value_check", "max_value_check", "accepted_values",
               "not_accepted_values", "date_order")  # fmt: skip
    assert {(kind, column) for kind in reading for column in ("at", "tz", "day")} <= seen
    since = {rule["time_column"] for entry in CONTENT["rules"] for rule in entry.values() if "since" in rule}
    assert since == {"at", "tz", "day"}
