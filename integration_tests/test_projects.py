"""`aegis compile` and `run` in dbt projects, on every engine."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from integration_tests.command import PROJECT_RULES, PROJECT_VERDICTS, aegis, make_project
from integration_tests.engines import Engine, engines
from integration_tests.servers import PostgresServer

ROOT = Path(__file__).parents[1]
SUITE = Path("tests", "aegis", "aegis_orders.sql")

Make = Callable[[Engine], Path]


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


@pytest.mark.parametrize("engine", engines(long="dbt1"))
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
@pytest.mark.parametrize("engine", engines(long="dbt1"))
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


@pytest.mark.parametrize("engine", engines(long="dbt1"))
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


@pytest.mark.parametrize("engine", engines(long="dbt1"))
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


@pytest.mark.parametrize("engine", engines(long="dbt1"))
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
