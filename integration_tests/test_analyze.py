"""`aegis run` and `analyze` in dbt projects: where artifacts and warehouses are, and what is missing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from integration_tests.command import DUCKDB, PROJECT_VERDICTS, aegis
from integration_tests.engines import Engine, dbt1, engines

ROOT = Path(__file__).parents[1]

Make = Callable[[Engine], Path]


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_what_was_built_is_analyzed_again_with_the_same_verdicts(make: Make, engine: Engine) -> None:
    """By its rows; by its compiled SQL where they are gone; and as the artifacts alone tell."""
    import duckdb

    folder = make(engine)
    done = aegis("analyze", "target", "--json", cwd=folder, engine=engine)
    assert (done.code, done.verdicts()) == (1, PROJECT_VERDICTS)
    assert done.report["errors"] == []
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        (schema,) = connection.execute(
            "select schema_name from duckdb_tables() where table_name = 'aegis_orders'"
        ).fetchone() or ("",)
        connection.execute(f'drop table "{schema}".aegis_orders')
    again = aegis("analyze", "target", "--json", cwd=folder, engine=engine)
    assert again.verdicts() == PROJECT_VERDICTS
    assert "ran again" in again.report["errors"][0]["what"]
    offline = aegis("analyze", "target", "--offline", "--json", cwd=folder, engine=engine)
    assert {verdict[0] for verdict in offline.verdicts().values()} == {"error"}
    assert offline.code == 3


def test_profile_target_and_variables_are_those_that_dbt_would_use(project: Path, tmp_path: Path) -> None:
    shutil.copyfile(project / "shop.duckdb", tmp_path / "other.duckdb")
    outputs = {
        "dev": {**DUCKDB, "path": "/no/such/place.duckdb"},
        "env": {**DUCKDB, "path": "{{ env_var('SHOP_DB') }}"},
    }
    outputs["env"]["threads"] = "{{ env_var('SHOP_THREADS', '2') | as_number }}"
    elsewhere = tmp_path / "profiles"
    elsewhere.mkdir()
    (project / "profiles.yml").unlink()
    profiles = {"shop": {"target": "{{ env_var('SHOP_TARGET', 'dev') }}", "outputs": outputs}}
    (elsewhere / "profiles.yml").write_text(json.dumps(profiles), encoding="utf-8")
    missing = aegis("run", cwd=project)
    assert missing.code == 2 and "no profiles.yml" in missing.err and "--profiles-dir" in missing.err
    place = {"DBT_PROFILES_DIR": str(elsewhere), "SHOP_DB": str(tmp_path / "other.duckdb")}
    unset = aegis("run", "--target", "env", cwd=project, env={"DBT_PROFILES_DIR": str(elsewhere)})
    assert unset.code == 2 and "SHOP_DB is not set" in unset.err
    wrong = aegis("run", "--target", "nothing", cwd=project, env=place)
    assert wrong.code == 2 and "no target 'nothing'" in wrong.err and "env" in wrong.err
    for words, env in ((("--target", "env"), place), ((), {**place, "SHOP_TARGET": "env"})):
        done = aegis("run", "--json", *words, cwd=project, env=env)
        assert done.verdicts() == PROJECT_VERDICTS, done.err
        assert done.report["run"]["target"] == "env"
        again = aegis("analyze", "target", "--target", "env", "--json", cwd=project, env=place)
        assert again.verdicts() == PROJECT_VERDICTS, again.report["errors"]


def test_artifacts_lie_where_the_project_says(project: Path, tmp_path: Path) -> None:
    shutil.rmtree(project / "target")
    moved = aegis("run", "--json", cwd=project, env={"DBT_TARGET_PATH": str(tmp_path / "moved")})
    assert moved.verdicts() == PROJECT_VERDICTS
    assert (tmp_path / "moved" / "run_results.json").is_file()


@pytest.mark.long  # three commands of dbt 1; where the artifacts lie is asked every day by another test
def test_a_target_path_in_the_project_file_is_followed(make: Make) -> None:
    """dbt 2 takes none."""
    project = make(dbt1())
    settings = json.loads((project / "dbt_project.yml").read_text(encoding="utf-8"))
    settings["target-path"] = "{{ env_var('OUT', 'build/out') }}"
    (project / "dbt_project.yml").write_text(json.dumps(settings), encoding="utf-8")
    done = aegis("run", "--json", cwd=project, engine=dbt1())
    assert done.verdicts() == PROJECT_VERDICTS, done.err
    assert (project / "build" / "out" / "run_results.json").is_file()


def test_a_database_in_memory_cannot_be_asked_afterwards_and_says_so(project: Path) -> None:
    profiles = {"shop": {"target": "dev", "outputs": {"dev": {"type": "duckdb", "path": ":memory:"}}}}
    (project / "profiles.yml").write_text(json.dumps(profiles), encoding="utf-8")
    done = aegis("run", cwd=project)
    assert done.code == 3 and "in memory and ended with the build" in " ".join(done.out.split())


def test_artifacts_alone_in_a_folder_are_analyzed(project: Path, tmp_path: Path) -> None:
    alone = tmp_path / "downloaded"
    alone.mkdir()
    for name in ("manifest.json", "run_results.json"):
        shutil.copyfile(project / "target" / name, alone / name)
    schema = json.loads((ROOT / "docs" / "reference" / "report-schema.json").read_text(encoding="utf-8"))
    for words in ((), ("--offline",), ("--depth", "results"), ("--depth", "evidence")):
        done = aegis("analyze", ".", "--json", *words, cwd=alone, env={"AEGIS_DBT": None, "PATH": "/nowhere"})
        jsonschema.validate(done.report, schema)
        assert done.code == 3 and set(done.verdicts()) == set(PROJECT_VERDICTS)
        assert done.report["errors"] and len(done.report["results"]) == 7


@pytest.mark.parametrize(
    ("words", "code"), [((), 1), (("--fail-on", "never"), 0), (("--fail-on", "critical"), 1), (("--fail-on", "x"), 2)]
)
def test_the_exit_code_says_what_was_found(project: Path, words: tuple[str, ...], code: int) -> None:
    done = aegis("analyze", "target", *words, "--output-json", "r.json", "--output-markdown", "r.md", cwd=project)
    assert done.code == code, done.said
    if code != 2:
        report: dict[str, Any] = json.loads((project / "r.json").read_text(encoding="utf-8"))
        assert report["summary"]["exit_code"] == code
        assert "orders_email_not_null" in (project / "r.md").read_text(encoding="utf-8")
        shown = aegis("report", "r.json", "--format", "markdown", cwd=project)
        assert shown.out == (project / "r.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda target: shutil.rmtree(target), "there is no such folder"),
        (lambda target: (target / "manifest.json").unlink(), "there is no manifest.json"),
        (lambda target: (target / "run_results.json").unlink(), "there is no run_results.json"),
        (lambda target: (target / "manifest.json").write_text('{"metadata": {"dbt_sch'), "cut off"),
        (lambda target: (target / "run_results.json").write_text(""), "empty"),
        (lambda target: (target / "manifest.json").write_text("[1]"), "not a dbt manifest"),
    ],
)
def test_artifacts_that_cannot_be_used_are_told(project: Path, break_it: Callable[[Path], object], words: str) -> None:
    break_it(project / "target")
    done = aegis("analyze", "target", cwd=project)
    assert (done.code, done.out) == (3, "")
    assert words in done.err, done.err


def test_a_disk_that_is_full_under_the_audit_trail_costs_no_report(project: Path) -> None:
    for trail in ("/dev/full", "profiles.yml", "/proc/none/x.db"):
        done = aegis("analyze", "target", "--audit-db", trail, cwd=project)
        assert done.code == 1, done.said
        assert "the run is not in the audit trail" in " ".join(done.out.split())
    assert "shop" in (project / "profiles.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize("home", [None, "/proc/none", "/proc"], ids=["none", "missing", "read-only"])
def test_a_home_folder_is_not_needed(project: Path, home: str | None, tmp_path: Path) -> None:
    env = {"HOME": home, "XDG_CACHE_HOME": str(tmp_path / "cache") if home is None else home}
    done = aegis("analyze", "target", "--json", "--no-audit", cwd=project, env=env)
    assert done.verdicts() == PROJECT_VERDICTS
    if home is not None:
        noted = aegis("analyze", "target", "--json", cwd=project, env={**env, "AEGIS_AUDIT_DB": None})
        assert noted.code == 1 and "audit trail" in noted.report["errors"][-1]["what"]


def test_two_runs_in_one_project_at_once_both_end_in_words(project: Path) -> None:
    """The second may find the database in use: that is an error in words, and the first is not harmed."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as pool:
        done = [one.result() for one in [pool.submit(aegis, "run", "--json", cwd=project) for _ in range(2)]]
    assert {one.code for one in done} <= {1, 3}, [one.said for one in done]
    for one in done:
        assert one.err.startswith("aegis: ") if not one.out else one.report
    assert aegis("audit", "verify", cwd=project).code == 0
    after = aegis("run", "--json", cwd=project)
    assert after.code == 1, after.said
    assert after.verdicts() == PROJECT_VERDICTS
