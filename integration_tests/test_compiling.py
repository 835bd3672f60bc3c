"""Where a run left no compiled SQL, dbt compiles what is needed; nothing else happens, and nothing is guessed."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from integration_tests.engines import Engine, engines
from integration_tests.plain_project import BAD, ORDERS, RAW, analyzed, dbt, project
from integration_tests.servers import PostgresServer


def left_by_dbt_test(folder: Path, engine: Engine) -> str:
    """What `dbt test` leaves in a new clone: the sum of the database."""
    dbt(project(folder, BAD), engine, "build")
    shutil.rmtree(folder / "target")
    dbt(folder, engine, "test")
    return hashlib.sha256((folder / "shop.duckdb").read_bytes()).hexdigest()


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_after_a_test_run_dbt_compiles_the_models_on_the_way(tmp_path: Path, engine: Engine) -> None:
    folder = tmp_path / "shop"
    before = left_by_dbt_test(folder, engine)
    left = sorted(folder.rglob("*"))
    [cause] = analyzed(folder, engine)["causes"]
    assert (cause["origin"], cause["kind"], len(cause["path"])) == (RAW, "bad_source_data", 3)
    assert hashlib.sha256((folder / "shop.duckdb").read_bytes()).hexdigest() == before
    assert [one for one in sorted(folder.rglob("*")) if one not in left and one.name != "audit.db"] == []


@pytest.mark.postgres
@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_the_warehouse_is_asked_again_after_dbt_has_compiled(
    tmp_path: Path, engine: Engine, postgres: PostgresServer
) -> None:
    folder = project(tmp_path / "shop", BAD, {"dev": dict(postgres.profile(f"compiling_{engine.name}"))})
    dbt(folder, engine, "build")
    shutil.rmtree(folder / "target")
    dbt(folder, engine, "test")
    [cause] = analyzed(folder, engine)["causes"]
    assert (cause["origin"], cause["kind"], len(cause["path"])) == (RAW, "bad_source_data", 3)


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_where_only_evidence_is_wanted_nothing_is_compiled(tmp_path: Path, engine: Engine) -> None:
    folder = tmp_path / "shop"
    left_by_dbt_test(folder, engine)
    (folder / "models" / "orders.sql").write_text("select {{ no_such_macro() }}\n", "utf-8")
    report = analyzed(folder, engine, "--depth", "evidence")
    assert not [one for one in report["errors"] if "compile" in one["what"]]


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_where_dbt_may_not_run_the_way_ends_and_says_what_to_run(tmp_path: Path, engine: Engine) -> None:
    folder = tmp_path / "shop"
    left_by_dbt_test(folder, engine)
    report = analyzed(folder, engine, "--no-builds")
    [cause] = report["causes"]
    assert (cause["origin"], cause["kind"]) == (ORDERS, "unknown")
    [told] = [one for one in report["errors"] if "compiled SQL" in one["what"]]
    assert "dbt compile" in told["hint"]


@pytest.mark.parametrize("engine", engines(long="dbt1"))
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("select 1 as order_id, 2 as customer_id, 3 as amount\n", "their files are others now"),
        ("select {{ no_such_macro() }}\n", "dbt compile gave nothing"),
    ],
    ids=["another", "broken"],
)
def test_a_file_that_is_not_what_ran_is_not_taken_for_it(tmp_path: Path, engine: Engine, text: str, told: str) -> None:
    folder = tmp_path / "shop"
    left_by_dbt_test(folder, engine)
    (folder / "models" / "orders.sql").write_text(text, "utf-8")
    report = analyzed(folder, engine)
    assert [cause["kind"] for cause in report["causes"]] == ["unknown"]
    assert any(told in one["what"] for one in report["errors"])
