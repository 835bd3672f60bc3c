"""`aegis compile`, `run` and `analyze` in dbt projects, on every engine."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from integration_tests.command import PROJECT_RULES, PROJECT_VERDICTS, aegis, make_database, make_project, quickest
from integration_tests.engines import Engine, dbt1, engines
from integration_tests.servers import PostgresServer

ROOT = Path(__file__).parents[1]
SUITE = Path("tests", "aegis", "aegis_orders.sql")
DUCKDB = {"type": "duckdb", "path": "shop.duckdb", "threads": 2}

Make = Callable[[Engine], Path]


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Engine], Path]:
    """A project for each engine, built once."""
    made: dict[str, Path] = {}

    def find(engine: Engine) -> Path:
        if engine.name not in made:
            folder = tmp_path_factory.mktemp(engine.name)
            # A storage version that every engine reads, whichever writes first.
            make_database(folder / "shop.duckdb", "create table made_before as select 1 as id")
            made[engine.name] = make_project(folder, DUCKDB, engine)
            done = aegis("run", "--json", cwd=folder, engine=engine)
            assert done.verdicts() == PROJECT_VERDICTS, done.err
        return made[engine.name]

    return find


@pytest.fixture
def make(templates: Callable[[Engine], Path], tmp_path: Path) -> Make:
    """A copy of the engine's project, built and its own."""

    def copy(engine: Engine) -> Path:
        folder = tmp_path / "shop"
        shutil.copytree(templates(engine), folder, symlinks=True)
        return folder

    return copy


@pytest.fixture
def project(make: Make) -> Path:
    """A copy of the quickest engine's project."""
    return make(quickest())


def dbt(engine: Engine, folder: Path, *words: str, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        [engine.executable, *words],
        cwd=folder,
        env={**engine.environment, **(env or {})},
        capture_output=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout.decode() + done.stderr.decode()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("engine", engines())
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
    offline = aegis("analyze", "target", "--offline", "--json", cwd=folder, engine=engine)
    assert {verdict[0] for verdict in offline.verdicts().values()} == {"error"}
    assert offline.code == 3


@pytest.mark.parametrize("engine", engines())
def test_both_layouts_give_the_same_verdicts(make: Make, engine: Engine) -> None:
    folder = make(engine)
    compiled = aegis("compile", "--layout", "rule", cwd=folder, engine=engine)
    assert compiled.code == 0, compiled.err
    assert len(list((folder / "tests" / "aegis").glob("*.sql"))) == 4
    dbt(engine, folder, "build")
    done = aegis("analyze", "target", "--json", cwd=folder, engine=engine)
    assert done.verdicts() == PROJECT_VERDICTS
    assert aegis("compile", "--check", "--layout", "rule", cwd=folder, engine=engine).code == 0
    assert aegis("compile", "--check", cwd=folder, engine=engine).code == 1


@pytest.mark.postgres
@pytest.mark.parametrize("engine", engines())
def test_on_postgresql_too_with_a_rule_that_breaks(tmp_path: Path, engine: Engine, postgres: PostgresServer) -> None:
    folder = tmp_path / "shop"
    make_project(folder, postgres.profile(f"projects_{engine.name}"), engine)
    done = aegis("run", "--json", cwd=folder, engine=engine)
    assert done.verdicts() == PROJECT_VERDICTS, done.err
    assert done.report["findings"][0]["sample"]["rows"]
    text = PROJECT_RULES + '  - sql_expression: {expression: "cast(status as integer) > 0", id: broken}\n'
    (folder / "rules" / "orders.yml").write_text(text, encoding="utf-8")
    broken = aegis("run", "--json", cwd=folder, engine=engine)
    found = broken.verdicts()
    assert found.pop("broken")[0] == "error"
    assert found == PROJECT_VERDICTS
    told = {one["rule_id"]: one["message"] for one in broken.report["results"]}
    assert "invalid input syntax" in told["broken"]


@pytest.mark.parametrize("engine", engines())
def test_a_renamed_model_does_not_keep_rules_from_compiling(make: Make, engine: Engine) -> None:
    folder = make(engine)
    (folder / "models" / "orders.sql").rename(folder / "models" / "sales.sql")
    edit(folder / "models" / "labels.sql", "orders", "sales")
    stale = aegis("compile", cwd=folder, engine=engine)
    assert stale.code == 2 and "dbt knows no table 'orders'" in stale.err
    assert (folder / SUITE).exists(), "nothing was compiled, nothing is removed"
    edit(folder / "rules" / "orders.yml", "table: orders", "table: sales")
    done = aegis("compile", cwd=folder, engine=engine)
    assert (done.code, done.err) == (0, "")
    assert [path.name for path in (folder / "tests" / "aegis").iterdir()] == ["aegis_sales.sql"]


@pytest.mark.parametrize("engine", engines())
def test_a_generated_file_that_dbt_cannot_parse_is_generated_anew(make: Make, engine: Engine) -> None:
    folder = make(engine)
    whole = (folder / SUITE).read_text(encoding="utf-8")
    head, rest = whole.split("\n", 1)
    conflict = f"<<<<<<< HEAD\n{head}\n=======\n{head}\n>>>>>>> other\n{{% set x = [ %}}{rest}"
    (folder / SUITE).write_text(conflict, encoding="utf-8")
    (folder / "models" / "more.sql").write_text("select 1 as id", encoding="utf-8")
    check = aegis("compile", "--check", cwd=folder, engine=engine)
    assert check.code == 1 and (folder / SUITE).read_text(encoding="utf-8") == conflict
    done = aegis("compile", cwd=folder, engine=engine)
    assert (done.code, done.err) == (0, "")
    assert (folder / SUITE).read_text(encoding="utf-8") == whole


def test_a_project_that_dbt_cannot_parse_says_why(project: Path) -> None:
    (project / "models" / "broken.sql").write_text("select {{ nothing( }}", encoding="utf-8")
    done = aegis("compile", cwd=project)
    assert done.code == 3 and "dbt cannot parse the project" in done.err and "broken" in done.err
    assert (project / SUITE).exists()


def test_compiling_is_the_same_to_the_byte_and_touches_nobody_elses_file(project: Path) -> None:
    foreign = project / "tests" / "aegis" / "mine.sql"
    foreign.write_text("select 1 as id where false\n", encoding="utf-8")
    (project / "tests" / "aegis" / "folder.sql").mkdir()
    before = (project / SUITE).read_bytes()
    (project / SUITE).unlink()
    for _ in range(2):
        assert aegis("compile", cwd=project).code == 0
        assert (project / SUITE).read_bytes() == before
    edit(project / "rules" / "orders.yml", "table: orders", "table: labels")
    edit(project / "rules" / "orders.yml", "[id, email]", "[id]")
    done = aegis("compile", cwd=project)
    assert "removed  tests/aegis/aegis_orders.sql" in done.out
    assert foreign.exists()
    (project / "tests" / "aegis" / "aegis_labels.sql").write_text("select 1 as mine", encoding="utf-8")
    refused = aegis("compile", cwd=project)
    assert refused.code == 2 and "a file that Aegis did not write has the name of a suite" in refused.err


def test_without_the_package_nothing_is_written_that_would_break_dbt(project: Path) -> None:
    shutil.rmtree(project / "dbt_packages")
    (project / SUITE).unlink()
    for command in ("compile", "run"):
        done = aegis(command, cwd=project)
        assert done.code == 2 and "the dbt package is not installed" in done.err and "dbt deps" in done.err
    assert not (project / SUITE).exists()


@pytest.mark.parametrize("engine", engines())
def test_tables_that_dbt_does_not_know_are_declared_and_edits_are_kept(make: Make, engine: Engine) -> None:
    import duckdb

    folder = make(engine)
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute(
            "create schema raw; create table raw.events as select 1 as id; create table raw.more as select 1 as id"
        )
    rules = "table: raw.events\nrules: [unique: id]\n---\ntable: orders\nrules:\n"
    rules += '  - custom_sql: {query: "select * from orders where id not in (select id from raw.more)", id: more}\n'
    (folder / "rules" / "orders.yml").write_text(rules, encoding="utf-8")
    unknown = aegis("compile", cwd=folder, engine=engine)
    assert unknown.code == 2 and unknown.err.count("dbt knows no table") == 2 and "--declare-sources" in unknown.err
    for table in ("raw.events", "raw.more"):
        assert f"'{table}'" in unknown.err
    done = aegis("compile", "--declare-sources", cwd=folder, engine=engine)
    assert done.code == 0, done.err
    declared = folder / "models" / "aegis_sources.yml"
    edit(declared, "- name: more", "- name: more  # mine\n      description: kept")
    edited = declared.read_text(encoding="utf-8")
    assert aegis("compile", "--declare-sources", cwd=folder, engine=engine).code == 0
    assert declared.read_text(encoding="utf-8") == edited
    (folder / "rules" / "later.yml").write_text("table: raw.later\nrules: [unique: id]\n", encoding="utf-8")
    assert aegis("compile", "--declare-sources", cwd=folder, engine=engine).code == 0
    assert declared.read_text(encoding="utf-8").startswith(edited.rstrip()) and "later" in declared.read_text(
        encoding="utf-8"
    )
    (folder / "rules" / "later.yml").unlink()
    report = aegis("run", "--json", cwd=folder, engine=engine)
    found = {name: verdict[:2] for name, verdict in report.verdicts().items()}
    assert found == {"raw_events_id_unique": ("pass", 0), "more": ("warn", 2)}, report.err


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
    assert aegis("run", "--json", cwd=project).verdicts() == PROJECT_VERDICTS
